/**
 * The fastest levels: two earlier positions per hash of four bytes, the better of the two is taken at once, and data in
 * which nothing is found is stepped over faster and faster.
 */

import { isDear } from './costs';
import { endSequences, segmentSequences } from './block-splitter';
import { depth, skipShift } from './levels';
import {
  bias,
  firstPosition,
  insertBucket,
  lowestReachable,
  MAX_MATCH_LENGTH,
  matchLength,
  runLength,
} from './match-finder';
import { countLiteral, putSequence } from './sequences';

/** Puts the dictionary into the table. */
export function primeFast(from: usize, to: usize): void {
  const base = bias;
  for (let p = from; p < to; p++) insertBucket(load<u32>(p), <u32>p + base);
}

/** Parses from `start` until `segmentEnd` is reached or passed, and gives the place where it stopped. */
export function parseFast(start: usize, segmentEnd: usize, end: usize): usize {
  const base = bias;
  const first = firstPosition;
  const shift = skipShift;
  const stride = depth;
  let sequence = segmentSequences;
  let literals = start;
  let p = start;
  while (p < segmentEnd) {
    if (p + 4 > end) {
      countLiteral(p++);
      continue;
    }
    const position = <u32>p + base;
    const low = lowestReachable(position, first);
    const word = load<u32>(p);
    const both = insertBucket(word, position);
    let candidate = <u32>both;
    let length = 0;
    let distance: u32 = 0;
    if (candidate >= low) {
      if (load<u32>(candidate - base) == word) {
        length = matchLength(p, candidate - base, 4, min(MAX_MATCH_LENGTH, <i32>(end - p)));
        distance = position - candidate;
      }
      candidate = <u32>(both >> 32);
      if (candidate >= low) {
        const q = <usize>(candidate - base);
        if (load<u32>(q) == word && (length == 0 || load<u32>(q + length - 3) == load<u32>(p + length - 3))) {
          const other = matchLength(p, q, 4, min(MAX_MATCH_LENGTH, <i32>(end - p)));
          if (other > length) {
            length = other;
            distance = position - candidate;
          }
        }
      }
    }
    if (length == 0 || isDear((length << 16) | distance)) {
      // The longer nothing has been found, the more is stepped over.
      const next = min(p + 1 + ((p - literals) >> shift), end);
      do {
        countLiteral(p++);
      } while (p < next);
      continue;
    }
    sequence = putSequence(sequence, p - literals, length, distance);
    let matchEnd = p + length;
    if (length == MAX_MATCH_LENGTH) {
      const run = runLength(matchEnd, distance, segmentEnd, end);
      for (let n = run; n > 0; n -= MAX_MATCH_LENGTH) sequence = putSequence(sequence, 0, length, distance);
      if (run > 0) {
        p = matchEnd + run - MAX_MATCH_LENGTH;
        matchEnd += run;
      }
    }
    let q = p + 1;
    // Of a short period, only the last turn can be told apart from what precedes it.
    if (distance + 8 < <u32>length) q = max(q, matchEnd - distance - 8);
    for (; q < matchEnd; q += stride) insertBucket(load<u32>(q), <u32>q + base);
    p = matchEnd;
    literals = p;
  }
  endSequences(sequence, p - literals);
  return p;
}
