/** Inflates an entry's data and compares what comes out with its headers: small entries in one call, others as a stream. */
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { METHOD_DEFLATE, METHOD_STORED } from '../zip/constants.js';
import { READ_LENGTH } from './limits.js';

/** What an entry's headers say of its data. */
export interface ExpectedContent {
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
}

/** What is wrong with an entry's data, in words that follow its name. */
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
  // One byte of room at least, and one more than there should be: what is too long shows it.
  const { content, consumed } = inflateWhole(data, expected);
  checkSums(crc32(content), content.length, expected);
  checkConsumed(consumed, expected);
  return content;
}

/**
 * @param data the entry's data in pieces, of which one is held at a time
 * @throws ContentFault after what is right up to there; what `data` throws
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
  // Its failure is that of the loop as well. Where the stream ends early, the rest of the data is not read.
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
    // Broken data may inflate to anything.
    if (length > expected.uncompressedSize) throw tooLong(expected);
    yield piece;
  }
  checkSums(crc, length, expected);
}

/** @returns the content, and how many bytes of the data the deflate stream has */
function inflateWhole(data: Buffer, expected: ExpectedContent): { content: Buffer; consumed: number } {
  try {
    // With `info` it is an object, which the types do not know of.
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
    throw new ContentFault('size', `it holds ${length} bytes, and the directory says ${uncompressedSize}`);
  }
  if (crc !== expectedCrc)
    throw new ContentFault('crc', `its CRC-32 is ${hex(crc)}, and the directory says ${hex(expectedCrc)}`);
}

/** Readers that compare the sizes with the stream refuse what lies behind its end. */
function checkConsumed(consumed: number, { compressedSize }: ExpectedContent): void {
  if (consumed === compressedSize) return;
  throw new ContentFault(
    'deflate-end',
    `its deflate stream ends after ${consumed} bytes, and the directory says ${compressedSize}`,
  );
}

/** zlib speaks to programmers. */
function inflateFault(error: unknown, expected: ExpectedContent): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooLong(expected);
  if (!code.startsWith('Z_') || !(error instanceof Error)) return error;
  return new ContentFault('deflate', `its data is no deflate stream (${error.message})`, { cause: error });
}

function tooLong({ uncompressedSize }: ExpectedContent): ContentFault {
  return new ContentFault('size', `it holds more than the ${uncompressedSize} bytes that the directory says`);
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
