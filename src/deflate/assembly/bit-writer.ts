/**
 * RFC 1951 section 3.1.1: bits go into bytes from the least significant one. The state between blocks; the loop that
 * encodes a block's sequences keeps it in locals.
 */

/** Where the next whole byte goes. */
export let outputEnd: usize = 0;
/** Bits not yet written: fewer than 8 after `flushBits`. */
export let bitBuffer: u64 = 0;
export let bitCount: u64 = 0;

export function restoreBits(end: usize, buffer: u64, count: u64): void {
  outputEnd = end;
  bitBuffer = buffer;
  bitCount = count;
}

/** At most 56 bits between two flushes. */
@inline
export function putBits(value: u64, count: u64): void {
  bitBuffer |= value << bitCount;
  bitCount += count;
}

@inline
export function flushBits(): void {
  store<u64>(outputEnd, bitBuffer);
  outputEnd += <usize>(bitCount >> 3);
  bitBuffer >>= bitCount & ~7;
  bitCount &= 7;
}

/** Section 3.2.4, the header of stored data: the rest of the byte is padding, then LEN and its complement. */
export function putStoredHeader(isFinal: bool, length: i32): void {
  putBits(isFinal ? 1 : 0, 3);
  bitCount = (bitCount + 7) & ~7;
  flushBits();
  store<u32>(outputEnd, length | (~length << 16));
  outputEnd += 4;
}

export function putBytes(from: usize, length: i32): void {
  memory.copy(outputEnd, from, length);
  outputEnd += length;
}

/** The rest of the last byte. */
export function finishBits(): void {
  bitCount = (bitCount + 7) & ~7;
  flushBits();
}
