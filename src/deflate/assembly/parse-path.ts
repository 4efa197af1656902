/**
 * Level 9: of all ways through a segment, the one that costs least at the prices of the block so far. Its matches are
 * recorded first, from the chains; then the cheapest way from each position to the segment's end is worked out
 * backwards, once. The symbols taken differ from those that the prices come from, but less than from block to block.
 */

import { blockLength, endSequences, segmentSequences } from './block-splitter';
import { isDear, literalCost } from './costs';
import { collectFromChains, RECORD, recordsEnd, runEnd, runMatch } from './match-chains';
import { depth } from './levels';
import { skipLinks } from './links';
import { MAX_MATCH_LENGTH } from './match-finder';
import { worth } from './match-lists';
import {
  BLOCK_HISTOGRAM,
  DISTANCE_PRICES,
  HISTOGRAM_LENGTH,
  JOINED_HISTOGRAM,
  LENGTH_PRICES,
  LITERAL_PRICES,
  MATCHES,
  PATH_CHOICES,
  PATH_COSTS,
  SEGMENT_HISTOGRAM,
} from './memory-map';
import { setPrices } from './prices';
import { countLiteral, countMatch } from './sequences';

/**
 * Up to this length of the block so far, the segment is also parsed lazily for its prices: the first and the second. Three
 * are no smaller and 0.6 % slower, one alone is 0.3 % larger, 1.6 % on machine code, and 2 % faster.
 */
const FIRST_PARSE_LENGTH: i32 = 12000;

/** A match of this length is not put off by that parse. */
const LAZY_LENGTH: i32 = 64;

/**
 * What a symbol that did not occur costs more than one that occurred once, in 1/256 bit: it also costs in the header. 1
 * bit makes files of a few hundred bytes 0.3 % larger.
 */
const UNSEEN_PRICE: i32 = 768;

/**
 * Where bytes cost less, in 1/256 bit, the data repeats itself in many places, and most positions lie inside matches: so
 * many times as many places are looked at. JSON logs are 0.2 % smaller by it and take 4 % longer.
 */
const REPETITIVE_PRICE: i32 = 288;
const DEEPER: i32 = 3;

/**
 * How many places are looked at for what begins inside a match and before the position searched at. None is 0.6 % larger,
 * 1.3 % on source; 2 are 0.1 % larger and 2 % faster, 8 are 0.1 % smaller and 4 % slower.
 */
const WIDE_DEPTH: i32 = 4;

/**
 * Where literals cost less, in 1/16 bit, digits are most of what there is, and a somewhat longer match saves little: so
 * many places are looked at. XML with coordinates is 0.2 % larger by it and 1.15 times as fast, word lists in JSON
 * 0.03 % and 1.1 times. With 5 and 1 it is 0.4 % and 1.25 times, and JSON logs are 0.2 % larger.
 */
const CHEAP_LITERAL: i32 = 72;
const CHEAP_DEPTH: i32 = 6;
const CHEAP_WIDE_DEPTH: i32 = 2;

/**
 * In data of pairs of bytes, matches are short, or four bytes are but two characters: this many places are looked at, inside
 * matches, too. 16-bit images are 3.6 % smaller by it, 1.5 % smaller than node:zlib makes them, and take 1.8 times as long;
 * UTF-16 is 2 to 6 % smaller and takes 1.3 to 1.5 times as long.
 */
const DEPTH_IN_PAIRS: i32 = 32;
let isOfPairs: bool = false;

/** What a byte costs beyond the segment, in 1/256 bit: as in the segment before, or 2 bits, about. */
const FIRST_BYTE_PRICE: i32 = 512;
let bytePrice: i32 = 0;

export function startPath(ofPairs: bool): void {
  isOfPairs = ofPairs;
  bytePrice = FIRST_BYTE_PRICE;
}

/** Parses from `start` until `segmentEnd` is reached or passed, or a long run is, and gives the place where it stopped. */
export function parsePath(start: usize, segmentEnd: usize, end: usize): usize {
  const pathEnd = collect(start, segmentEnd, end);
  const length = <i32>(pathEnd - start);
  if (length > 0) {
    preparePrices(start, length);
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
    sequence = putChoice(sequence, i - literals, choice);
    i += choice & 511;
    literals = i;
  }
  if (runEnd != 0) {
    while (start + i + MAX_MATCH_LENGTH <= runEnd) {
      sequence = putChoice(sequence, i - literals, runMatch);
      i += MAX_MATCH_LENGTH;
      literals = i;
    }
    // Of a short period, only the last turn can be told apart from what precedes it.
    skipLinks(start + i - (runMatch >> 14) - 9);
  }
  endSequences(sequence, i - literals);
  return start + i;
}

@inline
function collect(start: usize, segmentEnd: usize, end: usize): usize {
  if (isOfPairs) return collectFromChains(start, segmentEnd, end, DEPTH_IN_PAIRS, DEPTH_IN_PAIRS);
  if (literalCost < CHEAP_LITERAL) return collectFromChains(start, segmentEnd, end, CHEAP_DEPTH, CHEAP_WIDE_DEPTH);
  const isRepetitive = bytePrice < REPETITIVE_PRICE;
  return collectFromChains(start, segmentEnd, end, isRepetitive ? depth * DEEPER : depth, WIDE_DEPTH);
}

@inline
function putChoice(sequence: usize, literals: i32, match: u32): usize {
  countMatch(SEGMENT_HISTOGRAM, match);
  store<u32>(sequence, literals);
  store<u32>(sequence, match, 4);
  return sequence + 8;
}

/** Prices by what the block has been like, and at its beginning, by the segment's longest matches too. */
@inline
function preparePrices(start: usize, length: i32): void {
  if (blockLength > FIRST_PARSE_LENGTH) {
    setPrices(BLOCK_HISTOGRAM, UNSEEN_PRICE);
    return;
  }
  parseFirst(start, length);
  for (let i: usize = 0; i < <usize>HISTOGRAM_LENGTH * 4; i += 4) {
    store<u32>(JOINED_HISTOGRAM + i, load<u32>(BLOCK_HISTOGRAM + i) + load<u32>(SEGMENT_HISTOGRAM + i));
  }
  setPrices(JOINED_HISTOGRAM, UNSEEN_PRICE);
  memory.fill(SEGMENT_HISTOGRAM, 0, HISTOGRAM_LENGTH * 4);
}

/** Counts the symbols of a lazy parse of the matches recorded. */
function parseFirst(start: usize, length: i32): void {
  let record = MATCHES;
  for (let i = 0; i < length; ) {
    while (record < recordsEnd && load<i32>(record) <= i) record += RECORD;
    const match = longestAt(i, record);
    const size = <i32>(match & 511);
    if (match == 0 || isDear((size << 16) | ((match >> 14) + 1))) {
      countLiteral(start + i++);
      continue;
    }
    if (size < LAZY_LENGTH && record < recordsEnd && load<i32>(record) == i + 1) {
      const next = load<u32>(record, 4);
      if (<i32>(next & 511) >= size && worth(next) > worth(match) + 2) {
        countLiteral(start + i++);
        continue;
      }
    }
    countMatch(SEGMENT_HISTOGRAM, match);
    i += size;
  }
}

/** The longest match at the position with this index, or 0. `record`: the first one that begins after it. */
@inline
function longestAt(i: i32, record: usize): u32 {
  if (record == MATCHES) return 0;
  const passed = i - load<i32>(record - RECORD);
  const match = load<u32>(record - RECORD, 4);
  return <i32>(match & 511) < passed + 3 ? 0 : match - passed;
}

/**
 * PATH_CHOICES becomes the match to take at each position, or 0. Matches may pass the segment's end by up to `beyond`.
 *
 * Of each match, all of it is weighed, and all but the last byte. Only all of it is 0.3 % larger, 1 % on text, and 2 %
 * faster. Cost and choice go in one word, so that comparing is one step, and the literal comes last, for its cost waits for the position after.
 */
function findCheapestPath(start: usize, length: i32, beyond: i32): void {
  let at = PATH_COSTS + (length << 2);
  for (let i = 0; i <= beyond; i++) store<u32>(at + (i << 2), (beyond - i) * bytePrice);
  const endCost = load<u32>(at);
  let cost = endCost;
  let p = start + length;
  for (let record = recordsEnd - RECORD; record >= MATCHES; record -= RECORD) {
    const from = PATH_COSTS + (load<u32>(record) << 2);
    const longest = load<u32>(record, 4);
    const end = from + ((longest & 511) << 2);
    // Behind its end, and in its last two bytes, nothing is left of the match.
    while (at > end - 8) {
      at -= 4;
      cost = putLiteral(at, cost, --p);
    }
    const key = keyOf(longest);
    const whole = key + ((<u64>load<u32>(end)) << 32);
    const shorter = key + ((<u64>load<u32>(end - 4)) << 32);
    let prices = LENGTH_PRICES + ((end - at) << 1);
    while (at > from) {
      at -= 4;
      p--;
      prices += 8;
      const cheapest = cheaper(whole + load<u64>(prices), shorter + load<u64>(prices - 8));
      const literal = <u64>(cost + load<u32>(LITERAL_PRICES + (<usize>load<u8>(p) << 2))) << 32;
      cost = putChoiceAt(at, cheaper(literal, cheapest));
    }
    const second = load<u32>(record, 8);
    const secondKey = keyOf(second);
    const secondEnd = from + ((second & 511) << 2);
    prices = LENGTH_PRICES + ((second & 511) << 3);
    const cheapest = cheaper(
      secondKey + ((<u64>load<u32>(secondEnd)) << 32) + load<u64>(prices),
      secondKey + ((<u64>load<u32>(secondEnd - 4)) << 32) + load<u64>(prices - 8),
    );
    cost = putChoiceAt(at, cheaper((<u64>cost << 32) | load<u32>(at + (PATH_CHOICES - PATH_COSTS)), cheapest));
  }
  while (at > PATH_COSTS) {
    at -= 4;
    cost = putLiteral(at, cost, --p);
  }
  bytePrice = max(1, <i32>(cost - endCost) / length);
}

/** A match's distance price << 32, and what it is, without its length. */
@inline
function keyOf(match: u32): u64 {
  return ((<u64>load<u32>(DISTANCE_PRICES + ((match >> 7) & (31 << 2)))) << 32) | (match & ~511);
}

@inline
function cheaper(a: u64, b: u64): u64 {
  return select(b, a, b < a);
}

/** Puts a cost and the choice that leads to it, and gives the cost. */
@inline
function putChoiceAt(at: usize, costAndChoice: u64): u32 {
  const cost = <u32>(costAndChoice >> 32);
  store<u32>(at, cost);
  store<u32>(at + (PATH_CHOICES - PATH_COSTS), <u32>costAndChoice);
  return cost;
}

@inline
function putLiteral(at: usize, costAfter: u32, p: usize): u32 {
  return putChoiceAt(at, <u64>(costAfter + load<u32>(LITERAL_PRICES + (<usize>load<u8>(p) << 2))) << 32);
}
