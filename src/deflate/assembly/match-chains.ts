/**
 * Level 9's match finder: of every position the longest match, as far as the hash chains show it.
 *
 * A match goes on in the positions after its first, so it is recorded once, where it begins, and what is longer is looked
 * for only where it can be seen: what begins inside a match and goes beyond its end contains the three bytes before that
 * end and the one behind it. So the next search is three bytes before the end, and what it finds is followed back to
 * where it begins. Half as many searches as at every position, none of them inside long matches, and the same size:
 * level 9 is 1.45 times as fast, 2 times on JSON logs.
 */

import { linkAhead, linkOf, nearLinkOf } from './links';
import { bias, firstPosition, lowestReachable, MAX_MATCH_LENGTH, matchLength, runLength } from './match-finder';
import { lengthBefore } from './match-lists';
import { MATCHES } from './memory-map';
import { matchOf } from './sequences';

/**
 * u32[3] in the order of their beginnings: index in the segment, the longest match from there, and another one from there,
 * the longest of the shorter ones, or the same. With all of them, output is 0.01 % smaller at most. At any position, the
 * one that began last is the longest, as far as it reaches.
 */
export const RECORD: usize = 12;
export let recordsEnd: usize = 0;

/** A run of so many bytes is not collected but ends the segment, so that runs pass at gigabytes a second. */
const MIN_RUN: usize = 4 * MAX_MATCH_LENGTH;

/** The run that collecting stopped at: where its matches of greatest length end, or 0 for none, and the match. */
export let runEnd: usize = 0;
export let runMatch: u32 = 0;

/**
 * Records the matches of the positions from `start` to `segmentEnd`, or to the one where a run begins, which is given.
 * `depth`: how many earlier positions a search compares; `wideDepth`: how many more for what begins earlier.
 */
export function collectFromChains(start: usize, segmentEnd: usize, end: usize, depth: i32, wideDepth: i32): usize {
  const base = bias;
  const first = firstPosition;
  const searchEnd = min(segmentEnd, end - 3);
  let record = MATCHES;
  runEnd = 0;
  let unlinked = start;
  // Nothing that is found may begin before: where the last match begins that reaches p, or p itself.
  let earliest = start;
  for (let p = start; p < searchEnd; ) {
    if (p >= unlinked) unlinked = linkAhead(p, end);
    const limit = min(MAX_MATCH_LENGTH, <i32>(end - p));
    const position = <u32>p + base;
    const low = lowestReachable(position, first);
    const word = load<u32>(p);
    let candidate = linkOf(position);
    // From here on as search() of parse-lazy.ts, which tells why; but what the longest replaces is kept, too.
    const near = nearLinkOf(position);
    const isNear = near >= low;
    const agrees = ((load<u32>(select(near, position - 1, isNear) - base) ^ word) & 0xffffff) == 0;
    let best: u32 = select((3 << 16) | (position - near), 0, isNear && agrees);
    let second: u32 = 0;
    let length = 3;
    let left = depth;
    let offset: u32 = 0;
    let check = word;
    let checkAt: u32 = 0 - base;
    while (candidate >= low + offset) {
      if (load<u32>(candidate + checkAt) == check) {
        const from = candidate - offset;
        const found = matchLength(p, <usize>(from - base), 0, limit);
        if (found > length) {
          second = best;
          length = found;
          best = (found << 16) | (position - from);
          if (found >= limit) {
            if (found < MAX_MATCH_LENGTH) break;
            const run = runLength(p + MAX_MATCH_LENGTH, position - from, segmentEnd, end);
            if (run < MIN_RUN) break;
            runEnd = p + MAX_MATCH_LENGTH + run;
            runMatch = matchOf(MAX_MATCH_LENGTH, position - from);
            recordsEnd = record;
            return p;
          }
          if (--left <= 0) break;
          const reach: u32 = found - 3;
          const tail = load<u32>(p + reach);
          const other = linkOf(position + reach);
          candidate = linkOf(from);
          const rare = other < candidate + reach;
          candidate = select(other, candidate, rare);
          offset = select(reach, <u32>0, rare);
          check = select(word, tail, rare);
          checkAt = select(0 - reach, reach, rare) - base;
          continue;
        }
      }
      if (--left <= 0) break;
      candidate = linkOf(candidate);
    }
    if (best == 0) {
      earliest = ++p;
      continue;
    }
    if (length > 3 && p > earliest) record = recordWider(record, p, <u32>(p - earliest), limit, best, wideDepth, start);
    second = select(second, best, second != 0);
    putRecord(record, <u32>(p - start), matchOf(best >> 16, best & 0xffff), matchOf(second >> 16, second & 0xffff));
    record += RECORD;
    // A match of three bytes would be gone beyond from its first, where all has been looked for.
    earliest = p + select<usize>(0, 1, length > 3);
    p += max(1, length - 3);
  }
  recordsEnd = record;
  return segmentEnd;
}

/**
 * What was found at p may begin up to `room` bytes earlier, and another match of p may begin earlier still, though it ends
 * earlier: without those, output is 0.7 % larger. Records both, and gives the end of the records.
 */
function recordWider(
  record: usize,
  p: usize,
  room: u32,
  limit: i32,
  best: u32,
  depth: i32,
  start: usize,
): usize {
  const length = best >> 16;
  const distance = best & 0xffff;
  const before = lengthBefore(p, distance, min(room, MAX_MATCH_LENGTH - length));
  const wider = findWider(p, before, min(room, MAX_MATCH_LENGTH - 4), depth);
  if (wider != 0) {
    const beforeWider = wider >> 16;
    const distanceWider = wider & 0xffff;
    const lengthWider = matchLength(p, p - distanceWider, 4, min(limit, MAX_MATCH_LENGTH - beforeWider)) + beforeWider;
    record = recordEarlier(record, <u32>(p - start) - beforeWider, matchOf(lengthWider, distanceWider));
  }
  if (before > 0) record = recordEarlier(record, <u32>(p - start) - before, matchOf(length + before, distance));
  return record;
}

/**
 * Of the places with the same four bytes as p, one where more than `before` of the bytes before p agree, up to `room`, as
 * `how many << 16 | distance`, or 0. As in a search, the rarer of two chains is followed: of p's four bytes, and of the four
 * that begin one byte before what agrees so far.
 */
@inline
function findWider(p: usize, before: u32, room: u32, depth: i32): u32 {
  const base = bias;
  const position = <u32>p + base;
  const low = lowestReachable(position, firstPosition);
  const word = load<u32>(p);
  let widest: u32 = 0;
  let from = position;
  while (before < room) {
    const wanted = before + 1;
    const head = load<u32>(p - wanted);
    const same = linkOf(from);
    const other = linkOf(position - wanted) + wanted;
    const rare = other < same;
    const offset = select(wanted, <u32>0, rare);
    const check = select(word, head, rare);
    const checkAt = select(wanted, 0 - wanted, rare) - base;
    let candidate = select(other, same, rare) - offset;
    do {
      if (depth-- <= 0 || candidate + offset < low + wanted) return widest;
      if (load<u32>(candidate + checkAt) == check) {
        from = candidate + offset;
        if (load<u32>(from - base) == word) before = lengthBefore(p, position - from, room);
      }
      candidate = linkOf(candidate);
    } while (before < wanted);
    widest = (before << 16) | (position - from);
  }
  return widest;
}

/** Records a match that begins inside the one recorded last, what is left of which is the other one to begin there. */
@inline
function recordEarlier(record: usize, index: u32, match: u32): usize {
  const passed = index - load<u32>(record - RECORD);
  const last = load<u32>(record - RECORD, 4);
  // The same place: this one is longer.
  record -= select(RECORD, 0, passed == 0);
  putRecord(record, index, match, select(last - passed, match, (last & 511) >= passed + 3));
  return record + RECORD;
}

@inline
function putRecord(record: usize, index: u32, longest: u32, second: u32): void {
  store<u32>(record, index);
  store<u32>(record, longest, 4);
  store<u32>(record, second, 8);
}
