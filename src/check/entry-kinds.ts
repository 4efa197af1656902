/** The kind of an entry, and whether its content can be checked. */
import type { ExpectedContent } from '../reader/content-checks.js';
import { S_IFLNK, S_IFMT } from '../zip/attributes.js';
import { FLAG_ENCRYPTED, HOST_MACOS, HOST_UNIX, METHOD_DEFLATE, METHOD_STORED } from '../zip/constants.js';
import type { EntryExtent, ParsedCentralDirectoryHeader } from '../zip/parse-records.js';
import type { Report } from './findings.js';

/** st_mode, or undefined if the host has none. */
export function modeOf({ versionMadeBy, externalFileAttributes }: ParsedCentralDirectoryHeader): number | undefined {
  const host = versionMadeBy >>> 8;
  return host === HOST_UNIX || host === HOST_MACOS ? externalFileAttributes >>> 16 : undefined;
}

export function isLink(central: ParsedCentralDirectoryHeader): boolean {
  return ((modeOf(central) ?? 0) & S_IFMT) === S_IFLNK;
}

/** Bit 0, and bits 6 and 13 of strong encryption (APPNOTE 4.4.4). */
export function isEncrypted({ generalPurposeBitFlag }: ParsedCentralDirectoryHeader): boolean {
  return (generalPurposeBitFlag & (FLAG_ENCRYPTED | STRONG_ENCRYPTION | MASKED_HEADERS)) !== 0;
}

const STRONG_ENCRYPTION = 1 << 6;
const MASKED_HEADERS = 1 << 13;

/** The maximum expansion of deflate: two bits for 258 bytes. */
const MOST_BYTES_PER_BYTE = 1032;

/**
 * @returns undefined if the content cannot be checked, which other rules report, or if the sizes are impossible: such an entry
 * is not inflated
 */
export function contentToCheck(
  entry: EntryExtent & { readonly central: ParsedCentralDirectoryHeader; readonly position: number },
  report: Report,
): ExpectedContent | undefined {
  const { central, compressedSize, uncompressedSize, position } = entry;
  const method = central.compressionMethod;
  if (isEncrypted(central) || (method !== METHOD_STORED && method !== METHOD_DEFLATE)) return undefined;
  const isStored = method === METHOD_STORED;
  const isPossible = isStored
    ? compressedSize === uncompressedSize
    : uncompressedSize <= compressedSize * MOST_BYTES_PER_BYTE;
  if (!isPossible) {
    const how = isStored ? 'stored bytes cannot be' : 'deflated bytes cannot expand to';
    report('size', position, `${compressedSize} ${how} ${uncompressedSize} bytes of content`);
    return undefined;
  }
  return { method, crc32: central.crc32, compressedSize, uncompressedSize };
}
