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
import { firstPosition, lowestPosition, matchLength, matchScore, positionBias, repeatLength } from './match-common';
import { LITERALS, MAX_MATCH_LENGTH, WINDOW_SIZE } from './memory-map';
import { putSequence } from './sequences';
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
    let best = search(p, limit, 0, min(nice, limit), fullDepth, first, base, hashLength, isTypical, useLength3);
    if (isUnprofitable(best)) {
      // The longer nothing has been found, the more positions are skipped.
      p = min(p + 1 + ((p - literals) >> shift), end);
      continue;
    }
    while (<i32>(best >> 16) < lazy) {
      limit = min(MAX_MATCH_LENGTH, <i32>(end - p) - 1);
      if (limit < 4) break;
      const next = search(
        p + 1,
        limit,
        best & 0xffff0000,
        min(nice, limit),
        fullDepth >> 1,
        first,
        base,
        hashLength,
        isTypical,
        useLength3,
      );
      if ((next & 0xffff) != 0 && score(next) > score(best) + 2) {
        p++;
        best = next;
        continue;
      }
      if (<i32>(best >> 16) >= lazy2 && limit > 4) {
        limit--;
        const after = search(
          p + 2,
          limit,
          best & 0xffff0000,
          min(nice, limit),
          fullDepth >> 2,
          first,
          base,
          hashLength,
          isTypical,
          useLength3,
        );
        if ((after & 0xffff) != 0 && score(after) > score(best) + 6) {
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
        // Of a short period, only the last turn differs from what precedes it.
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

/**
 * Returns the longest match of p, as `length << 16 | distance`, if it is longer than `best`, and `best` otherwise. Its
 * distance may be 0, for no match. `depth`: how many candidates are compared.
 *
 * A match longer than the best one so far agrees with p in its first four bytes, and in the four bytes that end one
 * byte beyond the best match, its tail. Both have a hash chain that leads to all such places. The search follows the
 * one whose next candidate is farther back, because the other's nearer candidates are ruled out without a look. Half
 * as many comparisons then find longer matches: level 6 is 1.1 times as fast, levels 7 and 8 1.2 to 1.45 times.
 *
 * Most of the time goes into unpredictable branches. Selecting a chain without a branch is 2 % faster; so is checking
 * for three equal bytes, by 3 %, on binaries 6 %. Choosing a chain is written twice, because one loop around choosing
 * and following is 4 % slower.
 */
@inline
function search(
  p: usize,
  limit: i32,
  best: u32,
  nice: i32,
  depth: i32,
  first: u32,
  base: u32,
  hashLength: u32,
  probeFirst: bool,
  useLength3: bool,
): u32 {
  const position = <u32>p + base;
  const lowest = lowestPosition(position, first);
  const head = load<u32>(p);
  let candidate = chainNext(position);
  let length = <i32>(best >> 16);
  /** Where in the match a candidate lies: 0 in the head's chain. */
  let candidateOffset: u32 = 0;
  /** What a candidate is compared with first, and where: the word that its chain does not vouch for. */
  let expected = head;
  let expectedOffset: u32 = 0 - base;
  if (length == 0) {
    if (useLength3) {
      const candidate3 = chain3Next(position);
      const isInRange = candidate3 >= lowest;
      const at = select(candidate3, position - 1, isInRange);
      const isMatch = ((load<u32>(at - base) ^ head) & 0xffffff) == 0;
      best = select((3 << 16) | (position - candidate3), 0, isInRange && isMatch);
    }
    length = 3;
  } else {
    if (length >= limit) return best;
    const tailOffset: u32 = length - 3;
    const tailHashOffset: u32 = length + 1 - hashLength;
    const tail = load<u32>(p + tailOffset);
    const tailCandidate = chainNext(position + tailHashOffset);
    const isTailFarther = tailCandidate < candidate + tailHashOffset;
    candidate = select(tailCandidate, candidate, isTailFarther);
    candidateOffset = select(tailHashOffset, <u32>0, isTailFarther);
    expected = select(head, tail, isTailFarther);
    expectedOffset = select(0 - tailHashOffset, tailOffset, isTailFarther) - base;
    if (probeFirst) {
      // Usually there is no longer match, and the first candidates show it.
      const floor = position - WINDOW_SIZE - 1;
      let at = max(candidate, floor);
      let isSeen = load<u32>(at + expectedOffset) == expected;
      for (let i = 1; i < QUICK_PROBES; i++) {
        at = max(chainNext(at), floor);
        isSeen |= load<u32>(at + expectedOffset) == expected;
      }
      if (!isSeen) return best;
    }
  }
  while (candidate >= lowest + candidateOffset) {
    if (load<u32>(candidate + expectedOffset) == expected) {
      const start = candidate - candidateOffset;
      const found = matchLength(p, <usize>(start - base), 0, limit);
      if (found > length) {
        length = found;
        best = (found << 16) | (position - start);
        if (found >= nice || --depth <= 0) break;
        const tailOffset: u32 = found - 3;
        const tailHashOffset: u32 = found + 1 - hashLength;
        const tail = load<u32>(p + tailOffset);
        const tailCandidate = chainNext(position + tailHashOffset);
        candidate = chainNext(start);
        const isTailFarther = tailCandidate < candidate + tailHashOffset;
        candidate = select(tailCandidate, candidate, isTailFarther);
        candidateOffset = select(tailHashOffset, <u32>0, isTailFarther);
        expected = select(head, tail, isTailFarther);
        expectedOffset = select(0 - tailHashOffset, tailOffset, isTailFarther) - base;
        continue;
      }
    }
    if (--depth <= 0) break;
    candidate = chainNext(candidate);
  }
  return best;
}

@inline
function score(match: u32): i32 {
  return matchScore(<i32>(match >> 16), match & 0xffff);
}
