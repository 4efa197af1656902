/**
 * Collects the literals of a segment, eight bytes at a time, so that they are counted together at its end.
 *
 * They are counted into four interleaved histograms. With a single one, two equal literals in a row would make the
 * second increment wait for the first one's store.
 */

import { assertInput, assertWithin, DEBUG } from './debug';
import { LITERAL_COUNTS, LITERALS, LITERALS_SIZE, SEGMENT_HISTOGRAM } from './memory-map';
import { countLiteral } from './sequences';

/** Bytes of one of the four histograms. */
const HISTOGRAM: i32 = 256 * 4;

/** Appends `length` bytes and returns the new end. Up to eight more bytes are written beyond it. */
@inline
export function appendLiterals(end: usize, from: usize, length: usize): usize {
  if (DEBUG) {
    assertInput(from, length);
    assertWithin(end, max(8, (length + 7) & ~7), LITERALS, LITERALS_SIZE);
  }
  store<u64>(end, load<u64>(from));
  for (let at: usize = 8; at < length; at += 8) store<u64>(end + at, load<u64>(from + at));
  return end + length;
}

/** Fewer literals are counted one by one: adding up four histograms takes as long as counting 500 literals. */
const MIN_INTERLEAVED: usize = 1024;

/** Counts the literals between LITERALS and `end` into the segment's histogram. */
export function countLiterals(end: usize): void {
  if (end - LITERALS < MIN_INTERLEAVED) {
    for (let p = LITERALS; p < end; p++) countLiteral(p);
    return;
  }
  let p = LITERALS;
  for (; p + 4 <= end; p += 4) {
    const four = load<u32>(p);
    count((four & 255) << 2);
    count(((four & 0xff00) >> 6) + HISTOGRAM);
    count(((four & 0xff0000) >> 14) + 2 * HISTOGRAM);
    count(((four >> 24) << 2) + 3 * HISTOGRAM);
  }
  for (; p < end; p++) count((<u32>load<u8>(p)) << 2);
  for (let at = 0; at < HISTOGRAM; at += 4) {
    const low = load<u32>(LITERAL_COUNTS + at) + load<u32>(LITERAL_COUNTS + HISTOGRAM + at);
    const high = load<u32>(LITERAL_COUNTS + 2 * HISTOGRAM + at) + load<u32>(LITERAL_COUNTS + 3 * HISTOGRAM + at);
    store<u32>(SEGMENT_HISTOGRAM + at, low + high);
  }
  memory.fill(LITERAL_COUNTS, 0, 4 * HISTOGRAM);
}

@inline
function count(counter: u32): void {
  store<u32>(counter, load<u32>(counter, LITERAL_COUNTS) + 1, LITERAL_COUNTS);
}
