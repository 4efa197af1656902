/**
 * Level 9's match finder: the longest match at each position, as far as the hash chains show it.
 *
 * A match continues at the positions after its first. So it is recorded once, where it starts, and a longer one is
 * searched for only where it can be seen: a match that starts inside another and extends beyond its end contains the
 * three bytes before that end and the one after it. The next search is therefore done three bytes before the end, and
 * its match is extended backward to its start. This takes half as many searches as one at every position, none of
 * them inside long matches, for the same size. Level 9 is 1.45 times as fast, on JSON logs twice.
 */

import { chain3Next, chainNext, insertAhead } from './chains';
import { assertWithin, DEBUG } from './debug';
import {
  backwardMatchLength,
  firstPosition,
  length3Match,
  lowestPosition,
  matchLength,
  positionBias,
  repeatLength,
} from './match-common';
import { MATCHES, MATCHES_SIZE, MAX_MATCH_LENGTH } from './memory-map';
import { packMatch } from './sequences';
import { FOLLOW_CHAIN4, KEEP_TWO, searchTwoChains } from './two-chain-search';

/**
 * Bytes of a record: u32 index in the segment, u32 the longest match from there, u32 the longest of the shorter ones
 * from there, or the same one again. Keeping all of them would make output 0.01 % smaller at most.
 *
 * Records are in ascending order of their indices. At any position, the one that starts last is the longest, up to its
 * end.
 */
export const RECORD_SIZE: usize = 12;
export let recordsEnd: usize = 0;

/** A repeat of so many bytes ends the segment instead of being recorded, so that repeats pass at gigabytes a second. */
const MIN_REPEAT: usize = 4 * MAX_MATCH_LENGTH;

/** The repeat at which collecting stopped: the end of its matches of maximum length, or 0 for none, and the match. */
export let repeatEnd: usize = 0;
export let repeatMatch: u32 = 0;

/**
 * Records the matches of the positions from `start` to `segmentEnd`, or to the start of a repeat. Returns where it
 * stopped. `depth`: how many candidates a search compares; `widenDepth`: how many more for matches that start earlier.
 */
export function collectLongestMatches(start: usize, segmentEnd: usize, end: usize, depth: i32, widenDepth: i32): usize {
  const base = positionBias;
  const first = firstPosition;
  const searchEnd = min(segmentEnd, end - 3);
  let record = MATCHES;
  repeatEnd = 0;
  let insertAgainAt = start;
  // What is found at p may not start before: the start of the last match that covers p, or p itself.
  let earliest = start;
  for (let p = start; p < searchEnd; ) {
    if (p >= insertAgainAt) insertAgainAt = insertAhead(p, end);
    const limit = min(MAX_MATCH_LENGTH, <i32>(end - p));
    const position = <u32>p + base;
    const best3 = length3Match(p, base, chain3Next(position), lowestPosition(position, first));
    const longest = searchTwoChains<u64>(
      FOLLOW_CHAIN4,
      KEEP_TWO,
      false,
      0,
      4,
      p,
      base,
      chainNext(position),
      first,
      3,
      limit,
      limit,
      depth,
      best3,
    );
    const best = <u32>longest;
    if (best == 0) {
      earliest = ++p;
      continue;
    }
    const length = <i32>(best >> 16);
    if (length == MAX_MATCH_LENGTH) {
      const repeat = repeatLength(p + MAX_MATCH_LENGTH, best & 0xffff, segmentEnd, end);
      if (repeat >= MIN_REPEAT) {
        repeatEnd = p + MAX_MATCH_LENGTH + repeat;
        repeatMatch = packMatch(MAX_MATCH_LENGTH, best & 0xffff);
        recordsEnd = record;
        return p;
      }
    }
    if (length > 3 && p > earliest)
      record = recordWidened(record, p, <u32>(p - earliest), limit, best, widenDepth, start);
    const shorter = <u32>(longest >> 32);
    const second = select(shorter, best, shorter != 0);
    putRecord(record, <u32>(p - start), packMatch(best >> 16, best & 0xffff), packMatch(second >> 16, second & 0xffff));
    record += RECORD_SIZE;
    // What would extend a match of three bytes starts where it does, and was searched for just now.
    earliest = p + select<usize>(0, 1, length > 3);
    p += max(1, length - 3);
  }
  recordsEnd = record;
  return segmentEnd;
}

/**
 * Extends the match found at p backward, by up to `room` bytes. Another match at p may start still earlier, even if it
 * ends earlier: without those, output is 0.7 % larger. Records both and returns the new end of the records.
 */
function recordWidened(record: usize, p: usize, room: u32, limit: i32, best: u32, depth: i32, start: usize): usize {
  const length = best >> 16;
  const distance = best & 0xffff;
  const before = backwardMatchLength(p, distance, min(room, MAX_MATCH_LENGTH - length));
  const wider = findWider(p, before, min(room, MAX_MATCH_LENGTH - 4), depth);
  if (wider != 0) {
    const widerBefore = wider >> 16;
    const widerDistance = wider & 0xffff;
    const widerLength = matchLength(p, p - widerDistance, 4, min(limit, MAX_MATCH_LENGTH - widerBefore)) + widerBefore;
    record = recordEarlier(record, <u32>(p - start) - widerBefore, packMatch(widerLength, widerDistance));
  }
  if (before > 0) record = recordEarlier(record, <u32>(p - start) - before, packMatch(length + before, distance));
  return record;
}

/**
 * Among the places with the same four bytes as p, finds one where more than `before` of the bytes before p match, up to
 * `room`. Returns `matching bytes before p << 16 | distance`, or 0. As in a search, it follows the chain whose next
 * candidate is farther back: that of p's four bytes, or of the four that start one byte before what matches so far.
 */
@inline
function findWider(p: usize, before: u32, room: u32, depth: i32): u32 {
  const base = positionBias;
  const position = <u32>p + base;
  const lowest = lowestPosition(position, firstPosition);
  const head = load<u32>(p);
  let widest: u32 = 0;
  let from = position;
  while (before < room) {
    const wanted = before + 1;
    const front = load<u32>(p - wanted);
    const headCandidate = chainNext(from);
    const frontCandidate = chainNext(position - wanted) + wanted;
    const isFrontFarther = frontCandidate < headCandidate;
    const candidateOffset = select(wanted, <u32>0, isFrontFarther);
    const expected = select(head, front, isFrontFarther);
    const expectedOffset = select(wanted, 0 - wanted, isFrontFarther) - base;
    let candidate = select(frontCandidate, headCandidate, isFrontFarther) - candidateOffset;
    do {
      if (depth-- <= 0 || candidate + candidateOffset < lowest + wanted) return widest;
      if (load<u32>(candidate + expectedOffset) == expected) {
        from = candidate + candidateOffset;
        if (load<u32>(from - base) == head) before = backwardMatchLength(p, position - from, room);
      }
      candidate = chainNext(candidate);
    } while (before < wanted);
    widest = (before << 16) | (position - from);
  }
  return widest;
}

/** Records a match that starts inside the last recorded one. What is left of that is the second match there. */
@inline
function recordEarlier(record: usize, index: u32, match: u32): usize {
  const passed = index - load<u32>(record - RECORD_SIZE);
  const last = load<u32>(record - RECORD_SIZE, 4);
  // At the same index this one replaces the last, because it is longer.
  record -= select(RECORD_SIZE, 0, passed == 0);
  putRecord(record, index, match, select(last - passed, match, (last & 511) >= passed + 3));
  return record + RECORD_SIZE;
}

@inline
function putRecord(record: usize, index: u32, longest: u32, second: u32): void {
  if (DEBUG) {
    assertWithin(record, RECORD_SIZE, MATCHES, MATCHES_SIZE);
    assert(record == MATCHES || index > load<u32>(record - RECORD_SIZE), 'records must be in ascending order');
  }
  store<u32>(record, index);
  store<u32>(record, longest, 4);
  store<u32>(record, second, 8);
}
