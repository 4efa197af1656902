/**
 * Verifies entries on a worker thread: compares every local header with the directory, inflates every entry, and checks its
 * CRC-32 and length.
 *
 * Small entries are read together and inflated in one call each. A large entry is streamed, so memory is bounded.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { quote } from '../common/errors.js';
import { compareHeaders } from '../zip/compare-headers.js';
import {
  type ParsedCentralDirectoryHeader,
  parseCentralDirectoryHeader,
  parseLocalFileHeader,
  zip64Values,
} from '../zip/parse-records.js';
import { ArchiveError } from './archive-error.js';
import { checkedContent, type ExpectedContent, wholeContent } from './content-checks.js';
import { readRange } from './entry-data.js';
import { LONGEST_LOCAL_HEADER, MAX_WHOLE_LENGTH } from './limits.js';
import { openFile } from './random-access.js';
import type { VerifyResult, VerifyTask } from './read-back-task.js';

export default async function verify(task: VerifyTask): Promise<VerifyResult> {
  const directory = Buffer.from(task.directory.buffer, task.directory.byteOffset, task.directory.length);
  const first = parseCentralDirectoryHeader(directory);
  const extent = zip64Values(first);
  const isLarge = Math.max(extent.compressedSize, extent.uncompressedSize) > MAX_WHOLE_LENGTH;
  return isLarge ? verifyLarge(task, first) : verifySmall(task, directory);
}

function verifySmall({ path, start, end }: VerifyTask, directory: Buffer): VerifyResult {
  const bytes = readAll(path, start, end);
  let central = parseCentralDirectoryHeader(directory);
  let position = start;
  for (let at = central.headerSize; ; ) {
    const following = at < directory.length ? parseCentralDirectoryHeader(directory, at) : undefined;
    const next = following === undefined ? end : zip64Values(following).relativeOffsetOfLocalHeader;
    const fault = faultOf(bytes.subarray(position - start, next - start), position, central);
    if (fault !== undefined) return { entryName: String(central.fileName), fault };
    if (following === undefined) return undefined;
    central = following;
    at += following.headerSize;
    position = next;
  }
}

/** @param bytes of the entry, from its local header to the start of the next one */
function faultOf(bytes: Buffer, position: number, central: ParsedCentralDirectoryHeader): string | undefined {
  try {
    const { dataStart, fault } = verifyHeader(bytes, position, position + bytes.length, central);
    if (fault !== undefined) return fault;
    wholeContent(bytes.subarray(dataStart), expectedContent(central));
    return undefined;
  } catch (error) {
    return message(error);
  }
}

async function verifyLarge(
  { path, start, end }: VerifyTask,
  central: ParsedCentralDirectoryHeader,
): Promise<VerifyResult> {
  const entryName = String(central.fileName);
  try {
    const archive = await openFile(path);
    try {
      const header = await archive.read(start, Math.min(end - start, LONGEST_LOCAL_HEADER));
      const { dataStart, fault } = verifyHeader(header, start, end, central);
      if (fault !== undefined) return { entryName, fault };
      const expected = expectedContent(central);
      const pieces = checkedContent(readRange(archive, start + dataStart, end), expected);
      while ((await pieces.next()).done !== true);
      return undefined;
    } finally {
      await archive.close();
    }
  } catch (error) {
    return { entryName, fault: message(error) };
  }
}

function expectedContent(central: ParsedCentralDirectoryHeader): ExpectedContent {
  return { ...zip64Values(central), method: central.compressionMethod, crc32: central.crc32 };
}

/** @returns the offset of the data from the header */
function verifyHeader(
  bytes: Buffer,
  position: number,
  end: number,
  central: ParsedCentralDirectoryHeader,
): { dataStart: number; fault: string | undefined } {
  const local = parseLocalFileHeader(bytes);
  const { compressedSize } = zip64Values(central);
  const dataStart = local.headerSize;
  const reachesTo = position + dataStart + compressedSize;
  const fault =
    compareHeaders(local, central, quote) ??
    (reachesTo === end ? undefined : `its data ends at ${reachesTo}, but the next record begins at ${end}`);
  return { dataStart, fault };
}

function readAll(path: string, start: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(end - start);
  const descriptor = openSync(path, 'r');
  try {
    for (let length = 0; length < bytes.length; ) {
      const read = readSync(descriptor, bytes, length, bytes.length - length, start + length);
      if (read === 0) throw new Error(`the archive ends at ${start + length}`);
      length += read;
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

/** A parser's message is readable as is; a system error is reduced to its code. */
function message(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ArchiveError) return error.fault;
  return 'syscall' in error && 'code' in error ? `the archive cannot be read (${error.code})` : error.message;
}
