/**
 * Finds compressed data of an earlier archive, and proves that it is what compressing would give. Runs on the thread that
 * compresses.
 *
 * Where something is wrong with the archive (it is written meanwhile, its disk is broken, its state lies), nothing is found
 * and the content is compressed. With the check `content`, a state that someone has forged can change how content is
 * compressed, but never content: the data that goes into the new archive has been inflated and compared.
 */
import { readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { DeflateEngine } from '../deflate/engine.js';
import {
  CHUNK_COLUMNS,
  CRC32,
  chunkHash,
  DATA_CRC32,
  DATA_LENGTH,
  DICTIONARY_CRC32,
  type EarlierChunks,
  FILE_COLUMNS,
  FILE_CTIME,
  FILE_DEV,
  FILE_INO,
  FILE_LEVEL,
  FILE_MTIME,
  FILE_SIZE,
  FIRST_CHUNK,
  fileHash,
  HAS_DICTIONARY,
  IS_FRAMED,
  IS_STORED,
  KEY_MASK,
  LENGTH_AND_FLAGS,
  lengthAndFlags,
  MAX_PROBES,
  POSITION_HIGH,
  POSITION_LOW,
} from './reuse-task.js';

/** What is to be compressed: in the engine's input. */
export interface ChunkContent {
  readonly dictionaryLength: number;
  readonly dataLength: number;
  readonly crc32: number;
  /** Undefined without a dictionary. */
  readonly dictionaryCrc32: number | undefined;
  readonly isLast: boolean;
  readonly level: number;
}

/** The result of compressing a chunk. */
export interface EarlierResult {
  /** Valid until the next call; undefined for content that does not shrink. */
  readonly deflated: Uint8Array | undefined;
  /** Of deflated data; otherwise 0. */
  readonly dataCrc32: number;
}

/** The same where the content was not read. */
export interface UnreadChunk extends EarlierResult {
  /** The content, if it is not deflated; valid until the next call. */
  readonly data: Uint8Array;
  readonly crc32: number;
  readonly uncompressedSize: number;
  readonly dictionaryCrc32: number | undefined;
  /** CRC-32 of the last 32 KiB, where a chunk follows. */
  readonly tailCrc32: number | undefined;
}

/** A file at its selection. */
export interface FileStat {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly dev: number;
  readonly ino: number;
}

const NOT_SHRUNK: EarlierResult = { deflated: undefined, dataCrc32: 0 };
const NOTHING = new Uint8Array(0);

export class EarlierData {
  readonly #earlier: EarlierChunks;
  readonly #engine: DeflateEngine;
  /** Whether an equal CRC-32 and length are not enough. */
  readonly #provesContent: boolean;

  constructor(earlier: EarlierChunks, engine: DeflateEngine, provesContent: boolean) {
    this.#earlier = earlier;
    this.#engine = engine;
    this.#provesContent = provesContent;
  }

  /** @returns undefined where there is nothing to reuse */
  find(content: ChunkContent): EarlierResult | undefined {
    const row = this.#findRow(content);
    if (row === undefined) return undefined;
    const flags = this.#column(row, LENGTH_AND_FLAGS);
    const isStored = (flags & IS_STORED) !== 0;
    if (isStored && !this.#provesContent) return NOT_SHRUNK;
    const bytes = this.#read(row);
    if (bytes === undefined) return undefined;
    // A fault of the disk may leave data that inflates to the same content, and is not what compressing gives.
    const dataCrc32 = this.#column(row, DATA_CRC32);
    if (!isStored && crc32(bytes) !== dataCrc32) return undefined;
    const isRaw = isStored && (flags & IS_FRAMED) === 0;
    if (this.#provesContent && !this.#isContent(bytes, content, isRaw)) return undefined;
    return isStored ? NOT_SHRUNK : { deflated: bytes, dataCrc32 };
  }

  /**
   * Finds a chunk of a file that is as it was when it was compressed.
   *
   * @param chunk its number in the file, from 0
   */
  findUnread(file: FileStat, level: number, chunk: number, isLast: boolean, length: number): UnreadChunk | undefined {
    const first = this.#findFile(file, level);
    if (first === undefined) return undefined;
    const row = (first + chunk) * CHUNK_COLUMNS;
    const flags = this.#column(row, LENGTH_AND_FLAGS);
    const hasDictionary = (flags & HAS_DICTIONARY) !== 0;
    if (((flags ^ lengthAndFlags(length, chunk > 0, isLast, level)) & KEY_MASK) !== 0) return undefined;
    const isStored = (flags & IS_STORED) !== 0;
    // Its content stands between block headers: reading the file is as fast.
    if (isStored && (flags & IS_FRAMED) !== 0) return undefined;
    const bytes = this.#read(row);
    if (bytes === undefined || (isStored && bytes.length !== length)) return undefined;
    // Nothing is compared with the file, so a fault of the disk must show here.
    const contentCrc32 = this.#column(row, CRC32);
    const dataCrc32 = isStored ? 0 : this.#column(row, DATA_CRC32);
    if (crc32(bytes) !== (isStored ? contentCrc32 : dataCrc32)) return undefined;
    return {
      deflated: isStored ? undefined : bytes,
      dataCrc32,
      data: isStored ? bytes : NOTHING,
      crc32: contentCrc32,
      uncompressedSize: length,
      dictionaryCrc32: hasDictionary ? this.#column(row, DICTIONARY_CRC32) : undefined,
      tailCrc32: isLast ? undefined : this.#column(row + CHUNK_COLUMNS, DICTIONARY_CRC32),
    };
  }

  /** @param isRaw whether the bytes are the content itself */
  #isContent(bytes: Buffer, { dictionaryLength, dataLength, isLast }: ChunkContent, isRaw: boolean): boolean {
    if (!isRaw) return this.#engine.inflatesTo(bytes.length, dictionaryLength, dataLength, isLast);
    return bytes.equals(this.#engine.input.subarray(dictionaryLength, dictionaryLength + dataLength));
  }

  #findRow({ dataLength, crc32: contentCrc32, dictionaryCrc32, isLast, level }: ChunkContent): number | undefined {
    const { slots } = this.#earlier;
    const key = lengthAndFlags(dataLength, dictionaryCrc32 !== undefined, isLast, level);
    const hash = chunkHash(contentCrc32, dataLength);
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const taken = slots[(hash + probe) & (slots.length - 1)] ?? 0;
      if (taken === 0) return undefined;
      const row = (taken - 1) * CHUNK_COLUMNS;
      if (
        this.#column(row, CRC32) === contentCrc32 &&
        this.#column(row, DICTIONARY_CRC32) === (dictionaryCrc32 ?? 0) &&
        ((this.#column(row, LENGTH_AND_FLAGS) ^ key) & KEY_MASK) === 0
      ) {
        return row;
      }
    }
    return undefined;
  }

  /** @returns the number of its first chunk */
  #findFile(file: FileStat, level: number): number | undefined {
    const { files } = this.#earlier;
    if (files === undefined) return undefined;
    const { rows, slots } = files;
    const hash = fileHash(file.ino);
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const taken = slots[(hash + probe) & (slots.length - 1)] ?? 0;
      if (taken === 0) return undefined;
      const row = (taken - 1) * FILE_COLUMNS;
      if (
        rows[row + FILE_INO] === file.ino &&
        rows[row + FILE_DEV] === file.dev &&
        rows[row + FILE_LEVEL] === level &&
        rows[row + FILE_SIZE] === file.size &&
        rows[row + FILE_MTIME] === file.mtimeMs &&
        rows[row + FILE_CTIME] === file.ctimeMs
      ) {
        return rows[row + FIRST_CHUNK];
      }
    }
    return undefined;
  }

  #column(row: number, column: number): number {
    return this.#earlier.rows[row + column] ?? 0;
  }

  /** @returns bytes in the engine's memory; undefined if the archive has become shorter or cannot be read */
  #read(row: number): Buffer | undefined {
    const { stream } = this.#engine;
    const length = this.#column(row, DATA_LENGTH);
    if (length > stream.length) return undefined;
    const position = this.#column(row, POSITION_HIGH) * 0x1_0000_0000 + this.#column(row, POSITION_LOW);
    const bytes = Buffer.from(stream.buffer, stream.byteOffset, length);
    try {
      for (let filled = 0; filled < length; ) {
        const count = readSync(this.#earlier.descriptor, bytes, filled, length - filled, position + filled);
        if (count === 0) return undefined;
        filled += count;
      }
      return bytes;
    } catch {
      return undefined;
    }
  }
}
