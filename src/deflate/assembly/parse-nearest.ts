/**
 * The middle levels: hash chains, and lazy evaluation. A match is put off, its first byte becoming a literal, if the next
 * position has a better one, or the one after that.
 *
 * A search begins only where the nearest place with the same hash agrees in four bytes or more, which is known already
 * (look-back.ts), and is cheap to go from one such position to the next by. Farther places are looked at from there on.
 */

import { endSequences, segmentSequences } from './block-splitter';
import { reachOf } from './costs';
import { isUsual } from './kinds';
import { depth, lazyLength, niceLength, usualLazy } from './levels';
import { appendLiterals, countLiterals } from './literals';
import { agreementPlace, known, lookBack, passOver, startLookBack, stepPlace } from './look-back';
import { agreeBefore, MAX_MATCH_LENGTH, matchLength, runLength } from './match-finder';
import { AGREEMENT, INPUT, LITERALS, STEPS, WINDOW_SIZE } from './memory-map';
import { putSequence } from './sequences';

let bytesPerMatch: i32 = 0;

/** Bytes by which the chains are made: five in text. */
let hashed: i32 = 4;

/** The bits of AGREEMENT of which one is set where four bytes or more agree, of eight positions. */
const FOUR_AGREE: u64 = 0xe0e0e0e0e0e0e0e0;

export function startNearest(start: usize, end: usize, isText: bool): void {
  bytesPerMatch = 0;
  hashed = isText ? 5 : 4;
  startLookBack(start, end, true, isText);
}

/** Parses from `start` until `segmentEnd` is reached or passed, and gives the place where it stopped. */
export function parseNearest(start: usize, segmentEnd: usize, end: usize): usize {
  const nice = niceLength;
  const lazy = isUsual(bytesPerMatch) ? usualLazy : lazyLength;
  let sequence = segmentSequences;
  let literalsEnd = LITERALS;
  let literals = start;
  let p = start;
  let sure = sureUntil(end);
  for (;;) {
    if (p >= sure) {
      if (p >= segmentEnd) break;
      if (known < end) {
        lookBack();
        sure = sureUntil(end);
        continue;
      }
    }
    const agreement = load<u64>(agreementPlace(p), AGREEMENT) & FOUR_AGREE;
    if (agreement == 0) {
      p += 8;
      if (p >= segmentEnd) break;
      continue;
    }
    p += <usize>(ctz(agreement) >> 3);
    if (p >= segmentEnd) break;
    let limit = min(MAX_MATCH_LENGTH, <i32>(end - p));
    let match = nearest(p, limit);
    if (match == 0) {
      p++;
      continue;
    }
    if (<i32>(match >> 16) < nice) match = lookFarther(p, match, limit);
    while (<i32>(match >> 16) < lazy) {
      const length = <i32>(match >> 16);
      if (--limit <= length) break;
      const next = lookForLonger(p + 1, length, limit);
      if (next != 0 && worth(next) > worth(match) + 2) {
        match = next;
        p++;
        continue;
      }
      if (--limit <= length) break;
      const after = length < 8 ? nearest(p + 2, limit) : lookForLonger(p + 2, length, limit);
      if (after == 0 || worth(after) <= worth(match) + 6) break;
      p += 2;
      match = length < 8 ? lookFarther(p, after, limit) : after;
    }
    const distance = match & 0xffff;
    let matchEnd = p + (match >> 16);
    p -= agreeBefore(p, distance, literals, MAX_MATCH_LENGTH - <i32>(match >> 16));
    literalsEnd = appendLiterals(literalsEnd, literals, p - literals);
    sequence = putSequence(sequence, p - literals, <i32>(matchEnd - p), distance);
    if (matchEnd - p == MAX_MATCH_LENGTH) {
      const run = runLength(matchEnd, distance, segmentEnd, end);
      for (let n = run; n > 0; n -= MAX_MATCH_LENGTH) {
        sequence = putSequence(sequence, 0, MAX_MATCH_LENGTH, distance);
      }
      matchEnd += run;
      if (matchEnd > known) {
        // Of a short period, only the last turn can be told apart from what precedes it.
        passOver(matchEnd - distance - 8, 0);
        sure = 0;
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
 * A match is put off some fifty times at most, since it only is for one that is worth more, by three or seven each time, and
 * then by two positions at most; and then it is looked at what lies inside the match that is there.
 */
const REACH: usize = 512;

/** From before there, all that a match may reach has been looked back from. */
@inline
function sureUntil(end: usize): usize {
  return known == end ? end : known - REACH;
}

/** The match with the nearest place, as `length << 16 | distance`, or 0 if it is not worth its cost. */
@inline
function nearest(p: usize, limit: i32): u32 {
  let length = <i32>load<u8>(agreementPlace(p), AGREEMENT) >> 3;
  const distance = <u32>load<u16>(stepPlace(p), STEPS);
  if (distance - 1 >= reachOf(length)) return 0;
  if (length == 8) length = matchLength(p, p - distance, 8, limit);
  return (length << 16) | distance;
}

/** A longer match than the one given, farther back, or that one. */
function lookFarther(p: usize, match: u32, limit: i32): u32 {
  const from = p - (match & 0xffff);
  const longer = search(p, <i32>(match >> 16), limit, from - load<u16>(stepPlace(from), STEPS), depth);
  return longer == 0 ? match : longer;
}

/** A match longer than `length`, or 0. */
function lookForLonger(p: usize, length: i32, limit: i32): u32 {
  return search(p, length, limit, p - load<u16>(stepPlace(p), STEPS), depth >> 1);
}

/**
 * Gives the longest match of p, as `length << 16 | distance`, of those longer than `length`, and 0 if there is none.
 * `candidate`: the first place to look at. `depth`: how many.
 *
 * What is longer agrees with p in its first bytes, and also in those that end one byte beyond that length, its tail. Either
 * chain leads to all such places, and the one whose next place is farther back is followed, for the nearer ones are
 * ruled out without a look: what is rare says more than what is common.
 */
@inline
function search(p: usize, length: i32, limit: i32, candidate: usize, depth: i32): u32 {
  if (length < hashed || length >= limit) return 0;
  const head = load<u32>(p);
  let tailAt: usize = length - 3;
  let tail = load<u32>(p + tailAt);
  /** Where the bytes begin whose chain leads to the tail. */
  let reach: usize = length + 1 - hashed;
  let other = p + reach - load<u16>(stepPlace(p + reach), STEPS);
  let rare = <isize>other < <isize>(candidate + reach);
  candidate = select(other, candidate, rare);
  /** Where in the match a candidate lies: 0 in the chain of its first bytes. */
  let offset = select(reach, <usize>0, rare);
  /** What a candidate is compared with first, and where from it: those of the two words its chain does not answer for. */
  let check = select(head, tail, rare);
  let checkAt = select(<usize>0 - reach, tailAt, rare);
  // What is beyond the floor is no match, but may be looked at.
  const floor = max(<i32>(p - WINDOW_SIZE - 1), <i32>INPUT - 1);
  candidate = max(<i32>candidate, floor);
  if (load<u32>(candidate + checkAt) != check) return 0;
  const low = max(INPUT, p - WINDOW_SIZE);
  let best: u32 = 0;
  while (<isize>candidate >= <isize>(low + offset)) {
    if (load<u32>(candidate + checkAt) == check) {
      const start = candidate - offset;
      const found = matchLength(p, start, 0, limit);
      // Steps of a whole 65,536 bytes seem to be none.
      if (found > length && start < p) {
        length = found;
        best = (found << 16) | <u32>(p - start);
        if (found >= limit || --depth <= 0) break;
        tailAt = found - 3;
        tail = load<u32>(p + tailAt);
        reach = found + 1 - hashed;
        other = p + reach - load<u16>(stepPlace(p + reach), STEPS);
        candidate = start - load<u16>(stepPlace(start), STEPS);
        rare = <isize>other < <isize>(candidate + reach);
        candidate = select(other, candidate, rare);
        offset = select(reach, <usize>0, rare);
        check = select(head, tail, rare);
        checkAt = select(<usize>0 - reach, tailAt, rare);
        continue;
      }
    }
    if (--depth <= 0) break;
    candidate -= load<u16>(stepPlace(candidate), STEPS);
  }
  return best;
}

/** What a match saves, in about quarters of a byte's bits: length, less the extra bits of the distance. */
@inline
function worth(match: u32): i32 {
  return <i32>(match >> 16) * 4 + <i32>clz(match & 0xffff);
}
