/**
 * Reads some entries of an archive back on a worker thread: every local header is held against the directory, every
 * entry is inflated and its CRC-32 and its length are compared.
 *
 * Small entries are read together and inflated in one call each. A large one is streamed, so that no more than a few
 * pieces are held, whatever its size.
 */
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { compareHeaders } from '../zip/compare-headers.js';
import { METHOD_DEFLATE, METHOD_STORED } from '../zip/constants.js';
import {
  type ParsedCentralDirectoryHeader,
  parseCentralDirectoryHeader,
  parseLocalFileHeader,
  zip64Values,
} from '../zip/parse-records.js';
import { MAX_WHOLE_LENGTH } from './limits.js';
import type { VerifyResult, VerifyTask } from './task.js';

export default async function verify(task: VerifyTask): Promise<VerifyResult> {
  const directory = Buffer.from(task.directory.buffer, task.directory.byteOffset, task.directory.length);
  const first = parseCentralDirectoryHeader(directory);
  const extent = zip64Values(first);
  const isLarge = Math.max(extent.compressedSize, extent.uncompressedSize) > MAX_WHOLE_LENGTH;
  return isLarge ? verifyLarge(task, first) : verifySmall(task, directory);
}

function verifySmall({ path, start, end }: VerifyTask, directory: Buffer): VerifyResult {
  const bytes = readRange(path, start, end);
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

/** @param bytes of the entry, from its local header to where the next one begins; what is thrown is its fault as well */
function faultOf(bytes: Buffer, position: number, central: ParsedCentralDirectoryHeader): string | undefined {
  try {
    const { dataStart, fault } = verifyHeader(bytes, position, position + bytes.length, central);
    return fault ?? verifyContent(bytes.subarray(dataStart), central);
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
    const { compressedSize, uncompressedSize } = zip64Values(central);
    const header = readRange(path, start, Math.min(end, start + LONGEST_HEADER));
    const { dataStart, fault } = verifyHeader(header, start, end, central);
    if (fault !== undefined) return { entryName, fault };
    const from = start + dataStart;
    const file = createReadStream(path, { start: from, end: from + compressedSize - 1, highWaterMark: READ_LENGTH });
    let crc = 0;
    let length = 0;
    const count = async (pieces: AsyncIterable<Buffer>): Promise<void> => {
      for await (const piece of pieces) {
        crc = crc32(piece, crc);
        length += piece.length;
        // Broken data may inflate to anything; what is longer than it should be is wrong already.
        if (length > uncompressedSize) break;
      }
    };
    if (central.compressionMethod === METHOD_STORED) await pipeline(file, count);
    else await pipeline(file, createInflateRaw({ chunkSize: READ_LENGTH }), count);
    const broken = sumsFault(crc, length, central);
    return broken === undefined ? undefined : { entryName, fault: broken };
  } catch (error) {
    return { entryName, fault: message(error) };
  }
}

/** Bytes of a read, and of what is inflated at a time: as large as gained anything. */
const READ_LENGTH = 256 * 1024;

/** A local header cannot be longer: 30 bytes and two lengths of 16 bits. */
const LONGEST_HEADER = 30 + 2 * 0xffff;

/** @returns where the data begins, from the header on */
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
    compareHeaders(local, central) ??
    (reachesTo === end ? undefined : `its data ends at ${reachesTo}, and what follows begins at ${end}`);
  return { dataStart, fault };
}

function verifyContent(data: Buffer, central: ParsedCentralDirectoryHeader): string | undefined {
  const { uncompressedSize } = zip64Values(central);
  switch (central.compressionMethod) {
    case METHOD_STORED:
      return sumsFault(crc32(data), data.length, central);
    case METHOD_DEFLATE: {
      // One byte of room at least, and one more than there should be: what is too long shows it.
      const content = inflateRawSync(data, { maxOutputLength: uncompressedSize + 1 });
      return sumsFault(crc32(content), content.length, central);
    }
    default:
      return `its compression method is ${central.compressionMethod}`;
  }
}

function sumsFault(crc: number, length: number, central: ParsedCentralDirectoryHeader): string | undefined {
  const { uncompressedSize } = zip64Values(central);
  if (length !== uncompressedSize) return `it holds ${length} bytes, and the directory says ${uncompressedSize}`;
  if (crc !== central.crc32) return `its CRC-32 is ${hex(crc)}, and the directory says ${hex(central.crc32)}`;
  return undefined;
}

function readRange(path: string, start: number, end: number): Buffer {
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

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
