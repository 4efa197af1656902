/**
 * What each level does. The table lies in memory and its address is exported, so that other numbers can be tried
 * without rebuilding the module.
 *
 * The numbers are the fastest ones with which no corpus is larger than node:zlib makes it at the same level, and no
 * file more than 1 % larger. The measurements are in docs/deflate-experiments.md. Around level 6, 1 % of time buys
 * 0.04 % of size, whichever number it is spent on.
 */

import { LEVEL_SIZE, LEVELS } from './memory-map';

/**
 * At level 9, chunks of these lengths are parsed as at level 8. Their hash chains are short, and node:zlib is as fast
 * at level 9 as at 6. Near-optimal parsing would make files of 2 to 4 KiB 0.8 % smaller at half of level 8's speed,
 * which is 1.06 times zlib's.
 *
 * Below, zlib spends most of its time on initialization, and near-optimal parsing is 1.2 to 2 times as fast. From 4 to
 * 8 KiB it is 1.1 to 1.25 times as fast, and 1.5 % smaller than level 8.
 */
const MIN_SHORT_LENGTH: i32 = 2048;
const MAX_SHORT_LENGTH: i32 = 4096;

// The parsers, and what they search for each position.
/** One candidate for every other position. */
export const FASTEST: i32 = 0;
/** One candidate for every position. */
export const FAST: i32 = 1;
/** Lazy; a chain is searched only where the nearest candidate matches. */
export const FAST_LAZY: i32 = 2;
/** Lazy; a chain is searched at every position. */
export const LAZY: i32 = 3;
/** Near-optimal; the longest matches. */
export const NEAR_OPTIMAL: i32 = 4;
/** Near-optimal and iterated; all matches. */
export const ITERATED: i32 = 5;

export let parser: i32 = 0;
/** How many candidates are compared (zlib: max_chain); by the fast lazy parser, not counting the nearest. */
export let depth: i32 = 0;
/** A match of this length is taken without searching for a longer one. */
export let niceLength: i32 = 0;
/** Only matches shorter than this are deferred for a better one at the next position (zlib: max_lazy). 0: none. */
export let maxLazy: i32 = 0;
/**
 * For a match of this length or longer, lazy evaluation tries the position after the next as well (libdeflate: lazy2).
 * At level 6, starting at 12 makes tables of numbers 1.5 % and JSON logs 2.3 % smaller, whose matches are long, and
 * node_modules 1 % slower.
 */
export let lazy2Length: i32 = 0;
/** After 2^n literals in a row, every other position is searched, after twice as many every third, and so on. */
export let skipShift: i32 = 0;

/**
 * At typical match density (see data-type.ts), the lazy parser uses these in place of `depth` and `maxLazy` and never
 * tries the position after the next, unless the depth is 0. The fast lazy parser replaces `maxLazy` only. Level 6 is
 * 1.09 times as fast with them on source and prose, and 0.2 to 0.4 % larger.
 */
export let depthAtTypicalDensity: i32 = 0;
export let maxLazyAtTypicalDensity: i32 = 0;

/**
 * For 16-bit samples, the lazy parser is used with this depth and defers no match, unless the depth is 0. A deferred
 * match may start between the two bytes of a sample. Then its length is odd, where most are even, and the byte before
 * it is an expensive literal. 16-bit images are 3 % smaller at level 6, and up to 10 % at levels 2 to 4.
 */
let depthFor16Bit: i32 = 0;

export function writeLevels(): void {
  //        parser       depth nice lazy lazy2 skip | typical: depth, lazy | 16-bit: depth
  level( 1, FASTEST,      0,    0,   0,   0,    0);
  level( 2, FAST,         0,    0,   0,   0,    9,             0,     0,             1);
  level( 3, FAST_LAZY,    4,   32,   6,   0,    9,             0,     6,             5);
  level( 4, FAST_LAZY,    8,   64,  32,   0,    9,             0,    16,             8);
  level( 5, LAZY,         7,   40,  20,  12,    9,             6,    20,            12);
  level( 6, LAZY,        16,   64,  24,  12,    9,             9,    16,            16);
  level( 7, LAZY,        24,  130,  64,   8,   10,             0,     0,            24);
  level( 8, LAZY,        40,  258, 258,   0,   12,             0,     0,            48);
  // A depth of 8 is 3 % faster and 0.1 % larger (0.4 % on prose); 16 is 1 % slower and 0.01 % smaller.
  level( 9, NEAR_OPTIMAL, 12,   0,   0,   0,    0);
  // The numbers of level 10 are constants of all-matches.ts and parse-iterated.ts.
  level(10, ITERATED,     0,    0,   0,   0,    0);
}

function level(
  level: i32,
  parser: i32,
  depth: i32,
  nice: i32,
  lazy: i32,
  lazy2: i32,
  skip: i32,
  depthAtTypicalDensity: i32 = 0,
  maxLazyAtTypicalDensity: i32 = 0,
  depthFor16Bit: i32 = 0,
): void {
  const at = LEVELS + <usize>level * LEVEL_SIZE;
  store<i32>(at, parser);
  store<i32>(at, depth, 4);
  store<i32>(at, nice, 8);
  store<i32>(at, lazy, 12);
  store<i32>(at, lazy2, 16);
  store<i32>(at, skip, 20);
  store<i32>(at, depthAtTypicalDensity, 24);
  store<i32>(at, maxLazyAtTypicalDensity, 28);
  store<i32>(at, depthFor16Bit, 32);
}

/** `length`: bytes of the chunk and its dictionary. */
export function chooseLevel(level: i32, length: i32): void {
  const isShort = length > MIN_SHORT_LENGTH && length <= MAX_SHORT_LENGTH;
  const at = LEVELS + <usize>(level == 9 && isShort ? 8 : level) * LEVEL_SIZE;
  parser = load<i32>(at);
  depth = load<i32>(at, 4);
  niceLength = load<i32>(at, 8);
  maxLazy = load<i32>(at, 12);
  lazy2Length = load<i32>(at, 16);
  skipShift = load<i32>(at, 20);
  depthAtTypicalDensity = load<i32>(at, 24);
  maxLazyAtTypicalDensity = load<i32>(at, 28);
  depthFor16Bit = load<i32>(at, 32);
}

/** Adapts the level to data with 16-bit samples. */
export function chooseFor16BitSamples(): void {
  if (depthFor16Bit == 0) return;
  parser = LAZY;
  depth = depthFor16Bit;
  niceLength = max(niceLength, 64);
  maxLazy = 0;
  depthAtTypicalDensity = 0;
}
