/**
 * A table of contents that were compressed in this run, by what they have in common if they are equal. It has a fixed size: a
 * new content replaces an older one if no row is free. It may be shared between threads without locks: a
 * row that is read while it is written leads to data that does not inflate to the content.
 */
import { chunkHash, KEY_MASK, LENGTH_MASK } from './reuse-task.js';

/** Pieces with equal keys have equal content, as far as checksums show, and are compressed in the same way. */
export interface ContentKey {
  readonly crc32: number;
  /** See lengthAndFlags(). */
  readonly lengthAndFlags: number;
  /** The first 128 bits of the dictionary's SHA-256, in four words: long enough that a collision cannot be constructed. */
  readonly dictionary: readonly number[];
}

export const NO_DICTIONARY: ContentKey['dictionary'] = [0, 0, 0, 0];

// The columns of a row
const CRC32 = 0;
const LENGTH_AND_FLAGS = 1;
const DATA_LENGTH = 2;
const POSITION_LOW = 3;
const POSITION_HIGH = 4;
const DICTIONARY = 5;
const COLUMNS = DICTIONARY + 4;

/** Rows that a content may be in. */
const WAYS = 4;

export class ContentTable {
  readonly #rows: Uint32Array;
  readonly #mask: number;
  /** Of the next row to give up, where all are taken. */
  #next = 0;

  /** @param rows zeros, or those of another thread's table */
  constructor(rows: Uint32Array) {
    this.#rows = rows;
    this.#mask = rows.length / COLUMNS - 1;
  }

  /** @param count of rows, a power of two */
  static bytesOf(count: number): number {
    return count * COLUMNS * 4;
  }

  /** @returns a row for the functions below */
  find(key: ContentKey): number | undefined {
    const hash = chunkHash(key.crc32, key.lengthAndFlags & LENGTH_MASK);
    for (let way = 0; way < WAYS; way++) {
      const row = ((hash + way) & this.#mask) * COLUMNS;
      if (this.#is(row, key)) return row;
    }
    return undefined;
  }

  put(key: ContentKey, dataLength: number, position: number): void {
    const row = this.#rowFor(key);
    const rows = this.#rows;
    rows[row + CRC32] = key.crc32;
    rows[row + LENGTH_AND_FLAGS] = key.lengthAndFlags;
    rows[row + DATA_LENGTH] = dataLength;
    rows[row + POSITION_LOW] = position % 0x1_0000_0000;
    rows[row + POSITION_HIGH] = Math.floor(position / 0x1_0000_0000);
    rows.set(key.dictionary, row + DICTIONARY);
  }

  flagsAt(row: number): number {
    return this.#rows[row + LENGTH_AND_FLAGS] ?? 0;
  }

  dataLengthAt(row: number): number {
    return this.#rows[row + DATA_LENGTH] ?? 0;
  }

  positionAt(row: number): number {
    return (this.#rows[row + POSITION_HIGH] ?? 0) * 0x1_0000_0000 + (this.#rows[row + POSITION_LOW] ?? 0);
  }

  #is(row: number, key: ContentKey): boolean {
    const rows = this.#rows;
    return (
      rows[row + CRC32] === key.crc32 &&
      (((rows[row + LENGTH_AND_FLAGS] ?? 0) ^ key.lengthAndFlags) & KEY_MASK) === 0 &&
      key.dictionary.every((word, index) => rows[row + DICTIONARY + index] === word)
    );
  }

  /** The content's own row, a free one, or one to be given up. */
  #rowFor(key: ContentKey): number {
    const hash = chunkHash(key.crc32, key.lengthAndFlags & LENGTH_MASK);
    let free: number | undefined;
    for (let way = 0; way < WAYS; way++) {
      const row = ((hash + way) & this.#mask) * COLUMNS;
      if (this.#is(row, key)) return row;
      if (this.#rows[row + LENGTH_AND_FLAGS] === 0) free ??= row;
    }
    this.#next = (this.#next + 1) % WAYS;
    return free ?? ((hash + this.#next) & this.#mask) * COLUMNS;
  }
}
