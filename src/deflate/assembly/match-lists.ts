/**
 * Matches that are kept for every position of what is parsed, since the cheapest path is worked out later: those of a
 * position one after another, MATCH_STARTS telling where they begin, in the form of sequences.ts. The last is the longest.
 */

import { MATCH_STARTS } from './memory-map';
import { distanceSlot } from './sequences';

/** Stores a match and says where the next one goes. */
@inline
export function putMatch(matches: usize, length: i32, distance: i32): usize {
  store<u32>(matches, length | (distanceSlot(distance) << 9) | ((distance - 1) << 14));
  return matches + 4;
}

/** The longest match of the position with this index, or 0. */
@inline
export function longestMatch(index: i32): u32 {
  const at = MATCH_STARTS + (index << 2);
  const end = load<u32>(at, 4);
  return end == load<u32>(at) ? 0 : load<u32>(end - 4);
}

/** What a match saves, in about quarters of a byte's bits: length, less the extra bits of the distance. */
@inline
export function worth(match: u32): i32 {
  return <i32>((match & 511) << 2) + <i32>clz((match >> 14) + 1);
}
