/** Unpacks the entries of a batch, on the thread that compresses it. */
import type { FileSource } from '../common/entry.js';
import {
  COLUMNS,
  COMMENT_LENGTH,
  CTIME,
  DEV,
  INO,
  KIND,
  KIND_FILE,
  KIND_FOLLOWED_FILE,
  KIND_OTHER,
  LAST_MOD_FILE_DATE,
  LAST_MOD_FILE_TIME,
  LAST_MODIFIED,
  LEVEL,
  MODE,
  MTIME,
  NAME_LENGTH,
  SIZE,
  UNIX_TIME,
} from './batch-columns.js';
import type { BatchTask } from './tasks.js';

/**
 * Iterates over the entries of a task. Its fields describe the current entry: an object for each of 50,000 entries was most
 * of the threads' garbage.
 */
export class BatchReader {
  /** Holds the current name, comment (both UTF-8) and content in memory, back to back. */
  readonly packed: Uint8Array;
  nameStart = 0;
  nameLength = 0;
  commentLength = 0;
  contentStart = 0;
  /** Bytes of content; a file's size at selection, until it has been read. */
  size = 0;
  /** Undefined for content in memory. A link's content is its target; a directory has none. */
  path: string | undefined;
  /** False for links and directories. */
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

  /** Moves to the next entry. @returns false after the last one */
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

  /** Of a file at selection, as are `ctimeMs`, `dev` and `ino`. */
  get mtimeMs(): number {
    return this.#column(MTIME);
  }

  /** The file as it was selected. */
  toSource(path: string): FileSource {
    const { name, mode, mtimeMs, ctimeMs, dev, ino, isFollowed, level } = this;
    const size = this.#column(SIZE);
    const givenMtimeMs = this.#column(LAST_MODIFIED);
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
      givenMtimeMs: Number.isNaN(givenMtimeMs) ? undefined : givenMtimeMs,
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
