/** Inflates an entry's data and checks it against its headers: small entries in one call, others as a stream. */
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { METHOD_DEFLATE, METHOD_STORED } from '../zip/constants.js';
import { READ_LENGTH } from './limits.js';

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

/**
 * @param data all of the entry's data
 * @throws ContentFault
 */
export function wholeContent(data: Buffer, expected: ExpectedContent): Buffer {
  if (expected.method === METHOD_STORED) {
    checkSums(crc32(data), data.length, expected);
    return data;
  }
  if (expected.method !== METHOD_DEFLATE)
    throw new ContentFault('method', `its compression method is ${expected.method}`);
  // The output limit is one byte more than the size, so that longer content is detected.
  const { content, consumed } = inflateWhole(data, expected);
  checkSums(crc32(content), content.length, expected);
  checkConsumed(consumed, expected);
  return content;
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

/** @returns the content, and the length of the deflate stream */
function inflateWhole(data: Buffer, expected: ExpectedContent): { content: Buffer; consumed: number } {
  try {
    // With `info`, the result is an object, which the types do not declare.
    const result: unknown = inflateRawSync(data, { info: true, maxOutputLength: expected.uncompressedSize + 1 });
    if (!isInflated(result)) throw new ContentFault('deflate', 'it cannot be inflated here');
    return { content: result.buffer, consumed: result.engine.bytesWritten };
  } catch (error) {
    throw inflateFault(error, expected);
  }
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
