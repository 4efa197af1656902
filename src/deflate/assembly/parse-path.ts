/**
 * Level 9: of all ways through a segment, the one that costs least at the prices of the block so far. Its matches are
 * collected first, from the chains; then the cheapest way from each position to the segment's end is worked out
 * backwards, once. The symbols taken differ from those that the prices come from, but less than from block to block.
 */

import { blockLength, endSequences, segmentSequences } from './block-splitter';
import { isDear } from './costs';
import { collectFromChains, runEnd, runMatch } from './match-chains';
import { depth } from './levels';
import { skipLinks } from './links';
import { MAX_MATCH_LENGTH } from './match-finder';
import { longestMatch, worth } from './match-lists';
import {
  BLOCK_HISTOGRAM,
  DISTANCE_PRICES,
  HISTOGRAM_LENGTH,
  JOINED_HISTOGRAM,
  LENGTH_PRICES,
  LITERAL_PRICES,
  MATCH_STARTS,
  PATH_CHOICES,
  PATH_COSTS,
  SEGMENT_HISTOGRAM,
} from './memory-map';
import { setPrices } from './prices';
import { countLiteral, countMatch } from './sequences';

/**
 * Up to this length of the block so far, the segment is also parsed lazily for its prices. Always to do so is no smaller
 * and 6 % slower; only where a block begins is 0.1 % larger and 3 % faster.
 */
const FIRST_PARSE_LENGTH: i32 = 25000;

/** A match of this length is not put off by that parse. */
const LAZY_LENGTH: u32 = 64;

/**
 * What a symbol that did not occur costs more than one that occurred once, in 1/256 bit: it also costs in the header. 1
 * bit makes files of a few hundred bytes 0.3 % larger.
 */
const UNSEEN_PRICE: i32 = 768;

/**
 * Where bytes cost less, in 1/256 bit, the data repeats itself in many places, and most positions lie inside matches: so
 * many times as many places are looked at. Tables of numbers are 2.9 % smaller by it and take 1.3 times as long, XML
 * 0.5 % and 1.15 times. Up to 1.6 bits a byte, logs and Markdown would take 1.07 times as long and be 0.1 % smaller.
 */
const REPETITIVE_PRICE: i32 = 288;
const DEEPER: i32 = 3;

/** What a byte costs beyond the segment, in 1/256 bit: as in the segment before, or 2 bits, about. */
const FIRST_BYTE_PRICE: i32 = 512;
let bytePrice: i32 = 0;

export function startPath(): void {
  bytePrice = FIRST_BYTE_PRICE;
}

/** Parses from `start` until `segmentEnd` is reached or passed, or a long run is, and gives the place where it stopped. */
export function parsePath(start: usize, segmentEnd: usize, end: usize): usize {
  const pathEnd = collectFromChains(start, segmentEnd, end, bytePrice < REPETITIVE_PRICE ? depth * DEEPER : depth);
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

/** Counts the symbols of a lazy parse of the matches collected. */
function parseFirst(start: usize, length: i32): void {
  for (let i = 0; i < length; ) {
    const match = longestMatch(i);
    const size = match & 511;
    if (match == 0 || isDear((size << 16) | ((match >> 14) + 1))) {
      countLiteral(start + i++);
      continue;
    }
    if (size < LAZY_LENGTH && i + 1 < length) {
      const next = longestMatch(i + 1);
      if (next != 0 && (next & 511) >= size && worth(next) > worth(match) + 2) {
        countLiteral(start + i++);
        continue;
      }
    }
    countMatch(SEGMENT_HISTOGRAM, match);
    i += size;
  }
}

/**
 * PATH_CHOICES becomes the match to take at each position, or 0. Matches may pass the segment's end by up to `beyond`.
 *
 * Of each match, all of it is weighed, and all but the last byte. Only all of it is 0.4 % larger on text and 1.5 % on
 * 16-bit images, and 3 % faster; two bytes less too is 0.05 % smaller and 3 % slower, and every length up to 8 is 0.1 %
 * larger, at 6 % more time. The literal comes last, for its cost waits for the position after.
 */
function findCheapestPath(start: usize, length: i32, beyond: i32): void {
  let at = PATH_COSTS + (length << 2);
  for (let i = 0; i <= beyond; i++) store<u32>(at + (i << 2), (beyond - i) * bytePrice);
  const endCost = load<i32>(at);
  let starts = MATCH_STARTS + (length << 2);
  let matchesEnd = load<u32>(starts);
  for (let p = start + length; p > start; ) {
    p--;
    at -= 4;
    starts -= 4;
    let cheapest: u64 = u64.MAX_VALUE;
    const matches = load<u32>(starts);
    for (let match = matches; match < matchesEnd; match += 4) {
      const found = load<u32>(match);
      const longest = found & 511;
      const key = ((<u64>load<u32>(DISTANCE_PRICES + ((found >> 7) & (31 << 2)))) << 32) | (found & ~511);
      cheapest = cheaper(cheapest, key, at, longest);
      cheapest = cheaper(cheapest, key, at, max(longest - 1, 3));
    }
    matchesEnd = matches;
    const cost = <u64>(load<u32>(at, 4) + load<u32>(LITERAL_PRICES + (<usize>load<u8>(p) << 2))) << 32;
    cheapest = select(cost, cheapest, cost < cheapest);
    store<u32>(at, <u32>(cheapest >> 32));
    store<u32>(at + (PATH_CHOICES - PATH_COSTS), <u32>cheapest);
  }
  bytePrice = max(1, (load<i32>(PATH_COSTS) - endCost) / length);
}

/** `key`: distance price << 32 | distance and slot. Cost and choice go in one word, so that comparing is one step. */
@inline
function cheaper(cheapest: u64, key: u64, at: usize, length: u32): u64 {
  const cost = key + ((<u64>load<u32>(at + (length << 2))) << 32) + load<u64>(LENGTH_PRICES + (length << 3));
  return select(cost, cheapest, cost < cheapest);
}
