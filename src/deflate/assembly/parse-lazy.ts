/**
 * The middle and upper levels: hash chains, and lazy evaluation. A match is put off, its first byte becoming a literal,
 * if the next position has a better one, or, where it has `lookTwoLength` or more, the one after that.
 */

import { endSequences, segmentSequences } from './block-splitter';
import { isDear } from './costs';
import { isTextual, isUsual, PROSE, UTF16, WIDE_TEXT } from './kinds';
import { depth, lazyLength, lookTwoLength, niceLength, skipShift, usualDepth, usualLazy } from './levels';
import { BY_FIVE, BY_FOUR, BY_FOUR_AND_THREE, linkAhead, linkOf, nearLinkOf, skipLinks, startLinks } from './links';
import { bias, firstPosition, lowestReachable, MAX_MATCH_LENGTH, matchLength, runLength } from './match-finder';
import { appendLiterals, countLiterals } from './literals';
import { LITERALS, WINDOW_SIZE } from './memory-map';
import { putSequence } from './sequences';

let bytesPerMatch: i32 = 0;

/** Places that are looked at before anything longer is searched for. 1: 3 % faster, 0.14 % larger; 3: 1 % slower, 0.06 % smaller. */
const GLANCES: i32 = 2;

/** In usual text so many more places are looked at, for the time that links of three bytes would take: 0.1 % smaller. */
const MORE_IN_TEXT: i32 = 3;

/** As a length: one that no match has. */
const NEVER: i32 = MAX_MATCH_LENGTH + 1;

let links: i32 = 0;

/**
 * Whether no place is saved by looking at fewer where matches are usual, and half as many more are looked at: in Cyrillic,
 * where four bytes are but two characters, level 6 is 2 % smaller by it, and as small as node:zlib's; it takes 1.1 times as long.
 */
let isThorough: bool = false;

/**
 * In prose, where four bytes are found in many places that have nothing else in common, five are hashed: 1.2 times as fast
 * and 1 % smaller, UTF-16 1.2 to 1.3 times as fast and 3 to 6 %. In no text matches of three bytes are looked for.
 */
export function startLazy(kind: i32): void {
  bytesPerMatch = 0;
  isThorough = kind == WIDE_TEXT;
  links = kind == PROSE || kind == UTF16 ? BY_FIVE : isTextual(kind) ? BY_FOUR : BY_FOUR_AND_THREE;
  startLinks(links);
}

/** Parses from `start` until `segmentEnd` is reached or passed, and gives the place where it stopped. */
export function parseLazy(start: usize, segmentEnd: usize, end: usize): usize {
  const usual = !isThorough && isUsual(bytesPerMatch);
  if (links == BY_FIVE) return usual ? parseUsualProse(start, segmentEnd, end) : parseUnusualProse(start, segmentEnd, end);
  if (links == BY_FOUR) return usual ? parseUsualText(start, segmentEnd, end) : parseUnusualText(start, segmentEnd, end);
  return usual ? parseUsual(start, segmentEnd, end) : parseUnusual(start, segmentEnd, end);
}

/** In each of these, that much is constant: with variables it takes 3 % longer. */
function parseUsual(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, true, 4, true);
}

function parseUnusual(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, false, 4, true);
}

function parseUsualText(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, true, 4, false);
}

function parseUnusualText(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, false, 4, false);
}

function parseUsualProse(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, true, 5, false);
}

function parseUnusualProse(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, false, 5, false);
}

@inline
function parse(start: usize, segmentEnd: usize, end: usize, usual: bool, hashed: u32, threes: bool): usize {
  const base = bias;
  const first = firstPosition;
  const saves = usual && usualDepth > 0;
  const places = isThorough ? depth + (depth >> 1) : depth;
  const fullDepth = !saves ? places : threes ? usualDepth : usualDepth + MORE_IN_TEXT;
  const nice = niceLength;
  const lazy = saves ? usualLazy : lazyLength;
  const lookTwo = saves ? NEVER : lookTwoLength;
  const shift = skipShift;
  let sequence = segmentSequences;
  let literalsEnd = LITERALS;
  let literals = start;
  let p = start;
  let unlinked = start;
  while (p < segmentEnd) {
    if (p >= unlinked) unlinked = linkAhead(p, end);
    let limit = min(MAX_MATCH_LENGTH, <i32>(end - p));
    if (limit < 4) {
      p++;
      continue;
    }
    let best = search(p, limit, 0, min(nice, limit), fullDepth, first, base, hashed, usual, threes);
    if (isDear(best)) {
      // The longer nothing has been found, the more is stepped over.
      p = min(p + 1 + ((p - literals) >> shift), end);
      continue;
    }
    while (<i32>(best >> 16) < lazy) {
      limit = min(MAX_MATCH_LENGTH, <i32>(end - p) - 1);
      if (limit < 4) break;
      const next = search(p + 1, limit, best & 0xffff0000, min(nice, limit), fullDepth >> 1, first, base, hashed, usual, threes);
      if ((next & 0xffff) != 0 && worth(next) > worth(best) + 2) {
        p++;
        best = next;
        continue;
      }
      if (<i32>(best >> 16) >= lookTwo && limit > 4) {
        limit--;
        const after = search(p + 2, limit, best & 0xffff0000, min(nice, limit), fullDepth >> 2, first, base, hashed, usual, threes);
        if ((after & 0xffff) != 0 && worth(after) > worth(best) + 6) {
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
      const run = runLength(matchEnd, distance, segmentEnd, end);
      for (let n = run; n > 0; n -= MAX_MATCH_LENGTH) sequence = putSequence(sequence, 0, length, distance);
      if (run > 0) {
        matchEnd += run;
        // Of a short period, only the last turn can be told apart from what precedes it.
        skipLinks(matchEnd - distance - 8);
        unlinked = matchEnd;
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
 * Gives the longest match of p, as `length << 16 | distance`: of those longer than `best`
 * (whose distance may be 0, for none), and `best` itself if there is none. `depth`: how many positions are looked at.
 *
 * What is longer than the best match so far agrees with p in its first four bytes, and also in the four that end one
 * byte beyond that match, its tail. Either chain leads to all such places, and the one whose next place is farther back
 * is followed, for the nearer ones are ruled out without a look: what is rare says more than what is common. Half the
 * steps then find more than before, which is 1.1 times the speed at level 6 and 1.2 to 1.45 times at levels 7 and 8.
 *
 * Time goes into branches that cannot be predicted. Selecting instead is 2 % faster in choosing a chain, and in looking
 * for three bytes 3 %, on binaries 6 %. The choice is written twice, since one loop around choosing and following is 4 %
 * slower.
 */
@inline
function search(p: usize, limit: i32, best: u32, nice: i32, depth: i32, first: u32, base: u32, hashed: u32, glances: bool, threes: bool): u32 {
  const position = <u32>p + base;
  const low = lowestReachable(position, first);
  const word = load<u32>(p);
  let candidate = linkOf(position);
  let length = <i32>(best >> 16);
  /** Where in the match a candidate lies: 0 in the chain of its first bytes. */
  let offset: u32 = 0;
  /** What a candidate is compared with first, and where from it: those of the two words its chain does not answer for. */
  let check = word;
  let checkAt: u32 = 0 - base;
  if (length == 0) {
    if (threes) {
      const near = nearLinkOf(position);
      const isNear = near >= low;
      const at = select(near, position - 1, isNear);
      const agrees = ((load<u32>(at - base) ^ word) & 0xffffff) == 0;
      best = select((3 << 16) | (position - near), 0, isNear && agrees);
    }
    length = 3;
  } else {
    if (length >= limit) return best;
    const tailAt: u32 = length - 3;
    const reach: u32 = length + 1 - hashed;
    const tail = load<u32>(p + tailAt);
    const other = linkOf(position + reach);
    const rare = other < candidate + reach;
    candidate = select(other, candidate, rare);
    offset = select(reach, <u32>0, rare);
    check = select(word, tail, rare);
    checkAt = select(0 - reach, tailAt, rare) - base;
    if (glances) {
      // Most often nothing longer is there, and the first places tell.
      const floor = position - WINDOW_SIZE - 1;
      let at = max(candidate, floor);
      let isSeen = load<u32>(at + checkAt) == check;
      for (let i = 1; i < GLANCES; i++) {
        at = max(linkOf(at), floor);
        isSeen |= load<u32>(at + checkAt) == check;
      }
      if (!isSeen) return best;
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
        const tailAt: u32 = found - 3;
        const reach: u32 = found + 1 - hashed;
        const tail = load<u32>(p + tailAt);
        const other = linkOf(position + reach);
        candidate = linkOf(start);
        const rare = other < candidate + reach;
        candidate = select(other, candidate, rare);
        offset = select(reach, <u32>0, rare);
        check = select(word, tail, rare);
        checkAt = select(0 - reach, tailAt, rare) - base;
        continue;
      }
    }
    if (--depth <= 0) break;
    candidate = linkOf(candidate);
  }
  return best;
}

/** What a match saves, in about quarters of a byte's bits: length, less the extra bits of the distance. */
@inline
function worth(match: u32): i32 {
  return <i32>(match >> 16) * 4 + <i32>clz(match & 0xffff);
}
