/**
 * A batch of whole entries on its way to a worker: rows of numbers, and the bytes of names, comments and contents back to
 * back. They are moved, so that nothing is copied or serialized entry by entry; and since an entry's own objects are let go
 * as soon as it is in here, they die young. A million small buffers whose objects lived until their batch was written had a
 * peak of 464 MB on Node 24 and 247 on Node 20; packed, with what else was let go then, 239 and 170.
 */
import type { Source, StreamSource } from '../entry.js';
import { EXTENDED_TIMESTAMP_SIZE, LOCAL_FILE_HEADER_SIZE } from '../zip/constants.js';
import type { BatchTask, PackedBytes, WholeFile } from './task.js';

/** Entries in a batch at most: on 50,000 tiny files 64 took 607 ms, 256 took 553 and 2048 took 603. */
export const BATCH_CAPACITY = 256;

/** Bytes to begin with: the names and contents of a few small entries. */
const FIRST_LENGTH = 16 * 1024;

/** Bytes that UTF-8 takes for a UTF-16 unit, at most. */
const UTF8_PER_UNIT = 3;

// The columns of a row
const KIND = 0;
const MODE = 1;
const LAST_MOD_FILE_TIME = 2;
const LAST_MOD_FILE_DATE = 3;
/** NaN where there is none. */
const UNIX_TIME = 4;
const LEVEL = 5;
/** Bytes of name, comment and content in `packed`, in that order. */
const NAME_LENGTH = 6;
const COMMENT_LENGTH = 7;
const SIZE = 8;
const MTIME = 9;
const DEV = 10;
const INO = 11;
const COLUMNS = 12;

const KIND_FILE = 0;
const KIND_BYTES = 1;
const KIND_OTHER = 2;

/** What the headers will say of an entry's dates, and how it is to be compressed. */
export interface EntryPlan {
  readonly lastModFileTime: number;
  readonly lastModFileDate: number;
  readonly unixTime: number | undefined;
  /** 0 stores. */
  readonly level: number;
}

/** Collects entries until they are sent off. Its own memory is used again for the next batch. */
export class BatchBuilder {
  readonly #rows = new Float64Array(BATCH_CAPACITY * COLUMNS);
  #packed: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(FIRST_LENGTH);
  #packedLength = 0;
  #paths: string[] = [];
  #count = 0;
  #contentLength = 0;

  get count(): number {
    return this.#count;
  }

  /** Bytes of content, of files as of what is in memory. */
  get contentLength(): number {
    return this.#contentLength;
  }

  /** There must be room for it: less than BATCH_CAPACITY entries are in here. The content is copied, a file's is not. */
  add(source: Exclude<Source, StreamSource>, plan: EntryPlan): void {
    const row = this.#count++ * COLUMNS;
    const rows = this.#rows;
    const { name, comment = '' } = source;
    rows[row + KIND] = source.kind === 'file' ? KIND_FILE : source.kind === 'bytes' ? KIND_BYTES : KIND_OTHER;
    rows[row + MODE] = source.mode;
    rows[row + LAST_MOD_FILE_TIME] = plan.lastModFileTime;
    rows[row + LAST_MOD_FILE_DATE] = plan.lastModFileDate;
    rows[row + UNIX_TIME] = plan.unixTime ?? Number.NaN;
    rows[row + LEVEL] = plan.level;
    rows[row + NAME_LENGTH] = this.#appendText(name);
    rows[row + COMMENT_LENGTH] = comment === '' ? 0 : this.#appendText(comment);
    if (source.kind === 'file') {
      rows[row + SIZE] = source.size;
      rows[row + MTIME] = source.mtimeMs;
      rows[row + DEV] = source.dev;
      rows[row + INO] = source.ino;
      this.#paths.push(source.path);
      this.#contentLength += source.size;
      return;
    }
    const content = source.kind === 'bytes' ? source.bytes : source.kind === 'symlink' ? source.target : NOTHING;
    rows[row + SIZE] = content.length;
    this.#appendBytes(content);
    this.#contentLength += content.length;
  }

  /** Gives what has been collected, in memory of its own, and begins anew. */
  take(): BatchTask {
    const rows = this.#rows.slice(0, this.#count * COLUMNS);
    const packed = new Uint8Array(this.#packedLength);
    packed.set(this.#packed.subarray(0, this.#packedLength));
    const paths = this.#paths;
    this.#paths = [];
    this.#packedLength = 0;
    this.#count = 0;
    this.#contentLength = 0;
    return { kind: 'batch', rows, packed, paths, output: undefined };
  }

  #appendText(text: string): number {
    this.#makeRoom(text.length * UTF8_PER_UNIT);
    const length = this.#packed.write(text, this.#packedLength, 'utf8');
    this.#packedLength += length;
    return length;
  }

  #appendBytes(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#packed.set(bytes, this.#packedLength);
    this.#packedLength += bytes.length;
  }

  #makeRoom(length: number): void {
    const needed = this.#packedLength + length;
    if (needed <= this.#packed.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#packed.length));
    this.#packed.copy(grown, 0, 0, this.#packedLength);
    this.#packed = grown;
  }
}

const NOTHING = new Uint8Array(0);

/** Enough of an entry to read it, compress it and frame its headers. */
export interface BatchEntry {
  /** UTF-8; so is the comment, empty for none. Views of the task's `packed`. */
  readonly fileName: Uint8Array;
  readonly fileComment: Uint8Array;
  /** Whether it is what a file is, and no link or directory. */
  readonly isContent: boolean;
  readonly mode: number;
  readonly lastModFileTime: number;
  readonly lastModFileDate: number;
  readonly unixTime: number | undefined;
  /** 0 stores. */
  readonly level: number;
  readonly content: WholeFile | PackedBytes;
}

/** Bytes that the local headers and the data of a task's entries take, at most. */
export function longestOutput({ rows, packed }: BatchTask): number {
  let length = packed.length + countEntries({ rows }) * (LOCAL_FILE_HEADER_SIZE + EXTENDED_TIMESTAMP_SIZE);
  for (let row = 0; row < rows.length; row += COLUMNS)
    if (rows[row + KIND] === KIND_FILE) length += rows[row + SIZE] ?? 0;
  return length;
}

export function countEntries({ rows }: Pick<BatchTask, 'rows'>): number {
  return rows.length / COLUMNS;
}

/** The entries of a task, in order. */
export function* readBatch({ rows, packed, paths }: BatchTask): Generator<BatchEntry, void, undefined> {
  let at = 0;
  let filesRead = 0;
  const take = (length: number): Uint8Array => {
    at += length;
    return packed.subarray(at - length, at);
  };
  for (let row = 0; row < rows.length; row += COLUMNS) {
    const column = (index: number): number => rows[row + index] ?? 0;
    const fileName = take(column(NAME_LENGTH));
    const fileComment = take(column(COMMENT_LENGTH));
    const size = column(SIZE);
    const unixTime = column(UNIX_TIME);
    yield {
      fileName,
      fileComment,
      isContent: column(KIND) !== KIND_OTHER,
      mode: column(MODE),
      lastModFileTime: column(LAST_MOD_FILE_TIME),
      lastModFileDate: column(LAST_MOD_FILE_DATE),
      unixTime: Number.isNaN(unixTime) ? undefined : unixTime,
      level: column(LEVEL),
      content:
        column(KIND) === KIND_FILE
          ? {
              path: paths[filesRead++] ?? '',
              size,
              mtimeMs: column(MTIME),
              dev: column(DEV),
              ino: column(INO),
            }
          : { bytes: take(size) },
    };
  }
}
