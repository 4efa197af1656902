/** The zip64 records before an end of central directory record (APPNOTE 4.3.14, 4.3.15). */
import {
  UINT16_MAX,
  UINT32_MAX,
  ZIP64_END_OF_CENTRAL_DIRECTORY_LOCATOR_SIGNATURE,
  ZIP64_END_OF_CENTRAL_DIRECTORY_LOCATOR_SIZE,
  ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIGNATURE,
  ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIZE,
} from '../zip/constants.js';
import {
  type ParsedEndOfCentralDirectory,
  parseZip64EndOfCentralDirectoryLocator,
  parseZip64EndOfCentralDirectoryRecord,
} from '../zip/parse-records.js';
import { invalid, parsed, unsupported } from './archive-error.js';
import type { RandomAccess } from './random-access.js';

/** The fields of an end record about the directory. Offsets do not include prepended data. */
export type DirectoryExtent = Pick<
  ParsedEndOfCentralDirectory,
  'totalNumberOfEntries' | 'sizeOfCentralDirectory' | 'offsetOfStartOfCentralDirectory'
>;

interface Zip64End {
  readonly end: ParsedEndOfCentralDirectory;
  /** Of the record, from the start of the file. */
  readonly position: number;
}

/** The largest value of each field, which means that the value is in the zip64 record. */
const MASKS: Readonly<Record<keyof ParsedEndOfCentralDirectory, number>> = {
  numberOfThisDisk: UINT16_MAX,
  diskOfCentralDirectory: UINT16_MAX,
  entriesOnThisDisk: UINT16_MAX,
  totalNumberOfEntries: UINT16_MAX,
  sizeOfCentralDirectory: UINT32_MAX,
  offsetOfStartOfCentralDirectory: UINT32_MAX,
};
const FIELDS = Object.keys(MASKS) as (keyof ParsedEndOfCentralDirectory)[];

/**
 * @param plain the end of central directory record, which is at `endRecordStart`
 * @returns undefined without a zip64 locator: a field of all ones is then an ordinary value
 */
export async function readZip64End(
  archive: RandomAccess,
  plain: ParsedEndOfCentralDirectory,
  endRecordStart: number,
): Promise<Zip64End | undefined> {
  const { path } = archive;
  const locatorStart = endRecordStart - ZIP64_END_OF_CENTRAL_DIRECTORY_LOCATOR_SIZE;
  if (!(await hasSignature(archive, locatorStart, ZIP64_END_OF_CENTRAL_DIRECTORY_LOCATOR_SIGNATURE))) return undefined;
  const locatorBytes = await archive.read(locatorStart, ZIP64_END_OF_CENTRAL_DIRECTORY_LOCATOR_SIZE);
  const locator = parsed(path, { kind: 'zip64-end', offset: locatorStart }, () =>
    parseZip64EndOfCentralDirectoryLocator(locatorBytes),
  );
  // Some writers record a total of 0 disks.
  if (locator.totalNumberOfDisks > 1 || locator.diskOfRecord !== 0) {
    throw unsupported(path, `it is split over ${locator.totalNumberOfDisks} files`, {
      kind: 'split',
      offset: locatorStart,
    });
  }
  const position = await recordStart(archive, locator.offsetOfRecord, locatorStart);
  const bytes = await archive.read(position, ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIZE);
  const { recordSize, ...record } = parsed(path, { kind: 'zip64-end', offset: position }, () =>
    parseZip64EndOfCentralDirectoryRecord(bytes),
  );
  if (position + recordSize !== locatorStart) {
    const fault = `its zip64 end record ends at ${position + recordSize}, but the next record begins at ${locatorStart}`;
    throw invalid(path, fault, { kind: 'zip64-end', offset: position });
  }
  for (const field of FIELDS) {
    if (plain[field] !== MASKS[field] && plain[field] !== record[field]) {
      const fault = `${field} is ${plain[field]} in its end record, but ${record[field]} in its zip64 end record`;
      throw invalid(path, fault, { kind: 'zip64-end', offset: position });
    }
  }
  return { end: record, position };
}

/** At the offset in the locator, or, if data was prepended to the archive, directly before the locator. */
async function recordStart(archive: RandomAccess, offset: number, locatorStart: number): Promise<number> {
  for (const start of [offset, locatorStart - ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIZE]) {
    const isBefore = start < locatorStart;
    if (isBefore && (await hasSignature(archive, start, ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIGNATURE))) return start;
  }
  throw invalid(archive.path, `there is no zip64 end of central directory record at ${offset}`, {
    kind: 'zip64-end',
    offset: locatorStart,
  });
}

/** Whether the signature is at the position; false outside the file. */
export async function hasSignature(archive: RandomAccess, position: number, signature: number): Promise<boolean> {
  if (position < 0 || position + 4 > archive.size) return false;
  return (await archive.read(position, 4)).readUInt32LE() === signature;
}
