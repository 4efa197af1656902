/** Bytes in whatever form a caller has them, of this realm or another one (node:vm, Jest). */
import { types } from 'node:util';

/**
 * The bytes of a typed array, a DataView, an ArrayBuffer or a SharedArrayBuffer, without a copy; undefined for anything else.
 *
 * @throws TypeError for a buffer whose memory was transferred to a thread or a stream: it looks as if it were empty
 */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array && value.length > 0) return value;
  if (ArrayBuffer.isView(value)) {
    const { byteOffset, byteLength } = value;
    return new Uint8Array(value.buffer, byteOffset, byteLength);
  }
  return types.isAnyArrayBuffer(value) ? new Uint8Array(value) : undefined;
}

/** Half of a pair, which UTF-8 has no form for; what encodes it all the same writes U+FFFD. */
export function hasLoneSurrogate(text: string): boolean {
  return !text.isWellFormed();
}
