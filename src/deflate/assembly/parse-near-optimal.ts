/**
 * Level 9: near-optimal parsing in a single pass. For each segment, the matches are recorded first
 * (longest-matches.ts). Then the cheapest path from each position to the segment's end is computed backward, once,
 * with the symbol costs of the block so far. The symbols it takes differ from those that the costs come from, but less
 * than from block to block.
 *
 * Invariants: PATH_COSTS and PATH_CHOICES are indexed from the segment's start. A match may extend beyond the
 * segment's end by up to MAX_MATCH_LENGTH bytes; PATH_COSTS has estimates for them.
 */

import { blockLength, endSequences, segmentSequences } from './block-splitter';
import { skipInsertions } from './chains';
import { assertWithin, DEBUG } from './debug';
import { depth } from './levels';
import { collectLongestMatches, RECORD_SIZE, recordsEnd, repeatEnd, repeatMatch } from './longest-matches';
import { matchScore } from './match-common';
import {
  BLOCK_HISTOGRAM,
  DISTANCE_COSTS,
  HISTOGRAM_LENGTH,
  JOINED_HISTOGRAM,
  LENGTH_COSTS,
  LITERAL_COSTS,
  MASTER_BLOCK_LENGTH,
  MATCHES,
  MAX_MATCH_LENGTH,
  PATH_CHOICES,
  PATH_COSTS,
  SEGMENT_HISTOGRAM,
} from './memory-map';
import { countLiteral, countMatch } from './sequences';
import { setSymbolCosts } from './symbol-costs';
import { FINE_BIT } from './tables';
import { isUnprofitable, literalCost } from './useful-distance';

/**
 * While the block is no longer than this, that is for its first two segments, the segment is parsed lazily as well, to
 * improve the costs. Three segments are no smaller and 0.6 % slower. One is 0.3 % larger (1.6 % on machine code) and 2
 * % faster.
 */
const LAZY_PARSE_LENGTH: i32 = 12000;

/** The lazy parse never defers a match of this length. */
const NICE_LENGTH: i32 = 64;

/**
 * How much more a symbol that did not occur costs than one that occurred once: 3 bits, because it costs bits in the
 * header, too. With 1 bit, files of a few hundred bytes are 0.3 % larger.
 */
const UNSEEN_COST: i32 = 3 * FINE_BIT;

/**
 * Data whose bytes cost less than this, 1.1 bits, repeats itself in many places. There, the search is three times as
 * deep, which is cheap, because most positions lie inside matches. JSON logs are 0.2 % smaller and take 4 % longer.
 */
const REPETITIVE_BYTE_COST: i32 = 288;
const REPETITIVE_DEPTH_FACTOR: i32 = 3;

/**
 * Depth of the search for matches that start inside another and before the position searched. None is 0.6 % larger, on
 * source code 1.3 %; 2 is 0.1 % larger and 2 % faster; 8 is 0.1 % smaller and 4 % slower.
 */
const WIDEN_DEPTH: i32 = 4;

/**
 * Where literals cost less than this, 4.5 bits, most of the data is digits, and a somewhat longer match saves little.
 * There, the search has these depths. XML with coordinates is 1.15 times as fast and 0.2 % larger, word lists in JSON
 * 1.1 times and 0.03 %. With 5 and 1, XML is 1.25 times as fast and 0.4 % larger, and JSON logs are 0.2 % larger.
 */
const CHEAP_LITERAL_COST: i32 = 72;
const CHEAP_LITERAL_DEPTH: i32 = 6;
const CHEAP_LITERAL_WIDEN_DEPTH: i32 = 2;

/**
 * Both depths for 16-bit samples, whose matches are short, and UTF-16, where four bytes are only two characters. 16-bit
 * images are 3.6 % smaller (1.5 % smaller than node:zlib's) and take 1.8 times as long. UTF-16 is 2 to 6 % smaller and
 * takes 1.3 to 1.5 times as long.
 */
const DEPTH_FOR_16_BIT: i32 = 32;
let isSixteenBit: bool = false;

/** Estimated cost of a byte beyond the segment: as in the previous segment, at first 2 bits. In 1/256 bit. */
const FIRST_BYTE_COST: i32 = 2 * FINE_BIT;
let byteCost: i32 = 0;

export function startNearOptimal(sixteenBit: bool): void {
  isSixteenBit = sixteenBit;
  byteCost = FIRST_BYTE_COST;
}

/** Parses from `start` until `segmentEnd` or a long repeat is reached or passed. Returns the position it stopped at. */
export function parseNearOptimal(start: usize, segmentEnd: usize, end: usize): usize {
  const pathEnd = collect(start, segmentEnd, end);
  const length = <i32>(pathEnd - start);
  if (length > 0) {
    prepareCosts(start, length);
    findCheapestPath(start, length, min(MAX_MATCH_LENGTH, <i32>(end - pathEnd)));
  }
  let sequence = segmentSequences;
  let literals = 0;
  let i = 0;
  while (i < length) {
    const choice = load<u32>(PATH_CHOICES + (i << 2));
    if (choice == 0) {
      countLiteral(start + i++);
      continue;
    }
    sequence = putChosenMatch(sequence, i - literals, choice);
    i += choice & 511;
    literals = i;
  }
  if (repeatEnd != 0) {
    while (start + i + MAX_MATCH_LENGTH <= repeatEnd) {
      sequence = putChosenMatch(sequence, i - literals, repeatMatch);
      i += MAX_MATCH_LENGTH;
      literals = i;
    }
    // All periods of the repeat are alike, so only the last one is inserted.
    skipInsertions(start + i - (repeatMatch >> 14) - 9);
  }
  endSequences(sequence, i - literals);
  return start + i;
}

@inline
function collect(start: usize, segmentEnd: usize, end: usize): usize {
  if (isSixteenBit) return collectLongestMatches(start, segmentEnd, end, DEPTH_FOR_16_BIT, DEPTH_FOR_16_BIT);
  if (literalCost < CHEAP_LITERAL_COST) {
    return collectLongestMatches(start, segmentEnd, end, CHEAP_LITERAL_DEPTH, CHEAP_LITERAL_WIDEN_DEPTH);
  }
  const isRepetitive = byteCost < REPETITIVE_BYTE_COST;
  const searchDepth = isRepetitive ? depth * REPETITIVE_DEPTH_FACTOR : depth;
  return collectLongestMatches(start, segmentEnd, end, searchDepth, WIDEN_DEPTH);
}

@inline
function putChosenMatch(sequence: usize, literalLength: i32, match: u32): usize {
  countMatch(SEGMENT_HISTOGRAM, match);
  store<u32>(sequence, literalLength);
  store<u32>(sequence, match, 4);
  return sequence + 8;
}

/** Sets the costs from the block so far and, at its beginning, from the segment's longest matches as well. */
@inline
function prepareCosts(start: usize, length: i32): void {
  if (blockLength > LAZY_PARSE_LENGTH) {
    setSymbolCosts(BLOCK_HISTOGRAM, UNSEEN_COST);
    return;
  }
  parseLazily(start, length);
  for (let i: usize = 0; i < <usize>HISTOGRAM_LENGTH * 4; i += 4) {
    store<u32>(JOINED_HISTOGRAM + i, load<u32>(BLOCK_HISTOGRAM + i) + load<u32>(SEGMENT_HISTOGRAM + i));
  }
  setSymbolCosts(JOINED_HISTOGRAM, UNSEEN_COST);
  memory.fill(SEGMENT_HISTOGRAM, 0, HISTOGRAM_LENGTH * 4);
}

/** Counts the symbols of a lazy parse of the recorded matches. */
function parseLazily(start: usize, length: i32): void {
  let record = MATCHES;
  for (let i = 0; i < length; ) {
    while (record < recordsEnd && load<i32>(record) <= i) record += RECORD_SIZE;
    const match = longestAt(i, record);
    const matchLength = <i32>(match & 511);
    if (match == 0 || isUnprofitable((matchLength << 16) | ((match >> 14) + 1))) {
      countLiteral(start + i++);
      continue;
    }
    if (matchLength < NICE_LENGTH && record < recordsEnd && load<i32>(record) == i + 1) {
      const next = load<u32>(record, 4);
      if (<i32>(next & 511) >= matchLength && score(next) > score(match) + 2) {
        countLiteral(start + i++);
        continue;
      }
    }
    countMatch(SEGMENT_HISTOGRAM, match);
    i += matchLength;
  }
}

@inline
function score(match: u32): i32 {
  return matchScore(<i32>(match & 511), (match >> 14) + 1);
}

/** The longest match at an index, or 0. `record`: the first one that starts after it. */
@inline
function longestAt(i: i32, record: usize): u32 {
  if (record == MATCHES) return 0;
  const passed = i - load<i32>(record - RECORD_SIZE);
  const match = load<u32>(record - RECORD_SIZE, 4);
  return <i32>(match & 511) < passed + 3 ? 0 : match - passed;
}

/**
 * PATH_CHOICES becomes the match to take at each position, or 0 for a literal. Matches may extend beyond the segment's
 * end by up to `beyond` bytes.
 *
 * Each match is considered whole, and without its last byte. Only whole matches are 0.3 % larger, on text 1 %, and 2 %
 * faster. Cost and choice share a word, so that one comparison decides. The literal is compared last, because its cost
 * depends on the position after it.
 */
function findCheapestPath(start: usize, length: i32, beyond: i32): void {
  let at = PATH_COSTS + (length << 2);
  for (let i = 0; i <= beyond; i++) store<u32>(at + (i << 2), (beyond - i) * byteCost);
  const endCost = load<u32>(at);
  let cost = endCost;
  let p = start + length;
  for (let record = recordsEnd - RECORD_SIZE; record >= MATCHES; record -= RECORD_SIZE) {
    const from = PATH_COSTS + (load<u32>(record) << 2);
    const longest = load<u32>(record, 4);
    const end = from + ((longest & 511) << 2);
    // After the match, and at its last two bytes, only literals are possible.
    while (at > end - 8) {
      at -= 4;
      cost = putLiteral(at, cost, --p);
    }
    if (DEBUG) assertWithin(end, 4, PATH_COSTS, (length + beyond + 1) << 2);
    const key = keyOf(longest);
    const whole = key + ((<u64>load<u32>(end)) << 32);
    const shorter = key + ((<u64>load<u32>(end - 4)) << 32);
    let lengthCosts = LENGTH_COSTS + ((end - at) << 1);
    while (at > from) {
      at -= 4;
      p--;
      lengthCosts += 8;
      const cheapest = cheaper(whole + load<u64>(lengthCosts), shorter + load<u64>(lengthCosts - 8));
      const literal = (<u64>(cost + load<u32>(LITERAL_COSTS + ((<usize>load<u8>(p)) << 2)))) << 32;
      cost = putChoice(at, cheaper(literal, cheapest));
    }
    const second = load<u32>(record, 8);
    const secondKey = keyOf(second);
    const secondEnd = from + ((second & 511) << 2);
    lengthCosts = LENGTH_COSTS + ((second & 511) << 3);
    const cheapest = cheaper(
      secondKey + ((<u64>load<u32>(secondEnd)) << 32) + load<u64>(lengthCosts),
      secondKey + ((<u64>load<u32>(secondEnd - 4)) << 32) + load<u64>(lengthCosts - 8),
    );
    cost = putChoice(at, cheaper(((<u64>cost) << 32) | load<u32>(at + (PATH_CHOICES - PATH_COSTS)), cheapest));
  }
  while (at > PATH_COSTS) {
    at -= 4;
    cost = putLiteral(at, cost, --p);
  }
  byteCost = max(1, <i32>(cost - endCost) / length);
}

/** `cost of the distance << 32 | match without its length`. */
@inline
function keyOf(match: u32): u64 {
  return ((<u64>load<u32>(DISTANCE_COSTS + ((match >> 7) & (31 << 2)))) << 32) | (match & ~511);
}

@inline
function cheaper(a: u64, b: u64): u64 {
  return select(b, a, b < a);
}

/** Stores a cost and the choice that leads to it. Returns the cost. */
@inline
function putChoice(at: usize, costAndChoice: u64): u32 {
  if (DEBUG) assertWithin(at, 4, PATH_COSTS, MASTER_BLOCK_LENGTH * 4);
  const cost = <u32>(costAndChoice >> 32);
  store<u32>(at, cost);
  store<u32>(at + (PATH_CHOICES - PATH_COSTS), <u32>costAndChoice);
  return cost;
}

@inline
function putLiteral(at: usize, costAfter: u32, p: usize): u32 {
  return putChoice(at, (<u64>(costAfter + load<u32>(LITERAL_COSTS + ((<usize>load<u8>(p)) << 2)))) << 32);
}
