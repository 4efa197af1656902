/**
 * Level 10's match finder: of every position, the matches of which each is longer and farther away than the one before.
 * They are collected once and kept, since the parser goes over them several times.
 *
 * A match goes on in the positions after its first. What is shorter and nearer is looked for at each of them, but no farther
 * than that match is; what is longer, only from the first position on where there is any. That is found out once, when the
 * match is: whatever goes beyond its end from inside contains the three bytes before that end and the one behind. Level 10
 * is 1.05 times as fast as with binary trees on text and 1.1 to 1.6 times on JSON logs and binaries, prose 0.95 times;
 * and as small.
 */

import { linkAhead, linked, linkOf, linkUntil, skipLinks } from './links';
import { LONG_LINK_LENGTH, longLinkUntil, skipLongLinks, startLongLinks } from './long-links';
import {
  bias,
  firstPosition,
  hash3,
  hashProduct,
  lowestReachable,
  MAX_MATCH_LENGTH,
  matchLength,
  runLength,
} from './match-finder';
import { lengthBefore } from './match-lists';
import {
  LINK_COUNT,
  LINKS,
  LONG_LINKS,
  MATCH_STARTS,
  MATCHES,
  MATCHES_SIZE,
  NEAR_HASH_BITS,
  NEAR_HEADS,
} from './memory-map';
import { matchOf } from './sequences';

/**
 * Places compared with where no match goes on; where one does, nearer ones, and farther ones; and in finding out from where
 * on there are longer ones. On prose, a quarter of the first is 0.03 % larger and 1 % faster, a third of the third
 * the same and 3 % faster, half of the second 0.03 % and 3 %; a tenth of the last makes no difference.
 */
const DEPTH: i32 = 80;
const NEARER_DEPTH: i32 = 4;
const FARTHER_DEPTH: i32 = 60;
const WIDER_DEPTH: i32 = 600;

/** While so much of a match is left, nothing else is looked for: without that, level 10 is 2 % slower and 0.01 % smaller. */
const WHOLE_LENGTH: i32 = 100;

/**
 * A run of so many bytes is not collected but ends the span, so that runs pass at gigabytes a second. It may cost the
 * header of a block, some 80 bytes.
 */
const MIN_RUN: usize = 16 * 1024;
/** From farther away, a nearer match now and then is worth its while. */
const MAX_RUN_DISTANCE: u32 = 512;

/** See hasManyMatches: database records have fewer a position, prose, source and logs more. */
const MANY_MATCHES: i32 = 2;

/** Where the next match goes. */
let matchesEnd: usize = 0;
/** Where the piece's data ends. */
let dataEnd: usize = 0;

/** The run that collecting stopped at: where its matches of greatest length end, or 0 for none, and the match. */
export let runEnd: usize = 0;
export let runMatch: u32 = 0;

/** Puts the dictionary into the match finder. */
export function startMatchFinder(dictionary: usize, start: usize, end: usize): void {
  dataEnd = end;
  linkUntil(start);
  startLongLinks(dictionary);
  longLinkUntil(start);
  plant(dictionary, start);
}

export function startMatches(): void {
  matchesEnd = MATCHES;
}

/** Makes positions the newest with their first three bytes. */
function plant(start: usize, end: usize): void {
  for (let p = start; p < end; p++) {
    store<u32>(NEAR_HEADS + hash3(hashProduct(load<u32>(p)), NEAR_HASH_BITS), <u32>p + bias);
  }
}

/** The longest match of the position with this index, or 0. */
@inline
export function longestMatch(index: i32): u32 {
  const at = MATCH_STARTS + (index << 2);
  const end = load<u32>(at, 4);
  return end == load<u32>(at) ? 0 : load<u32>(end - 4);
}

/** Whether matches of so many more positions fit, at the 16 of a position that are the most in real data. */
export function hasRoom(length: i32): bool {
  return matchesEnd + length * 4 * 16 <= MATCHES + MATCHES_SIZE;
}

/** Whether the first `length` positions have more than MANY_MATCHES each. */
export function hasManyMatches(length: i32): bool {
  return <i32>(load<u32>(MATCH_STARTS + (length << 2)) - <u32>MATCHES) > length * 4 * MANY_MATCHES;
}

/**
 * MATCH_STARTS[index] and on become where the matches of the positions begin. Gives `end`, or where a long run begins.
 */
export function collectMatches(start: usize, end: usize, index: i32): usize {
  const base = bias;
  const first = firstPosition;
  let matches = matchesEnd;
  let starts = MATCH_STARTS + (index << 2);
  let unlinked = start;
  runEnd = 0;
  // The match that goes on, and how much of it is left where something else is looked for again.
  let activeEnd = start;
  let activeDistance: u32 = 0;
  let whole = WHOLE_LENGTH;
  // From where on there are longer ones, and the one that shows it: where it ends, or 0 for none, and its distance.
  let longerFrom = start;
  let longerEnd: usize = 0;
  let longerDistance: u32 = 0;
  let p = start;
  for (; p < end; p++, starts += 4) {
    store<u32>(starts, matches);
    if (p >= unlinked) {
      unlinked = linkAhead(p, dataEnd);
      longLinkUntil(linked);
    }
    const limit = min(MAX_MATCH_LENGTH, <i32>(dataEnd - p));
    if (limit < 4) continue;
    const position = <u32>p + base;
    const word = load<u32>(p);
    const nearHead = NEAR_HEADS + hash3(hashProduct(word), NEAR_HASH_BITS);
    const near = load<u32>(nearHead);
    store<u32>(nearHead, position);
    // With the room used up, the rest goes without.
    if (matches + MAX_MATCH_LENGTH * 4 > MATCHES + MATCHES_SIZE) continue;
    const rest = <i32>(activeEnd - p);
    if (rest >= whole) {
      // The rest of it, so that it may begin here; but not in runs of a word, which would take ten times as long.
      if (rest > 2 && activeDistance > 8) matches = putMatch(matches, matchOf(rest, activeDistance));
      continue;
    }
    const low = lowestReachable(position, first);
    const isNear = near >= low;
    const nearAt = select(near, position - 1, isNear);
    const agrees = ((load<u32>(nearAt - base) ^ word) & 0xffffff) == 0;
    store<u32>(matches, matchOf(3, position - nearAt));
    matches += select(4, 0, isNear && agrees && near != linkOf(position));

    const goesOn = rest > 3;
    let length = 3;
    if (goesOn) {
      const found = searchNearer(p, limit, rest, position - activeDistance, matches);
      length = select(foundLength, 3, found != matches);
      matches = found;
      if (length < rest) {
        length = rest;
        matches = putMatch(matches, matchOf(length, activeDistance));
      } else {
        activeDistance = foundDistance;
      }
    }
    if (goesOn && length == rest && p < longerFrom) continue;
    if (length < limit) {
      const found = search(p, limit, length, low, goesOn ? FARTHER_DEPTH : DEPTH, matches);
      if (found != matches) {
        matches = found;
        length = foundLength;
        activeDistance = foundDistance;
      }
      if (goesOn && p >= longerFrom && p + length < longerEnd) {
        // It was too far down the chains.
        length = <i32>(longerEnd - p);
        activeDistance = longerDistance;
        matches = putMatch(matches, matchOf(length, activeDistance));
      }
    }
    if (length <= max(rest, 3)) continue;
    if (length == MAX_MATCH_LENGTH && activeDistance <= MAX_RUN_DISTANCE) {
      const run = runLength(p + MAX_MATCH_LENGTH, activeDistance, dataEnd, dataEnd);
      if (run >= MIN_RUN) {
        runEnd = p + MAX_MATCH_LENGTH + run;
        runMatch = matchOf(MAX_MATCH_LENGTH, activeDistance);
        // Of a short period, only the last turn can be told apart from what precedes it.
        skipLinks(runEnd - activeDistance - 8);
        skipLongLinks(runEnd - activeDistance - 8);
        plant(runEnd - activeDistance - 8, runEnd);
        break;
      }
    }
    activeEnd = p + length;
    // A match of the greatest length goes on by another one, which is taken where it ends.
    whole = length == MAX_MATCH_LENGTH ? 1 : WHOLE_LENGTH;
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
 * Puts the matches of p that are nearer than `farthest`, each longer than the one before, and gives their end. As search() of
 * parse-lazy.ts, which tells why.
 */
@inline
function searchNearer(p: usize, limit: i32, rest: i32, farthest: u32, matches: usize): usize {
  const base = bias;
  const position = <u32>p + base;
  const word = load<u32>(p);
  let candidate = linkOf(position);
  let length = 3;
  let left = NEARER_DEPTH;
  let offset: u32 = 0;
  let check = word;
  let checkAt: u32 = 0 - base;
  while (candidate > farthest + offset) {
    if (load<u32>(candidate + checkAt) == check) {
      const from = candidate - offset;
      const found = matchLength(p, <usize>(from - base), 0, limit);
      if (found > length) {
        length = found;
        matches = putMatch(matches, matchOf(found, position - from));
        foundLength = found;
        foundDistance = position - from;
        if (found >= rest || --left <= 0) break;
        const reach: u32 = found - 3;
        const other = linkOf(position + reach);
        candidate = linkOf(from);
        const rare = other < candidate + reach;
        candidate = select(other, candidate, rare);
        offset = select(reach, <u32>0, rare);
        check = select(word, load<u32>(p + reach), rare);
        checkAt = select(0 - reach, reach, rare) - base;
        continue;
      }
    }
    if (--left <= 0) break;
    candidate = linkOf(candidate);
  }
  return matches;
}

/** The chain that a search follows, and the places in it: see chooseChain(). */
let foundLength: i32 = 0;
let foundDistance: u32 = 0;
let chainLinks: usize = 0;
let chainStart: u32 = 0;
/** Where in the match they lie, and what they are compared with first, and where from them. */
let chainOffset: u32 = 0;
let chainCheck: u32 = 0;
let chainCheckAt: u32 = 0;

/** Puts the matches of p that are longer than `length`, each longer than the one before, and gives their end. */
@inline
function search(p: usize, limit: i32, length: i32, lowest: u32, left: i32, matches: usize): usize {
  const base = bias;
  const position = <u32>p + base;
  let candidate = linkOf(position);
  let links = LINKS;
  let offset: u32 = 0;
  let check = load<u32>(p);
  let checkAt: u32 = 0 - base;
  if (length > 3) {
    chooseChain(p, length, position);
    candidate = chainStart;
    links = chainLinks;
    offset = chainOffset;
    check = chainCheck;
    checkAt = chainCheckAt;
  }
  while (candidate >= lowest + offset) {
    if (load<u32>(candidate + checkAt) == check) {
      const from = candidate - offset;
      const found = matchLength(p, <usize>(from - base), 0, limit);
      if (found > length) {
        length = found;
        matches = putMatch(matches, matchOf(found, position - from));
        foundLength = found;
        foundDistance = position - from;
        if (found >= limit || --left <= 0) break;
        chooseChain(p, length, from);
        candidate = chainStart;
        links = chainLinks;
        offset = chainOffset;
        check = chainCheck;
        checkAt = chainCheckAt;
        continue;
      }
    }
    if (--left <= 0) break;
    candidate = load<u32>(linkAddress(links, candidate));
  }
  return matches;
}

/**
 * Of two chains the rarer one: that of p's first bytes, from the place `from` on, whose first `length` bytes agree, and
 * that of the bytes that end one byte beyond those. Both are of four bytes or, where there are as many, of six.
 */
@inline
function chooseChain(p: usize, length: i32, from: u32): void {
  const position = <u32>p + bias;
  const isLong = length >= LONG_LINK_LENGTH - 1;
  const links = isLong ? LONG_LINKS : LINKS;
  const reach: u32 = length - (isLong ? LONG_LINK_LENGTH - 1 : 3);
  const own = load<u32>(linkAddress(links, length == LONG_LINK_LENGTH - 1 ? position : from));
  const other = load<u32>(linkAddress(links, position + reach));
  const rare = other < own + reach;
  const tailAt: u32 = length - 3;
  chainLinks = links;
  chainStart = select(other, own, rare);
  chainOffset = select(reach, <u32>0, rare);
  chainCheck = select(load<u32>(p), load<u32>(p + tailAt), rare);
  chainCheckAt = select(0 - reach, tailAt, rare) - bias;
}

/**
 * Of the matches that begin after p, the one that begins first of those that contain the four bytes at `at`: as how many
 * bytes it begins before `at` << 16 | distance, or 0.
 */
function findLonger(p: usize, at: usize): u32 {
  // Four bytes are left for it, and four there are.
  if (at < p + 2 || at + 4 > dataEnd) return 0;
  const room = min(<u32>(at - p) - 1, MAX_MATCH_LENGTH - 4);
  const base = bias;
  const position = <u32>at + base;
  const low = lowestReachable(position, firstPosition);
  const word = load<u32>(at);
  let widest: u32 = 0;
  let from = position;
  let before: u32 = 0;
  let left = WIDER_DEPTH;
  while (before < room) {
    // The rarer of two chains again: of the bytes at `at`, or two before, and of those that begin one before what agrees.
    const wanted = before + 1;
    let links = LINKS;
    let tail: u32 = 0;
    let same: u32 = 0;
    let other: u32 = 0;
    if (wanted == 1) {
      same = linkOf(from);
      other = linkOf(position - 1) + 1;
    } else {
      links = LONG_LINKS;
      tail = LONG_LINK_LENGTH - 4;
      same = load<u32>(linkAddress(LONG_LINKS, (before == 1 ? position : from) - tail)) + tail;
      other = load<u32>(linkAddress(LONG_LINKS, position - wanted)) + wanted;
    }
    const rare = other < same;
    const offset = select(wanted, tail, rare);
    const check = select(word, load<u32>(at - wanted), rare);
    const checkAt = select(wanted, tail - wanted, rare) - base;
    let candidate = select(other, same, rare) - offset;
    do {
      if (left-- <= 0 || candidate + offset < low + wanted) return widest;
      if (load<u32>(candidate + checkAt) == check) {
        const place = candidate + offset;
        if (load<u32>(place - base) == word) {
          from = place;
          before = lengthBefore(at, position - from, room);
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
  return links + (<usize>(position & (LINK_COUNT - 1)) << 2);
}

@inline
function putMatch(matches: usize, match: u32): usize {
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
