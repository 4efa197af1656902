/**
 * Finds what came before. Positions are counted on from piece to piece and never start again (until 2 GiB have passed),
 * so that what an earlier piece left in the tables is out of reach by being too far back, and no table is cleared: a
 * file of a kilobyte costs a kilobyte's work. A fresh instance gives the same matches, its tables being too far back
 * from the start.
 */

import {
  HASH3_BITS,
  HASH4_BITS,
  HEADS3,
  HEADS4,
  INPUT,
  LINK_COUNT,
  LINKS,
  LONG_HASH_BITS,
  LONG_HEADS,
  LONG_LINKS,
  MAX_DICTIONARY_LENGTH,
  MAX_PIECE_LENGTH,
  NEAR_HASH_BITS,
  NEAR_HEADS,
  PROBE_BITS,
  PROBE_HEADS,
  WINDOW_SIZE,
} from './memory-map';

export const MAX_MATCH_LENGTH: i32 = 258;

/** Where positions start again: they and the addresses they stand for stay positive in 32 bits. */
const MAX_POSITION: u32 = 0x7fff0000;

/** position = address + bias. */
export let bias: u32 = 0;
let nextPosition: u32 = 1 + WINDOW_SIZE;

/** No position of this piece is below. */
export let firstPosition: u32 = 0;

export function startPiece(length: i32): void {
  if (nextPosition > MAX_POSITION - MAX_DICTIONARY_LENGTH - MAX_PIECE_LENGTH) {
    memory.fill(HEADS4, 0, (1 << HASH4_BITS) * 4);
    memory.fill(HEADS3, 0, (1 << HASH3_BITS) * 4);
    memory.fill(LINKS, 0, LINK_COUNT * 4);
    memory.fill(LONG_HEADS, 0, (1 << LONG_HASH_BITS) * 4);
    memory.fill(LONG_LINKS, 0, LINK_COUNT * 4);
    memory.fill(NEAR_HEADS, 0, (1 << NEAR_HASH_BITS) * 4);
    memory.fill(PROBE_HEADS, 0, (1 << PROBE_BITS) * 4);
    nextPosition = 1 + WINDOW_SIZE;
  }
  firstPosition = nextPosition;
  bias = nextPosition - <u32>INPUT;
  nextPosition += length;
}

export const FACTOR: u32 = 0x9e3779b1;

/**
 * One product gives both hashes: its low 24 bits depend on the first three bytes alone. As offsets into tables of u32.
 */
@inline
export function hashProduct(word: u32): u32 {
  return word * FACTOR;
}

@inline
export function hash4(product: u32): usize {
  return <usize>((product >> (30 - HASH4_BITS)) & (((1 << HASH4_BITS) - 1) << 2));
}

@inline
export function hash3(product: u32, bits: i32 = HASH3_BITS): usize {
  return <usize>((product >> (22 - bits)) & (((1 << bits) - 1) << 2));
}

/**
 * How far the bytes at both places agree, from `length` on, at most `limit`. Reads up to 15 bytes beyond that. Two words
 * at once, since whether more than one agrees cannot be predicted: 1 % faster at level 6.
 */
@inline
export function matchLength(a: usize, b: usize, length: i32, limit: i32): i32 {
  while (length < limit) {
    const low = load<u64>(a + length) ^ load<u64>(b + length);
    const high = load<u64>(a + length, 8) ^ load<u64>(b + length, 8);
    const equalBits = <i32>(ctz(low) + select<u64>(ctz(high), 0, low == 0));
    if (equalBits < 128) return min(length + (equalBits >> 3), limit);
    length += 16;
  }
  return limit;
}

/**
 * Long runs, of a byte or a short period: how many bytes from p on, in whole matches of greatest length at this
 * distance, begin before `segmentEnd`. They need not be looked for one by one, nor put into the tables: 4 GB/s instead of 1.
 */
export function runLength(p: usize, distance: usize, segmentEnd: usize, end: usize): usize {
  const start = p;
  const limit = min(end, segmentEnd + MAX_MATCH_LENGTH);
  while (p + MAX_MATCH_LENGTH <= limit && matchLength(p, p - distance, 0, MAX_MATCH_LENGTH) == MAX_MATCH_LENGTH) {
    p += MAX_MATCH_LENGTH;
  }
  return p - start;
}

/** The lowest position that a match at `position` can reach. Positions are larger than the window throughout. */
@inline
export function lowestReachable(position: u32, first: u32): u32 {
  return max(first, position - WINDOW_SIZE);
}

/** How many bytes before p, up to four, agree as well; none before `literals`, and none before the first byte. */
@inline
export function agreeBefore(p: usize, distance: usize, literals: usize, most: i32): usize {
  const bits = clz(load<u32>(p - 4) ^ load<u32>(p - 4 - distance));
  return min(min(<usize>bits >> 3, p - literals), min(p - distance - INPUT, <usize>most));
}
