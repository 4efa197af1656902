/**
 * Levels 1 and 2: one candidate for every position, or for every even one, as precomputed by hash-heads.ts. Of two
 * matches that start next to each other the longer one is taken, which is what lazy evaluation amounts to most of the
 * time. This is decided for eight positions at a time, with masks, before the parser reaches them.
 *
 * Invariants: positions before `finalizedEnd` have been decided: MATCH_BITS holds the lengths, in bytes, of the matches
 * to take, and 0 elsewhere. Later entries are still in bits. The parser reads eight entries at once, so it stops two
 * groups of eight before `finalizedEnd`, unless that is the end of the data.
 */

import { endSequences, segmentSequences } from './block-splitter';
import {
  deltaAt,
  matchBitsIndex,
  mirrorMatchBits,
  precompute,
  precomputedEnd,
  skipTo,
  startHashHeads,
} from './hash-heads';
import { FASTEST, parser } from './levels';
import { appendLiterals, countLiterals } from './literals';
import { backwardExtension, matchLength, repeatLength } from './match-common';
import { LITERALS, MATCH_BITS, MAX_MATCH_LENGTH } from './memory-map';
import { putSequence } from './sequences';
import { maxUsefulDistance } from './useful-distance';

/**
 * log2 of the distance between positions with precomputed matches. Level 1 computes them for even positions only; a
 * match that starts between two of them is found by extending the second one backward. 1.17 times as fast, 0.9 %
 * larger.
 */
let spacing: usize = 0;

/** End of the positions that have been decided. */
let finalizedEnd: usize = 0;

const EACH_BYTE: u64 = 0x0101010101010101;
/** The bits of each byte that hold a length, after dividing matching bits by eight. */
const LENGTHS: u64 = 31 * EACH_BYTE;
/** Added to a length of 4 or more, sets the top bit of its byte. */
const LONG_ENOUGH: u64 = (128 - 4) * EACH_BYTE;
const TOP_BITS: u64 = 128 * EACH_BYTE;

export function startFast(start: usize, end: usize, isText: bool): void {
  spacing = parser == FASTEST ? 1 : 0;
  startHashHeads(start, end, spacing == 0, isText);
  finalizedEnd = start & ~((8 << spacing) - 1);
}

/** Parses from `start` until `segmentEnd` is reached or passed. Returns the position where it stopped. */
export function parseFast(start: usize, segmentEnd: usize, end: usize): usize {
  return spacing == 1 ? parseEvenPositions(start, segmentEnd, end) : parseAllPositions(start, segmentEnd, end);
}

// Two copies of parse(), so that the spacing is constant in each.
function parseEvenPositions(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, 1);
}

function parseAllPositions(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, 0);
}

@inline
function parse(start: usize, segmentEnd: usize, end: usize, spacing: usize): usize {
  // Stored data or a repeat may have been skipped since the last segment.
  finalizedEnd = max(finalizedEnd, min(precomputedEnd, start) & ~((8 << spacing) - 1));
  let sequence = segmentSequences;
  let literalsEnd = LITERALS;
  let literals = start;
  let p = start;
  let committedEnd = finalizedEnd == end ? end : finalizedEnd - (16 << spacing);
  for (;;) {
    if (p >= committedEnd) {
      if (p >= segmentEnd) break;
      if (finalizedEnd < end) {
        finalizeMore(end, spacing);
        committedEnd = finalizedEnd == end ? end : finalizedEnd - (16 << spacing);
        continue;
      }
    }
    p = (p + spacing) & ~spacing;
    const lengths = load<u64>(matchBitsIndex(p >> spacing), MATCH_BITS);
    if (lengths == 0) {
      p += 8 << spacing;
      if (p >= segmentEnd) break;
      continue;
    }
    const bits = ctz(lengths) & ~7;
    p += (<usize>(bits >> 3)) << spacing;
    if (p >= segmentEnd) break;
    let length = <i32>(lengths >> bits) & 255;
    const distance = <usize>deltaAt(p >> spacing);
    if (distance - 1 >= maxUsefulDistance(length)) {
      p++;
      continue;
    }
    if (length == 8) length = matchLength(p, p - distance, 8, min(MAX_MATCH_LENGTH, <i32>(end - p)));
    // The next iteration depends on the match's end only. Extending it backward can overlap with that.
    let matchEnd = p + length;
    const extension = backwardExtension(p, distance, literals, MAX_MATCH_LENGTH - length);
    const literalLength = p - extension - literals;
    literalsEnd = appendLiterals(literalsEnd, literals, literalLength);
    sequence = putSequence(sequence, literalLength, length + <i32>extension, <i32>distance);
    if (length == MAX_MATCH_LENGTH) {
      const repeat = repeatLength(matchEnd, distance, segmentEnd, end);
      for (let n = repeat; n > 0; n -= MAX_MATCH_LENGTH) sequence = putSequence(sequence, 0, length, <i32>distance);
      matchEnd += repeat;
      if (matchEnd > precomputedEnd) {
        // All periods of the repeat are alike, so only the last one is inserted.
        skipTo(matchEnd - distance - 8, 0);
        finalizedEnd = max(finalizedEnd, precomputedEnd & ~((8 << spacing) - 1));
        committedEnd = 0;
      }
    }
    p = matchEnd;
    literals = p;
  }
  p = min(p, end);
  const literalLength = p - literals;
  countLiterals(appendLiterals(literalsEnd, literals, literalLength));
  endSequences(sequence, literalLength);
  return p;
}

/** Precomputes more positions and finalizes those that are followed by eight others, or by the end. */
function finalizeMore(end: usize, spacing: usize): void {
  precompute();
  const group: usize = 8 << spacing;
  if (precomputedEnd < end) {
    finalizeUntil((precomputedEnd & ~(group - 1)) - group, spacing);
  } else {
    // Positions beyond the end do not matter: no match of four bytes can start there.
    finalizeUntil(((end - 1) & ~(group - 1)) + group, spacing);
    finalizedEnd = end;
  }
}

function finalizeUntil(to: usize, spacing: usize): void {
  const group: usize = 8 << spacing;
  if (<isize>(to - finalizedEnd) <= 0) return;
  let lengths = (load<u64>(matchBitsIndex(finalizedEnd >> spacing), MATCH_BITS) >> 3) & LENGTHS;
  for (let p = finalizedEnd; p < to; p += group) {
    const next = (load<u64>(matchBitsIndex((p + group) >> spacing), MATCH_BITS) >> 3) & LENGTHS;
    const following = (lengths >> 8) | (next << 56);
    const followedByLonger = (following | TOP_BITS) - lengths - EACH_BYTE;
    const taken = ((lengths + LONG_ENOUGH) & ~followedByLonger & TOP_BITS) >> 7;
    store<u64>(matchBitsIndex(p >> spacing), lengths & (taken * 255), MATCH_BITS);
    lengths = next;
  }
  finalizedEnd = to;
  mirrorMatchBits();
}
