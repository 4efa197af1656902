/**
 * Entries that were framed together before their position in the archive was known. Beside their bytes comes a table with a
 * row for each: moving them adds to its offsets, and nothing has to be parsed.
 */
import { CENTRAL_DIRECTORY_HEADER_SIZE, UINT32_MAX } from './constants.js';
import type { EntryFacts } from './entry-facts.js';
import { CENTRAL_ZIP64_SIZE } from './entry-header.js';
import { encodeZip64ExtendedInformation } from './extra-fields.js';

export interface FramedEntries {
  /** Each entry's local header and data, back to back. */
  readonly bytes: Uint8Array;
  /** Their central directory headers, back to back. */
  readonly directory: Uint8Array;
  /** ROW_LENGTH numbers for each entry, written by writeRow(). */
  readonly rows: Uint32Array;
  /** SHA-256 of each entry's content, DIGEST_LENGTH bytes each, if the archive's report needs them. */
  readonly digests?: Uint8Array | undefined;
  /** A byte for each entry, see entry-notes.ts, if the archive's report needs them. */
  readonly notes?: Uint8Array | undefined;
}

export const DIGEST_LENGTH = 32;

// The columns of a row
/** Bytes from the start of `directory` to the entry's header. */
const HEADER_START = 0;
/** Bytes from the start of `bytes` to the entry's local header; the header in `directory` holds the same. */
const OFFSET = 1;
const NAME_LENGTH = 2;
const METHOD = 3;
const CRC32 = 4;
const COMPRESSED_SIZE = 5;
const UNCOMPRESSED_SIZE = 6;
export const ROW_LENGTH = 7;

// Positions of fields in a central directory header (4.3.12)
const COMPRESSED_SIZE_AT = 20;
const UNCOMPRESSED_SIZE_AT = 24;
const EXTRA_FIELD_LENGTH_AT = 30;
const RELATIVE_OFFSET_AT = 42;

/** @param facts of an entry without zip64, whose offset counts from the start of the framed bytes */
export function writeRow(rows: Uint32Array, entry: number, facts: Readonly<EntryFacts>, headerStart: number): void {
  const row = entry * ROW_LENGTH;
  rows[row + HEADER_START] = headerStart;
  rows[row + OFFSET] = facts.relativeOffsetOfLocalHeader;
  rows[row + NAME_LENGTH] = facts.nameLength;
  rows[row + METHOD] = facts.compressionMethod;
  rows[row + CRC32] = facts.crc32;
  rows[row + COMPRESSED_SIZE] = facts.compressedSize;
  rows[row + UNCOMPRESSED_SIZE] = facts.uncompressedSize;
}

export function countFramed({ rows }: Pick<FramedEntries, 'rows'>): number {
  return rows.length / ROW_LENGTH;
}

/**
 * Copies the entries from one index to another, since a sink may detach what it is given.
 *
 * @param framed all that were framed together
 */
export function sliceFramed(framed: FramedEntries, from: number, to: number): FramedEntries {
  const { bytes, directory, rows, digests, notes } = framed;
  const start = rows[from * ROW_LENGTH + OFFSET] ?? bytes.length;
  const end = rows[to * ROW_LENGTH + OFFSET] ?? bytes.length;
  return {
    bytes: bytes.slice(start, end),
    directory: directory.slice(headerStart(framed, from), headerStart(framed, to)),
    rows: rows.slice(from * ROW_LENGTH, to * ROW_LENGTH),
    digests: digests?.slice(from * DIGEST_LENGTH, to * DIGEST_LENGTH),
    notes: notes?.slice(from, to),
  };
}

/** Bytes to add to the offsets in `rows` if the entries are written at `position`. */
export function distanceTo(position: number, { rows }: FramedEntries): number {
  return position - (rows[OFFSET] ?? 0);
}

/**
 * Adds `by` to the offsets in the central directory headers, in place as long as they fit in 32 bits.
 *
 * @returns the headers to write: the same buffer, unless an offset needs zip64
 */
export function relocateDirectory(framed: FramedEntries, by: number): Uint8Array {
  const { directory, rows } = framed;
  const view = new DataView(directory.buffer, directory.byteOffset, directory.length);
  const first = rows[HEADER_START] ?? 0;
  for (let row = 0; row < rows.length; row += ROW_LENGTH) {
    const offset = (rows[row + OFFSET] ?? 0) + by;
    const at = (rows[row + HEADER_START] ?? 0) - first;
    if (offset >= UINT32_MAX) return widenFrom(framed, row / ROW_LENGTH, at, by);
    view.setUint32(at + RELATIVE_OFFSET_AT, offset, true);
  }
  return directory;
}

/** Offsets only grow: from the first one that needs zip64, every header does. */
function widenFrom(framed: FramedEntries, entry: number, at: number, by: number): Uint8Array {
  const { directory, rows } = framed;
  const first = rows[HEADER_START] ?? 0;
  const parts = [directory.subarray(0, at)];
  for (let index = entry; index < countFramed(framed); index++) {
    const start = headerStart(framed, index) - first;
    const header = directory.subarray(start, headerStart(framed, index + 1) - first);
    parts.push(withZip64(header, rows.subarray(index * ROW_LENGTH, (index + 1) * ROW_LENGTH), by));
  }
  return Buffer.concat(parts);
}

/** The header that EntryHeader decides for an offset that needs zip64: that field comes first and has all three values. */
function withZip64(header: Uint8Array, row: Uint32Array, by: number): Uint8Array {
  const extraAt = CENTRAL_DIRECTORY_HEADER_SIZE + (row[NAME_LENGTH] ?? 0);
  const field = encodeZip64ExtendedInformation(
    row[UNCOMPRESSED_SIZE] ?? 0,
    row[COMPRESSED_SIZE] ?? 0,
    (row[OFFSET] ?? 0) + by,
  );
  const widened = Buffer.concat([header.subarray(0, extraAt), field, header.subarray(extraAt)]);
  for (const position of [COMPRESSED_SIZE_AT, UNCOMPRESSED_SIZE_AT, RELATIVE_OFFSET_AT]) {
    widened.writeUInt32LE(UINT32_MAX, position);
  }
  widened.writeUInt16LE(widened.readUInt16LE(EXTRA_FIELD_LENGTH_AT) + CENTRAL_ZIP64_SIZE, EXTRA_FIELD_LENGTH_AT);
  return widened;
}

/** The facts that a row holds, with the name, which is in the directory; for a listing of the archive. */
export type ListedFacts = Pick<
  EntryFacts,
  | 'text'
  | 'nameStart'
  | 'nameLength'
  | 'compressionMethod'
  | 'crc32'
  | 'compressedSize'
  | 'uncompressedSize'
  | 'relativeOffsetOfLocalHeader'
>;

/** @param by bytes to add to the offsets */
export function* listFramed({ directory, rows }: FramedEntries, by: number): Generator<ListedFacts> {
  const first = rows[HEADER_START] ?? 0;
  for (let row = 0; row < rows.length; row += ROW_LENGTH) {
    yield {
      text: directory,
      nameStart: (rows[row + HEADER_START] ?? 0) - first + CENTRAL_DIRECTORY_HEADER_SIZE,
      nameLength: rows[row + NAME_LENGTH] ?? 0,
      compressionMethod: rows[row + METHOD] ?? 0,
      crc32: rows[row + CRC32] ?? 0,
      compressedSize: rows[row + COMPRESSED_SIZE] ?? 0,
      uncompressedSize: rows[row + UNCOMPRESSED_SIZE] ?? 0,
      relativeOffsetOfLocalHeader: (rows[row + OFFSET] ?? 0) + by,
    };
  }
}

/** @returns the position after the last header for the index after the last entry, both from the same origin as the rows */
function headerStart({ directory, rows }: FramedEntries, entry: number): number {
  return rows[entry * ROW_LENGTH + HEADER_START] ?? (rows[HEADER_START] ?? 0) + directory.length;
}
