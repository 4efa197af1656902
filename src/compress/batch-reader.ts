/** Unpacks the entries of a batch, on the thread that compresses it. */
import type { FileSource } from '../common/entry.js';
import { decodeComment, decodeName, EntryFacts, readDescription } from '../zip/entry-facts.js';
import {
  COLUMNS,
  COMMENT_LENGTH,
  CTIME,
  DESCRIPTION,
  DEV,
  GIVEN_MTIME,
  INO,
  KIND,
  KIND_FILE,
  KIND_FOLLOWED_FILE,
  KIND_OTHER,
  LEVEL,
  MTIME,
  NAME_LENGTH,
  SIZE,
} from './batch-columns.js';
import type { BatchTask } from './tasks.js';

/**
 * Iterates over the entries of a task. Its fields describe the current entry: an object for each of 50,000 entries was most
 * of the threads' garbage.
 */
export class BatchReader {
  /** Names, comments and contents in memory, back to back. */
  readonly packed: Uint8Array;
  /** What the row and `packed` say of the current entry's headers; the rest is the compressor's to set. */
  readonly facts = new EntryFacts();
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
    this.facts.text = packed;
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
    const { facts } = this;
    facts.nameStart = this.#next;
    facts.nameLength = this.#column(NAME_LENGTH);
    facts.commentLength = this.#column(COMMENT_LENGTH);
    readDescription(this.#rows, row + DESCRIPTION, facts);
    this.contentStart = facts.nameStart + facts.nameLength + facts.commentLength;
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
    return decodeName(this.facts);
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
    const { name, mtimeMs, ctimeMs, dev, ino, isFollowed, level, facts } = this;
    const size = this.#column(SIZE);
    const givenMtimeMs = this.#column(GIVEN_MTIME);
    const comment = decodeComment(facts);
    return {
      kind: 'file',
      name,
      path,
      mode: facts.mode,
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

  #column(index: number): number {
    return this.#rows[this.#row + index] ?? 0;
  }
}
