/**
 * Checks entries on a worker thread: the local header against the directory, then the data, then the data descriptor.
 *
 * Small entries are read together and inflated in one call each; a large entry is streamed. No entry is read beyond the next
 * record, so overlapping entries are not inflated repeatedly.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { ContentFault, checkedContent, type ExpectedContent, wholeContent } from '../reader/content-checks.js';
import { readRange } from '../reader/entry-data.js';
import { entryName } from '../reader/entry-names.js';
import { LONGEST_LOCAL_HEADER } from '../reader/limits.js';
import { openBytes, openFile } from '../reader/random-access.js';
import { LONGEST_DATA_DESCRIPTOR } from '../zip/data-descriptor.js';
import { parseCentralDirectoryHeader, zip64Values } from '../zip/parse-records.js';
import {
  type CheckedEntry,
  type CheckResult,
  type CheckSource,
  type CheckTask,
  type EntryToCheck,
  isLarge,
} from './check-task.js';
import { contentToCheck, isLink } from './entry-kinds.js';
import type { EntryFinding, Report } from './findings.js';
import { checkLinkTarget } from './link-target.js';
import { checkEnd, checkLocalHeader } from './local-checks.js';

/** Maximum number of bytes read together, unless a single entry is longer. */
const WINDOW_LENGTH = 2 * 1024 * 1024;

export async function checkEntries(task: CheckTask): Promise<CheckResult> {
  const source = open(task.source);
  try {
    const entries = entriesOf(task);
    const found: CheckedEntry[] = [];
    for (const [index, entry] of entries.entries()) {
      const findings: EntryFinding[] = [];
      const report: Report = (rule, offset, seen) => findings.push({ rule, offset, seen });
      if (isLarge(entry)) await checkLarge(task, source, entry, report);
      else checkSmall(source.covering(entries, index), entry, report);
      if (findings.length > 0) found.push({ index, entryName: entryName(entry.central), findings });
    }
    return { entries: found };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    return { failure };
  } finally {
    source.close();
  }
}

function entriesOf({ directory, positions, limits }: CheckTask): EntryToCheck[] {
  const headers = Buffer.from(directory.buffer, directory.byteOffset, directory.length);
  let at = 0;
  return Array.from(positions, (position, index) => {
    const central = parseCentralDirectoryHeader(headers, at);
    at += central.headerSize;
    const { compressedSize, uncompressedSize, relativeOffsetOfLocalHeader } = zip64Values(central);
    const limit = limits[index] ?? position;
    return { compressedSize, uncompressedSize, relativeOffsetOfLocalHeader, central, position, limit };
  });
}

/** @param bytes of the file from the entry's position to its limit, or to the end of header, data and descriptor */
function checkSmall(bytes: Buffer, entry: EntryToCheck, report: Report): void {
  const local = checkLocalHeader(bytes, entry, report);
  if (local === undefined) return;
  const dataEnd = local.headerSize + entry.compressedSize;
  const expected = contentToCheck(entry, report);
  if (expected !== undefined) {
    try {
      const content = wholeContent(bytes.subarray(local.headerSize, dataEnd), expected);
      if (isLink(entry.central)) checkLinkTarget(content, entryName(entry.central), entry.position, report);
    } catch (error) {
      reportContent(error, entry, report);
    }
  }
  checkEnd(bytes.subarray(dataEnd, dataEnd + LONGEST_DATA_DESCRIPTOR), local, entry, report);
}

async function checkLarge(task: CheckTask, bytes: Source, entry: EntryToCheck, report: Report): Promise<void> {
  const header = bytes.read(entry.position, Math.min(entry.limit, entry.position + LONGEST_LOCAL_HEADER));
  const local = checkLocalHeader(header, entry, report);
  if (local === undefined) return;
  const dataStart = entry.position + local.headerSize;
  const dataEnd = dataStart + entry.compressedSize;
  const expected = contentToCheck(entry, report);
  if (expected !== undefined) await drain(task, dataStart, dataEnd, expected, entry, report);
  if (isLink(entry.central)) {
    report('link-target', entry.position, `its target is ${entry.uncompressedSize} bytes long`);
  }
  const descriptor = bytes.read(dataEnd, Math.min(entry.limit, dataEnd + LONGEST_DATA_DESCRIPTOR));
  checkEnd(descriptor, local, entry, report);
}

async function drain(
  { source, stop }: CheckTask,
  dataStart: number,
  dataEnd: number,
  expected: ExpectedContent,
  entry: EntryToCheck,
  report: Report,
): Promise<void> {
  const [archive, shift] =
    'path' in source ? [await openFile(source.path), 0] : [openBytes(source.bytes), source.start];
  try {
    const pieces = checkedContent(readRange(archive, dataStart - shift, dataEnd - shift), expected);
    for await (const _ of pieces) if (Atomics.load(stop, 0) !== 0) break;
  } catch (error) {
    reportContent(error, entry, report);
  } finally {
    await archive.close();
  }
}

function reportContent(error: unknown, entry: EntryToCheck, report: Report): void {
  if (!(error instanceof ContentFault)) throw error;
  report(error.kind, entry.position, error.message);
}

/** The bytes of the archive, addressed by positions in the file. */
interface Source {
  /** Exactly this range. */
  read(start: number, end: number): Buffer;
  /** The bytes of an entry, read together with those of the following entries. */
  covering(entries: readonly EntryToCheck[], index: number): Buffer;
  close(): void;
}

function open(source: CheckSource): Source {
  if ('path' in source) return new FileSource(source.path);
  const { start } = source;
  const bytes = Buffer.from(source.bytes.buffer, source.bytes.byteOffset, source.bytes.length);
  const read = (from: number, to: number): Buffer => bytes.subarray(from - start, Math.max(from, to) - start);
  return {
    read,
    covering: (entries, index) => {
      const entry = entries[index];
      return entry === undefined ? read(start, start) : read(entry.position, spanEnd(entry));
    },
    close: () => {},
  };
}

class FileSource implements Source {
  readonly #descriptor: number;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
  }

  read(start: number, end: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(Math.max(0, end - start));
    for (let length = 0; length < bytes.length; ) {
      const count = readSync(this.#descriptor, bytes, length, bytes.length - length, start + length);
      if (count === 0) throw new CutShort();
      length += count;
    }
    return bytes;
  }

  covering(entries: readonly EntryToCheck[], index: number): Buffer {
    const entry = entries[index];
    if (entry === undefined) return Buffer.alloc(0);
    const { position } = entry;
    const end = spanEnd(entry);
    if (position < this.#windowStart || end > this.#windowStart + this.#window.length) {
      this.#window = this.read(position, windowEnd(entries, index));
      this.#windowStart = position;
    }
    return this.#window.subarray(position - this.#windowStart, end - this.#windowStart);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** The end of what an entry can occupy. The gap after it may be gigabytes long. */
function spanEnd({ position, limit, compressedSize }: EntryToCheck): number {
  return Math.max(
    position,
    Math.min(limit, position + LONGEST_LOCAL_HEADER + compressedSize + LONGEST_DATA_DESCRIPTOR),
  );
}

function windowEnd(entries: readonly EntryToCheck[], first: number): number {
  let end = 0;
  let start = 0;
  for (let index = first; index < entries.length; index++) {
    const entry = entries[index];
    if (entry === undefined || isLarge(entry)) break;
    if (index === first) start = entry.position;
    else if (entry.position !== end || spanEnd(entry) - start > WINDOW_LENGTH) break;
    end = spanEnd(entry);
  }
  return end;
}

class CutShort extends Error {}

/** @returns undefined if the file did not cause the error */
function failureOf(error: unknown): string | undefined {
  if (error instanceof CutShort) return '';
  if (!(error instanceof Error)) return undefined;
  const { cause } = error;
  for (const one of [error, cause]) {
    if (one instanceof Error && 'syscall' in one && 'code' in one) return String(one.code);
  }
  // RandomAccess reports a truncated read with this code.
  return 'code' in error && error.code === 'PZIP_ARCHIVE_INVALID' ? '' : undefined;
}
