/**
 * Writes bits, least significant first (RFC 1951 section 3.1.1), into a 64-bit buffer that is flushed by whole bytes.
 * The state lives here between blocks; the loop that encodes a block's sequences keeps it in local variables.
 *
 * Invariant: the buffer never holds more than 64 bits. A flush leaves fewer than 8, so 56 more always fit.
 */

import { assertInput, assertWithin, DEBUG } from './debug';
import { OUTPUT, OUTPUT_SIZE } from './memory-map';

/** Address of the next whole byte. */
export let outputEnd: usize = 0;
export let bitBuffer: u64 = 0;
export let bitCount: u64 = 0;

export function restoreBits(end: usize, buffer: u64, count: u64): void {
  outputEnd = end;
  bitBuffer = buffer;
  bitCount = count;
}

@inline
export function putBits(value: u64, count: u64): void {
  if (DEBUG) assert(bitCount + count <= 64 && value >> count == 0, 'too many bits');
  bitBuffer |= value << bitCount;
  bitCount += count;
}

/** Stores eight bytes, of which only the whole ones count. */
@inline
export function flushBits(): void {
  if (DEBUG) assertWithin(outputEnd, 8, OUTPUT, OUTPUT_SIZE);
  store<u64>(outputEnd, bitBuffer);
  outputEnd += <usize>(bitCount >> 3);
  bitBuffer >>= bitCount & ~7;
  bitCount &= 7;
}

/** RFC 1951 section 3.2.4: the block header, padding to a byte boundary, then LEN and its complement. */
export function putStoredHeader(isFinal: bool, length: i32): void {
  putBits(isFinal ? 1 : 0, 3);
  bitCount = (bitCount + 7) & ~7;
  flushBits();
  store<u32>(outputEnd, length | (~length << 16));
  outputEnd += 4;
}

export function putBytes(from: usize, length: i32): void {
  if (DEBUG) {
    assertInput(from, length);
    assertWithin(outputEnd, length, OUTPUT, OUTPUT_SIZE);
    assert(bitCount == 0, 'bytes at a byte boundary');
  }
  memory.copy(outputEnd, from, length);
  outputEnd += length;
}

/** Pads the last byte of the stream. */
export function finishBits(): void {
  bitCount = (bitCount + 7) & ~7;
  flushBits();
}
