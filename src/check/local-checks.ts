/** Rules about an entry's local header, the end of its data, and what follows. */

import { quote } from '../common/errors.js';
import {
  FLAG_DATA_DESCRIPTOR,
  FLAG_ENCRYPTED,
  FLAG_UTF8,
  LOCAL_FILE_HEADER_SIGNATURE,
  LOCAL_FILE_HEADER_SIZE,
  METHOD_DEFLATE,
  METHOD_STORED,
  UINT32_MAX,
  VERSION_ZIP64,
  ZIP64_EXTENDED_INFORMATION_ID,
} from '../zip/constants.js';
import { findDataDescriptor, readDataDescriptor } from '../zip/data-descriptor.js';
import { extraFieldRest, findExtraField, type ParsedHeader, parseLocalFileHeader } from '../zip/parse-records.js';
import type { EntryToCheck } from './check-task.js';
import { isEncrypted } from './entry-kinds.js';
import { counted, type Report } from './findings.js';

/**
 * @param bytes of the file from the entry's position on
 * @returns the header, or undefined if the data after it cannot be located
 */
export function checkLocalHeader(bytes: Buffer, entry: EntryToCheck, report: Report): ParsedHeader | undefined {
  const { position, limit, compressedSize } = entry;
  if (bytes.length >= 4 && bytes.readUInt32LE() !== LOCAL_FILE_HEADER_SIGNATURE) {
    report('local-missing', position, 'there is no local header');
    return undefined;
  }
  const isWhole =
    bytes.length >= LOCAL_FILE_HEADER_SIZE &&
    LOCAL_FILE_HEADER_SIZE + bytes.readUInt16LE(26) + bytes.readUInt16LE(28) <= bytes.length;
  if (!isWhole) {
    report('overlap', position, `its local header extends into the record at ${limit}`);
    return undefined;
  }
  const local = parseLocalFileHeader(bytes);
  checkForms(local, entry, report);
  compareHeaders(local, entry, report);
  const dataEnd = position + local.headerSize + compressedSize;
  if (dataEnd <= limit) return local;
  report('overlap', position, `its data ends at ${dataEnd}, but the next record begins at ${limit}`);
  return undefined;
}

/** Checks the local header by itself. */
function checkForms(local: ParsedHeader, { central, position }: EntryToCheck, report: Report): void {
  const rest = extraFieldRest(local.extraField);
  if (rest > 0)
    report(
      'extra-field',
      position,
      `the local header's extra field ends with ${counted(rest)} that belong to no field`,
    );
  const zip64 = findExtraField(local.extraField, ZIP64_EXTENDED_INFORMATION_ID);
  const isMasked = local.compressedSize === UINT32_MAX || local.uncompressedSize === UINT32_MAX;
  if (zip64 === undefined && isMasked) {
    report('zip64-missing', position, "the local header's sizes are masked, but it has no zip64 field");
  } else if (zip64 !== undefined && zip64.length !== 16) {
    report('zip64-local', position, `the local header's zip64 field has ${zip64.length} bytes`);
  } else if (zip64 !== undefined && !isMasked && hasDescriptor(local)) {
    report('descriptor-zip64', position, 'the local header has a zip64 field, but does not mask its sizes');
  }
  checkVersion(local, central, zip64 !== undefined, position, report);
}

function checkVersion(
  local: ParsedHeader,
  central: EntryToCheck['central'],
  hasLocalZip64: boolean,
  position: number,
  report: Report,
): void {
  const method = central.compressionMethod;
  if ((method !== METHOD_STORED && method !== METHOD_DEFLATE) || isEncrypted(central)) return;
  const isZip64 = hasLocalZip64 || findExtraField(central.extraField, ZIP64_EXTENDED_INFORMATION_ID) !== undefined;
  // Some writers put the host system into the upper byte.
  const version = Math.max(local.versionNeededToExtract & 0xff, central.versionNeededToExtract & 0xff);
  if (version < VERSION_ZIP64 || (version === VERSION_ZIP64 && isZip64)) return;
  const what = `${Math.floor(version / 10)}.${version % 10}`;
  report('version-needed', position, `it requires version ${what} to extract`);
}

const COMPARED_FLAGS = FLAG_ENCRYPTED | FLAG_DATA_DESCRIPTOR | FLAG_UTF8;

function compareHeaders(local: ParsedHeader, entry: EntryToCheck, report: Report): void {
  const { central, position } = entry;
  if (!local.fileName.equals(central.fileName)) {
    report('name-differs', position, `its local header names it ${quote(local.fileName.toString())}`);
  }
  const differ = (rule: 'method-differs' | 'sums-differ', what: string, inLocal: number, inCentral: number): void => {
    if (inLocal !== inCentral)
      report(rule, position, `${what} is ${inLocal} in its local header, but ${inCentral} in the directory`);
  };
  differ('method-differs', 'compressionMethod', local.compressionMethod, central.compressionMethod);
  const flags = (local.generalPurposeBitFlag ^ central.generalPurposeBitFlag) & COMPARED_FLAGS;
  if (flags !== 0) {
    const names = [
      [FLAG_ENCRYPTED, 'encryption'],
      [FLAG_DATA_DESCRIPTOR, 'data descriptor'],
      [FLAG_UTF8, 'UTF-8'],
    ] as const;
    const which = names.flatMap(([flag, name]) => ((flags & flag) === 0 ? [] : [name])).join(', ');
    report('flags-differ', position, `local header and directory differ in: ${which}`);
  }
  const zip64 = findExtraField(local.extraField, ZIP64_EXTENDED_INFORMATION_ID);
  const localSizes = {
    uncompressedSize: sizeOf(local.uncompressedSize, zip64, 0),
    compressedSize: sizeOf(local.compressedSize, zip64, local.uncompressedSize === UINT32_MAX ? 8 : 0),
  };
  if (hasDescriptor(local)) {
    checkFilledIn({ ...localSizes, crc32: local.crc32 }, entry, report);
    return;
  }
  differ('sums-differ', 'crc32', local.crc32, central.crc32);
  for (const field of ['compressedSize', 'uncompressedSize'] as const) {
    const value = localSizes[field];
    if (value !== undefined) differ('sums-differ', field, value, entry[field]);
  }
}

/** A size, from the zip64 field if it is masked; undefined if the field lacks it. */
function sizeOf(size: number, zip64: Buffer | undefined, at: number): number | undefined {
  if (size !== UINT32_MAX) return size;
  return zip64 !== undefined && zip64.length >= at + 8 ? Number(zip64.readBigUInt64LE(at)) : undefined;
}

type Sums = Readonly<Record<'crc32' | 'compressedSize' | 'uncompressedSize', number | undefined>>;

/** With a data descriptor, the local header has zeros (4.4.4). All readers also accept all three values. */
function checkFilledIn(
  sums: Sums,
  { central, compressedSize, uncompressedSize, position }: EntryToCheck,
  report: Report,
): void {
  const expected = { crc32: central.crc32, compressedSize, uncompressedSize };
  const fields = ['crc32', 'compressedSize', 'uncompressedSize'] as const;
  const filled = fields.filter((field) => sums[field] !== undefined && sums[field] !== 0);
  const wrong = filled.find((field) => sums[field] !== expected[field]);
  if (wrong !== undefined) {
    const seen = `${wrong} is ${sums[wrong]} in its local header, but ${expected[wrong]} in the directory`;
    report('sums-differ', position, seen);
  } else if (filled.length > 0 && fields.some((field) => !filled.includes(field) && expected[field] !== 0)) {
    report('descriptor-half', position, `its local header has ${filled.join(' and ')} filled in, but not the rest`);
  }
}

function hasDescriptor(local: ParsedHeader): boolean {
  return (local.generalPurposeBitFlag & FLAG_DATA_DESCRIPTOR) !== 0;
}

/** @param bytes after the data, up to the next record or the maximum length of a descriptor */
export function checkEnd(bytes: Buffer, local: ParsedHeader, entry: EntryToCheck, report: Report): void {
  const { central, position, limit, compressedSize, uncompressedSize } = entry;
  const dataEnd = position + local.headerSize + compressedSize;
  const isAnnounced = hasDescriptor(local) || (central.generalPurposeBitFlag & FLAG_DATA_DESCRIPTOR) !== 0;
  let end = dataEnd;
  if (isAnnounced) {
    const expected = { crc32: central.crc32, compressedSize, uncompressedSize };
    const isZip64 = findExtraField(local.extraField, ZIP64_EXTENDED_INFORMATION_ID) !== undefined;
    const right = findDataDescriptor(bytes, expected, limit - dataEnd);
    const descriptor = right ?? readDataDescriptor(bytes, limit - dataEnd, isZip64);
    if (descriptor === undefined) {
      report('descriptor-missing', dataEnd, 'no data descriptor follows its data');
      return;
    }
    if (right === undefined) {
      const { crc32, compressedSize: compressed, uncompressedSize: size } = descriptor;
      const sums = [crc32, compressed, size].join(', ');
      const seen = `its data descriptor has ${sums}, but the directory ${central.crc32}, ${compressedSize}, ${uncompressedSize}`;
      report('descriptor-differs', dataEnd, seen);
    } else if (!descriptor.hasSignature) {
      report('descriptor-unsigned', dataEnd, 'its data descriptor has no signature');
    }
    if (descriptor.isZip64 !== isZip64) {
      const seen = `its data descriptor has sizes of ${descriptor.isZip64 ? 8 : 4} bytes`;
      report('descriptor-width', dataEnd, `${seen}, but its local header announces ${isZip64 ? 8 : 4}`);
    }
    end += descriptor.size;
  }
  if (end < limit) report('gap', end, `${counted(limit - end)} between it and the next record at ${limit}`);
}
