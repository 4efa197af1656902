/**
 * Level 10's match finder: all useful matches at each position, each longer and farther away than the one before. They
 * are collected once and kept, because the parser goes over them several times. (libdeflate: bt_matchfinder.h.)
 *
 * A match continues at the positions after its first. At each of them, shorter and nearer matches are searched for, but
 * no farther away than that match. Longer ones are searched for only from the first position on where one exists. That
 * position is determined once, when the match is found: a match that starts inside it and extends beyond its end
 * contains the three bytes before that end and the one after it.
 *
 * Compared with binary trees, level 10 is 1.05 times as fast on text, 1.1 to 1.6 times on JSON logs and binaries, 0.95
 * times on prose, and as small.
 *
 * Invariants: MATCH_STARTS[index] is the address of a position's first match, and the next entry that of its end.
 * Positions below the end of both hash chains may be used; insertion stays LOOK_AHEAD ahead.
 */

import { chainNext, insertAhead, insertedEnd, insertUntil, skipInsertions } from './chains';
import { assertInput, assertWithin, DEBUG } from './debug';
import { insertLongUntil, LONG_HASH_LENGTH, nextInChain, skipLongInsertions, startLongChains } from './long-chains';
import {
  backwardMatchLength,
  firstPosition,
  hash3,
  hashProduct,
  lowestPosition,
  matchLength,
  positionBias,
  repeatLength,
} from './match-common';
import {
  CHAIN4,
  CHAIN6,
  MASTER_BLOCK_LENGTH,
  MATCH_STARTS,
  MATCHES,
  MATCHES_SIZE,
  MAX_MATCH_LENGTH,
  OPTIMAL_HASH3_BITS,
  OPTIMAL_HEADS3,
} from './memory-map';
import { packMatch } from './sequences';
import { FOLLOW_CHAIN4, FOLLOW_CHAIN4_AND_6, KEEP_ALL, searchTwoChains } from './two-chain-search';

/**
 * How many candidates are compared: at a position outside any match; inside a match, nearer than it; inside a match,
 * farther away than it; and to determine where longer matches start.
 *
 * On prose, a quarter of the first makes output 0.03 % larger and is 1 % faster. Half of the second is 0.03 % larger
 * and 3 % faster, and so is a third of the third. A tenth of the last makes no difference.
 */
const DEPTH: i32 = 80;
const NEARER_DEPTH: i32 = 4;
const FARTHER_DEPTH: i32 = 60;
const LONGER_DEPTH: i32 = 600;

/** While this much of a match is left, nothing else is searched for. Searching is 2 % slower and 0.01 % smaller. */
const LONG_REST: i32 = 100;

/**
 * A repeat of so many bytes ends the master block instead of being collected, so that repeats pass at gigabytes a
 * second. That may cost the header of a block, some 80 bytes.
 */
const MIN_REPEAT: usize = 16 * 1024;
/** At a greater distance, nearer matches are worth collecting, so the repeat is. */
const MAX_REPEAT_DISTANCE: u32 = 512;

/** See hasManyMatches(). Database records have fewer matches per position; prose, source code and logs have more. */
const MANY_MATCHES: i32 = 2;

/** Matches per position that memory is reserved for. No real data has more. */
const RESERVED_MATCHES: i32 = 16;

/** Address of the next match. */
let matchesEnd: usize = 0;
/** End of the chunk's data. */
let dataEnd: usize = 0;

/** The repeat at which collecting stopped: the end of its matches of maximum length, or 0 for none, and the match. */
export let repeatEnd: usize = 0;
export let repeatMatch: u32 = 0;

/** Inserts the dictionary. */
export function startMatchFinder(dictionary: usize, start: usize, end: usize): void {
  dataEnd = end;
  insertUntil(start);
  startLongChains(dictionary);
  insertLongUntil(start);
  insertHeads3(dictionary, start);
}

export function startMatches(): void {
  matchesEnd = MATCHES;
}

/** Makes positions the newest with their first three bytes. */
function insertHeads3(start: usize, end: usize): void {
  for (let p = start; p < end; p++) {
    store<u32>(OPTIMAL_HEADS3 + hash3(hashProduct(load<u32>(p)), OPTIMAL_HASH3_BITS), <u32>p + positionBias);
  }
}

/** The longest match at an index, or 0. */
@inline
export function longestMatch(index: i32): u32 {
  if (DEBUG) assert(index >= 0 && index < MASTER_BLOCK_LENGTH, 'index in the master block');
  const at = MATCH_STARTS + (index << 2);
  const end = load<u32>(at, 4);
  return end == load<u32>(at) ? 0 : load<u32>(end - 4);
}

/** Whether there is memory for the matches of `length` more positions. */
export function hasRoom(length: i32): bool {
  return matchesEnd + length * 4 * RESERVED_MATCHES <= MATCHES + MATCHES_SIZE;
}

/** Whether the first `length` positions have more than MANY_MATCHES each on average. */
export function hasManyMatches(length: i32): bool {
  return <i32>(load<u32>(MATCH_STARTS + (length << 2)) - <u32>MATCHES) > length * 4 * MANY_MATCHES;
}

/**
 * Collects the matches of the positions from `start` to `end`, or to the start of a repeat. Returns where it stopped.
 */
export function collectAllMatches(start: usize, end: usize, index: i32): usize {
  if (DEBUG) {
    assertInput(start, end - start);
    assert(index >= 0 && index + <i32>(end - start) <= MASTER_BLOCK_LENGTH, 'index in the master block');
  }
  const base = positionBias;
  const first = firstPosition;
  let matches = matchesEnd;
  let starts = MATCH_STARTS + (index << 2);
  let insertAgainAt = start;
  repeatEnd = 0;
  // The match that continues here. While `longRest` bytes of it are left, nothing else is searched for.
  let activeEnd = start;
  let activeDistance: u32 = 0;
  let longRest = LONG_REST;
  // Where longer ones start, and the one that shows it: its end, or 0 for none, and its distance.
  let longerFrom = start;
  let longerEnd: usize = 0;
  let longerDistance: u32 = 0;
  let p = start;
  for (; p < end; p++, starts += 4) {
    store<u32>(starts, matches);
    if (p >= insertAgainAt) {
      insertAgainAt = insertAhead(p, dataEnd);
      insertLongUntil(insertedEnd);
    }
    const limit = min(MAX_MATCH_LENGTH, <i32>(dataEnd - p));
    if (limit < 4) continue;
    const position = <u32>p + base;
    const head = load<u32>(p);
    const head3 = OPTIMAL_HEADS3 + hash3(hashProduct(head), OPTIMAL_HASH3_BITS);
    const candidate3 = load<u32>(head3);
    store<u32>(head3, position);
    // When the memory is used up, the remaining positions get no matches.
    if (matches + MAX_MATCH_LENGTH * 4 > MATCHES + MATCHES_SIZE) continue;
    const rest = <i32>(activeEnd - p);
    if (rest >= longRest) {
      // The path may enter the match here, except in repeats of a short period, which would take ten times as long.
      if (rest > 2 && activeDistance > 8) matches = putMatch(matches, packMatch(rest, activeDistance));
      continue;
    }
    const lowest = lowestPosition(position, first);
    const isInRange = candidate3 >= lowest;
    const at3 = select(candidate3, position - 1, isInRange);
    const isMatch = ((load<u32>(at3 - base) ^ head) & 0xffffff) == 0;
    store<u32>(matches, packMatch(3, position - at3));
    matches += select(4, 0, isInRange && isMatch && candidate3 != chainNext(position));

    const isInside = rest > 3;
    let length = 3;
    if (isInside) {
      const found = searchNearer(p, limit, rest, activeDistance, matches);
      const last = load<u32>(found - 4);
      length = select(<i32>(last & 511), 3, found != matches);
      matches = found;
      if (length < rest) {
        length = rest;
        matches = putMatch(matches, packMatch(length, activeDistance));
      } else {
        activeDistance = (last >> 14) + 1;
      }
    }
    if (isInside && length == rest && p < longerFrom) continue;
    if (length < limit) {
      const found = search(p, limit, length, isInside ? FARTHER_DEPTH : DEPTH, matches);
      if (found != matches) {
        const last = load<u32>(found - 4);
        matches = found;
        length = <i32>(last & 511);
        activeDistance = (last >> 14) + 1;
      }
      if (isInside && p >= longerFrom && p + length < longerEnd) {
        // The longer match is known, but too far down the chains.
        length = <i32>(longerEnd - p);
        activeDistance = longerDistance;
        matches = putMatch(matches, packMatch(length, activeDistance));
      }
    }
    if (length <= max(rest, 3)) continue;
    if (length == MAX_MATCH_LENGTH && activeDistance <= MAX_REPEAT_DISTANCE) {
      const repeat = repeatLength(p + MAX_MATCH_LENGTH, activeDistance, dataEnd, dataEnd);
      if (repeat >= MIN_REPEAT) {
        repeatEnd = p + MAX_MATCH_LENGTH + repeat;
        repeatMatch = packMatch(MAX_MATCH_LENGTH, activeDistance);
        // All periods of the repeat are alike, so only the last one is inserted.
        skipInsertions(repeatEnd - activeDistance - 8);
        skipLongInsertions(repeatEnd - activeDistance - 8);
        insertHeads3(repeatEnd - activeDistance - 8, repeatEnd);
        break;
      }
    }
    activeEnd = p + length;
    // A match of maximum length may continue as another one, which is found at its end.
    longRest = length == MAX_MATCH_LENGTH ? 1 : LONG_REST;
    longerFrom = activeEnd - 3;
    longerEnd = 0;
    if (longerFrom < p + 2 || activeEnd >= dataEnd) continue;
    const longer = findLonger(p, longerFrom);
    if (longer == 0) continue;
    const before = longer >> 16;
    longerDistance = longer & 0xffff;
    const most = min(MAX_MATCH_LENGTH - before, <u32>(dataEnd - longerFrom));
    longerEnd = longerFrom + matchLength(longerFrom, longerFrom - longerDistance, 4, most);
    longerFrom -= before;
  }
  if (p == end) store<u32>(starts, matches);
  matchesEnd = load<u32>(starts);
  return p;
}

/**
 * Stores the matches of p that are nearer than `distance`, each longer than the one before, and returns their end.
 * Stops at a match of `nice` bytes.
 */
@inline
function searchNearer(p: usize, limit: i32, nice: i32, distance: u32, matches: usize): usize {
  const position = <u32>p + positionBias;
  return searchTwoChains<u32>(
    FOLLOW_CHAIN4,
    KEEP_ALL,
    false,
    0,
    4,
    p,
    positionBias,
    chainNext(position),
    position - distance + 1,
    3,
    limit,
    nice,
    NEARER_DEPTH,
    <u32>matches,
  );
}

/** Stores the matches of p longer than `length`, each longer than the one before, and returns their end. */
@inline
function search(p: usize, limit: i32, length: i32, depth: i32, matches: usize): usize {
  return searchTwoChains<u32>(
    FOLLOW_CHAIN4_AND_6,
    KEEP_ALL,
    length > 3,
    0,
    4,
    p,
    positionBias,
    chainNext(<u32>p + positionBias),
    firstPosition,
    length,
    limit,
    limit,
    depth,
    <u32>matches,
  );
}

/**
 * Of the matches that start after p and contain the four bytes at `at`, finds the one that starts first. Returns
 * `bytes before at << 16 | distance`, or 0.
 */
function findLonger(p: usize, at: usize): u32 {
  // There must be two bytes between p and the four bytes, and the four bytes must be data.
  if (at < p + 2 || at + 4 > dataEnd) return 0;
  const room = min(<u32>(at - p) - 1, MAX_MATCH_LENGTH - 4);
  const base = positionBias;
  const position = <u32>at + base;
  const lowest = lowestPosition(position, firstPosition);
  const word = load<u32>(at);
  let widest: u32 = 0;
  let from = position;
  let before: u32 = 0;
  let depthLeft = LONGER_DEPTH;
  while (before < room) {
    // Two chains again: of the bytes at `at` (or two before, for six bytes), and of those that start one byte before
    // what matches so far.
    const wanted = before + 1;
    let chain = CHAIN4;
    let hashOffset: u32 = 0;
    let headCandidate: u32 = 0;
    let frontCandidate: u32 = 0;
    if (wanted == 1) {
      headCandidate = chainNext(from);
      frontCandidate = chainNext(position - 1) + 1;
    } else {
      chain = CHAIN6;
      hashOffset = LONG_HASH_LENGTH - 4;
      headCandidate = nextInChain(CHAIN6, (before == 1 ? position : from) - hashOffset) + hashOffset;
      frontCandidate = nextInChain(CHAIN6, position - wanted) + wanted;
    }
    const isFrontFarther = frontCandidate < headCandidate;
    const candidateOffset = select(wanted, hashOffset, isFrontFarther);
    const expected = select(word, load<u32>(at - wanted), isFrontFarther);
    const expectedOffset = select(wanted, hashOffset - wanted, isFrontFarther) - base;
    let candidate = select(frontCandidate, headCandidate, isFrontFarther) - candidateOffset;
    do {
      if (depthLeft-- <= 0 || candidate + candidateOffset < lowest + wanted) return widest;
      if (load<u32>(candidate + expectedOffset) == expected) {
        const place = candidate + candidateOffset;
        if (load<u32>(place - base) == word) {
          from = place;
          before = backwardMatchLength(at, position - from, room);
        }
      }
      candidate = nextInChain(chain, candidate);
    } while (before < wanted);
    widest = (before << 16) | (position - from);
  }
  return widest;
}

@inline
function putMatch(matches: usize, match: u32): usize {
  if (DEBUG) assertWithin(matches, 4, MATCHES, MATCHES_SIZE);
  store<u32>(matches, match);
  return matches + 4;
}

/** Drops the matches of the first `count` positions of `total`. */
export function dropMatches(count: i32, total: i32): void {
  const from = load<u32>(MATCH_STARTS + (count << 2));
  const moved = from - <u32>MATCHES;
  memory.copy(MATCHES, from, matchesEnd - from);
  matchesEnd -= moved;
  for (let i = count; i <= total; i++) {
    store<u32>(MATCH_STARTS + ((i - count) << 2), load<u32>(MATCH_STARTS + (i << 2)) - moved);
  }
}
