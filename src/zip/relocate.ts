/**
 * Central directory headers that were encoded before anybody knew where their entries would come to lie: offsets counted
 * from the start of what was framed together, to be moved by where that begins.
 */
import {
  CENTRAL_DIRECTORY_HEADER_SIZE,
  EXTENDED_TIMESTAMP_SIZE,
  EXTRA_FIELD_HEADER_SIZE,
  METHOD_DEFLATE,
  METHOD_STORED,
  UINT32_MAX,
} from './constants.js';
import { decideEntryHeader } from './entry-header.js';
import { parseCentralDirectoryHeader } from './parse-records.js';
import { encodeCentralDirectoryHeader } from './records.js';

// Where a central directory header (4.3.12) has its fields
const FILE_NAME_LENGTH_AT = 28;
const EXTRA_FIELD_LENGTH_AT = 30;
const FILE_COMMENT_LENGTH_AT = 32;
const RELATIVE_OFFSET_AT = 42;

/**
 * @param headers back to back, of entries without Zip64; changed in place
 * @param by bytes
 * @returns the headers as they are to be written: the same buffer, unless an offset has come to need Zip64
 */
export function relocateCentralDirectoryHeaders(headers: Buffer, by: number): Buffer {
  const view = new DataView(headers.buffer, headers.byteOffset, headers.length);
  for (let at = 0; at < headers.length; at += headerLength(view, at)) {
    const offset = view.getUint32(at + RELATIVE_OFFSET_AT, true) + by;
    if (offset >= UINT32_MAX) return Buffer.concat([headers.subarray(0, at), ...encodeAnew(headers.subarray(at), by)]);
    view.setUint32(at + RELATIVE_OFFSET_AT, offset, true);
  }
  return headers;
}

/** Where each of them begins. */
export function* centralDirectoryHeaderStarts(headers: Buffer): Generator<number> {
  const view = new DataView(headers.buffer, headers.byteOffset, headers.length);
  for (let at = 0; at < headers.length; at += headerLength(view, at)) yield at;
}

function headerLength(view: DataView, at: number): number {
  return (
    CENTRAL_DIRECTORY_HEADER_SIZE +
    view.getUint16(at + FILE_NAME_LENGTH_AT, true) +
    view.getUint16(at + EXTRA_FIELD_LENGTH_AT, true) +
    view.getUint16(at + FILE_COMMENT_LENGTH_AT, true)
  );
}

/** Where an offset takes 64 bits, what a header says is decided again, with all that is known now. */
function* encodeAnew(headers: Buffer, by: number): Generator<Buffer> {
  for (let at = 0; at < headers.length; ) {
    const header = parseCentralDirectoryHeader(headers, at);
    yield encodeCentralDirectoryHeader(
      decideEntryHeader({
        fileName: header.fileName,
        fileComment: header.fileComment,
        mode: header.externalFileAttributes >>> 16,
        lastModFileTime: header.lastModFileTime,
        lastModFileDate: header.lastModFileDate,
        unixTime: timestampOf(header.extraField),
        compressionMethod: header.compressionMethod === METHOD_STORED ? METHOD_STORED : METHOD_DEFLATE,
        crc32: header.crc32,
        compressedSize: header.compressedSize,
        uncompressedSize: header.uncompressedSize,
        relativeOffsetOfLocalHeader: header.relativeOffsetOfLocalHeader + by,
        hasDataDescriptor: false,
        reservesZip64: false,
      }),
    );
    at += header.headerSize;
  }
}

/** The extended timestamp is all that the extra field of an entry without Zip64 holds, if anything. */
function timestampOf(extraField: Buffer): number | undefined {
  return extraField.length === EXTENDED_TIMESTAMP_SIZE
    ? extraField.readInt32LE(EXTRA_FIELD_HEADER_SIZE + 1)
    : undefined;
}
