/** Whether an entry's two headers agree: readers use one or the other, and some compare them. */
import type { ParsedCentralDirectoryHeader, ParsedHeader } from './parse-records.js';
import { zip64Values } from './parse-records.js';

/** The fields that stand in both. */
const COMMON_FIELDS = [
  'versionNeededToExtract',
  'generalPurposeBitFlag',
  'compressionMethod',
  'lastModFileTime',
  'lastModFileDate',
  'crc32',
] as const;

/**
 * Expects a local header without a data descriptor.
 *
 * @param quote makes a name safe to print
 * @returns what the headers disagree about, in words; undefined if they agree
 */
export function compareHeaders(
  local: ParsedHeader,
  central: ParsedCentralDirectoryHeader,
  quote: (name: string) => string,
): string | undefined {
  if (!local.fileName.equals(central.fileName)) return `its local header names it ${quote(String(local.fileName))}`;
  for (const field of COMMON_FIELDS) {
    if (local[field] !== central[field]) return disagreement(field, local[field], central[field]);
  }
  const localExtent = zip64Values(local);
  const centralExtent = zip64Values(central);
  for (const field of ['compressedSize', 'uncompressedSize'] as const) {
    if (localExtent[field] !== centralExtent[field])
      return disagreement(field, localExtent[field], centralExtent[field]);
  }
  return undefined;
}

function disagreement(field: string, local: number, central: number): string {
  return `its local header says ${local} for ${field}, the directory ${central}`;
}
