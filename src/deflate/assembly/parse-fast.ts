/**
 * The fastest levels: one or two earlier positions per hash, the better is taken at once, and data in which nothing is
 * found is stepped over faster and faster.
 */

import { isDear } from './costs';
import { endSequences, segmentSequences } from './block-splitter';
import { depth, FASTEST, parser, skipShift } from './levels';
import {
  bias,
  bucketOf,
  firstPosition,
  insertPair,
  insertSingle,
  lowestReachable,
  MAX_MATCH_LENGTH,
  matchLength,
  runLength,
} from './match-finder';
import { BUCKETS } from './memory-map';
import { countLiteral, putSequence } from './sequences';

/** Factors of the hash: its top bits depend on the first four or five bytes of eight. */
const FOUR_BYTES: u64 = 0x9e3779b185ebca87 << 32;
const FIVE_BYTES: u64 = 0x9e3779b185ebca87 << 24;

let factor: u64 = FOUR_BYTES;
/** Whether one position is kept per hash, or two. */
let single: bool = false;

/**
 * Chooses how many bytes are hashed, and puts the dictionary into the table. In text a match of four bytes is seldom worth
 * more than what follows it: with five, node_modules is 1.3 to 2 % smaller at level 1 for 3 % more time; binaries are 1 % larger.
 * Level 1 keeps one position in text only: in binaries it would be 0.5 % larger than node:zlib's.
 */
export function startFast(dictionary: usize, start: usize, end: usize): void {
  const text = isText(start, <i32>(end - start));
  factor = text ? FIVE_BYTES : FOUR_BYTES;
  single = text && parser == FASTEST;
  for (let p = dictionary; p < start; p++) remember(p);
}

/** Of 256 bytes up to one in 32 is no character of text: UTF-8 apart, tabs and ends of lines are all that texts have. */
function isText(start: usize, length: i32): bool {
  const step = <usize>(length >> 8) + 1;
  const end = min(start + length, start + step * 256);
  let others = 0;
  for (let p = start; p < end; p += step) {
    const byte = load<u8>(p);
    if (byte - 32 >= 95 && byte != 10 && byte != 13 && byte != 9) others++;
  }
  return others <= 8;
}

/** Puts the position into the table. */
export function remember(p: usize): void {
  const bucket = bucketOf(load<u64>(p), factor);
  const position = <u32>p + bias;
  if (single) insertSingle(bucket, position);
  else insertPair(bucket, position);
}

/** The last position that was put where p would go. */
export function newest(p: usize): u32 {
  const bucket = bucketOf(load<u64>(p), factor);
  return load<u32>(BUCKETS + (bucket << (single ? 2 : 3)));
}

/** Parses from `start` until `segmentEnd` is reached or passed, and gives the place where it stopped. */
export function parseFast(start: usize, segmentEnd: usize, end: usize): usize {
  return single ? parseSingles(start, segmentEnd, end) : parsePairs(start, segmentEnd, end);
}

/** Two functions: in one, the compiler spills more, and level 1 is 6 % slower. */
function parseSingles(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, false);
}

function parsePairs(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, true);
}

@inline
function parse(start: usize, segmentEnd: usize, end: usize, pairs: bool): usize {
  const base = bias;
  const first = firstPosition;
  const skip = skipShift;
  // Of binaries, level 1 remembers half as much inside of matches: 1.02 times as fast, 1 % larger.
  const stride = pairs && parser == FASTEST ? depth << 1 : depth;
  const bytes = factor;
  let sequence = segmentSequences;
  let literals = start;
  let p = start;
  while (p < segmentEnd) {
    if (p + 4 > end) {
      countLiteral(p++);
      continue;
    }
    const position = <u32>p + base;
    const low = lowestReachable(position, first);
    const word = load<u32>(p);
    const bucket = bucketOf(load<u64>(p), bytes);
    let both: u64 = 0;
    if (pairs) both = insertPair(bucket, position);
    const candidate = pairs ? <u32>both : insertSingle(bucket, position);
    let length = 0;
    let distance: u32 = 0;
    const isNear = candidate >= low;
    const agrees = load<u32>(select(candidate, position, isNear) - base) == word;
    if (isNear && agrees) {
      length = matchLength(p, candidate - base, 4, min(MAX_MATCH_LENGTH, <i32>(end - p)));
      distance = position - candidate;
    }
    if (pairs) {
      const older = <u32>(both >> 32);
      if (older >= low) {
        const q = <usize>(older - base);
        if (load<u32>(q) == word && (length == 0 || load<u32>(q + length - 3) == load<u32>(p + length - 3))) {
          const other = matchLength(p, q, 4, min(MAX_MATCH_LENGTH, <i32>(end - p)));
          if (other > length) {
            length = other;
            distance = position - older;
          }
        }
      }
    }
    if (isDear((length << 16) | distance)) {
      // The longer nothing has been found, the more is stepped over.
      const next = min(p + 1 + ((p - literals) >> skip), end);
      do {
        countLiteral(p++);
      } while (p < next);
      continue;
    }
    sequence = putSequence(sequence, p - literals, length, distance);
    let matchEnd = p + length;
    if (length == MAX_MATCH_LENGTH) {
      const run = runLength(matchEnd, distance, segmentEnd, end);
      for (let n = run; n > 0; n -= MAX_MATCH_LENGTH) sequence = putSequence(sequence, 0, length, distance);
      if (run > 0) {
        p = matchEnd + run - MAX_MATCH_LENGTH;
        matchEnd += run;
      }
    }
    let q = p + 1;
    // Of a short period, only the last turn can be told apart from what precedes it.
    if (distance + 8 < <u32>length) q = max(q, matchEnd - distance - 8);
    for (; q < matchEnd; q += stride) {
      const inside = bucketOf(load<u64>(q), bytes);
      if (pairs) insertPair(inside, <u32>q + base);
      else insertSingle(inside, <u32>q + base);
    }
    p = matchEnd;
    literals = p;
  }
  endSequences(sequence, p - literals);
  return p;
}
