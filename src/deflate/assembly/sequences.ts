/**
 * What parsing gives: sequences of a run of literals and the match that follows it, and the statistics of the symbols
 * they are coded with. A sequence is u32 run length and u32 match: length (9 bits), slot of the distance (5), distance
 * less 1 (15); a match of 0 is none, as where a segment ends. The literals themselves stay in the input.
 */

import { DISTANCE_SLOTS, HISTOGRAM_DISTANCES, LENGTH_SLOTS, SEGMENT_HISTOGRAM } from './memory-map';

@inline
export function countLiteral(p: usize): void {
  const counter = SEGMENT_HISTOGRAM + (<usize>load<u8>(p) << 2);
  store<u32>(counter, load<u32>(counter) + 1);
}

/** Counts the symbols of a match in the form above. */
@inline
export function countMatch(histogram: usize, match: u32): void {
  const lengthCounter = histogram + 257 * 4 + (<usize>load<u8>(LENGTH_SLOTS + (match & 511)) << 2);
  const distanceCounter = histogram + HISTOGRAM_DISTANCES + ((match >> 7) & (31 << 2));
  store<u32>(lengthCounter, load<u32>(lengthCounter) + 1);
  store<u32>(distanceCounter, load<u32>(distanceCounter) + 1);
}

@inline
export function matchOf(length: u32, distance: u32): u32 {
  return length | (distanceSlot(distance) << 9) | ((distance - 1) << 14);
}

/** Counts the match's symbols, stores the sequence and says where the next one goes. */
@inline
export function putSequence(sequence: usize, literals: usize, length: i32, distance: i32): usize {
  const slot = distanceSlot(distance);
  const lengthCounter = SEGMENT_HISTOGRAM + 257 * 4 + (<usize>load<u8>(LENGTH_SLOTS + length) << 2);
  const distanceCounter = SEGMENT_HISTOGRAM + HISTOGRAM_DISTANCES + (<usize>slot << 2);
  store<u32>(lengthCounter, load<u32>(lengthCounter) + 1);
  store<u32>(distanceCounter, load<u32>(distanceCounter) + 1);
  store<u32>(sequence, literals);
  store<u32>(sequence, length | (slot << 9) | ((distance - 1) << 14), 4);
  return sequence + 8;
}

@inline
function distanceSlot(distance: i32): i32 {
  const key: usize = distance - 1;
  return load<u8>(DISTANCE_SLOTS + (key < 256 ? key : 256 + (key >> 7)));
}

/** Closes a list of sequences with the literals after the last match, if any, and gives its end. */
export function putLiterals(sequence: usize, literals: usize): usize {
  if (literals == 0) return sequence;
  store<u32>(sequence, literals);
  store<u32>(sequence, 0, 4);
  return sequence + 8;
}
