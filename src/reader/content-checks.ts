/** Inflates an entry's data and checks it against its headers: small entries in one call, others as a stream. */
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { crc32, createInflateRaw, inflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib';
import { METHOD_DEFLATE, METHOD_STORED } from '../zip/constants.js';
import { MAX_WHOLE_LENGTH, READ_LENGTH } from './limits.js';

/** Of zlib, in bytes. */
const SMALLEST_CHUNK = 64;

/** The properties that an entry's headers give for its data. */
export interface ExpectedContent {
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
}

/** A fault in an entry's data; the message follows the entry's name. */
export class ContentFault extends Error {
  readonly kind: 'method' | 'size' | 'crc' | 'deflate' | 'deflate-end';

  constructor(kind: ContentFault['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

const inflateOnThread = promisify(inflateRaw);

/**
 * Inflates on this thread.
 *
 * @param data all of the entry's data
 * @throws ContentFault
 */
export function wholeContent(data: Buffer, expected: ExpectedContent): Buffer {
  if (expected.method !== METHOD_DEFLATE) return storedContent(data, expected);
  try {
    return inflatedContent(inflateRawSync(data, wholeOptions(expected)), expected);
  } catch (error) {
    throw inflateFault(error, expected);
  }
}

/** Like `wholeContent()`, but inflates on a thread of libuv's pool. */
export async function wholeContentOnThread(data: Buffer, expected: ExpectedContent): Promise<Buffer> {
  if (expected.method !== METHOD_DEFLATE) return storedContent(data, expected);
  try {
    return inflatedContent(await inflateOnThread(data, wholeOptions(expected)), expected);
  } catch (error) {
    throw inflateFault(error, expected);
  }
}

function storedContent(data: Buffer, expected: ExpectedContent): Buffer {
  if (expected.method !== METHOD_STORED)
    throw new ContentFault('method', `its compression method is ${expected.method}`);
  checkSums(crc32(data), data.length, expected);
  return data;
}

/** @param result of zlib, whose types do not declare that it is an object with the option `info` */
function inflatedContent(result: unknown, expected: ExpectedContent): Buffer {
  if (!isInflated(result)) throw new ContentFault('deflate', 'it cannot be inflated here');
  const { buffer: content, engine } = result;
  checkSums(crc32(content), content.length, expected);
  checkConsumed(engine.bytesWritten, expected);
  return content;
}

/**
 * The output limit is one byte more than the size, so that longer content is detected. One buffer for all of it takes a
 * quarter less time than zlib's pieces of 16 KiB.
 */
function wholeOptions({ uncompressedSize }: ExpectedContent): ZlibOptions {
  const maxOutputLength = uncompressedSize + 1;
  const chunkSize = Math.max(SMALLEST_CHUNK, Math.min(maxOutputLength, MAX_WHOLE_LENGTH + 1));
  return { info: true, maxOutputLength, chunkSize };
}

/**
 * @param data the entry's data in pieces, held one at a time
 * @throws ContentFault after yielding the content before the fault; what `data` throws
 */
export async function* checkedContent(
  data: AsyncIterable<Buffer>,
  expected: ExpectedContent,
): AsyncGenerator<Buffer, void, undefined> {
  if (expected.method === METHOD_STORED) yield* checked(data, expected);
  else if (expected.method === METHOD_DEFLATE) yield* inflated(data, expected);
  else throw new ContentFault('method', `its compression method is ${expected.method}`);
}

async function* inflated(
  data: AsyncIterable<Buffer>,
  expected: ExpectedContent,
): AsyncGenerator<Buffer, void, undefined> {
  const inflate = createInflateRaw({ chunkSize: READ_LENGTH });
  // Its failure also fails the loop. If the stream ends early, the rest of the data is not read.
  const feeding = pipeline(data, inflate).catch(() => {});
  try {
    yield* checked(inflate, expected);
  } catch (error) {
    throw inflateFault(error, expected);
  } finally {
    inflate.destroy();
    await feeding;
  }
  checkConsumed(inflate.bytesWritten, expected);
}

async function* checked(
  content: AsyncIterable<Buffer>,
  expected: ExpectedContent,
): AsyncGenerator<Buffer, void, undefined> {
  let crc = 0;
  let length = 0;
  for await (const piece of content) {
    crc = crc32(piece, crc);
    length += piece.length;
    // Damaged data may inflate without bound.
    if (length > expected.uncompressedSize) throw tooLong(expected);
    yield piece;
  }
  checkSums(crc, length, expected);
}

function isInflated(result: unknown): result is { buffer: Buffer; engine: { bytesWritten: number } } {
  return typeof result === 'object' && result !== null && 'buffer' in result && 'engine' in result;
}

function checkSums(crc: number, length: number, { crc32: expectedCrc, uncompressedSize }: ExpectedContent): void {
  if (length !== uncompressedSize) {
    throw new ContentFault('size', `it holds ${length} bytes, but the directory says ${uncompressedSize}`);
  }
  if (crc !== expectedCrc)
    throw new ContentFault('crc', `its CRC-32 is ${hex(crc)}, but the directory says ${hex(expectedCrc)}`);
}

/** Some readers reject bytes after the end of the stream. */
function checkConsumed(consumed: number, { compressedSize }: ExpectedContent): void {
  if (consumed === compressedSize) return;
  throw new ContentFault(
    'deflate-end',
    `its deflate stream ends after ${consumed} bytes, but the directory says ${compressedSize}`,
  );
}

/** Replaces zlib's error codes with messages for users. */
function inflateFault(error: unknown, expected: ExpectedContent): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooLong(expected);
  if (!code.startsWith('Z_') || !(error instanceof Error)) return error;
  return new ContentFault('deflate', `its data is not a valid deflate stream (${error.message})`, { cause: error });
}

function tooLong({ uncompressedSize }: ExpectedContent): ContentFault {
  return new ContentFault('size', `it holds more than the ${uncompressedSize} bytes that the directory says`);
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
