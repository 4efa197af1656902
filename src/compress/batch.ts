/**
 * A batch of whole entries on its way to a worker: rows of numbers, and the bytes of names, comments and contents back to
 * back. They are moved, so that nothing is copied or serialized entry by entry; and since an entry's own objects are let go
 * as soon as it is in here, they die young. A million small buffers whose objects lived until their batch was written had a
 * peak of 464 MB on Node 24 and 247 on Node 20; packed, with what else was let go then, 239 and 170.
 */
import type { FileSource, Source, StreamSource } from '../common/entry.js';
import { EXTENDED_TIMESTAMP_SIZE, LOCAL_FILE_HEADER_SIZE } from '../zip/constants.js';
import type { BatchTask, OnChange } from './tasks.js';

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
const CTIME = 12;
/** The date that a caller gave it; NaN for none. */
const LAST_MODIFIED = 13;
const COLUMNS = 14;

const KIND_FILE = 0;
const KIND_BYTES = 1;
const KIND_OTHER = 2;
/** A file, or what a link to one leads to. */
const KIND_FOLLOWED_FILE = 3;

/** What the headers will say of an entry's dates, and how it is to be compressed. */
export interface EntryPlan {
  readonly lastModFileTime: number;
  readonly lastModFileDate: number;
  readonly unixTime: number | undefined;
  /** 0 stores. */
  readonly level: number;
  /** The first entry of the archive, called `mimetype`: it has no extended timestamp if it comes to be stored. */
  readonly isMimetype: boolean;
}

/** Collects entries until they are sent off. Its own memory is used again for the next batch. */
export class BatchBuilder {
  readonly #rows = new Float64Array(BATCH_CAPACITY * COLUMNS);
  #packed: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(FIRST_LENGTH);
  #packedLength = 0;
  #paths: string[] = [];
  #count = 0;
  #contentLength = 0;
  /** What of the content is in files. */
  #fileLength = 0;
  #startsWithMimetype = false;

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
    if (plan.isMimetype) this.#startsWithMimetype = true;
    rows[row + KIND] = kindOf(source);
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
      rows[row + CTIME] = source.ctimeMs;
      rows[row + LAST_MODIFIED] = source.lastModified ?? Number.NaN;
      this.#paths.push(source.path);
      this.#contentLength += source.size;
      this.#fileLength += source.size;
      return;
    }
    const content = source.kind === 'bytes' ? source.bytes : source.kind === 'symlink' ? source.target : NOTHING;
    rows[row + SIZE] = content.length;
    this.#appendBytes(content);
    this.#contentLength += content.length;
  }

  /** Gives what has been collected, in memory of its own, and begins anew. */
  take(onChange: OnChange): BatchTask {
    const rows = this.#rows.slice(0, this.#count * COLUMNS);
    const packed = new Uint8Array(this.#packedLength);
    packed.set(this.#packed.subarray(0, this.#packedLength));
    const paths = this.#paths;
    const startsWithMimetype = this.#startsWithMimetype;
    const headersLength = this.#count * (LOCAL_FILE_HEADER_SIZE + EXTENDED_TIMESTAMP_SIZE);
    const longestOutput = headersLength + packed.length + this.#fileLength;
    this.#paths = [];
    this.#packedLength = 0;
    this.#count = 0;
    this.#contentLength = 0;
    this.#fileLength = 0;
    this.#startsWithMimetype = false;
    return { rows, packed, paths, startsWithMimetype, longestOutput, onChange, output: undefined };
  }

  /** Names are short and mostly ASCII, of which a call to encode it takes longer than this. */
  #appendText(text: string): number {
    this.#makeRoom(text.length * UTF8_PER_UNIT);
    const packed = this.#packed;
    const start = this.#packedLength;
    let length = 0;
    for (; length < text.length; length++) {
      const code = text.charCodeAt(length);
      if (code >= 0x80) break;
      packed[start + length] = code;
    }
    if (length < text.length) length = packed.write(text, start, 'utf8');
    this.#packedLength = start + length;
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

function kindOf(source: Exclude<Source, StreamSource>): number {
  if (source.kind === 'file') return source.isFollowed ? KIND_FOLLOWED_FILE : KIND_FILE;
  return source.kind === 'bytes' ? KIND_BYTES : KIND_OTHER;
}

export function countEntries({ rows }: Pick<BatchTask, 'rows'>): number {
  return rows.length / COLUMNS;
}

/**
 * Goes through the entries of a task. Its fields are those of the entry that it is at: objects for each of 50,000 entries were
 * most of what the threads left to be collected.
 */
export class BatchReader {
  /** UTF-8, back to back in here: the name, the comment (empty for none), and the content where it was in memory. */
  readonly packed: Uint8Array;
  nameStart = 0;
  nameLength = 0;
  commentLength = 0;
  contentStart = 0;
  /** Bytes of content; of a file as it was selected, until it has been read. */
  size = 0;
  /** Undefined where the content was in memory; of a link it is the target, of a directory nothing. */
  path: string | undefined;
  /** Whether it is what a file is, and no link or directory. */
  isContent = false;
  /** Whether a symbolic link at the path is followed. */
  isFollowed = false;
  readonly #rows: Float64Array;
  readonly #paths: readonly string[];
  readonly #startsWithMimetype: boolean;
  #row = -COLUMNS;
  #next = 0;
  #filesRead = 0;

  constructor({ rows, packed, paths, startsWithMimetype }: BatchTask) {
    this.packed = packed;
    this.#rows = rows;
    this.#paths = paths;
    this.#startsWithMimetype = startsWithMimetype;
  }

  /** @returns whether there is another one */
  next(): boolean {
    const row = this.#row + COLUMNS;
    if (row >= this.#rows.length) return false;
    this.#row = row;
    const kind = this.#column(KIND);
    this.isFollowed = kind === KIND_FOLLOWED_FILE;
    const isFile = this.isFollowed || kind === KIND_FILE;
    this.isContent = kind !== KIND_OTHER;
    this.size = this.#column(SIZE);
    this.path = isFile ? this.#paths[this.#filesRead++] : undefined;
    this.nameStart = this.#next;
    this.nameLength = this.#column(NAME_LENGTH);
    this.commentLength = this.#column(COMMENT_LENGTH);
    this.contentStart = this.nameStart + this.nameLength + this.commentLength;
    this.#next = this.contentStart + (isFile ? 0 : this.size);
    return true;
  }

  get isLast(): boolean {
    return this.#row + COLUMNS >= this.#rows.length;
  }

  /** See EntryPlan. */
  get isMimetype(): boolean {
    return this.#startsWithMimetype && this.#row === 0;
  }

  get name(): string {
    return this.#text(this.nameStart, this.nameLength);
  }

  get mode(): number {
    return this.#column(MODE);
  }

  get lastModFileTime(): number {
    return this.#column(LAST_MOD_FILE_TIME);
  }

  get lastModFileDate(): number {
    return this.#column(LAST_MOD_FILE_DATE);
  }

  /** NaN for none. */
  get unixTime(): number {
    return this.#column(UNIX_TIME);
  }

  /** 0 stores. */
  get level(): number {
    return this.#column(LEVEL);
  }

  /** Of a file, and so are `ctimeMs`, `dev` and `ino`: as they were when it was selected. */
  get mtimeMs(): number {
    return this.#column(MTIME);
  }

  /** The file as it was selected, with all that the row says of it. */
  toSource(path: string): FileSource {
    const { name, mode, mtimeMs, ctimeMs, dev, ino, isFollowed, level } = this;
    const size = this.#column(SIZE);
    const lastModified = this.#column(LAST_MODIFIED);
    const comment = this.#text(this.nameStart + this.nameLength, this.commentLength);
    return {
      kind: 'file',
      name,
      path,
      mode,
      mtimeMs,
      ctimeMs,
      size,
      dev,
      ino,
      isFollowed,
      level,
      lastModified: Number.isNaN(lastModified) ? undefined : lastModified,
      comment: comment === '' ? undefined : comment,
    };
  }

  get ctimeMs(): number {
    return this.#column(CTIME);
  }

  get dev(): number {
    return this.#column(DEV);
  }

  get ino(): number {
    return this.#column(INO);
  }

  #text(start: number, length: number): string {
    return Buffer.from(this.packed.subarray(start, start + length)).toString();
  }

  #column(index: number): number {
    return this.#rows[this.#row + index] ?? 0;
  }
}
