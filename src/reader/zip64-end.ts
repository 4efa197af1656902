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

/** What an end record says of the directory; offsets are those of the archive, without what lies before it. */
export type DirectoryExtent = Pick<
  ParsedEndOfCentralDirectory,
  'totalNumberOfEntries' | 'sizeOfCentralDirectory' | 'offsetOfStartOfCentralDirectory'
>;

interface Zip64End {
  readonly end: ParsedEndOfCentralDirectory;
  /** Of the record, from the start of the file. */
  readonly position: number;
}

/** The largest value of each field, which stands for the value in the zip64 record. */
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
 * @returns undefined where there is no zip64 locator: all ones are then values like others
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
  // Some writers count no disk.
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
    const fault = `its zip64 end record ends at ${position + recordSize}, and what follows begins at ${locatorStart}`;
    throw invalid(path, fault, { kind: 'zip64-end', offset: position });
  }
  for (const field of FIELDS) {
    if (plain[field] !== MASKS[field] && plain[field] !== record[field]) {
      const fault = `its end record says ${plain[field]} for ${field}, its zip64 end record ${record[field]}`;
      throw invalid(path, fault, { kind: 'zip64-end', offset: position });
    }
  }
  return { end: record, position };
}

/** Where the locator says, or right before it, where something was put before the archive. */
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

/** Whether these four bytes are there; a position outside the file has none. */
export async function hasSignature(archive: RandomAccess, position: number, signature: number): Promise<boolean> {
  if (position < 0 || position + 4 > archive.size) return false;
  return (await archive.read(position, 4)).readUInt32LE() === signature;
}
