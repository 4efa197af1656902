/**
 * Decides which short matches are worth taking. Three digits cost less as literals than as a match far away: up to
 * which distance a short match is useful follows from what a literal costs in the block so far. This is updated after
 * each segment. (libdeflate chooses a minimum match length instead.)
 *
 * It makes JSON with hexadecimal ids 9 % smaller, and tables of numbers 3 %.
 */

import { DEBUG } from './debug';
import { BLOCK_HISTOGRAM, DISTANCE_LIMITS, MAX_USEFUL_DISTANCES, WINDOW_SIZE } from './memory-map';
import { COARSE_BIT, entropyTerm } from './tables';

/** Longer matches are always taken: at any distance they cost less than seven ordinary literals. */
export const MAX_SHORT_LENGTH: i32 = 6;

/** In DISTANCE_LIMITS: no distance is low enough; every distance is. */
const NO_DISTANCE: i32 = -1;
const ANY_DISTANCE: i32 = 0xffff;

/**
 * Cost of a match's two codewords, without its extra bits: about 8.6 bits. With 8 bits, prose and 16-bit images are
 * 0.2 % smaller; with 9 bits, tables of numbers are.
 */
const CODEWORDS_COST: i32 = 138;

/**
 * Cost of a literal before any has been seen: 5 bits. With 6 bits, the files of a node_modules tree, most of which are
 * parsed with this value to their end, are 0.1 % larger, with 4.5 bits 0.07 %.
 */
const INITIAL_LITERAL_COST: i32 = 5 * COARSE_BIT;

/**
 * The same for files of a few hundred bytes: 3 bits. Their codes have few symbols, so the rare ones of matches are
 * expensive. 50,000 files of 256 bytes of JSON are 0.8 % smaller with it, and node_modules is no larger.
 */
const TINY_LENGTH: i32 = 512;
const INITIAL_LITERAL_COST_TINY: i32 = 3 * COARSE_BIT;

/** With fewer literals in the block, the previous cost is kept. */
const MIN_LITERALS: i32 = 100;

export function startLiteralCost(dataLength: i32): void {
  setLiteralCost(dataLength < TINY_LENGTH ? INITIAL_LITERAL_COST_TINY : INITIAL_LITERAL_COST);
}

export function updateLiteralCost(): void {
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

/** Average cost of a literal in the block so far, in 1/16 bit. */
export let literalCost: i32 = 0;

function setLiteralCost(cost: i32): void {
  literalCost = cost;
  store<i32>(DISTANCE_LIMITS, NO_DISTANCE);
  for (let length = 3; length <= MAX_SHORT_LENGTH; length++) {
    const extraBits = (length * cost - CODEWORDS_COST) / COARSE_BIT;
    store<i32>(DISTANCE_LIMITS + (length << 2), extraBits < 0 ? 0 : 4 << min(extraBits, 13));
  }
  store<i32>(DISTANCE_LIMITS + ((MAX_SHORT_LENGTH + 1) << 2), ANY_DISTANCE);
  for (let length = 0; length <= 8; length++) {
    const limit = load<i32>(DISTANCE_LIMITS + (length << 2));
    store<i32>(
      MAX_USEFUL_DISTANCES + (length << 2),
      length < 3 ? 0 : length > MAX_SHORT_LENGTH ? WINDOW_SIZE : min(limit, WINDOW_SIZE),
    );
  }
}

/**
 * Whether a match, as `length << 16 | distance`, costs more than its bytes as literals, or is 0, which means no match.
 * One comparison decides both: neither can be predicted. 3 % faster at level 6, up to 7 % on logs.
 */
@inline
export function isUnprofitable(match: u32): bool {
  const length = min(match >> 16, MAX_SHORT_LENGTH + 1);
  return <i32>(match & 0xffff) > load<i32>(DISTANCE_LIMITS + (length << 2));
}

/** The greatest distance at which a match of this length, up to 8, is worth taking. 0 for lengths below 3. */
@inline
export function maxUsefulDistance(length: i32): u32 {
  if (DEBUG) assert(length >= 0 && length <= 8, 'length in the table');
  return load<u32>(MAX_USEFUL_DISTANCES + (length << 2));
}
