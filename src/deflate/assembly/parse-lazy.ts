/**
 * The middle and upper levels: hash chains, and lazy evaluation. A match is put off, its first byte becoming a literal,
 * if the next position (at the highest levels: or the one after that) has a better one.
 */

import { endSequences, segmentSequences } from './block-splitter';
import { isDear } from './costs';
import { depth, lazyLength, lookTwoLength, niceLength, skipShift } from './levels';
import {
  bias,
  firstPosition,
  hashProduct,
  insert3,
  insert4,
  lowestReachable,
  MAX_MATCH_LENGTH,
  matchLength,
  newest4,
  previousInChain,
  runLength,
} from './match-finder';
import { countLiteral, putSequence } from './sequences';

/** Puts the dictionary into the tables. */
export function primeChains(from: usize, to: usize): void {
  const base = bias;
  for (let p = from; p < to; p++) {
    const product = hashProduct(load<u32>(p));
    insert4(product, <u32>p + base);
    insert3(product, <u32>p + base);
  }
}

/** Parses from `start` until `segmentEnd` is reached or passed, and gives the place where it stopped. */
export function parseLazy(start: usize, segmentEnd: usize, end: usize): usize {
  const base = bias;
  const first = firstPosition;
  const fullDepth = depth;
  const nice = niceLength;
  const lazy = lazyLength;
  const lookTwo = lookTwoLength;
  const shift = skipShift;
  let sequence = segmentSequences;
  let literals = start;
  let p = start;
  while (p < segmentEnd) {
    let limit = min(MAX_MATCH_LENGTH, <i32>(end - p));
    if (limit < 4) {
      countLiteral(p++);
      continue;
    }
    let best = search(p, limit, 0, min(nice, limit), fullDepth, first, base);
    if (best == 0 || isDear(best)) {
      // The longer nothing has been found, the more is stepped over.
      const next = min(p + 1 + ((p - literals) >> shift), end);
      do {
        countLiteral(p++);
      } while (p < next);
      continue;
    }
    let inserted = 1;
    while (<i32>(best >> 16) < lazy) {
      limit = min(MAX_MATCH_LENGTH, <i32>(end - p) - 1);
      if (limit < 4) break;
      const next = search(p + 1, limit, best & 0xffff0000, min(nice, limit), fullDepth >> 1, first, base);
      inserted = 2;
      if ((next & 0xffff) != 0 && worth(next) > worth(best) + 2) {
        countLiteral(p++);
        best = next;
        inserted = 1;
        continue;
      }
      if (<i32>(best >> 16) >= lookTwo && limit > 4) {
        limit--;
        const after = search(p + 2, limit, best & 0xffff0000, min(nice, limit), fullDepth >> 2, first, base);
        inserted = 3;
        if ((after & 0xffff) != 0 && worth(after) > worth(best) + 6) {
          countLiteral(p++);
          countLiteral(p++);
          best = after;
          inserted = 1;
          continue;
        }
      }
      break;
    }
    const length = <i32>(best >> 16);
    const distance = <i32>(best & 0xffff);
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
    let q = p + inserted;
    // Of a short period, only the last turn can be told apart from what precedes it.
    if (distance + 8 < length) q = max(q, matchEnd - distance - 8);
    for (; q < matchEnd; q++) {
      const product = hashProduct(load<u32>(q));
      insert4(product, <u32>q + base);
      insert3(product, <u32>q + base);
    }
    p = matchEnd;
    literals = p;
  }
  endSequences(sequence, p - literals);
  return p;
}

/**
 * Puts p into the tables and gives the longest match there, as `length << 16 | distance`: of those longer than `best`
 * (whose distance may be 0, for none), and `best` itself if there is none. `depth`: how many positions are looked at.
 *
 * What is longer than the best match so far agrees with p in its first four bytes, and also in the four that end one
 * byte beyond that match, its tail. Either chain leads to all such places, and the one whose next place is farther back
 * is followed, for the nearer ones are ruled out without a look: what is rare says more than what is common. Half the
 * steps then find more than before, which is 1.1 times the speed at level 6 and 1.2 to 1.45 times at levels 7 and 8.
 *
 * The choice is written twice, since one loop around choosing and following is 4 % slower.
 */
@inline
function search(p: usize, limit: i32, best: u32, nice: i32, depth: i32, first: u32, base: u32): u32 {
  const position = <u32>p + base;
  const low = lowestReachable(position, first);
  const word = load<u32>(p);
  const product = hashProduct(word);
  let candidate = insert4(product, position);
  const near = insert3(product, position);
  let length = <i32>(best >> 16);
  /** Where in the match a candidate lies: 0 in the chain of its first bytes. */
  let offset: u32 = 0;
  /** What a candidate is compared with first, and where from it: those of the two words its chain does not answer for. */
  let check = word;
  let checkAt: u32 = 0 - base;
  if (length == 0) {
    if (near >= low && ((load<u32>(near - base) ^ word) & 0xffffff) == 0) {
      best = (3 << 16) | (position - near);
    }
    length = 3;
  } else {
    if (length >= limit) return best;
    const reach: u32 = length - 3;
    const tail = load<u32>(p + reach);
    const other = newest4(hashProduct(tail));
    if (other < candidate + reach) {
      candidate = other;
      offset = reach;
      checkAt = 0 - reach - base;
    } else {
      check = tail;
      checkAt = reach - base;
    }
  }
  while (candidate >= low + offset) {
    if (load<u32>(candidate + checkAt) == check) {
      const start = candidate - offset;
      const found = matchLength(p, <usize>(start - base), 0, limit);
      if (found > length) {
        length = found;
        best = (found << 16) | (position - start);
        if (found >= nice || --depth <= 0) break;
        const reach: u32 = found - 3;
        const tail = load<u32>(p + reach);
        const other = newest4(hashProduct(tail));
        candidate = previousInChain(start);
        if (other < candidate + reach) {
          candidate = other;
          offset = reach;
          check = word;
          checkAt = 0 - reach - base;
        } else {
          offset = 0;
          check = tail;
          checkAt = reach - base;
        }
        continue;
      }
    }
    if (--depth <= 0) break;
    candidate = previousInChain(candidate);
  }
  return best;
}

/** What a match saves, in about quarters of a byte's bits: length, less the extra bits of the distance. */
@inline
function worth(match: u32): i32 {
  return <i32>(match >> 16) * 4 + <i32>clz(match & 0xffff);
}
