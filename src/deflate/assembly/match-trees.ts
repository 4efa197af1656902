/**
 * Level 10's match finder: all useful matches of every position, from binary trees. They are collected once and kept,
 * since the parser goes over them several times.
 */

import {
  bias,
  firstPosition,
  hash3,
  hash4,
  hashProduct,
  lowestReachable,
  MAX_MATCH_LENGTH,
  matchLength,
} from './match-finder';
import { putMatch } from './match-lists';
import {
  CHILDREN,
  MATCH_STARTS,
  MATCHES,
  MATCHES_SIZE,
  TREE_HASH3_BITS,
  TREE_HEADS3,
  TREE_HEADS4,
  WINDOW_SIZE,
} from './memory-map';

/**
 * Nodes visited per position, and the length of a match whose inside is not searched any more. 100 nodes are 0.01 %
 * smaller on machine code, 24 are 0.1 % larger there, and time hardly depends on it. A length of 64 is 0.7 % larger on
 * XML, and 2 % faster.
 */
const TREE_DEPTH: i32 = 48;
const NICE_LENGTH: i32 = 100;

/** See hasManyMatches: database records have fewer a position, prose, source and logs more. */
const MANY_MATCHES: i32 = 2;

/** Where the next match goes. */
let matchesEnd: usize = 0;
/** Where the piece's data ends. */
let dataEnd: usize = 0;

export function startTrees(end: usize): void {
  dataEnd = end;
}

export function startMatches(): void {
  matchesEnd = MATCHES;
}

/** Puts positions into the trees and keeps no matches. */
export function plantTrees(start: usize, end: usize): void {
  for (let p = start; p < end; p++) insertTree(p, 0);
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
 * MATCH_STARTS[index] and on become where the matches of the positions begin: in the form of sequences.ts, each longer
 * and farther away than the one before it.
 */
export function collectMatches(start: usize, end: usize, index: i32): void {
  let matches = matchesEnd;
  let starts = MATCH_STARTS + (index << 2);
  for (let p = start; p < end; p++, starts += 4) {
    store<u32>(starts, matches);
    // With the room used up, the rest goes without.
    if (matches + MAX_MATCH_LENGTH * 4 > MATCHES + MATCHES_SIZE) {
      insertTree(p, 0);
      continue;
    }
    const found = insertTree(p, matches);
    if (found == matches) continue;
    matches = found;
    const longest = load<u32>(matches - 4) & 511;
    if (<i32>longest < NICE_LENGTH) continue;
    const distance = (load<u32>(matches - 4) >> 14) + 1;
    const first = <u32>p;
    const matchEnd = min(p + longest, end);
    while (p + 1 < matchEnd) {
      p++;
      starts += 4;
      store<u32>(starts, matches);
      const rest = longest - (<u32>p - first);
      // The rest of it, so that it may begin here; but not in runs of a word, which would take ten times as long.
      if (rest > 2 && distance > 8) matches = putMatch(matches, rest, distance);
      // Of a short period, only the last turn can be told apart from what precedes it.
      if (p + distance + 8 >= matchEnd) insertTree(p, 0);
    }
  }
  store<u32>(starts, matches);
  matchesEnd = matches;
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

/**
 * Puts p into the tree of its hash: left of a node is what sorts before it, so that the way down meets ever longer
 * matches, the nearest first. Writes them from `matches` on, unless that is 0, and gives their end.
 */
function insertTree(p: usize, matches: usize): usize {
  const limit = min(MAX_MATCH_LENGTH, <i32>(dataEnd - p));
  if (limit < 4) return matches;
  const base = bias;
  const position = <u32>p + base;
  const low = lowestReachable(position, firstPosition);
  const word = load<u32>(p);
  const product = hashProduct(word);
  let best = 3;
  const head3 = TREE_HEADS3 + hash3(product, TREE_HASH3_BITS);
  const near = load<u32>(head3);
  store<u32>(head3, position);
  if (matches != 0 && near >= low && ((load<u32>(near - base) ^ word) & 0xffffff) == 0) {
    matches = putMatch(matches, 3, position - near);
  }
  const head4 = TREE_HEADS4 + hash4(product);
  let node = load<u32>(head4);
  store<u32>(head4, position);
  let before = CHILDREN + ((position & (2 * WINDOW_SIZE - 1)) << 3);
  let after = before + 4;
  let beforeLength = 0;
  let afterLength = 0;
  for (let depth = TREE_DEPTH; node >= low && depth > 0; depth--) {
    const q = <usize>(node - base);
    const children = CHILDREN + ((node & (2 * WINDOW_SIZE - 1)) << 3);
    const length = matchLength(p, q, min(beforeLength, afterLength), limit);
    if (length > best) {
      best = length;
      if (matches != 0) matches = putMatch(matches, length, position - node);
    }
    if (length >= limit) {
      // As good as the same: this position takes the node's place.
      store<u32>(before, load<u32>(children));
      store<u32>(after, load<u32>(children, 4));
      return matches;
    }
    if (load<u8>(q + length) < load<u8>(p + length)) {
      store<u32>(before, node);
      before = children + 4;
      beforeLength = length;
      node = load<u32>(before);
    } else {
      store<u32>(after, node);
      after = children;
      afterLength = length;
      node = load<u32>(after);
    }
  }
  store<u32>(before, 0);
  store<u32>(after, 0);
  return matches;
}
