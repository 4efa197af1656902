/**
 * Levels 5 to 8: hash chains and lazy evaluation. A match is deferred, and its first byte becomes a literal, if the
 * next position has a better one, or, for a match of `lazy2Length` or more, the one after that.
 */

import { endSequences, segmentSequences } from './block-splitter';
import {
  chain3Next,
  chainNext,
  HASH_4,
  HASH_4_AND_3,
  HASH_5,
  insertAhead,
  skipInsertions,
  startChains,
} from './chains';
import { isText, isTypicalDensity, NON_LATIN_TEXT, PROSE, UTF16 } from './data-type';
import {
  depth,
  depthAtTypicalDensity,
  lazy2Length,
  maxLazy,
  maxLazyAtTypicalDensity,
  niceLength,
  skipShift,
} from './levels';
import { appendLiterals, countLiterals } from './literals';
import { firstPosition, length3Match, lowestPosition, matchScore, positionBias, repeatLength } from './match-common';
import { LITERALS, MAX_MATCH_LENGTH } from './memory-map';
import { putSequence } from './sequences';
import { FOLLOW_CHAIN4, KEEP_LONGEST, searchTwoChains } from './two-chain-search';
import { isUnprofitable } from './useful-distance';

/** Match density in the previous segment. */
let bytesPerMatch: i32 = 0;

/**
 * Candidates that are probed before a longer match is searched for, at typical density. With 1, level 6 is 3 % faster
 * and 0.14 % larger; with 3, it is 1 % slower and 0.06 % smaller.
 */
const QUICK_PROBES: i32 = 2;

/** At typical density, text gets this much more depth: the time that three-byte chains would take. 0.1 % smaller. */
const EXTRA_TEXT_DEPTH: i32 = 3;

/** A length that no match has. */
const NEVER: i32 = MAX_MATCH_LENGTH + 1;

let chainKind: i32 = 0;

/**
 * Non-Latin text is searched half as deep again, and the same at every density: four bytes are only two characters.
 * Level 6 is 2 % smaller with it, as small as node:zlib's, and takes 1.1 times as long.
 */
let searchDeeper: bool = false;

/**
 * In prose and UTF-16, four equal bytes occur in many places that have nothing else in common, so five are hashed.
 * Prose is 1.2 times as fast and 1 % smaller, UTF-16 1.2 to 1.3 times as fast and 3 to 6 % smaller. In text of any
 * kind, matches of three bytes are not searched for.
 */
export function startLazy(dataType: i32): void {
  bytesPerMatch = 0;
  searchDeeper = dataType == NON_LATIN_TEXT;
  chainKind = dataType == PROSE || dataType == UTF16 ? HASH_5 : isText(dataType) ? HASH_4 : HASH_4_AND_3;
  startChains(chainKind);
}

/** Parses from `start` until `segmentEnd` is reached or passed. Returns the position where it stopped. */
export function parseLazy(start: usize, segmentEnd: usize, end: usize): usize {
  const isTypical = !searchDeeper && isTypicalDensity(bytesPerMatch);
  if (chainKind == HASH_5) {
    return isTypical ? parseTypicalProse(start, segmentEnd, end) : parseOtherProse(start, segmentEnd, end);
  }
  if (chainKind == HASH_4) {
    return isTypical ? parseTypicalText(start, segmentEnd, end) : parseOtherText(start, segmentEnd, end);
  }
  return isTypical ? parseTypical(start, segmentEnd, end) : parseOther(start, segmentEnd, end);
}

// Six copies of parse(), so that its last parameters are constant in each. With variables it is 3 % slower.
function parseTypical(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, true, 4, true);
}

function parseOther(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, false, 4, true);
}

function parseTypicalText(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, true, 4, false);
}

function parseOtherText(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, false, 4, false);
}

function parseTypicalProse(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, true, 5, false);
}

function parseOtherProse(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, false, 5, false);
}

@inline
function parse(start: usize, segmentEnd: usize, end: usize, isTypical: bool, hashLength: u32, useLength3: bool): usize {
  const base = positionBias;
  const first = firstPosition;
  const searchLess = isTypical && depthAtTypicalDensity > 0;
  const levelDepth = searchDeeper ? depth + (depth >> 1) : depth;
  const fullDepth = !searchLess
    ? levelDepth
    : useLength3
      ? depthAtTypicalDensity
      : depthAtTypicalDensity + EXTRA_TEXT_DEPTH;
  const nice = niceLength;
  const lazy = searchLess ? maxLazyAtTypicalDensity : maxLazy;
  const lazy2 = searchLess ? NEVER : lazy2Length;
  const shift = skipShift;
  let sequence = segmentSequences;
  let literalsEnd = LITERALS;
  let literals = start;
  let p = start;
  let insertAgainAt = start;
  while (p < segmentEnd) {
    if (p >= insertAgainAt) insertAgainAt = insertAhead(p, end);
    let limit = min(MAX_MATCH_LENGTH, <i32>(end - p));
    if (limit < 4) {
      p++;
      continue;
    }
    let best = search(p, limit, nice, fullDepth, first, base, hashLength, useLength3);
    if (isUnprofitable(best)) {
      // The longer nothing has been found, the more positions are skipped.
      p = min(p + 1 + ((p - literals) >> shift), end);
      continue;
    }
    while (<i32>(best >> 16) < lazy) {
      limit = min(MAX_MATCH_LENGTH, <i32>(end - p) - 1);
      if (limit < 4) break;
      const next = searchLonger(p + 1, best >> 16, limit, nice, fullDepth >> 1, first, base, hashLength, isTypical);
      if (next != 0 && score(next) > score(best) + 2) {
        p++;
        best = next;
        continue;
      }
      if (<i32>(best >> 16) >= lazy2 && limit > 4) {
        limit--;
        const after = searchLonger(p + 2, best >> 16, limit, nice, fullDepth >> 2, first, base, hashLength, isTypical);
        if (after != 0 && score(after) > score(best) + 6) {
          p += 2;
          best = after;
          continue;
        }
      }
      break;
    }
    const length = <i32>(best >> 16);
    const distance = <i32>(best & 0xffff);
    literalsEnd = appendLiterals(literalsEnd, literals, p - literals);
    sequence = putSequence(sequence, p - literals, length, distance);
    let matchEnd = p + length;
    if (length == MAX_MATCH_LENGTH) {
      const repeat = repeatLength(matchEnd, distance, segmentEnd, end);
      for (let n = repeat; n > 0; n -= MAX_MATCH_LENGTH) sequence = putSequence(sequence, 0, length, distance);
      if (repeat > 0) {
        matchEnd += repeat;
        // All periods of the repeat are alike, so only the last one is inserted.
        skipInsertions(matchEnd - distance - 8);
        insertAgainAt = matchEnd;
      }
    }
    p = matchEnd;
    literals = p;
  }
  bytesPerMatch = <i32>(p - start) / max(1, <i32>(sequence - segmentSequences) >> 3);
  countLiterals(appendLiterals(literalsEnd, literals, p - literals));
  endSequences(sequence, p - literals);
  return p;
}

/** The longest match of p, as `length << 16 | distance`, or 0. `depth`: how many candidates are compared. */
@inline
function search(
  p: usize,
  limit: i32,
  nice: i32,
  depth: i32,
  first: u32,
  base: u32,
  hashLength: u32,
  useLength3: bool,
): u32 {
  const position = <u32>p + base;
  const lowest = lowestPosition(position, first);
  const candidate = chainNext(position);
  const best = useLength3 ? length3Match(p, base, chain3Next(position), lowest) : 0;
  return searchTwoChains<u32>(
    FOLLOW_CHAIN4,
    KEEP_LONGEST,
    false,
    0,
    hashLength,
    p,
    base,
    candidate,
    first,
    3,
    limit,
    min(nice, limit),
    depth,
    best,
  );
}

/** The same for matches longer than `length`. */
@inline
function searchLonger(
  p: usize,
  length: u32,
  limit: i32,
  nice: i32,
  depth: i32,
  first: u32,
  base: u32,
  hashLength: u32,
  isTypical: bool,
): u32 {
  if (<i32>length >= limit) return 0;
  const position = <u32>p + base;
  return searchTwoChains<u32>(
    FOLLOW_CHAIN4,
    KEEP_LONGEST,
    true,
    isTypical ? QUICK_PROBES : 0,
    hashLength,
    p,
    base,
    chainNext(position),
    first,
    length,
    limit,
    min(nice, limit),
    depth,
    0,
  );
}

@inline
function score(match: u32): i32 {
  return matchScore(<i32>(match >> 16), match & 0xffff);
}
