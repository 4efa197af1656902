/** Proves with node:zlib what a stream inflates to; see DeflateEngine.inflatesTo. */
import { inflateRawSync } from 'node:zlib';

const NONCE_LENGTH = 8;
const nonce = Buffer.from(Float64Array.of(Math.random()).buffer);

/**
 * A final stored block (RFC 1951 section 3.2.4). A chunk that others follow must end at a byte boundary after a complete
 * block, and must not end the stream. To prove it, this block is appended: it inflates as such only then. Its content is
 * random, so prepared data cannot imitate it.
 */
const TERMINATOR = Buffer.from([1, NONCE_LENGTH, 0, ~NONCE_LENGTH & 0xff, 0xff, ...nonce]);

/** The least that Node takes for the length of its buffers. */
const SHORTEST_CHUNK = 64;

/** @param dictionary empty for none, because zlib rejects an empty one */
export function zlibInflatesTo(stream: Uint8Array, dictionary: Uint8Array, data: Uint8Array, isLast: boolean): boolean {
  const expectedLength = data.length + (isLast ? 0 : NONCE_LENGTH);
  const input = isLast ? stream : Buffer.concat([stream, TERMINATOR]);
  // One buffer for all of the content, which Node would otherwise join from several.
  const chunkSize = Math.max(SHORTEST_CHUNK, expectedLength + 1);
  const options = { info: true, maxOutputLength: expectedLength + 1, chunkSize };
  try {
    // With `info` it is an object, which the types do not know of.
    const result: unknown = inflateRawSync(input, dictionary.length === 0 ? options : { ...options, dictionary });
    if (!isInflated(result) || result.engine.bytesWritten !== input.length) return false;
    const { buffer } = result;
    return (
      buffer.length === expectedLength &&
      buffer.subarray(0, data.length).equals(data) &&
      (isLast || buffer.subarray(data.length).equals(nonce))
    );
  } catch {
    return false;
  }
}

function isInflated(result: unknown): result is { buffer: Buffer; engine: { bytesWritten: number } } {
  return typeof result === 'object' && result !== null && 'buffer' in result && 'engine' in result;
}
