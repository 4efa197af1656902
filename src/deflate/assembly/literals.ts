/**
 * The literals of the segment that is being parsed, copied one after the other, so that they can be counted together: in
 * four histograms by turns, since a counter that is counted up twice in a row has to be waited for.
 */

import { LITERAL_COUNTS, LITERALS, SEGMENT_HISTOGRAM } from './memory-map';
import { countLiteral } from './sequences';

const HISTOGRAM: i32 = 256 * 4;

/** Appends `run` bytes, and gives the new end. Up to eight more are written beyond it. */
@inline
export function appendLiterals(end: usize, from: usize, run: usize): usize {
  store<u64>(end, load<u64>(from));
  for (let at: usize = 8; at < run; at += 8) store<u64>(end + at, load<u64>(from + at));
  return end + run;
}

/** Fewer are counted one by one, since adding up the histograms takes as long as counting 500. */
const MIN_FOR_TURNS: usize = 1024;

/** Counts those that lie before `end` into the segment's histogram. */
export function countLiterals(end: usize): void {
  if (end - LITERALS < MIN_FOR_TURNS) {
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
  for (; p < end; p++) count(<u32>load<u8>(p) << 2);
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
