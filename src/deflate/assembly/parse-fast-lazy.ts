/**
 * Levels 3 and 4: lazy evaluation over precomputed matches (hash-heads.ts). A match is deferred, and its first byte
 * becomes a literal, if the next position has a better one, or the one after that.
 *
 * A search starts only where the nearest candidate matches in four bytes or more. That is known already, so going from
 * one such position to the next is cheap. From there, the deltas lead to candidates farther back.
 *
 * Invariant: all positions up to LOOK_AHEAD beyond the parser's have been precomputed.
 */

import { endSequences, segmentSequences } from './block-splitter';
import { isTypicalDensity } from './data-type';
import { deltaAt, matchBitsIndex, precompute, precomputedEnd, skipTo, startHashHeads } from './hash-heads';
import { depth, maxLazy, maxLazyAtTypicalDensity, niceLength } from './levels';
import { appendLiterals, countLiterals } from './literals';
import { backwardExtension, matchLength, matchScore, repeatLength } from './match-common';
import { INPUT, LITERALS, MATCH_BITS, MAX_MATCH_LENGTH } from './memory-map';
import { putSequence } from './sequences';
import { FOLLOW_DELTAS, KEEP_LONGEST, searchTwoChains } from './two-chain-search';
import { maxUsefulDistance } from './useful-distance';

/** Match density in the previous segment. */
let bytesPerMatch: i32 = 0;

/** Bytes that are hashed: five in text. */
let hashLength: i32 = 4;

/** Of eight entries of MATCH_BITS, the bits of which at least one is set where four bytes or more match. */
const FOUR_BYTES_MATCH: u64 = 0xe0e0e0e0e0e0e0e0;

export function startFastLazy(start: usize, end: usize, isText: bool): void {
  bytesPerMatch = 0;
  hashLength = isText ? 5 : 4;
  startHashHeads(start, end, true, isText);
}

/** Parses from `start` until `segmentEnd` is reached or passed. Returns the position where it stopped. */
export function parseFastLazy(start: usize, segmentEnd: usize, end: usize): usize {
  const nice = niceLength;
  const lazy = isTypicalDensity(bytesPerMatch) ? maxLazyAtTypicalDensity : maxLazy;
  let sequence = segmentSequences;
  let literalsEnd = LITERALS;
  let literals = start;
  let p = start;
  let committedEnd = committedUntil(end);
  for (;;) {
    if (p >= committedEnd) {
      if (p >= segmentEnd) break;
      if (precomputedEnd < end) {
        precompute();
        committedEnd = committedUntil(end);
        continue;
      }
    }
    const matchBits = load<u64>(matchBitsIndex(p), MATCH_BITS) & FOUR_BYTES_MATCH;
    if (matchBits == 0) {
      p += 8;
      if (p >= segmentEnd) break;
      continue;
    }
    p += <usize>(ctz(matchBits) >> 3);
    if (p >= segmentEnd) break;
    let limit = min(MAX_MATCH_LENGTH, <i32>(end - p));
    let match = nearestMatch(p, limit);
    if (match == 0) {
      p++;
      continue;
    }
    if (<i32>(match >> 16) < nice) match = searchBeyond(p, match, limit);
    while (<i32>(match >> 16) < lazy) {
      const length = <i32>(match >> 16);
      if (--limit <= length) break;
      const next = searchLonger(p + 1, length, limit);
      if (next != 0 && score(next) > score(match) + 2) {
        match = next;
        p++;
        continue;
      }
      if (--limit <= length) break;
      const after = length < 8 ? nearestMatch(p + 2, limit) : searchLonger(p + 2, length, limit);
      if (after == 0 || score(after) <= score(match) + 6) break;
      p += 2;
      match = length < 8 ? searchBeyond(p, after, limit) : after;
    }
    const distance = match & 0xffff;
    let matchEnd = p + (match >> 16);
    p -= backwardExtension(p, distance, literals, MAX_MATCH_LENGTH - <i32>(match >> 16));
    literalsEnd = appendLiterals(literalsEnd, literals, p - literals);
    sequence = putSequence(sequence, p - literals, <i32>(matchEnd - p), distance);
    if (matchEnd - p == MAX_MATCH_LENGTH) {
      const repeat = repeatLength(matchEnd, distance, segmentEnd, end);
      for (let n = repeat; n > 0; n -= MAX_MATCH_LENGTH) {
        sequence = putSequence(sequence, 0, MAX_MATCH_LENGTH, distance);
      }
      matchEnd += repeat;
      if (matchEnd > precomputedEnd) {
        // All periods of the repeat are alike, so only the last one is inserted.
        skipTo(matchEnd - distance - 8, 0);
        committedEnd = 0;
      }
    }
    p = matchEnd;
    literals = p;
  }
  p = min(p, end);
  bytesPerMatch = <i32>(p - start) / max(1, <i32>(sequence - segmentSequences) >> 3);
  countLiterals(appendLiterals(literalsEnd, literals, p - literals));
  endSequences(sequence, p - literals);
  return p;
}

/**
 * How far ahead of its own position the parser uses the deltas. It defers a match some fifty times at most, by one or
 * two positions: each time the score rises by three or seven. Then it looks two positions ahead, inside the match found
 * there.
 */
export const LOOK_AHEAD: usize = 512;

/** The parser may work on the positions before. */
@inline
function committedUntil(end: usize): usize {
  return precomputedEnd == end ? end : precomputedEnd - LOOK_AHEAD;
}

/** The match at the nearest candidate, as `length << 16 | distance`, or 0 if it is not worth taking. */
@inline
function nearestMatch(p: usize, limit: i32): u32 {
  let length = <i32>load<u8>(matchBitsIndex(p), MATCH_BITS) >> 3;
  const distance = deltaAt(p);
  if (distance - 1 >= maxUsefulDistance(length)) return 0;
  if (length == 8) length = matchLength(p, p - distance, 8, limit);
  return (length << 16) | distance;
}

/** A longer match than the one given, farther back, or that one. */
function searchBeyond(p: usize, match: u32, limit: i32): u32 {
  const from = p - (match & 0xffff);
  const longer = search(p, <i32>(match >> 16), limit, from - deltaAt(from), depth);
  return longer == 0 ? match : longer;
}

/** A match longer than `length`, or 0. */
function searchLonger(p: usize, length: i32, limit: i32): u32 {
  return search(p, length, limit, p - deltaAt(p), depth >> 1);
}

/**
 * The longest match of p that is longer than `length`, as `length << 16 | distance`, or 0. `candidate` is the nearest
 * candidate, `depth` the number of them.
 */
@inline
function search(p: usize, length: i32, limit: i32, candidate: usize, depth: i32): u32 {
  if (length < hashLength || length >= limit) return 0;
  return searchTwoChains<u32>(
    FOLLOW_DELTAS,
    KEEP_LONGEST,
    true,
    1,
    hashLength,
    p,
    0,
    <u32>candidate,
    <u32>INPUT,
    length,
    limit,
    limit,
    depth,
    0,
  );
}

@inline
function score(match: u32): i32 {
  return matchScore(<i32>(match >> 16), match & 0xffff);
}
