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
import type { VerifyResult, VerifyTask } from './read-back-task.js';

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
    return message(error, central);
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
    const isStored = central.compressionMethod === METHOD_STORED;
    const inflate = isStored ? undefined : createInflateRaw({ chunkSize: READ_LENGTH });
    try {
      await (inflate === undefined ? pipeline(file, count) : pipeline(file, inflate, count));
    } catch (error) {
      if (!isEarlyEnd(error)) throw error;
    }
    const consumed = inflate?.bytesWritten ?? compressedSize;
    const broken = sumsFault(crc, length, central) ?? trailingFault(consumed, compressedSize);
    return broken === undefined ? undefined : { entryName, fault: broken };
  } catch (error) {
    return { entryName, fault: message(error, central) };
  }
}

/** The file was not read to its end since the content had come to its own. What that means the sums tell. */
function isEarlyEnd(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error)) return false;
  return error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.code === 'ABORT_ERR';
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
      const { content, consumed } = inflateWhole(data, uncompressedSize + 1);
      return sumsFault(crc32(content), content.length, central) ?? trailingFault(consumed, data.length);
    }
    default:
      return `its compression method is ${central.compressionMethod}`;
  }
}

/** @returns the content, and how many bytes of the data the deflate stream has */
function inflateWhole(data: Buffer, maxOutputLength: number): { content: Buffer; consumed: number } {
  // With `info` it is an object, which the types do not know of.
  const result: unknown = inflateRawSync(data, { info: true, maxOutputLength });
  if (!isInflated(result)) throw new Error('it cannot be inflated here');
  return { content: result.buffer, consumed: result.engine.bytesWritten };
}

function isInflated(result: unknown): result is { buffer: Buffer; engine: { bytesWritten: number } } {
  return typeof result === 'object' && result !== null && 'buffer' in result && 'engine' in result;
}

/** Readers that hold the sizes against the stream refuse what lies behind its end. */
function trailingFault(consumed: number, compressedSize: number): string | undefined {
  if (consumed === compressedSize) return undefined;
  return `its deflate stream ends after ${consumed} bytes, and the directory says ${compressedSize}`;
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

/** What a parser throws is meant for this; zlib and the system speak to programmers. */
function message(error: unknown, central: ParsedCentralDirectoryHeader): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ERR_BUFFER_TOO_LARGE') {
    return `it holds more than the ${zip64Values(central).uncompressedSize} bytes that the directory says`;
  }
  if (code.startsWith('Z_')) return `its data is no deflate stream (${error.message})`;
  return 'syscall' in error ? `the archive cannot be read (${code})` : error.message;
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
