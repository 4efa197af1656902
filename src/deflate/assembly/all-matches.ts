/**
 * Level 10's match finder: all useful matches at each position, each longer and farther away than the one before. They
 * are collected once and kept, because the parser goes over them several times. (libdeflate: bt_matchfinder.h.)
 *
 * A match continues at the positions after its first. At each of them, shorter and nearer matches are searched for, but
 * no farther away than that match. Longer ones are searched for only from the first position on where one exists. That
 * position is determined once, when the match is found: whatever extends beyond its end from inside contains the three
 * bytes before that end and the one behind it.
 *
 * Compared with binary trees, level 10 is 1.05 times as fast on text, 1.1 to 1.6 times on JSON logs and binaries, 0.95
 * times on prose, and as small.
 *
 * Invariants: MATCH_STARTS[index] is the address of a position's first match, and the next entry that of its end.
 * Positions below the end of both hash chains may be used; insertion stays LOOK_AHEAD ahead.
 */

import { chainNext, insertAhead, insertedEnd, insertUntil, skipInsertions } from './chains';
import { assertEntry, assertInput, assertWithin, DEBUG } from './debug';
import { insertLongUntil, LONG_HASH_LENGTH, longInsertedEnd, skipLongInsertions, startLongChains } from './long-chains';
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
  CHAIN_COUNT,
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

/**
 * Candidates compared at a position inside no match; inside a match, those nearer than it and those farther away; and
 * in determining where longer ones start. On prose, a quarter of the first is 0.03 % larger and 1 % faster, half of
 * the second 0.03 % and 3 %, a third of the third 0.03 % and 3 %. A tenth of the last makes no difference.
 */
const DEPTH: i32 = 80;
const NEARER_DEPTH: i32 = 4;
const FARTHER_DEPTH: i32 = 60;
const LONGER_DEPTH: i32 = 600;

/** While this much of a match is left, nothing else is searched for. Otherwise, 2 % slower and 0.01 % smaller. */
const LONG_REST: i32 = 100;

/**
 * A repeat of so many bytes ends the master block instead of being collected, so that repeats pass at gigabytes a
 * second. That may cost the header of a block, some 80 bytes.
 */
const MIN_REPEAT: usize = 16 * 1024;
/** At a greater distance, the nearer matches now and then are worth collecting. */
const MAX_REPEAT_DISTANCE: u32 = 512;

/** See hasManyMatches(). Database records have fewer matches per position; prose, source code and logs have more. */
const MANY_MATCHES: i32 = 2;

/** Matches per position that are the most in real data, for reserving memory. */
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
      const found = searchNearer(p, limit, rest, position - activeDistance, matches);
      length = select(foundLength, 3, found != matches);
      matches = found;
      if (length < rest) {
        length = rest;
        matches = putMatch(matches, packMatch(length, activeDistance));
      } else {
        activeDistance = foundDistance;
      }
    }
    if (isInside && length == rest && p < longerFrom) continue;
    if (length < limit) {
      const found = search(p, limit, length, lowest, isInside ? FARTHER_DEPTH : DEPTH, matches);
      if (found != matches) {
        matches = found;
        length = foundLength;
        activeDistance = foundDistance;
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
        // Of a short period, only the last turn differs from what precedes it.
        skipInsertions(repeatEnd - activeDistance - 8);
        skipLongInsertions(repeatEnd - activeDistance - 8);
        insertHeads3(repeatEnd - activeDistance - 8, repeatEnd);
        break;
      }
    }
    activeEnd = p + length;
    // A match of maximum length may go on as another one, which is found where it ends.
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
 * Stores the matches of p that are nearer than `farthest`, each longer than the one before, and returns their end. This
 * is search() of parse-lazy.ts, which explains it, except that all matches are kept.
 */
@inline
function searchNearer(p: usize, limit: i32, rest: i32, farthest: u32, matches: usize): usize {
  const base = positionBias;
  const position = <u32>p + base;
  const head = load<u32>(p);
  let candidate = chainNext(position);
  let length = 3;
  let depthLeft = NEARER_DEPTH;
  let candidateOffset: u32 = 0;
  let expected = head;
  let expectedOffset: u32 = 0 - base;
  while (candidate > farthest + candidateOffset) {
    if (load<u32>(candidate + expectedOffset) == expected) {
      const from = candidate - candidateOffset;
      const found = matchLength(p, <usize>(from - base), 0, limit);
      if (found > length) {
        length = found;
        matches = putMatch(matches, packMatch(found, position - from));
        foundLength = found;
        foundDistance = position - from;
        if (found >= rest || --depthLeft <= 0) break;
        const tailOffset: u32 = found - 3;
        const tailCandidate = chainNext(position + tailOffset);
        candidate = chainNext(from);
        const isTailFarther = tailCandidate < candidate + tailOffset;
        candidate = select(tailCandidate, candidate, isTailFarther);
        candidateOffset = select(tailOffset, <u32>0, isTailFarther);
        expected = select(head, load<u32>(p + tailOffset), isTailFarther);
        expectedOffset = select(0 - tailOffset, tailOffset, isTailFarther) - base;
        continue;
      }
    }
    if (--depthLeft <= 0) break;
    candidate = chainNext(candidate);
  }
  return matches;
}

/** The last match that a search has stored. */
let foundLength: i32 = 0;
let foundDistance: u32 = 0;

/** The chain that a search follows, as chooseChain() has chosen it. */
let chain: usize = 0;
let chainCandidate: u32 = 0;
/** Where in the match its candidates lie, and what they are compared with first, and where. */
let chainOffset: u32 = 0;
let chainExpected: u32 = 0;
let chainExpectedOffset: u32 = 0;

/** Stores the matches of p longer than `length`, each longer than the one before, and returns their end. */
@inline
function search(p: usize, limit: i32, length: i32, lowest: u32, depthLeft: i32, matches: usize): usize {
  const base = positionBias;
  const position = <u32>p + base;
  let candidate = chainNext(position);
  let links = CHAIN4;
  let candidateOffset: u32 = 0;
  let expected = load<u32>(p);
  let expectedOffset: u32 = 0 - base;
  if (length > 3) {
    chooseChain(p, length, position);
    candidate = chainCandidate;
    links = chain;
    candidateOffset = chainOffset;
    expected = chainExpected;
    expectedOffset = chainExpectedOffset;
  }
  while (candidate >= lowest + candidateOffset) {
    if (load<u32>(candidate + expectedOffset) == expected) {
      const from = candidate - candidateOffset;
      const found = matchLength(p, <usize>(from - base), 0, limit);
      if (found > length) {
        length = found;
        matches = putMatch(matches, packMatch(found, position - from));
        foundLength = found;
        foundDistance = position - from;
        if (found >= limit || --depthLeft <= 0) break;
        chooseChain(p, length, from);
        candidate = chainCandidate;
        links = chain;
        candidateOffset = chainOffset;
        expected = chainExpected;
        expectedOffset = chainExpectedOffset;
        continue;
      }
    }
    if (--depthLeft <= 0) break;
    candidate = load<u32>(linkAddress(links, candidate));
  }
  return matches;
}

/**
 * Of two chains, chooses the one whose next candidate is farther back: that of p's first bytes, from `from` on, where
 * `length` bytes match, or that of the bytes that end one byte beyond those. Both are chains of four bytes, or of six
 * where so many match.
 */
@inline
function chooseChain(p: usize, length: i32, from: u32): void {
  const position = <u32>p + positionBias;
  const isLong = length >= LONG_HASH_LENGTH - 1;
  const links = isLong ? CHAIN6 : CHAIN4;
  const tailHashOffset: u32 = length - (isLong ? LONG_HASH_LENGTH - 1 : 3);
  const headCandidate = load<u32>(linkAddress(links, length == LONG_HASH_LENGTH - 1 ? position : from));
  const tailCandidate = load<u32>(linkAddress(links, position + tailHashOffset));
  const isTailFarther = tailCandidate < headCandidate + tailHashOffset;
  const tailOffset: u32 = length - 3;
  chain = links;
  chainCandidate = select(tailCandidate, headCandidate, isTailFarther);
  chainOffset = select(tailHashOffset, <u32>0, isTailFarther);
  chainExpected = select(load<u32>(p), load<u32>(p + tailOffset), isTailFarther);
  chainExpectedOffset = select(0 - tailHashOffset, tailOffset, isTailFarther) - positionBias;
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
    let links = CHAIN4;
    let hashOffset: u32 = 0;
    let headCandidate: u32 = 0;
    let frontCandidate: u32 = 0;
    if (wanted == 1) {
      headCandidate = chainNext(from);
      frontCandidate = chainNext(position - 1) + 1;
    } else {
      links = CHAIN6;
      hashOffset = LONG_HASH_LENGTH - 4;
      headCandidate = load<u32>(linkAddress(CHAIN6, (before == 1 ? position : from) - hashOffset)) + hashOffset;
      frontCandidate = load<u32>(linkAddress(CHAIN6, position - wanted)) + wanted;
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
      candidate = load<u32>(linkAddress(links, candidate));
    } while (before < wanted);
    widest = (before << 16) | (position - from);
  }
  return widest;
}

@inline
function linkAddress(links: usize, position: u32): usize {
  if (DEBUG) {
    const end = <u32>(links == CHAIN4 ? insertedEnd : longInsertedEnd) + positionBias;
    assertEntry(position, links, CHAIN_COUNT, end);
  }
  return links + ((<usize>(position & (CHAIN_COUNT - 1))) << 2);
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
