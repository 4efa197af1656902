/**
 * Reads an archive back that has just been written, before it takes its name. The records behind the directory are found
 * where they must be, the directory is read block by block, and its entries go to worker threads in tasks, which name
 * a place in the file and not its bytes: what is held does not grow with the archive.
 *
 * Entries must lie back to back from the first byte to the directory: readers that stream depend on it.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { PzipError, quote } from '../common/errors.js';
import { MAX_TASK_ENTRIES, MAX_TASK_LENGTH, MAX_WHOLE_LENGTH } from '../reader/limits.js';
import type { VerifyResult, VerifyTask } from '../reader/read-back-task.js';
import {
  END_OF_CENTRAL_DIRECTORY_RECORD_SIZE,
  UINT16_MAX,
  UINT32_MAX,
  ZIP64_END_OF_CENTRAL_DIRECTORY_LOCATOR_SIZE,
  ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIZE,
} from '../zip/constants.js';
import {
  type EntryExtent,
  type ParsedEndOfCentralDirectory,
  parseCentralDirectoryHeader,
  parseEndOfCentralDirectoryRecord,
  parseZip64EndOfCentralDirectoryLocator,
  parseZip64EndOfCentralDirectoryRecord,
  zip64Values,
} from '../zip/parse-records.js';

export interface ExpectedArchive {
  readonly entryCount: number;
  /** Bytes of the archive's comment. */
  readonly commentLength: number;
}

export interface VerifyOptions {
  /** Carries a task out, on whatever thread. */
  readonly run: (task: VerifyTask) => Promise<VerifyResult>;
  /** Tasks under way at a time. */
  readonly concurrency: number;
  /** Asked between tasks; throws to end it all. */
  readonly checkpoint: () => void;
  /** Told of the bytes of each task that found everything right. */
  readonly onVerified: (bytes: number) => void;
}

/** @throws PzipError PZIP_VERIFY_FAILED naming the entry that does not read back */
export async function verifyArchive(path: string, expected: ExpectedArchive, options: VerifyOptions): Promise<void> {
  const file = await open(path);
  try {
    const end = await readEnd(file, expected.commentLength);
    if (end.totalNumberOfEntries !== expected.entryCount) {
      throw broken(
        `its end record counts ${end.totalNumberOfEntries} entries, and ${expected.entryCount} were written`,
      );
    }
    await runTasks(path, planTasks(file, path, end), options);
  } finally {
    await file.close();
  }
}

/** What the records at the end say, all of which must lie where they would if nothing were between them. */
async function readEnd(file: FileHandle, commentLength: number): Promise<ParsedEndOfCentralDirectory> {
  const { size } = await file.stat();
  const endAt = size - END_OF_CENTRAL_DIRECTORY_RECORD_SIZE - commentLength;
  const endRecord = await read(file, endAt, size);
  const plain = parsed(() => parseEndOfCentralDirectoryRecord(endRecord));
  if (plain.zipFileComment.length !== commentLength) throw broken('the length of its comment is wrong');
  const isMasked =
    plain.totalNumberOfEntries === UINT16_MAX ||
    plain.sizeOfCentralDirectory === UINT32_MAX ||
    plain.offsetOfStartOfCentralDirectory === UINT32_MAX;
  if (!isMasked) return inPlace(plain, endAt);

  const locatorAt = endAt - ZIP64_END_OF_CENTRAL_DIRECTORY_LOCATOR_SIZE;
  const recordAt = locatorAt - ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIZE;
  const [record, locator] = [await read(file, recordAt, locatorAt), await read(file, locatorAt, endAt)];
  const offset = parsed(() => parseZip64EndOfCentralDirectoryLocator(locator));
  if (offset !== recordAt) throw broken(`its zip64 locator leads to ${offset} instead of ${recordAt}`);
  return inPlace(
    parsed(() => parseZip64EndOfCentralDirectoryRecord(record)),
    recordAt,
  );
}

function inPlace(end: ParsedEndOfCentralDirectory, directoryEnd: number): ParsedEndOfCentralDirectory {
  const reachesTo = end.offsetOfStartOfCentralDirectory + end.sizeOfCentralDirectory;
  if (reachesTo === directoryEnd) return end;
  throw broken(`its directory ends at ${reachesTo}, and what follows begins at ${directoryEnd}`);
}

interface DirectoryEntry extends EntryExtent {
  readonly header: Buffer;
}

async function* planTasks(
  file: FileHandle,
  path: string,
  { offsetOfStartOfCentralDirectory, sizeOfCentralDirectory, totalNumberOfEntries }: ParsedEndOfCentralDirectory,
): AsyncGenerator<VerifyTask, void, undefined> {
  let pending: DirectoryEntry[] = [];
  let start = 0;
  let count = 0;
  const taskUpTo = (end: number): VerifyTask => {
    const directory = new Uint8Array(Buffer.concat(pending.map(({ header }) => header)));
    const task = { path, directory, start, end };
    pending = [];
    start = end;
    return task;
  };
  const directoryEnd = offsetOfStartOfCentralDirectory + sizeOfCentralDirectory;
  for await (const entry of readDirectory(file, offsetOfStartOfCentralDirectory, directoryEnd)) {
    const offset = entry.relativeOffsetOfLocalHeader;
    if (count === 0 && offset !== 0) throw broken(`its first entry begins at ${offset}`);
    const last = pending.at(-1);
    if (last !== undefined && offset <= last.relativeOffsetOfLocalHeader) {
      throw broken(`the entry ${nameOf(entry)} lies ahead of the one that the directory lists before it`);
    }
    if (last !== undefined) refuseHole(path, last, offset);
    const isFull = pending.length >= MAX_TASK_ENTRIES || offset - start >= MAX_TASK_LENGTH;
    if (last !== undefined && (isFull || isLarge(last) || isLarge(entry))) yield taskUpTo(offset);
    pending.push(entry);
    count++;
  }
  if (count !== totalNumberOfEntries) throw broken(`its directory lists ${count} of ${totalNumberOfEntries} entries`);
  const last = pending.at(-1);
  if (last !== undefined) refuseHole(path, last, offsetOfStartOfCentralDirectory);
  if (pending.length > 0) yield taskUpTo(offsetOfStartOfCentralDirectory);
  else if (offsetOfStartOfCentralDirectory !== 0) throw broken('there is something in it that no entry accounts for');
}

/** An entry fills the room up to the next one. What is far more than it can fill is not read: it may be gigabytes. */
function refuseHole(path: string, entry: DirectoryEntry, next: number): void {
  const longest = entry.relativeOffsetOfLocalHeader + LONGEST_LOCAL_HEADER + entry.compressedSize;
  if (next <= longest) return;
  const name = String(parseCentralDirectoryHeader(entry.header).fileName);
  throw brokenEntry(path, name, `its data ends at ${longest} at the latest, and what follows begins at ${next}`);
}

function isLarge({ compressedSize, uncompressedSize }: EntryExtent): boolean {
  return Math.max(compressedSize, uncompressedSize) > MAX_WHOLE_LENGTH;
}

/** Bytes of the directory that are read at a time; a header of all three longest fields is a fifth of it. */
const DIRECTORY_BLOCK_LENGTH = 1024 * 1024;
const LONGEST_DIRECTORY_HEADER = 46 + 3 * 0xffff;
const LONGEST_LOCAL_HEADER = 30 + 2 * 0xffff;

async function* readDirectory(file: FileHandle, start: number, end: number): AsyncGenerator<DirectoryEntry> {
  let position = start;
  while (position < end) {
    const blockEnd = Math.min(end, position + DIRECTORY_BLOCK_LENGTH);
    const block = await read(file, position, blockEnd);
    let at = 0;
    while (at < block.length && (blockEnd === end || block.length - at >= LONGEST_DIRECTORY_HEADER)) {
      const entry = parsed(() => parseEntry(block, at));
      yield entry;
      at += entry.header.length;
    }
    position += at;
  }
}

/** Keeps some tasks under way until there are no more. The first fault ends it. */
async function runTasks(path: string, tasks: AsyncIterable<VerifyTask>, options: VerifyOptions): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const carryOut = async (task: VerifyTask): Promise<void> => {
    const result = await options.run(task);
    if (result !== undefined) throw brokenEntry(path, result.entryName, result.fault);
    options.onVerified(task.end - task.start);
  };
  try {
    for await (const task of tasks) {
      options.checkpoint();
      if (underWay.size >= options.concurrency) await Promise.race(underWay);
      const done = carryOut(task);
      underWay.add(done);
      done.then(
        () => underWay.delete(done),
        () => {},
      );
    }
    await Promise.all(underWay);
  } catch (error) {
    await Promise.allSettled(underWay);
    throw error;
  }
}

async function read(file: FileHandle, start: number, end: number): Promise<Buffer> {
  if (start < 0) throw broken('it is too short to be one');
  const bytes = Buffer.allocUnsafeSlow(end - start);
  for (let length = 0; length < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length, start + length);
    if (bytesRead === 0) throw broken(`it ends at ${start + length}`);
    length += bytesRead;
  }
  return bytes;
}

function parseEntry(block: Buffer, at: number): DirectoryEntry {
  const header = parseCentralDirectoryHeader(block, at);
  return { ...zip64Values(header), header: block.subarray(at, at + header.headerSize) };
}

/** What a parser throws says what is wrong with the archive. */
function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw broken(error instanceof Error ? error.message : String(error));
  }
}

function nameOf({ header }: DirectoryEntry): string {
  return quote(String(parseCentralDirectoryHeader(header).fileName));
}

const CONSEQUENCE =
  'it was not put in place; a file that was written to while it was read, or faulty hardware, can be the cause: try again';

function broken(fault: string): PzipError {
  return new PzipError('PZIP_VERIFY_FAILED', `The new archive does not read back: ${fault}; ${CONSEQUENCE}`);
}

function brokenEntry(path: string, entryName: string, fault: string): PzipError {
  const message = `The new archive does not read back at ${quote(entryName)}: ${fault}; ${CONSEQUENCE}`;
  return new PzipError('PZIP_VERIFY_FAILED', message, { entryName, path });
}
