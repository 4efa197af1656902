/** The entries of an archive that is written, as reports list them, from their central directory headers. */
import { S_IFDIR, S_IFLNK, S_IFMT } from '../zip/attributes.js';
import { EXTENDED_TIMESTAMP_ID } from '../zip/constants.js';
import { findExtraField, parseCentralDirectoryHeader, zip64Values } from '../zip/parse-records.js';

export type ReportedKind = 'file' | 'directory' | 'symlink';

export interface ReportedEntry {
  /** As in the archive: UTF-8. */
  readonly nameBytes: Buffer;
  readonly kind: ReportedKind;
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
  /** Milliseconds since 1970 UTC; undefined if the header has local time only. */
  readonly mtimeMs: number | undefined;
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
}

/** @param headers central directory headers, back to back */
export function* reportedEntries(headers: Uint8Array): Generator<ReportedEntry, void, undefined> {
  const bytes = Buffer.from(headers.buffer, headers.byteOffset, headers.length);
  for (let position = 0; position < bytes.length; ) {
    const header = parseCentralDirectoryHeader(bytes, position);
    position += header.headerSize;
    const { fileName, externalFileAttributes, extraField, compressionMethod, crc32 } = header;
    const mode = externalFileAttributes >>> 16;
    const { compressedSize, uncompressedSize } = zip64Values(header);
    const time = findExtraField(extraField, EXTENDED_TIMESTAMP_ID);
    yield {
      nameBytes: fileName,
      kind: kindOf(mode),
      mode: mode & 0o7777,
      mtimeMs: time === undefined ? undefined : time.readInt32LE(1) * 1000,
      method: compressionMethod,
      crc32,
      compressedSize,
      uncompressedSize,
    };
  }
}

function kindOf(mode: number): ReportedKind {
  const type = mode & S_IFMT;
  if (type === S_IFDIR) return 'directory';
  return type === S_IFLNK ? 'symlink' : 'file';
}
