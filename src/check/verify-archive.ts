/**
 * Verifies a new archive before it is renamed. Its entries are read by worker threads, in tasks that hold offsets and not
 * bytes: memory does not grow with the archive.
 *
 * Records must be contiguous from the first byte to the end records, because streaming readers depend on it.
 */
import { PzipError, type PzipErrorCode, quote } from '../common/errors.js';
import { ArchiveError } from '../reader/archive-error.js';
import { type DirectoryEntry, readDirectory } from '../reader/directory.js';
import { type EndOfArchive, findEnd } from '../reader/end-records.js';
import { LONGEST_LOCAL_HEADER, MAX_TASK_ENTRIES, MAX_TASK_LENGTH, MAX_WHOLE_LENGTH } from '../reader/limits.js';
import { openFile, type RandomAccess } from '../reader/random-access.js';
import type { VerifyResult, VerifyTask } from '../reader/read-back-task.js';
import { parseCentralDirectoryHeader } from '../zip/parse-records.js';

export interface ExpectedArchive {
  readonly entryCount: number;
  /** Bytes of the archive's comment. */
  readonly commentLength: number;
}

export interface VerifyOptions {
  /** Runs a task on any thread. */
  readonly run: (task: VerifyTask) => Promise<VerifyResult>;
  /** Maximum number of tasks in progress. */
  readonly concurrency: number;
  /** Called between tasks; throws to stop the verification. */
  readonly checkpoint: () => void;
  /** Called with the number of bytes of each successful task. */
  readonly onVerified: (bytes: number) => void;
}

/** @throws PzipError PZIP_VERIFY_FAILED naming the first bad entry */
export async function verifyArchive(path: string, expected: ExpectedArchive, options: VerifyOptions): Promise<void> {
  const archive = await reading(path, openFile(path));
  try {
    const end = await reading(path, findEnd(archive));
    checkEnd(end, expected);
    await reading(path, runTasks(path, planTasks(archive, path, end), options));
  } finally {
    await archive.close();
  }
}

/** Nothing may lie between the directory and the end records, or after them. */
function checkEnd(end: EndOfArchive, { entryCount, commentLength }: ExpectedArchive): void {
  const isAtEnd = end.comment.length === commentLength && end.trailingLength === 0;
  if (!isAtEnd) throw broken('the length of its comment is wrong');
  const reachesTo = end.directoryEnd - end.prefixLength;
  if (reachesTo !== end.endRecordsStart) {
    throw broken(`its directory ends at ${reachesTo}, but the next record begins at ${end.endRecordsStart}`);
  }
  if (end.entryCount !== entryCount) {
    throw broken(`its end record counts ${end.entryCount} entries, and ${entryCount} were written`);
  }
}

type Extent = Pick<DirectoryEntry, 'compressedSize' | 'uncompressedSize'>;

/** Without the parsed header: keeping its views of the directory costs more than parsing one again for a message. */
type PendingEntry = Extent & Pick<DirectoryEntry, 'bytes' | 'localPosition'>;

async function* planTasks(
  archive: RandomAccess,
  path: string,
  end: EndOfArchive,
): AsyncGenerator<VerifyTask, void, undefined> {
  let pending: PendingEntry[] = [];
  let start = 0;
  let isFirst = true;
  const taskUpTo = (taskEnd: number): VerifyTask => {
    const directory = new Uint8Array(Buffer.concat(pending.map(({ bytes }) => bytes)));
    const task = { path, directory, start, end: taskEnd };
    pending = [];
    start = taskEnd;
    return task;
  };
  for await (const entry of readDirectory(archive, end)) {
    const offset = entry.localPosition;
    if (isFirst && offset !== 0) throw broken(`its first entry begins at ${offset}`);
    isFirst = false;
    const last = pending.at(-1);
    if (last !== undefined && offset <= last.localPosition) {
      throw broken(
        `the entry ${quote(String(entry.central.fileName))} lies before the entry that precedes it in the directory`,
      );
    }
    if (last !== undefined) rejectHole(path, last, offset);
    const isFull = pending.length >= MAX_TASK_ENTRIES || offset - start >= MAX_TASK_LENGTH;
    if (last !== undefined && (isFull || isLarge(last) || isLarge(entry))) yield taskUpTo(offset);
    const { bytes, compressedSize, uncompressedSize } = entry;
    pending.push({ bytes, localPosition: offset, compressedSize, uncompressedSize });
  }
  const last = pending.at(-1);
  if (last !== undefined) rejectHole(path, last, end.directoryStart);
  if (pending.length > 0) yield taskUpTo(end.directoryStart);
  else if (end.directoryStart !== 0) throw broken('it contains bytes that belong to no entry');
}

/** An entry must reach up to the next one. A much larger range is not read: it may be gigabytes. */
function rejectHole(path: string, entry: PendingEntry, next: number): void {
  const longest = entry.localPosition + LONGEST_LOCAL_HEADER + entry.compressedSize;
  if (next <= longest) return;
  const fault = `its data ends at ${longest} at the latest, but the next record begins at ${next}`;
  throw brokenEntry(path, String(parseCentralDirectoryHeader(entry.bytes).fileName), fault);
}

function isLarge({ compressedSize, uncompressedSize }: Extent): boolean {
  return Math.max(compressedSize, uncompressedSize) > MAX_WHOLE_LENGTH;
}

/** Keeps a number of tasks in progress until all are done. The first fault stops it. */
async function runTasks(path: string, tasks: AsyncIterable<VerifyTask>, options: VerifyOptions): Promise<void> {
  const pending = new Set<Promise<void>>();
  const carryOut = async (task: VerifyTask): Promise<void> => {
    const result = await options.run(task);
    if (result !== undefined) throw brokenEntry(path, result.entryName, result.fault);
    options.onVerified(task.end - task.start);
  };
  try {
    for await (const task of tasks) {
      options.checkpoint();
      if (pending.size >= options.concurrency) await Promise.race(pending);
      const done = carryOut(task);
      pending.add(done);
      done.then(
        () => pending.delete(done),
        () => {},
      );
    }
    await Promise.all(pending);
  } catch (error) {
    await Promise.allSettled(pending);
    throw error;
  }
}

const READING_CODES: ReadonlySet<PzipErrorCode> = new Set([
  'PZIP_ARCHIVE_INVALID',
  'PZIP_ARCHIVE_UNSUPPORTED',
  'PZIP_SOURCE_MISSING',
  'PZIP_SOURCE_UNREADABLE',
  'PZIP_SOURCE_UNSUPPORTED',
]);

/** Turns the reader's errors into a failed verification. */
async function reading<T>(path: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    if (!(error instanceof PzipError) || !READING_CODES.has(error.code)) throw error;
    const fault = error instanceof ArchiveError ? error.fault : error.message;
    throw error.entryName === undefined ? broken(fault, error) : brokenEntry(path, error.entryName, fault);
  }
}

const CONSEQUENCE =
  'it was not put in place; a file that changed while it was read, or faulty hardware, can be the cause: try again';

function broken(fault: string, cause?: PzipError): PzipError {
  const message = `Verification of the new archive failed: ${fault}; ${CONSEQUENCE}`;
  return new PzipError('PZIP_VERIFY_FAILED', message, { cause: cause?.cause });
}

function brokenEntry(path: string, entryName: string, fault: string): PzipError {
  const message = `Verification of the new archive failed at ${quote(entryName)}: ${fault}; ${CONSEQUENCE}`;
  return new PzipError('PZIP_VERIFY_FAILED', message, { entryName, path });
}
