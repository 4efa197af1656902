/**
 * Short matches are not always worth it: three digits out of ten cost less as literals than as a match far away. How
 * far a short match may reach follows from what a literal costs in the block so far, which changes after each segment.
 */

import { BLOCK_HISTOGRAM, ENTROPY, ENTROPY_SIZE, MAX_DISTANCES, REACHES, WINDOW_SIZE } from './memory-map';

/** Matches longer than this are always taken: no distance makes them dearer than seven usual literals. */
const MAX_SHORT_LENGTH: i32 = 6;

/** As greatest distances: none is that near, every one is. */
const NO_DISTANCE: i32 = -1;
const ANY_DISTANCE: i32 = 0xffff;

/**
 * Bits of a match's two codewords, about, in 1/16 bit; its extra bits come on top. 8 bits are 0.2 % smaller on prose
 * and 16-bit images, 9 on tables of numbers.
 */
const CODEWORDS_COST: i32 = 138;

/**
 * A literal's cost before any has been seen, in 1/16 bit: 5 bits. The files of a node_modules tree, most of them parsed
 * as a whole with it, are 0.1 % larger with 6 bits and 0.07 % with 4.5.
 */
const FIRST_LITERAL_COST: i32 = 80;

/**
 * A file of a few hundred bytes: 3 bits, since in a code of so few symbols the rare ones of matches are dear. 50,000
 * files of 256 bytes of JSON are 0.8 % smaller with it, and node_modules is no larger.
 */
const TINY_LENGTH: i32 = 512;
const FIRST_LITERAL_COST_TINY: i32 = 48;

/** Fewer literals than these say too little. */
const MIN_LITERALS: i32 = 100;

export function startCosts(dataLength: i32): void {
  setLiteralCost(dataLength < TINY_LENGTH ? FIRST_LITERAL_COST_TINY : FIRST_LITERAL_COST);
}

export function updateCosts(): void {
  let count = 0;
  let bits = 0;
  for (let at = BLOCK_HISTOGRAM; at < BLOCK_HISTOGRAM + 256 * 4; at += 4) {
    const n = load<i32>(at);
    count += n;
    if (n != 0) bits -= entropyTerm(n);
  }
  bits += entropyTerm(count);
  if (count >= MIN_LITERALS) setLiteralCost(bits / count);
}

/** n * log2(n) in 1/16 bit, from the table as it is or scaled down to it. */
@inline
export function entropyTerm(n: i32): i32 {
  if (n < ENTROPY_SIZE) return load<i32>(ENTROPY + (n << 2));
  const shift = 20 - <i32>clz(n);
  return (load<i32>(ENTROPY + ((n >> shift) << 2)) << shift) + ((n * shift) << 4);
}

/** What an average literal of the block so far costs, in 1/16 bit. */
export let literalCost: i32 = 0;

function setLiteralCost(cost: i32): void {
  literalCost = cost;
  store<i32>(MAX_DISTANCES, NO_DISTANCE);
  for (let length = 3; length <= MAX_SHORT_LENGTH; length++) {
    const extraBits = (length * cost - CODEWORDS_COST) / 16;
    store<i32>(MAX_DISTANCES + (length << 2), extraBits < 0 ? 0 : 4 << min(extraBits, 13));
  }
  store<i32>(MAX_DISTANCES + ((MAX_SHORT_LENGTH + 1) << 2), ANY_DISTANCE);
  for (let length = 0; length <= 8; length++) {
    const reach = load<i32>(MAX_DISTANCES + (length << 2));
    store<i32>(REACHES + (length << 2), length < 3 ? 0 : length > MAX_SHORT_LENGTH ? WINDOW_SIZE : min(reach, WINDOW_SIZE));
  }
}

/**
 * Whether a match, as `length << 16 | distance`, costs more than its bytes as literals, or is 0 for none. One comparison
 * for all of it, since neither can be predicted: 3 % faster at level 6, up to 7 % on logs.
 */
@inline
export function isDear(match: u32): bool {
  const length = min(match >> 16, MAX_SHORT_LENGTH + 1);
  return <i32>(match & 0xffff) > load<i32>(MAX_DISTANCES + (length << 2));
}

/** How far a match of such a length may be away for its cost: 0 below three bytes. */
@inline
export function reachOf(length: i32): u32 {
  return load<u32>(REACHES + (length << 2));
}
