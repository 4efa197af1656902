/**
 * What all match finders share: positions, hashes, and comparing bytes.
 *
 * The hash chains store positions, not addresses: position = address + positionBias. The bias grows with each chunk, so
 * whatever an earlier chunk left in the tables is farther back than any window reaches. No table has to be cleared, and
 * a file of 1 KB costs the work of 1 KB. After 2 GiB the positions start again and the tables are cleared once. A fresh
 * instance produces the same matches: its tables hold zeros, which are out of range as well.
 *
 * Invariants: positions start at 1 + WINDOW_SIZE, so subtracting a window never wraps. Positions and addresses are
 * below 2^31. 16 zero bytes follow the data (index.ts), and comparing may read them.
 */

import { assertInput, assertMatch, DEBUG } from './debug';
import {
  CHAIN_COUNT,
  CHAIN4,
  CHAIN6,
  HASH3_BITS,
  HASH4_BITS,
  HASH6_BITS,
  HEADS3,
  HEADS4,
  HEADS6,
  INPUT,
  MAX_CHUNK_LENGTH,
  MAX_DICTIONARY_LENGTH,
  MAX_MATCH_LENGTH,
  OPTIMAL_HASH3_BITS,
  OPTIMAL_HEADS3,
  PROBE_BITS,
  PROBE_HEADS,
  WINDOW_SIZE,
} from './memory-map';

/** Where positions start again. */
export const MAX_POSITION: u32 = 0x7fff0000;

export let positionBias: u32 = 0;
let nextPosition: u32 = 1 + WINDOW_SIZE;

/** Position of the chunk's first byte. Lower ones belong to earlier chunks. */
export let firstPosition: u32 = 0;

export function startChunk(length: i32): void {
  if (nextPosition > MAX_POSITION - MAX_DICTIONARY_LENGTH - MAX_CHUNK_LENGTH) {
    memory.fill(HEADS4, 0, (1 << HASH4_BITS) * 4);
    memory.fill(HEADS3, 0, (1 << HASH3_BITS) * 4);
    memory.fill(CHAIN4, 0, CHAIN_COUNT * 4);
    memory.fill(HEADS6, 0, (1 << HASH6_BITS) * 4);
    memory.fill(CHAIN6, 0, CHAIN_COUNT * 4);
    memory.fill(OPTIMAL_HEADS3, 0, (1 << OPTIMAL_HASH3_BITS) * 4);
    memory.fill(PROBE_HEADS, 0, (1 << PROBE_BITS) * 4);
    nextPosition = 1 + WINDOW_SIZE;
  }
  firstPosition = nextPosition;
  positionBias = nextPosition - <u32>INPUT;
  nextPosition += length;
}

/** 2^32 divided by the golden ratio: multiplicative (Fibonacci) hashing. */
export const FACTOR: u32 = 0x9e3779b1;

/** One product gives the hashes of three and of four bytes: its low 24 bits depend on the first three bytes only. */
@inline
export function hashProduct(word: u32): u32 {
  return word * FACTOR;
}

/** As an offset into a table of u32. */
@inline
export function hash4(product: u32): usize {
  return <usize>((product >> (30 - HASH4_BITS)) & (((1 << HASH4_BITS) - 1) << 2));
}

/** As an offset into a table of u32. */
@inline
export function hash3(product: u32, bits: i32 = HASH3_BITS): usize {
  return <usize>((product >> (22 - bits)) & (((1 << bits) - 1) << 2));
}

/**
 * The number of equal bytes at two addresses, at most `limit`, if the first `length` are known to be equal. Reads up to
 * 15 bytes beyond the limit. Comparing two words at once is 1 % faster at level 6: whether the first word differs
 * cannot be predicted.
 */
@inline
export function matchLength(a: usize, b: usize, length: i32, limit: i32): i32 {
  if (DEBUG) {
    assertInput(a, limit);
    assertInput(b, limit);
    assert(b <= a && a - b <= <usize>WINDOW_SIZE && length >= 0, 'candidate out of range');
  }
  while (length < limit) {
    const low = load<u64>(a + length) ^ load<u64>(b + length);
    const high = load<u64>(a + length, 8) ^ load<u64>(b + length, 8);
    const equalBits = <i32>(ctz(low) + select<u64>(ctz(high), 0, low == 0));
    if (equalBits < 128) return min(length + (equalBits >> 3), limit);
    length += 16;
  }
  return limit;
}

/** The number of equal bytes before p and before the byte `distance` earlier, at most `limit`, within the chunk. */
@inline
export function backwardMatchLength(p: usize, distance: u32, limit: u32): u32 {
  if (DEBUG) {
    assertMatch(3, distance);
    assert(<u32>p + positionBias - distance >= firstPosition, 'candidate before the chunk');
  }
  limit = min(limit, <u32>p + positionBias - distance - firstPosition);
  let length: u32 = 0;
  while (length < limit) {
    const at = p - length - 8;
    const equal = <u32>(clz(load<u64>(at) ^ load<u64>(at - distance)) >> 3);
    length += equal;
    if (equal < 8) break;
  }
  return min(length, limit);
}

/**
 * The same for up to four bytes: how far a match can be extended backward. Not beyond `literals`, where the previous
 * match ends, nor beyond the first byte of the chunk.
 */
@inline
export function backwardExtension(p: usize, distance: usize, literals: usize, limit: i32): usize {
  if (DEBUG) {
    assertMatch(3, <u32>distance);
    assertInput(p - distance, 0);
    assert(literals <= p && limit >= 0, 'literals before a match');
  }
  const bits = clz(load<u32>(p - 4) ^ load<u32>(p - 4 - distance));
  return min(min(<usize>bits >> 3, p - literals), min(p - distance - INPUT, <usize>limit));
}

/**
 * Follows a repeat, of one byte or of a short period: the number of bytes from p on that are covered by matches of
 * maximum length at this distance and start before `segmentEnd`. They are neither searched nor inserted, so that
 * repeats pass at 4 GB/s instead of 1.
 */
export function repeatLength(p: usize, distance: usize, segmentEnd: usize, end: usize): usize {
  const start = p;
  const limit = min(end, segmentEnd + MAX_MATCH_LENGTH);
  while (p + MAX_MATCH_LENGTH <= limit && matchLength(p, p - distance, 0, MAX_MATCH_LENGTH) == MAX_MATCH_LENGTH) {
    p += MAX_MATCH_LENGTH;
  }
  return p - start;
}

/** The lowest position that a match at `position` can reach. */
@inline
export function lowestPosition(position: u32, first: u32): u32 {
  if (DEBUG) assert(position >= first && position > <u32>WINDOW_SIZE, 'position');
  return max(first, position - WINDOW_SIZE);
}

/**
 * The match of three bytes at a candidate, as `3 << 16 | distance`, or 0. Without a branch: it is 3 % faster at level
 * 6, and 6 % on binaries.
 */
@inline
export function length3Match(p: usize, base: u32, candidate: u32, lowest: u32): u32 {
  const position = <u32>p + base;
  const isInRange = candidate >= lowest;
  const at = select(candidate, position - 1, isInRange);
  const isMatch = ((load<u32>(at - base) ^ load<u32>(p)) & 0xffffff) == 0;
  return select((3 << 16) | (position - candidate), 0, isInRange && isMatch);
}

/** What a match saves, in about quarters of a byte: four per byte, minus one per extra bit of the distance. */
@inline
export function matchScore(length: i32, distance: u32): i32 {
  return length * 4 + <i32>clz(distance);
}
