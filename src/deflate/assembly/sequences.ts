/**
 * What the parsers produce: sequences, and the statistics of the symbols they are coded with.
 *
 * A sequence is a number of literals (u32) and the match that follows them (u32). The literals themselves stay in the
 * input. A match of 0 stands for no match, as at the end of a segment. Otherwise it is packed: length in 9 bits, slot
 * of the distance in 5, distance - 1 in 15.
 *
 * Searches return matches in another form, `length << 16 | distance`, where comparing and extending is cheaper.
 */

import { assertMatch, assertWithin, DEBUG } from './debug';
import {
  DISTANCE_SLOTS,
  HISTOGRAM_DISTANCES,
  LENGTH_SLOTS,
  MAX_SEQUENCES,
  SEGMENT_HISTOGRAM,
  SEQUENCES,
} from './memory-map';

/** Bytes of a sequence. */
export const SEQUENCE_SIZE: i32 = 8;

@inline
export function countLiteral(p: usize): void {
  const counter = SEGMENT_HISTOGRAM + ((<usize>load<u8>(p)) << 2);
  store<u32>(counter, load<u32>(counter) + 1);
}

/** Counts the two symbols of a packed match. */
@inline
export function countMatch(histogram: usize, match: u32): void {
  const lengthCounter = histogram + 257 * 4 + ((<usize>load<u8>(LENGTH_SLOTS + (match & 511))) << 2);
  const distanceCounter = histogram + HISTOGRAM_DISTANCES + ((match >> 7) & (31 << 2));
  store<u32>(lengthCounter, load<u32>(lengthCounter) + 1);
  store<u32>(distanceCounter, load<u32>(distanceCounter) + 1);
}

@inline
export function packMatch(length: u32, distance: u32): u32 {
  if (DEBUG) assertMatch(length, distance);
  return length | (distanceSlot(distance) << 9) | ((distance - 1) << 14);
}

/** Counts the match's symbols, stores the sequence and returns the address of the next one. */
@inline
export function putSequence(sequence: usize, literalLength: usize, length: i32, distance: i32): usize {
  if (DEBUG) {
    assertMatch(length, distance);
    assertWithin(sequence, SEQUENCE_SIZE, SEQUENCES, MAX_SEQUENCES * SEQUENCE_SIZE);
  }
  const slot = distanceSlot(distance);
  const lengthCounter = SEGMENT_HISTOGRAM + 257 * 4 + ((<usize>load<u8>(LENGTH_SLOTS + length)) << 2);
  const distanceCounter = SEGMENT_HISTOGRAM + HISTOGRAM_DISTANCES + ((<usize>slot) << 2);
  store<u32>(lengthCounter, load<u32>(lengthCounter) + 1);
  store<u32>(distanceCounter, load<u32>(distanceCounter) + 1);
  store<u32>(sequence, literalLength);
  store<u32>(sequence, length | (slot << 9) | ((distance - 1) << 14), 4);
  return sequence + 8;
}

@inline
function distanceSlot(distance: i32): i32 {
  const key: usize = distance - 1;
  return load<u8>(DISTANCE_SLOTS + (key < 256 ? key : 256 + (key >> 7)));
}

/** Stores the literals after the last match, if any, as a sequence without a match. Returns the new end. */
export function putLastLiterals(sequence: usize, literalLength: usize): usize {
  if (literalLength == 0) return sequence;
  store<u32>(sequence, literalLength);
  store<u32>(sequence, 0, 4);
  return sequence + 8;
}
