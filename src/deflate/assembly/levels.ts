/**
 * What each level does. The table lies in memory, and its address is exported, so that bench/engine can try other
 * numbers without building the module again.
 *
 * Chosen so that no corpus comes out larger than node:zlib makes it at the same level, and no file 1 % larger, at the least time: see the table
 * in docs/deflate.md. Around level 6, 1 % of time buys 0.04 % of size, whichever of the numbers it is spent on.
 */

import { LEVELS } from './memory-map';

/** i32[9] per level. */
const PARAMETERS: usize = 9 * 4;

/**
 * Pieces of these lengths are parsed at level 9 as at 8. Their chains are short, and node:zlib is as fast at level 9 as at 6:
 * the cheapest path makes files of 2 to 4 KiB 0.8 % smaller, but at half of level 8's speed, which is 1.06 times zlib's.
 * With shorter ones zlib takes most of its time to begin, and the path is 1.2 to 2 times as fast. With those of 4 to 8
 * KiB it is 1.1 to 1.25 times as fast, and 1.5 % smaller than level 8.
 */
const MIN_SHORT_LENGTH: i32 = 2048;
const MAX_SHORT_LENGTH: i32 = 4096;

/**
 * One earlier place of every other position; of every one; that one and farther ones; chains; chains and the cheapest
 * path; longer chains and the cheapest of many paths.
 */
export const FASTEST: i32 = 0;
export const FAST: i32 = 1;
export const NEAREST: i32 = 2;
export const LAZY: i32 = 3;
export const PATH: i32 = 4;
export const OPTIMAL: i32 = 5;

export let parser: i32 = 0;
/** How many earlier positions are compared; by the nearest parser, behind the nearest one. */
export let depth: i32 = 0;
/** A match of this length is taken without looking for a longer one. */
export let niceLength: i32 = 0;
/** A match shorter than this is put off if the next position has a better one. 0: never. */
export let lazyLength: i32 = 0;
/**
 * A match of this length or longer has the position after the next looked at, too, before it is taken. Level 6 does so
 * from 12 on: tables of numbers and JSON logs, whose matches are long, are 1.5 and 2.3 % smaller, node_modules takes 1 % longer.
 */
export let lookTwoLength: i32 = 0;
/** After 2 ** n literals in a row, every other position is looked at, and so on. */
export let skipShift: i32 = 0;

/**
 * In usual data (see kinds.ts), the nearest parser has `usualLazy` in place of `lazyLength`; and the lazy one, unless
 * `usualDepth` is 0, both in place of `depth` and `lazyLength`, and looks at no position after the next then. On source and prose level 6 is 1.09 times as fast by it, and 0.2 to 0.4 % larger.
 */
export let usualDepth: i32 = 0;
export let usualLazy: i32 = 0;

/**
 * In data of pairs of bytes, how many earlier positions are compared by the lazy parser, which puts no match off then: one
 * that begins between the two bytes of a pair makes all lengths odd that follow, where else they would be even, and the byte
 * before it is dear. 16-bit images are 3 % smaller so at level 6, and up to 10 % at levels 2 to 4. 0: as other data.
 */
let depthInPairs: i32 = 0;

export function writeLevels(): void {
  putLevel(1, FASTEST, 0, 0, 0, 0, 0);
  putLevel(2, FAST, 0, 0, 0, 0, 9, 0, 0, 1);
  putLevel(3, NEAREST, 4, 32, 6, 0, 9, 0, 6, 5);
  putLevel(4, NEAREST, 8, 64, 32, 0, 9, 0, 16, 8);
  putLevel(5, LAZY, 7, 40, 20, 12, 9, 6, 20, 12);
  putLevel(6, LAZY, 16, 64, 24, 12, 9, 9, 16, 16);
  putLevel(7, LAZY, 24, 130, 64, 8, 10, 0, 0, 24);
  putLevel(8, LAZY, 40, 258, 258, 0, 12, 0, 0, 48);
  // 8 are 0.1 % larger, 0.4 % on prose, and 3 % faster, 16 are 0.01 % smaller and 1 % slower; see parse-path.ts.
  putLevel(9, PATH, 12, 0, 0, 0, 0);
  // Its numbers stand where they are used, in match-optimal.ts and parse-optimal.ts.
  putLevel(10, OPTIMAL, 0, 0, 0, 0, 0);
}

function putLevel(
  level: i32,
  parser: i32,
  depth: i32,
  nice: i32,
  lazy: i32,
  lookTwo: i32,
  skip: i32,
  usualDepth: i32 = 0,
  usualLazy: i32 = 0,
  depthInPairs: i32 = 0,
): void {
  const at = LEVELS + <usize>level * PARAMETERS;
  store<i32>(at, parser);
  store<i32>(at, depth, 4);
  store<i32>(at, nice, 8);
  store<i32>(at, lazy, 12);
  store<i32>(at, lookTwo, 16);
  store<i32>(at, skip, 20);
  store<i32>(at, usualDepth, 24);
  store<i32>(at, usualLazy, 28);
  store<i32>(at, depthInPairs, 32);
}

/** `length`: of the piece with its dictionary, in bytes. */
export function chooseLevel(level: i32, length: i32): void {
  const isShort = length > MIN_SHORT_LENGTH && length <= MAX_SHORT_LENGTH;
  const at = LEVELS + <usize>(level == 9 && isShort ? 8 : level) * PARAMETERS;
  parser = load<i32>(at);
  depth = load<i32>(at, 4);
  niceLength = load<i32>(at, 8);
  lazyLength = load<i32>(at, 12);
  lookTwoLength = load<i32>(at, 16);
  skipShift = load<i32>(at, 20);
  usualDepth = load<i32>(at, 24);
  usualLazy = load<i32>(at, 28);
  depthInPairs = load<i32>(at, 32);
}

/** What the level chosen does with data of pairs of bytes. */
export function chooseForPairs(): void {
  if (depthInPairs == 0) return;
  parser = LAZY;
  depth = depthInPairs;
  niceLength = max(niceLength, 64);
  lazyLength = 0;
  usualDepth = 0;
}
