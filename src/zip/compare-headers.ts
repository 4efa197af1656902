/** Compares an entry's two headers: readers use one or the other, and some compare them. */
import type { ParsedCentralDirectoryHeader, ParsedHeader } from './parse-records.js';
import { zip64Values } from './parse-records.js';

/** The fields that both have. */
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
 * @returns a description of the first difference; undefined if the headers agree
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
  return `${field} is ${local} in its local header, but ${central} in the directory`;
}
