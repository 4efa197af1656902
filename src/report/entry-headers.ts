/** The entries of an archive that is written, as reports list them, from their central directory headers. */
import { S_IFDIR, S_IFLNK, S_IFMT } from '../zip/attributes.js';
import { EXTENDED_TIMESTAMP_ID } from '../zip/constants.js';
import { findExtraField, parseCentralDirectoryHeader, zip64Values } from '../zip/parse-records.js';

export type ReportedKind = 'file' | 'directory' | 'symlink';

export interface ReportedEntry {
  /** As in the archive: UTF-8. */
  readonly nameBytes: Buffer;
  /** As a JSON string. */
  readonly nameText: string;
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
      nameText: JSON.stringify(fileName.toString()),
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

let lastMode = -1;
let lastModeText = '';

/** Permission bits in four octal digits; most entries have those of the one before. */
export function modeText(mode: number): string {
  if (mode !== lastMode) {
    lastMode = mode;
    lastModeText = mode.toString(8).padStart(4, '0');
  }
  return lastModeText;
}

let lastTime = Number.NaN;
let lastTimeText = '';

/** In UTC; many entries have the same time. */
export function timeText(milliseconds: number): string {
  if (milliseconds !== lastTime) {
    lastTime = milliseconds;
    lastTimeText = new Date(milliseconds).toISOString();
  }
  return lastTimeText;
}
