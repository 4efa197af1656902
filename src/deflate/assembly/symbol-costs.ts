/** What each symbol costs in near-optimal parsing, in 1/256 bit, estimated from the frequencies in a histogram. */

import {
  DISTANCE_COSTS,
  DISTANCE_EXTRA_BITS,
  HISTOGRAM_DISTANCES,
  LENGTH_COSTS,
  LENGTH_EXTRA_BITS,
  LENGTH_SLOTS,
  LITERAL_COSTS,
  MAX_MATCH_LENGTH,
} from './memory-map';
import { FINE_BIT, shortLog2 } from './tables';

/** No symbol is cheaper than half a bit, however frequent. */
const MIN_COST: i32 = FINE_BIT / 2;

/** Sets the costs of all literals, match lengths and distance slots, with their extra bits. */
export function setSymbolCosts(histogram: usize, unseenCost: i32): void {
  let total = logTotal(histogram, 286);
  for (let byte = 0; byte < 256; byte++) {
    store<u32>(LITERAL_COSTS + (byte << 2), costOf(histogram, byte, total, unseenCost));
  }
  // Matches of fewer than three bytes do not exist: they cost more than any path.
  for (let length = 0; length < 3; length++) store<u64>(LENGTH_COSTS + (length << 3), (<u64>1) << 62);
  let slot = -1;
  let cost = 0;
  for (let length = 3; length <= MAX_MATCH_LENGTH; length++) {
    if (load<u8>(LENGTH_SLOTS + length) != slot) {
      slot = load<u8>(LENGTH_SLOTS + length);
      cost = costOf(histogram, 257 + slot, total, unseenCost) + (load<u8>(LENGTH_EXTRA_BITS + slot) << 8);
    }
    store<u64>(LENGTH_COSTS + (length << 3), ((<u64>cost) << 32) | length);
  }
  total = logTotal(histogram + HISTOGRAM_DISTANCES, 30);
  for (slot = 0; slot < 30; slot++) {
    cost = costOf(histogram + HISTOGRAM_DISTANCES, slot, total, unseenCost);
    store<u32>(DISTANCE_COSTS + (slot << 2), cost + (load<u8>(DISTANCE_EXTRA_BITS + slot) << 8));
  }
}

/** log2 of the number of symbols and one. */
function logTotal(histogram: usize, count: i32): i32 {
  let total = 1;
  for (let i = 0; i < count; i++) total += load<i32>(histogram + (i << 2));
  return shortLog2(total);
}

/** A symbol that did not occur costs `unseenCost` more than one that occurred once. */
@inline
function costOf(histogram: usize, symbol: i32, total: i32, unseenCost: i32): i32 {
  const n = load<i32>(histogram + (symbol << 2));
  return n == 0 ? total + unseenCost : max(total - shortLog2(n), MIN_COST);
}
