/**
 * Compresses a content once that is met again: its data is copied from where it is. That is this thread's memory of what it
 * compressed last, or the archive's file, where everything is that has been written. The data is used only if it inflates to
 * the content, so neither a collision of checksums nor a change of the file can do harm; the bytes are those of compressing.
 */
import { hash } from 'node:crypto';
import { readSync } from 'node:fs';
import type { DeflateEngine } from '../deflate/engine.js';
import { type ContentKey, ContentTable, NO_DICTIONARY } from '../reuse/content-table.js';
import { IS_STORED, lengthAndFlags } from '../reuse/reuse-task.js';
import type { WrittenTask } from '../reuse/written-contents.js';
import type { ChunkTask } from './tasks.js';

/** Bytes of content from which it is looked for. Of 315 equal contents of a node_modules, the 200 below had 2 % of the bytes. */
const MIN_LENGTH = 2 * 1024;

/** Level 1 compresses as fast as it is proved that data inflates to the content. */
const MIN_LEVEL = 2;

/** Contents of which a thread remembers where their data is in its memory. */
const RECENT_COUNT = 4096;

/** Data begins at multiples of it in the ring: copying is faster than to any address. */
const ALIGNMENT = 64;

/** Undefined for content that does not shrink. */
export interface EqualResult {
  readonly deflated: Uint8Array | undefined;
}

const NOT_SHRUNK: EqualResult = { deflated: undefined };

export class EqualContent {
  readonly #engine: DeflateEngine;
  readonly #recentLength: number;
  readonly #recent = new ContentTable(new Uint32Array(ContentTable.bytesOf(RECENT_COUNT) / 4));
  /** The last data, in a ring; allocated when there is some. */
  #ring: Buffer | undefined;
  /** Bytes that went into the ring so far. */
  #ringPosition = 0;
  #rows: WrittenTask['rows'] | undefined;
  #written: ContentTable | undefined;
  #key: ContentKey | undefined;

  /** @param recentLength bytes of data that this thread remembers, a multiple of ALIGNMENT */
  constructor(engine: DeflateEngine, recentLength: number) {
    this.#engine = engine;
    this.#recentLength = recentLength;
  }

  /**
   * Looks for content of the engine's input.
   *
   * @returns data in the engine's memory, valid until its next call; undefined if the content has to be compressed
   */
  find(
    dictionaryLength: number,
    dataLength: number,
    crc32: number,
    { isLast, level, written }: Pick<ChunkTask, 'isLast' | 'level' | 'written'>,
  ): EqualResult | undefined {
    this.#key = undefined;
    if (dataLength < MIN_LENGTH || level < MIN_LEVEL) return undefined;
    const key = this.#keyOf(dictionaryLength, dataLength, crc32, isLast, level);
    this.#key = key;
    const piece = { dictionaryLength, dataLength, isLast };
    return this.#findRecent(key, piece) ?? (written && this.#findWritten(key, piece, written));
  }

  /** Remembers what the content that was looked for last has been compressed to. */
  remember(deflated: Uint8Array): void {
    const recentLength = this.#recentLength;
    if (this.#key === undefined || deflated.length > recentLength) return;
    this.#ring ??= Buffer.allocUnsafeSlow(recentLength);
    const at = this.#ringPosition % recentLength;
    // What does not fit before the end goes to the beginning.
    if (at + deflated.length > recentLength) this.#ringPosition += recentLength - at;
    this.#ring.set(deflated, this.#ringPosition % recentLength);
    this.#recent.put(this.#key, deflated.length, this.#ringPosition);
    this.#ringPosition += Math.ceil(deflated.length / ALIGNMENT) * ALIGNMENT;
  }

  /** The key of the content that was looked for last, once; undefined if it is too short. */
  takeKey(): ContentKey | undefined {
    const key = this.#key;
    this.#key = undefined;
    return key;
  }

  #keyOf(dictionaryLength: number, dataLength: number, crc32: number, isLast: boolean, level: number): ContentKey {
    const hasDictionary = dictionaryLength > 0;
    const flags = lengthAndFlags(dataLength, hasDictionary, isLast, level);
    if (!hasDictionary) return { crc32, lengthAndFlags: flags, dictionary: NO_DICTIONARY };
    // The data does not show which dictionary it was compressed with: the digest alone has to.
    const digest = hash('sha256', this.#engine.input.subarray(0, dictionaryLength), 'buffer');
    return { crc32, lengthAndFlags: flags, dictionary: [0, 4, 8, 12].map((at) => digest.readUInt32LE(at)) };
  }

  #findRecent(key: ContentKey, piece: Piece): EqualResult | undefined {
    const row = this.#recent.find(key);
    if (row === undefined || this.#ring === undefined) return undefined;
    const position = this.#recent.positionAt(row);
    if (this.#ringPosition - position > this.#ring.length) return undefined;
    const length = this.#recent.dataLengthAt(row);
    const start = position % this.#ring.length;
    this.#engine.stream.set(this.#ring.subarray(start, start + length));
    return this.#proven(length, piece);
  }

  #findWritten(key: ContentKey, piece: Piece, { descriptor, rows }: WrittenTask): EqualResult | undefined {
    if (rows !== this.#rows || this.#written === undefined) {
      this.#rows = rows;
      this.#written = new ContentTable(rows);
    }
    const table = this.#written;
    const row = table.find(key);
    if (row === undefined) return undefined;
    const isStored = (table.flagsAt(row) & IS_STORED) !== 0;
    const { stream } = this.#engine;
    const length = table.dataLengthAt(row);
    if (length > stream.length || !isRead(descriptor, stream, length, table.positionAt(row))) return undefined;
    if (!isStored) return this.#proven(length, piece);
    const { dictionaryLength, dataLength } = piece;
    const data = this.#engine.input.subarray(dictionaryLength, dictionaryLength + dataLength);
    return length === dataLength && Buffer.compare(data, stream.subarray(0, length)) === 0 ? NOT_SHRUNK : undefined;
  }

  #proven(length: number, { dictionaryLength, dataLength, isLast }: Piece): EqualResult | undefined {
    if (!this.#engine.inflatesTo(length, dictionaryLength, dataLength, isLast)) return undefined;
    return { deflated: this.#engine.stream.subarray(0, length) };
  }
}

interface Piece {
  readonly dictionaryLength: number;
  readonly dataLength: number;
  readonly isLast: boolean;
}

/** The archive's file may be closed by now if the archive has failed. */
function isRead(descriptor: number, into: Uint8Array, length: number, position: number): boolean {
  try {
    for (let filled = 0; filled < length; ) {
      const count = readSync(descriptor, into, filled, length - filled, position + filled);
      if (count === 0) return false;
      filled += count;
    }
    return true;
  } catch {
    return false;
  }
}
