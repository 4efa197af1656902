/**
 * The format of the state that is kept beside an archive: one line of JSON, which says how long the rest is, then tables of
 * numbers in the byte order of the machine. docs/decisions/015-state-beside-the-archive.md gives the reasons.
 */
import { endianness } from 'node:os';
import { crc32 } from 'node:zlib';
import { isIntegerFrom } from '../common/integers.js';
import { STATE_START } from '../common/state-files.js';

/** Everything that the next run needs to know of an archive. Its entries are those of the central directory, in its order. */
export interface State {
  /** See outputVersion(). */
  readonly compressor: string;
  /** Bytes of the archive. */
  readonly archiveSize: number;
  /** SHA-256 of its central directory headers, in hexadecimal digits. */
  readonly directoryDigest: string;
  readonly entryCount: number;
  /** Pairs: how many entries, and their level or NOT_REUSABLE. */
  readonly levels: Uint32Array;
  /** CRC-32 of each entry's deflated data; 0 for others. */
  readonly dataCrc32s: Uint32Array;
  /** Pairs: the number of an entry of more than 1 MiB, and how many chunks it has. */
  readonly largeEntries: Uint32Array;
  /** STATE_CHUNK_COLUMNS numbers for each chunk of these. */
  readonly chunks: Uint32Array;
  /** STATE_FILE_COLUMNS numbers for each entry, NaN for one that was no file or may have changed; or none at all. */
  readonly files: Float64Array;
}

// The columns of a chunk
export const STATE_CRC32 = 0;
export const STATE_DICTIONARY_CRC32 = 1;
export const STATE_DATA_LENGTH = 2;
export const STATE_DATA_CRC32 = 3;
/** 1 for content in stored blocks, or stored. */
export const STATE_IS_STORED = 4;
export const STATE_CHUNK_COLUMNS = 5;

// The columns of a file
export const STATE_MTIME = 0;
export const STATE_CTIME = 1;
export const STATE_DEV = 2;
export const STATE_INO = 3;
export const STATE_FILE_COLUMNS = 4;

const VERSION = 1;

/** Bytes of the longest first line. */
export const MAX_HEADER_LENGTH = 4096;

/** Bytes of content that a byte of deflated data can stand for at most, rounded down: a chunk of 1 MiB takes over 1,000. */
const LEAST_CHUNK_LENGTH = 1000;

export function encodeState(state: State): Uint8Array[] {
  const tables = tablesOf(state).map((table) => new Uint8Array(table.buffer, table.byteOffset, table.byteLength));
  const header = {
    version: VERSION,
    byteOrder: endianness(),
    compressor: state.compressor,
    archiveSize: state.archiveSize,
    directoryDigest: state.directoryDigest,
    lengths: tables.map(({ length }) => length),
    crc32: tables.reduce((sum, table) => crc32(table, sum), 0),
  };
  const line = `${STATE_START}${JSON.stringify(header).slice(1)}\n`;
  // The tables are read in place, at multiples of eight bytes.
  const padding = -Buffer.byteLength(line) & 7;
  return [Buffer.from(line.replace(/\n$/, `${' '.repeat(padding)}\n`)), ...tables];
}

/** Those with numbers of eight bytes first: each table begins at a multiple of the length of its numbers. */
function tablesOf({ files, levels, dataCrc32s, largeEntries, chunks }: State): (Float64Array | Uint32Array)[] {
  return [files, levels, dataCrc32s, largeEntries, chunks];
}

/** The first line of a state. */
export interface StateHeader extends Pick<State, 'compressor' | 'archiveSize' | 'directoryDigest'> {
  /** Bytes up to the first table. */
  readonly length: number;
  /** Bytes of each table. */
  readonly lengths: readonly number[];
  readonly crc32: number;
}

/**
 * @param start the first MAX_HEADER_LENGTH bytes of the file, or all of a shorter one
 * @returns undefined if it is no state that this version reads on this machine
 */
export function parseStateHeader(start: Buffer): StateHeader | undefined {
  const length = start.indexOf('\n') + 1;
  const line = start.toString('utf8', 0, length);
  if (length === 0 || length % 8 !== 0 || !line.startsWith(STATE_START)) return undefined;
  let header: unknown;
  try {
    header = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(header) || header.version !== VERSION || header.byteOrder !== endianness()) return undefined;
  const { compressor, archiveSize, directoryDigest, lengths, crc32: sum } = header;
  const isHeader =
    typeof compressor === 'string' &&
    typeof directoryDigest === 'string' &&
    isCount(archiveSize) &&
    isCount(sum) &&
    Array.isArray(lengths) &&
    lengths.length === TABLE_COUNT &&
    lengths.every(isCount);
  return isHeader ? { length, compressor, archiveSize, directoryDigest, lengths, crc32: sum } : undefined;
}

const TABLE_COUNT = 5;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && isIntegerFrom(0, Number.MAX_SAFE_INTEGER, value);
}

/**
 * Bytes of the whole state, which a caller compares with the file's before reading it.
 *
 * @returns undefined if an archive of this size with so many entries cannot have such a state
 */
export function stateLength({ length, lengths, archiveSize }: StateHeader, entryCount: number): number | undefined {
  const [files = 0, levels = 0, sums = 0, large = 0, chunks = 0] = lengths;
  const mostChunks = archiveSize / LEAST_CHUNK_LENGTH + entryCount;
  const isPossible =
    (files === 0 || files === entryCount * STATE_FILE_COLUMNS * 8) &&
    sums === entryCount * 4 &&
    isTable(levels, 2, entryCount) &&
    isTable(large, 2, entryCount) &&
    isTable(chunks, STATE_CHUNK_COLUMNS, mostChunks);
  return isPossible ? length + lengths.reduce((total, each) => total + each, 0) : undefined;
}

function isTable(bytes: number, columns: number, mostRows: number): boolean {
  const rows = bytes / (columns * 4);
  return Number.isInteger(rows) && rows <= mostRows;
}

/**
 * @param bytes all of the file, stateLength() long, at the start of an ArrayBuffer
 * @returns undefined if the tables are not those that were written
 */
export function parseState(bytes: Uint8Array, header: StateHeader, entryCount: number): State | undefined {
  if (crc32(bytes.subarray(header.length)) !== header.crc32) return undefined;
  let at = bytes.byteOffset + header.length;
  const [files = 0, levels = 0, sums = 0, large = 0, chunks = 0] = header.lengths;
  const numbers = (length: number): Uint32Array => {
    const table = new Uint32Array(bytes.buffer, at, length / 4);
    at += length;
    return table;
  };
  const fileTable = new Float64Array(bytes.buffer, at, files / 8);
  at += files;
  return {
    ...header,
    entryCount,
    files: fileTable,
    levels: numbers(levels),
    dataCrc32s: numbers(sums),
    largeEntries: numbers(large),
    chunks: numbers(chunks),
  };
}
