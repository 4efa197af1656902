/**
 * Length-limited Huffman codes (RFC 1951 section 3.2.2). Moffat and Katajainen's in-place method computes the code
 * lengths from the sorted frequencies. Where the tree is too deep, leaves are moved until it fits.
 *
 * Invariants: frequencies are below 2^23, because sorting keeps them beside a symbol of nine bits. Every code is
 * complete and has at least two codewords.
 */

import { DEBUG } from './debug';
import { SCRATCH } from './memory-map';

/** u32[288 + 1] `frequency << 9 | symbol`, and u32[288] to sort into. */
const KEYS: usize = SCRATCH;
const SORTED: usize = KEYS + 289 * 4;
/** u32[288]: the tree under construction. */
const TREE: usize = SORTED + 288 * 4;
/** u32[256]: counts while sorting; u32[64]: leaves by depth. */
const COUNTS: usize = TREE + 288 * 4;
const LEAVES: usize = COUNTS + 256 * 4;
/** u16[288 + 1]: the symbols that occur, in ascending order. */
const USED: usize = LEAVES + 64 * 4;
export const HUFFMAN_SCRATCH_END: usize = USED + 289 * 2;

/**
 * Computes an optimal code. Writes a code length for every symbol (u8, 0 if it does not occur), and
 * `codeword << 8 | length` for those that occur (u32, the codeword's bits reversed).
 */
export function buildCode(frequencies: usize, symbolCount: i32, maxLength: i32, lengths: usize, codes: usize): void {
  if (DEBUG) assert(symbolCount <= 288 && maxLength <= 15, 'size of a code');
  memory.fill(lengths, 0, symbolCount);
  // Without a branch: whether the next symbol occurs cannot be predicted.
  let used = 0;
  let maxFrequency: u32 = 0;
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    const frequency = load<u32>(frequencies + (symbol << 2));
    if (DEBUG) assert(frequency < 1 << 23, 'frequency');
    store<u32>(KEYS + (used << 2), (frequency << 9) | symbol);
    store<u16>(USED + (used << 1), symbol);
    used += <i32>(frequency != 0);
    maxFrequency |= frequency;
  }
  if (used < 2) {
    // A single codeword of one bit is an incomplete code, which some readers reject. An unused one completes it.
    const symbol = used == 0 ? 0 : load<u16>(USED);
    const other = symbol == 0 ? 1 : 0;
    store<u8>(lengths + symbol, 1);
    store<u8>(lengths + other, 1);
    store<u32>(codes + (symbol << 2), ((symbol > other ? 1 : 0) << 8) | 1);
    store<u32>(codes + (other << 2), ((other > symbol ? 1 : 0) << 8) | 1);
    return;
  }
  const sorted = used <= 32 ? sortByInsertion(used) : sortByRadix(used, maxFrequency);
  countDepths(sorted, used);
  limitDepths(maxLength);
  // The rarest symbols get the longest codewords.
  let at = sorted;
  for (let depth = maxLength; depth > 0; depth--) {
    for (let n = load<i32>(LEAVES + (depth << 2)); n > 0; n--, at += 4) {
      store<u8>(lengths + (load<u32>(at) & 511), depth);
    }
  }
  computeFirstCodes();
  for (let i = 0; i < used; i++) assignCode(load<u16>(USED + (i << 1)), lengths, codes);
  if (DEBUG) assertComplete(lengths, symbolCount, maxLength);
}

/** Kraft's sum is 1, and no codeword is too long. */
function assertComplete(lengths: usize, symbolCount: i32, maxLength: i32): void {
  let sum = 0;
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    const length = load<u8>(lengths + symbol);
    assert(<i32>length <= maxLength, 'length of a codeword');
    if (length != 0) sum += 1 << (maxLength - length);
  }
  assert(sum == 1 << maxLength, 'an incomplete code');
}

/** The canonical code of given lengths, none of which is 0. */
export function buildFixedCode(lengths: usize, symbolCount: i32, codes: usize): void {
  memory.fill(LEAVES, 0, 64);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    const counter = LEAVES + (load<u8>(lengths + symbol) << 2);
    store<u32>(counter, load<u32>(counter) + 1);
  }
  computeFirstCodes();
  for (let symbol = 0; symbol < symbolCount; symbol++) assignCode(symbol, lengths, codes);
}

/** RFC 1951 section 3.2.2, step 2: turns the number of codewords of each length into the first one. */
function computeFirstCodes(): void {
  let code: u32 = 0;
  store<u32>(LEAVES, 0);
  for (let length = 1; length < 16; length++) {
    const count = load<u32>(LEAVES + (length << 2));
    store<u32>(LEAVES + (length << 2), code);
    code = (code + count) << 1;
  }
}

/** Step 3, for symbols in ascending order: takes the next codeword of the symbol's length. */
@inline
function assignCode(symbol: usize, lengths: usize, codes: usize): void {
  const length = <u32>load<u8>(lengths + symbol);
  const next = LEAVES + (length << 2);
  const code = load<u32>(next);
  store<u32>(next, code + 1);
  store<u32>(codes + (symbol << 2), ((reverse16(code) >> (16 - length)) << 8) | length);
}

/** Huffman codes are packed starting with the most significant bit (section 3.1.1), and the writer with the least. */
@inline
function reverse16(word: u32): u32 {
  word = ((word & 0x5555) << 1) | ((word >> 1) & 0x5555);
  word = ((word & 0x3333) << 2) | ((word >> 2) & 0x3333);
  word = ((word & 0x0f0f) << 4) | ((word >> 4) & 0x0f0f);
  return ((word & 0x00ff) << 8) | (word >> 8);
}

function sortByInsertion(count: i32): usize {
  for (let i = 1; i < count; i++) {
    const key = load<u32>(KEYS + (i << 2));
    let at = KEYS + (i << 2);
    for (; at > KEYS && load<u32>(at - 4) > key; at -= 4) store<u32>(at, load<u32>(at - 4));
    store<u32>(at, key);
  }
  return KEYS;
}

/** Sorts by one byte of the frequency at a time, as many as the largest one has. The symbols are in order already. */
function sortByRadix(count: i32, maxFrequency: u32): usize {
  let from = KEYS;
  let to = SORTED;
  for (let shift = 9; maxFrequency != 0; shift += 8, maxFrequency >>= 8) {
    memory.fill(COUNTS, 0, 1024);
    const end = from + (count << 2);
    for (let at = from; at < end; at += 4) {
      const counter = COUNTS + (((load<u32>(at) >> shift) & 255) << 2);
      store<u32>(counter, load<u32>(counter) + 1);
    }
    let start = to;
    for (let counter = COUNTS; counter < COUNTS + 1024; counter += 4) {
      const n = load<u32>(counter);
      store<u32>(counter, start);
      start += n << 2;
    }
    for (let at = from; at < end; at += 4) {
      const key = load<u32>(at);
      const counter = COUNTS + (((key >> shift) & 255) << 2);
      const place = load<u32>(counter);
      store<u32>(place, key);
      store<u32>(counter, place + 4);
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

/**
 * Moffat and Katajainen, "In-Place Calculation of Minimum-Redundancy Codes". TREE holds weights, then parents, then the
 * depths of the inner nodes. LEAVES becomes the number of leaves at each depth.
 */
function countDepths(sorted: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<u32>(TREE + (i << 2), load<u32>(sorted + (i << 2)) >> 9);
  // Joins the two lightest of the leaves and inner nodes. The place of a joined inner node then holds its parent.
  let leaf = 0;
  let root = 0;
  for (let next = 0; next < count - 1; next++) {
    let weight: u32 = 0;
    for (let i = 0; i < 2; i++) {
      if (leaf >= count || (root < next && load<u32>(TREE + (root << 2)) < load<u32>(TREE + (leaf << 2)))) {
        weight += load<u32>(TREE + (root << 2));
        store<u32>(TREE + (root << 2), next);
        root++;
      } else {
        weight += load<u32>(TREE + (leaf << 2));
        leaf++;
      }
    }
    store<u32>(TREE + (next << 2), weight);
  }
  // Computes the depths of the inner nodes from the root down, then counts the leaves at each depth.
  memory.fill(LEAVES, 0, 64 * 4);
  store<u32>(TREE + ((count - 2) << 2), 0);
  for (let i = count - 3; i >= 0; i--) {
    const parent = load<u32>(TREE + (i << 2));
    store<u32>(TREE + (i << 2), load<u32>(TREE + (parent << 2)) + 1);
  }
  let available = 1;
  let inner = count - 2;
  for (let depth = 0; available > 0; depth++) {
    let innerHere = 0;
    while (inner >= 0 && load<u32>(TREE + (inner << 2)) == depth) {
      innerHere++;
      inner--;
    }
    store<u32>(LEAVES + (depth << 2), available - innerHere);
    available = innerHere << 1;
  }
}

/**
 * Moves the leaves that are too deep up to the limit. That makes too many codewords, so leaves above are moved down,
 * one level each, until the code is complete again.
 */
function limitDepths(maxLength: i32): void {
  let tooDeep = 0;
  for (let depth = maxLength + 1; depth < 64; depth++) tooDeep += load<i32>(LEAVES + (depth << 2));
  if (tooDeep == 0) return;
  const deepest = LEAVES + (maxLength << 2);
  store<i32>(deepest, load<i32>(deepest) + tooDeep);
  let filled = 0;
  for (let depth = 1; depth <= maxLength; depth++) filled += load<i32>(LEAVES + (depth << 2)) << (maxLength - depth);
  for (; filled > 1 << maxLength; filled--) {
    let depth = maxLength - 1;
    while (load<i32>(LEAVES + (depth << 2)) == 0) depth--;
    const upper = LEAVES + (depth << 2);
    store<i32>(upper, load<i32>(upper) - 1);
    store<i32>(upper + 4, load<i32>(upper + 4) + 2);
    store<i32>(deepest, load<i32>(deepest) - 1);
  }
}
