/**
 * Precomputes matches for levels 1 to 4: for each position, the newest earlier position with the same hash, how far
 * back it is, and how many bits match there, at most 64.
 *
 * This runs some thousand positions ahead of the parser, in loops without branches, where the cache misses overlap. The
 * parser cannot continue before it knows where a match ends; the tables contain all that it needs for that. Level 1 is
 * 1.26 times as fast as with lookups in the parser, and 1.2 % smaller.
 *
 * The deltas form hash chains: the delta at the position that one leads to leads on to the next candidate.
 *
 * Invariants: positions are 16 bits wide and count from INPUT. A candidate 65,536 bytes or more away therefore seems
 * nearer, but comparing its bytes exposes it. A delta is 65,535 at most, so it never leads below address 0. The heads
 * are cleared for each chunk, so matches depend on the chunk alone. Everything below `precomputedEnd` has been
 * computed, or was skipped on purpose. Hashing and comparing read eight bytes at a position, so up to seven beyond the
 * end; there, the matching bits are cut off at the end.
 */

import { DELTA_COUNT, DELTAS, HASH_HEAD_BITS, HASH_HEADS, INPUT, MATCH_BITS, MATCH_BITS_COUNT } from './memory-map';

/** Whether matches are computed for every position, or for even ones only. All positions are inserted. */
let isEveryPosition: bool = false;

/** Positions computed at a time. */
export const BLOCK_LENGTH: usize = 2048;

/** A short chunk uses about as many heads as it has bytes, because they have to be cleared. */
const MIN_HEAD_BITS: i32 = 8;

/** The top bits of a product with these depend on the first four, or five, of eight bytes only. */
const FACTOR_4: u64 = 0x9e3779b185ebca87 << 32;
const FACTOR_5: u64 = 0x9e3779b185ebca87 << 24;
let factor: u64 = FACTOR_4;
let shift: u64 = 0;

/** A delta beyond any window: no candidate. */
const NO_DELTA: u32 = 0xffff;
const FOUR_NO_DELTAS: u64 = 0xffffffffffffffff;

let chunkEnd: usize = 0;
/** End of what has been computed. */
export let precomputedEnd: usize = 0;

/**
 * Starts a chunk and computes the matches of its dictionary. In text five bytes are hashed: a match of four is seldom
 * worth more there than what follows it, and output is 1 to 2 % smaller. Binaries would be 1 % larger.
 */
export function startHashHeads(start: usize, end: usize, everyPosition: bool, isText: bool): void {
  isEveryPosition = everyPosition;
  factor = isText ? FACTOR_5 : FACTOR_4;
  const bits = max(MIN_HEAD_BITS, min(HASH_HEAD_BITS, 32 - <i32>clz(<u32>(end - INPUT))));
  shift = 64 - bits;
  memory.fill(HASH_HEADS, 0, 2 << bits);
  chunkEnd = end;
  precomputedEnd = INPUT;
  if (end == INPUT) return;
  // A cleared head leads to the first byte, which has no candidate. It is position 0 of the even ones, too.
  precomputeOne(precomputedEnd++);
  store<u8>(matchBitsIndex(INPUT), 0, MATCH_BITS);
  store<u16>(deltaOffset(INPUT), NO_DELTA, DELTAS);
  while (precomputedEnd < start) precompute();
}

/** Computes the next block of positions. There must be some left. */
export function precompute(): void {
  let p = precomputedEnd;
  const to = min(chunkEnd, (p & ~(BLOCK_LENGTH - 1)) + BLOCK_LENGTH);
  // The last seven positions are computed one by one, because a match must not go beyond the end.
  const whole = min(to, chunkEnd - 7);
  while (p < to) {
    if ((p & 7) == 0 && p + 8 <= whole) {
      p = isEveryPosition ? precomputeAll(p, whole, factor, shift) : precomputeEven(p, whole, factor, shift);
    } else precomputeOne(p++);
  }
  precomputedEnd = to;
  mirrorMatchBits();
}

/** Copies the first eight bytes of the ring to its end, for words that are read across it. */
@inline
export function mirrorMatchBits(): void {
  store<u64>(0, load<u64>(0, MATCH_BITS), MATCH_BITS + MATCH_BITS_COUNT);
}

/** Eight positions per iteration, with constant offsets into the tables, are 2 % faster than four. */
function precomputeEven(p: usize, to: usize, factor: u64, shift: u64): usize {
  let position = <u32>(p - INPUT);
  for (; p + 8 <= to; p += 8, position += 8) {
    const at = matchBitsIndex(p >> 1);
    const deltas = deltaOffset(p >> 1);
    let word = load<u64>(p);
    let head = hash(word, factor, shift);
    let delta = (position - load<u16>(head, HASH_HEADS)) & 0xffff;
    store<u16>(head, position, HASH_HEADS);
    store<u16>(deltas, delta, DELTAS);
    store<u8>(at, ctz(load<u64>(p - delta) ^ word), MATCH_BITS);
    store<u16>(hash(load<u64>(p, 1), factor, shift), position + 1, HASH_HEADS);
    word = load<u64>(p, 2);
    head = hash(word, factor, shift);
    delta = (position + 2 - load<u16>(head, HASH_HEADS)) & 0xffff;
    store<u16>(head, position + 2, HASH_HEADS);
    store<u16>(deltas, delta, DELTAS + 2);
    store<u8>(at, ctz(load<u64>(p - delta, 2) ^ word), MATCH_BITS + 1);
    store<u16>(hash(load<u64>(p, 3), factor, shift), position + 3, HASH_HEADS);
    word = load<u64>(p, 4);
    head = hash(word, factor, shift);
    delta = (position + 4 - load<u16>(head, HASH_HEADS)) & 0xffff;
    store<u16>(head, position + 4, HASH_HEADS);
    store<u16>(deltas, delta, DELTAS + 4);
    store<u8>(at, ctz(load<u64>(p - delta, 4) ^ word), MATCH_BITS + 2);
    store<u16>(hash(load<u64>(p, 5), factor, shift), position + 5, HASH_HEADS);
    word = load<u64>(p, 6);
    head = hash(word, factor, shift);
    delta = (position + 6 - load<u16>(head, HASH_HEADS)) & 0xffff;
    store<u16>(head, position + 6, HASH_HEADS);
    store<u16>(deltas, delta, DELTAS + 6);
    store<u8>(at, ctz(load<u64>(p - delta, 6) ^ word), MATCH_BITS + 3);
    store<u16>(hash(load<u64>(p, 7), factor, shift), position + 7, HASH_HEADS);
  }
  return p;
}

/** Four positions per iteration. */
function precomputeAll(p: usize, to: usize, factor: u64, shift: u64): usize {
  let position = <u32>(p - INPUT);
  for (; p + 4 <= to; p += 4, position += 4) {
    const at = matchBitsIndex(p);
    const deltas = deltaOffset(p);
    let word = load<u64>(p);
    let head = hash(word, factor, shift);
    let delta = (position - load<u16>(head, HASH_HEADS)) & 0xffff;
    store<u16>(head, position, HASH_HEADS);
    store<u16>(deltas, delta, DELTAS);
    store<u8>(at, ctz(load<u64>(p - delta) ^ word), MATCH_BITS);
    word = load<u64>(p, 1);
    head = hash(word, factor, shift);
    delta = (position + 1 - load<u16>(head, HASH_HEADS)) & 0xffff;
    store<u16>(head, position + 1, HASH_HEADS);
    store<u16>(deltas, delta, DELTAS + 2);
    store<u8>(at, ctz(load<u64>(p - delta, 1) ^ word), MATCH_BITS + 1);
    word = load<u64>(p, 2);
    head = hash(word, factor, shift);
    delta = (position + 2 - load<u16>(head, HASH_HEADS)) & 0xffff;
    store<u16>(head, position + 2, HASH_HEADS);
    store<u16>(deltas, delta, DELTAS + 4);
    store<u8>(at, ctz(load<u64>(p - delta, 2) ^ word), MATCH_BITS + 2);
    word = load<u64>(p, 3);
    head = hash(word, factor, shift);
    delta = (position + 3 - load<u16>(head, HASH_HEADS)) & 0xffff;
    store<u16>(head, position + 3, HASH_HEADS);
    store<u16>(deltas, delta, DELTAS + 6);
    store<u8>(at, ctz(load<u64>(p - delta, 3) ^ word), MATCH_BITS + 3);
  }
  return p;
}

function precomputeOne(p: usize): void {
  const delta = insert(p);
  const bits = min(<u32>ctz(load<u64>(p - delta) ^ load<u64>(p)), (<u32>(chunkEnd - p)) << 3);
  if (isEveryPosition) {
    store<u16>(deltaOffset(p), delta, DELTAS);
    store<u8>(matchBitsIndex(p), bits, MATCH_BITS);
  } else if ((p & 1) == 0) {
    store<u16>(deltaOffset(p >> 1), delta, DELTAS);
    store<u8>(matchBitsIndex(p >> 1), bits, MATCH_BITS);
  }
}

/** Makes the position the newest with its hash and returns the delta to the previous one. */
function insert(p: usize): u32 {
  const position = <u32>(p - INPUT);
  const head = hash(load<u64>(p), factor, shift);
  const delta = (position - load<u16>(head, HASH_HEADS)) & 0xffff;
  store<u16>(head, position, HASH_HEADS);
  return delta;
}

/** The delta at a position that has been computed, or at half an even one. */
@inline
export function deltaAt(p: usize): u32 {
  return load<u16>(deltaOffset(p), DELTAS);
}

/** The delta at p, whether it has been computed or not. */
export function deltaFrom(p: usize): u32 {
  if (p >= precomputedEnd) {
    return (<u32>(p - INPUT) - load<u16>(hash(load<u64>(p), factor, shift), HASH_HEADS)) & 0xffff;
  }
  if (isEveryPosition) return deltaAt(p);
  return (p & 1) == 0 ? deltaAt(p >> 1) : NO_DELTA;
}

/** Continues at `to`. The positions before it get no matches; every stride-th one is inserted. A stride of 0: none. */
export function skipTo(to: usize, stride: usize): void {
  if (isEveryPosition) {
    let p = precomputedEnd;
    while (p < to && (p & 3) != 0) store<u16>(deltaOffset(p++), NO_DELTA, DELTAS);
    for (; p + 4 <= to; p += 4) store<u64>(deltaOffset(p), FOUR_NO_DELTAS, DELTAS);
    while (p < to) store<u16>(deltaOffset(p++), NO_DELTA, DELTAS);
  }
  if (stride != 0) {
    for (let p = (precomputedEnd + stride - 1) & ~(stride - 1); p < to; p += stride) {
      const delta = insert(p);
      if (isEveryPosition) store<u16>(deltaOffset(p), delta, DELTAS);
    }
  }
  precomputedEnd = max(precomputedEnd, to);
}

@inline
function hash(word: u64, factor: u64, shift: u64): usize {
  return (<usize>((word * factor) >> shift)) << 1;
}

/** Index into MATCH_BITS of a position, or of half an even one. */
@inline
export function matchBitsIndex(p: usize): usize {
  return p & (<usize>MATCH_BITS_COUNT - 1);
}

/** Offset into DELTAS of a position, or of half an even one. */
@inline
export function deltaOffset(p: usize): usize {
  return (p & (<usize>DELTA_COUNT - 1)) << 1;
}
