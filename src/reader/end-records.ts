/**
 * The end of an archive: its end of central directory record, searched from the end of the file, and the zip64 records before
 * it. An archive with two valid readings is rejected, because attacks rely on readers that choose differently.
 */
import {
  CENTRAL_DIRECTORY_HEADER_SIGNATURE,
  CENTRAL_DIRECTORY_HEADER_SIZE,
  END_OF_CENTRAL_DIRECTORY_RECORD_SIGNATURE,
  END_OF_CENTRAL_DIRECTORY_RECORD_SIZE,
  LOCAL_FILE_HEADER_SIGNATURE,
  UINT16_MAX,
} from '../zip/constants.js';
import { parseEndOfCentralDirectoryRecord } from '../zip/parse-records.js';
import { ArchiveError, invalid, parsed, unsupported } from './archive-error.js';
import { END_SEARCH_LENGTH, MAX_END_CANDIDATES } from './limits.js';
import type { RandomAccess } from './random-access.js';
import { type DirectoryExtent, hasSignature, readZip64End } from './zip64-end.js';

/** The layout of an archive. Positions are bytes from the start of the file. */
export interface EndOfArchive {
  readonly entryCount: number;
  readonly directoryStart: number;
  readonly directoryEnd: number;
  /** Where the records after the directory begin; greater than `directoryEnd` if there are bytes in between. */
  readonly endRecordsStart: number;
  /** Of the end of central directory record. */
  readonly endRecordStart: number;
  readonly isZip64: boolean;
  readonly comment: Buffer;
  /** Added to every offset in the archive: the length of prepended data, such as a self-extractor. */
  readonly prefixLength: number;
  /** Bytes after the end record and its comment. */
  readonly trailingLength: number;
}

/** @throws PzipError PZIP_ARCHIVE_INVALID, PZIP_ARCHIVE_UNSUPPORTED for one of several disks, or what a read throws */
export async function findEnd(archive: RandomAccess): Promise<EndOfArchive> {
  const faults: ArchiveError[] = [];
  for (const length of [END_OF_CENTRAL_DIRECTORY_RECORD_SIZE + UINT16_MAX, END_SEARCH_LENGTH]) {
    const start = Math.max(0, archive.size - length);
    const found = await interpretAll(archive, start, await archive.read(start, archive.size - start), faults);
    const [end, other] = found.filter(({ trailingLength }) => trailingLength === 0);
    if (end !== undefined && other !== undefined) {
      const positions = `at ${other.endRecordStart} and at ${end.endRecordStart}`;
      throw invalid(archive.path, `it can be read in two ways, by the end records ${positions}`, {
        kind: 'end-ambiguous',
        offset: other.endRecordStart,
      });
    }
    const best = end ?? found[0];
    if (best !== undefined) return rejectTruncated(archive, best);
    if (start === 0) break;
  }
  if (faults[0] !== undefined) throw faults[0];
  const place = { kind: 'end-missing', offset: archive.size } as const;
  throw invalid(archive.path, 'it has no end of central directory record', place);
}

/** @returns the valid ends in these bytes, the last one first; `faults` receives the errors of the others */
async function interpretAll(
  archive: RandomAccess,
  start: number,
  bytes: Buffer,
  faults: ArchiveError[],
): Promise<EndOfArchive[]> {
  const ends: EndOfArchive[] = [];
  let at = bytes.length - END_OF_CENTRAL_DIRECTORY_RECORD_SIZE + 1;
  for (let count = 0; count < MAX_END_CANDIDATES && at > 0; count++) {
    at = bytes.lastIndexOf(SIGNATURE, at - 1);
    if (at < 0) break;
    try {
      ends.push(await interpret(archive, bytes, at, start + at));
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      faults.push(error);
    }
  }
  return ends;
}

const SIGNATURE = Buffer.alloc(4);
SIGNATURE.writeUInt32LE(END_OF_CENTRAL_DIRECTORY_RECORD_SIGNATURE);

/** @param position of the record in the file; `at` is its position in the bytes */
async function interpret(archive: RandomAccess, bytes: Buffer, at: number, position: number): Promise<EndOfArchive> {
  const { path } = archive;
  const { zipFileComment, ...plain } = parsed(path, { kind: 'end-record', offset: position }, () =>
    parseEndOfCentralDirectoryRecord(bytes, at),
  );
  const zip64 = await readZip64End(archive, plain, position);
  const end = zip64?.end ?? plain;
  if (end.numberOfThisDisk !== 0 || end.diskOfCentralDirectory !== 0) {
    const disk = Math.max(end.numberOfThisDisk, end.diskOfCentralDirectory) + 1;
    throw unsupported(path, `it is part ${disk} of a split archive`, {
      kind: 'split',
      offset: position,
    });
  }
  if (end.entriesOnThisDisk !== end.totalNumberOfEntries) {
    const fault = `its end record counts ${end.entriesOnThisDisk} entries on this disk and ${end.totalNumberOfEntries} in total`;
    throw invalid(path, fault, { kind: 'entry-count', offset: position });
  }
  const recordsStart = zip64?.position ?? position;
  const directory = await placeDirectory(archive, end, recordsStart);
  const recordEnd = position + END_OF_CENTRAL_DIRECTORY_RECORD_SIZE + zipFileComment.length;
  return {
    entryCount: end.totalNumberOfEntries,
    ...directory,
    endRecordsStart: recordsStart,
    endRecordStart: position,
    isZip64: zip64 !== undefined,
    comment: Buffer.from(zipFileComment),
    trailingLength: archive.size - recordEnd,
  };
}

type DirectoryPlace = Pick<EndOfArchive, 'directoryStart' | 'directoryEnd' | 'prefixLength'>;

/** The directory is at its recorded offset, or, if data was prepended, directly before the end records. */
async function placeDirectory(
  archive: RandomAccess,
  end: DirectoryExtent,
  recordsStart: number,
): Promise<DirectoryPlace> {
  const { totalNumberOfEntries: count, sizeOfCentralDirectory: size, offsetOfStartOfCentralDirectory: offset } = end;
  if (count * CENTRAL_DIRECTORY_HEADER_SIZE > size) {
    const fault = `its end record counts ${count} entries, but a directory of ${size} bytes cannot hold them`;
    throw invalid(archive.path, fault, { kind: 'entry-count', offset: recordsStart });
  }
  const isDirectory = (start: number): Promise<boolean> | boolean =>
    size === 0 || hasSignature(archive, start, CENTRAL_DIRECTORY_HEADER_SIGNATURE);
  const prefixLength = recordsStart - size - offset;
  if (prefixLength >= 0 && (await isDirectory(recordsStart - size))) {
    return { directoryStart: recordsStart - size, directoryEnd: recordsStart, prefixLength };
  }
  if (prefixLength > 0 && size > 0 && (await isDirectory(offset))) {
    return { directoryStart: offset, directoryEnd: offset + size, prefixLength: 0 };
  }
  const fault =
    prefixLength < 0
      ? `its directory ends at ${offset + size}, but the next record begins at ${recordsStart}`
      : `there is no central directory header at ${offset}`;
  throw invalid(archive.path, fault, { kind: 'end-record', offset });
}

/**
 * In a truncated archive, the last end record may belong to an archive stored inside it, whose entries are not those of the
 * outer one.
 */
async function rejectTruncated(archive: RandomAccess, end: EndOfArchive): Promise<EndOfArchive> {
  if (end.prefixLength === 0 || end.trailingLength === 0) return end;
  if (!(await hasSignature(archive, 0, LOCAL_FILE_HEADER_SIGNATURE))) return end;
  const fault = 'it is truncated: its last end record belongs to an archive inside it';
  throw invalid(archive.path, fault, { kind: 'end-missing', offset: end.endRecordStart });
}
