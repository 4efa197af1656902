/**
 * What each level does. The table lies in memory, and its address is exported, so that a benchmark can try other
 * numbers without building the module again.
 */

import { LEVELS } from './memory-map';

/** i32[8] per level. */
const PARAMETERS: usize = 8 * 4;

export const FAST: i32 = 0;
export const LAZY: i32 = 1;

export let parser: i32 = 0;
/** Lazy: how many earlier positions are compared. Fast: what is put into the table of a match, every n-th position. */
export let depth: i32 = 0;
/** A match of this length is taken without looking at more candidates. */
export let niceLength: i32 = 0;
/** A match shorter than this is put off if the next position has a better one. 0: never. */
export let lazyLength: i32 = 0;
/** A match of three bytes farther away than this costs more than three literals. */
export let maxDistance3: i32 = 0;
/** 2: the position after the next is looked at, too. */
export let lookAhead: i32 = 0;
export let skipShift: i32 = 0;

export function writeLevels(): void {
  putLevel(1, FAST, 2, 32, 0, 0, 0, 6);
  putLevel(2, FAST, 1, 32, 0, 0, 0, 8);
  putLevel(3, LAZY, 4, 32, 0, 1024, 0, 9);
  putLevel(4, LAZY, 7, 32, 16, 2048, 1, 9);
  putLevel(5, LAZY, 16, 48, 24, 4096, 1, 9);
  putLevel(6, LAZY, 35, 65, 65, 4096, 1, 9);
  putLevel(7, LAZY, 80, 130, 130, 4096, 1, 12);
  putLevel(8, LAZY, 200, 258, 258, 4096, 2, 12);
  putLevel(9, LAZY, 600, 258, 258, 4096, 2, 12);
  putLevel(10, LAZY, 2000, 258, 258, 4096, 2, 12);
}

function putLevel(
  level: i32,
  parser: i32,
  depth: i32,
  nice: i32,
  lazy: i32,
  distance3: i32,
  ahead: i32,
  skip: i32,
): void {
  const at = LEVELS + <usize>level * PARAMETERS;
  store<i32>(at, parser);
  store<i32>(at, depth, 4);
  store<i32>(at, nice, 8);
  store<i32>(at, lazy, 12);
  store<i32>(at, distance3, 16);
  store<i32>(at, ahead, 20);
  store<i32>(at, skip, 24);
}

export function chooseLevel(level: i32): void {
  const at = LEVELS + <usize>level * PARAMETERS;
  parser = load<i32>(at);
  depth = load<i32>(at, 4);
  niceLength = load<i32>(at, 8);
  lazyLength = load<i32>(at, 12);
  maxDistance3 = load<i32>(at, 16);
  lookAhead = load<i32>(at, 20);
  skipShift = load<i32>(at, 24);
}
