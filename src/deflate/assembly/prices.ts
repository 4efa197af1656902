/** What each symbol costs by its share in a histogram: what the cheapest path is worked out with. */

import {
  DISTANCE_EXTRA_BITS,
  DISTANCE_PRICES,
  HISTOGRAM_DISTANCES,
  LENGTH_EXTRA_BITS,
  LENGTH_PRICES,
  LENGTH_SLOTS,
  LITERAL_PRICES,
} from './memory-map';
import { MAX_MATCH_LENGTH } from './match-finder';
import { shortLog2 } from './tables';

/** What each symbol costs in 1/256 bit, with its extra bits, by its share in the histogram. */
export function setPrices(histogram: usize, unseen: i32): void {
  let total = priceBase(histogram, 286);
  for (let byte = 0; byte < 256; byte++) {
    store<u32>(LITERAL_PRICES + (byte << 2), priceOf(histogram, byte, total, unseen));
  }
  // There are no shorter matches: dearer than any path.
  for (let length = 0; length < 3; length++) store<u64>(LENGTH_PRICES + (length << 3), (<u64>1) << 62);
  let slot = -1;
  let price = 0;
  for (let length = 3; length <= MAX_MATCH_LENGTH; length++) {
    if (load<u8>(LENGTH_SLOTS + length) != slot) {
      slot = load<u8>(LENGTH_SLOTS + length);
      price = priceOf(histogram, 257 + slot, total, unseen) + (load<u8>(LENGTH_EXTRA_BITS + slot) << 8);
    }
    store<u64>(LENGTH_PRICES + (length << 3), ((<u64>price) << 32) | length);
  }
  total = priceBase(histogram + HISTOGRAM_DISTANCES, 30);
  for (slot = 0; slot < 30; slot++) {
    price = priceOf(histogram + HISTOGRAM_DISTANCES, slot, total, unseen);
    store<u32>(DISTANCE_PRICES + (slot << 2), price + (load<u8>(DISTANCE_EXTRA_BITS + slot) << 8));
  }
}

function priceBase(histogram: usize, count: i32): i32 {
  let total = 1;
  for (let i = 0; i < count; i++) total += load<i32>(histogram + (i << 2));
  return shortLog2(total);
}

/** A symbol that did not occur costs `unseen` more than one that occurred once; none is cheaper than half a bit. */
@inline
function priceOf(histogram: usize, symbol: i32, base: i32, unseen: i32): i32 {
  const n = load<i32>(histogram + (symbol << 2));
  return n == 0 ? base + unseen : max(base - shortLog2(n), 128);
}
