/** Reads the local header of an entry, which repeats the fields of the directory. */
import { quote } from '../common/errors.js';
import { FLAG_DATA_DESCRIPTOR, LOCAL_FILE_HEADER_SIGNATURE, LOCAL_FILE_HEADER_SIZE } from '../zip/constants.js';
import { type ParsedHeader, parseLocalFileHeader, zip64Values } from '../zip/parse-records.js';
import { type FaultPlace, invalid, parsed } from './archive-error.js';
import type { DirectoryEntry } from './directory.js';
import type { EndOfArchive } from './end-records.js';
import { entryName } from './entry-names.js';
import type { RandomAccess } from './random-access.js';

export interface LocalEntry {
  readonly local: ParsedHeader;
  /** Positions of the entry's data, from the start of the file. */
  readonly dataStart: number;
  readonly dataEnd: number;
}

/** @throws PzipError PZIP_ARCHIVE_INVALID, also if header or data extend into the directory */
export async function readLocalHeader(
  archive: RandomAccess,
  end: EndOfArchive,
  entry: DirectoryEntry,
): Promise<LocalEntry> {
  const { path } = archive;
  const position = entry.localPosition;
  const place = { entryName: entryName(entry.central), offset: position };
  rejectBeyond(path, 'local header', position + LOCAL_FILE_HEADER_SIZE, end, place);
  const fixed = await archive.read(position, LOCAL_FILE_HEADER_SIZE);
  const length = LOCAL_FILE_HEADER_SIZE + fixed.readUInt16LE(26) + fixed.readUInt16LE(28);
  if (fixed.readUInt32LE() === LOCAL_FILE_HEADER_SIGNATURE) {
    rejectBeyond(path, 'local header', position + length, end, place);
    return localEntryOf(path, end, entry, await archive.read(position, length));
  }
  return localEntryOf(path, end, entry, fixed);
}

/**
 * @param bytes start at the local header, and contain all of it unless it extends into the directory
 * @throws as readLocalHeader() does
 */
export function localEntryOf(
  path: string | undefined,
  end: EndOfArchive,
  entry: DirectoryEntry,
  bytes: Buffer,
): LocalEntry {
  const position = entry.localPosition;
  const place = { entryName: entryName(entry.central), offset: position };
  rejectBeyond(path, 'local header', position + LOCAL_FILE_HEADER_SIZE, end, place);
  if (bytes.readUInt32LE() !== LOCAL_FILE_HEADER_SIGNATURE) {
    throw invalid(path, `there is no local file header at ${position}`, place);
  }
  const dataStart = position + LOCAL_FILE_HEADER_SIZE + bytes.readUInt16LE(26) + bytes.readUInt16LE(28);
  rejectBeyond(path, 'local header', dataStart, end, place);
  const local = parsed(path, place, () => parseLocalFileHeader(bytes));
  const dataEnd = dataStart + entry.compressedSize;
  rejectBeyond(path, 'data', dataEnd, end, place);
  return { local, dataStart, dataEnd };
}

function rejectBeyond(
  path: string | undefined,
  part: string,
  partEnd: number,
  { directoryStart }: EndOfArchive,
  place: FaultPlace,
): void {
  if (partEnd <= directoryStart) return;
  throw invalid(path, `its ${part} ends at ${partEnd}, but the directory begins at ${directoryStart}`, place);
}

/**
 * Compares the fields that decide how data is read: readers that use either header must read the same.
 *
 * @throws PzipError PZIP_ARCHIVE_INVALID
 */
export function rejectDisagreement(path: string | undefined, entry: DirectoryEntry, { local }: LocalEntry): void {
  const { central } = entry;
  const place = { entryName: entryName(central), offset: entry.localPosition };
  if (!local.fileName.equals(central.fileName)) {
    throw invalid(path, `its local header names it ${quote(local.fileName.toString())}`, place);
  }
  const compare = (field: string, inLocal: number, inCentral: number): void => {
    if (inLocal === inCentral) return;
    throw invalid(path, `${field} is ${inLocal} in its local header, but ${inCentral} in the directory`, place);
  };
  compare('compressionMethod', local.compressionMethod, central.compressionMethod);
  if ((local.generalPurposeBitFlag & FLAG_DATA_DESCRIPTOR) !== 0) return; // crc32 and sizes follow the data
  compare('crc32', local.crc32, central.crc32);
  const extent = parsed(path, place, () => zip64Values(local));
  compare('compressedSize', extent.compressedSize, entry.compressedSize);
  compare('uncompressedSize', extent.uncompressedSize, entry.uncompressedSize);
}
