/**
 * What a thread gets for reusing the compressed data of an earlier archive, and what it records for the next run. All of it
 * crosses the thread boundary; what is shared is not copied.
 */

/**
 * When the compressed data of an earlier archive is used again:
 *
 * - `content`: the file is read, an entry of the same size and CRC-32 is inflated, and its content is the same.
 * - `crc`: the file is read, and an entry has the same size and CRC-32.
 * - `stat`: the file's size, modification time, ctime, inode and device are those of the last run, and the file is not
 *   opened; otherwise as `content`.
 */
export type ReuseCheck = 'content' | 'crc' | 'stat';

/** Part of a task of a run with `reuse`. */
export interface ReuseTask {
  readonly check: ReuseCheck;
  /** Whether the result describes how each entry was made. */
  readonly records: boolean;
  /** Undefined where there is nothing to reuse. */
  readonly earlier: EarlierChunks | undefined;
}

/**
 * The compressed data of an earlier archive. A chunk is 1 MiB of a large entry, or a whole small one; both are found and
 * checked in the same way. The tables use open addressing: a slot holds the number of a row plus one, or 0.
 */
export interface EarlierChunks {
  /** The archive's. Positional reads of threads do not disturb one another. */
  readonly descriptor: number;
  /** CHUNK_COLUMNS numbers for each chunk. */
  readonly rows: Uint32Array<SharedArrayBuffer>;
  /** By CRC-32 and length; the length is a power of two. */
  readonly slots: Uint32Array<SharedArrayBuffer>;
  /** Files as they were when they were compressed; undefined unless `check` is `stat`. */
  readonly files: EarlierFiles | undefined;
}

export interface EarlierFiles {
  /** FILE_COLUMNS numbers for each file. */
  readonly rows: Float64Array<SharedArrayBuffer>;
  /** By inode. */
  readonly slots: Uint32Array<SharedArrayBuffer>;
}

// The columns of a chunk
export const CRC32 = 0;
/** Of the 32 KiB before it, if HAS_DICTIONARY is set. */
export const DICTIONARY_CRC32 = 1;
/** The length of its content, and the bits below. */
export const LENGTH_AND_FLAGS = 2;
/** Bytes of the archive. */
export const DATA_LENGTH = 3;
/** Bytes from the start of the archive, in two parts of 32 bits. */
export const POSITION_LOW = 4;
export const POSITION_HIGH = 5;
/** CRC-32 of deflated data as it stands in the archive. */
export const DATA_CRC32 = 6;
export const CHUNK_COLUMNS = 7;

/** A length of at most 1 MiB takes 21 bits. */
export const LENGTH_MASK = 0x1f_ffff;
export const HAS_DICTIONARY = 1 << 21;
export const IS_LAST = 1 << 22;
/** Did not shrink. In the archive it is the content itself, or the content in stored blocks of a deflate stream. */
export const IS_STORED = 1 << 23;
export const IS_FRAMED = 1 << 24;
const LEVEL_SHIFT = 25;

/** The part of LENGTH_AND_FLAGS that two chunks must share. */
export const KEY_MASK = ~(IS_STORED | IS_FRAMED);

export function lengthAndFlags(length: number, hasDictionary: boolean, isLast: boolean, level: number): number {
  return (length | (hasDictionary ? HAS_DICTIONARY : 0) | (isLast ? IS_LAST : 0) | (level << LEVEL_SHIFT)) >>> 0;
}

// The columns of a file
export const FILE_MTIME = 0;
export const FILE_CTIME = 1;
export const FILE_DEV = 2;
export const FILE_INO = 3;
export const FILE_SIZE = 4;
export const FILE_LEVEL = 5;
/** Its chunks follow one another. */
export const FIRST_CHUNK = 6;
export const FILE_COLUMNS = 7;

/**
 * Slots that are looked at before a search gives up. The slots are at least twice as many as the rows, so that more are
 * needed only for a table that someone has made to be slow.
 */
export const MAX_PROBES = 64;

export function chunkHash(crc32: number, length: number): number {
  return mix(crc32 ^ Math.imul(length, 0x9e37_79b1));
}

export function fileHash(ino: number): number {
  return mix((ino % 0x1_0000_0000) ^ Math.floor(ino / 0x1_0000_0000));
}

/** The finalizer of MurmurHash3: each bit of the input changes half of the output's. */
function mix(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** How an entry of a batch was made, a row of numbers for each; recorded in the state of the new archive. */
export const MADE_LEVEL = 0;
export const MADE_DATA_CRC32 = 1;
export const MADE_MTIME = 2;
export const MADE_CTIME = 3;
export const MADE_DEV = 4;
export const MADE_INO = 5;
export const MADE_COLUMNS = 6;

/** In place of a level: the data is copied from another archive, or of a file that changed while it was read. */
export const NOT_REUSABLE = 255;

/** How a chunk of a large entry was made. */
export interface MadeChunk {
  readonly crc32: number;
  readonly uncompressedSize: number;
  /** Undefined without a dictionary. */
  readonly dictionaryCrc32: number | undefined;
  readonly isDeflated: boolean;
  readonly isLast: boolean;
  /** Of deflated data; otherwise 0. */
  readonly dataCrc32: number;
}
