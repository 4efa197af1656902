/**
 * Level 10: iterated near-optimal parsing (as zopfli and libdeflate's levels 10 to 12 do it), of up to 256 KiB at once,
 * a master block. A lazy parse gives first symbol statistics and block boundaries. Then the cheapest path through each
 * block is computed backward from its end. Its symbols have other costs than were assumed, so the path is computed
 * again with the new costs, a few times.
 *
 * Invariants: positions within the master block are indices from `masterStart`. MATCH_STARTS, PATH_COSTS and
 * PATH_CHOICES have an entry for each, and the first two one more for the end. Matches never extend beyond the end of
 * the master block, except for the repeat that follows it.
 */

import {
  collectAllMatches,
  dropMatches,
  hasManyMatches,
  hasRoom,
  longestMatch,
  repeatEnd,
  repeatMatch,
  startMatches,
  startMatchFinder,
} from './all-matches';
import {
  blockCount,
  blockStart,
  dropLastBlock,
  FINAL_MAX_BLOCKS,
  FIRST_MAX_BLOCKS,
  histogramOf,
  split,
  sumUnits,
} from './block-splitter-optimal';
import { writeBlock } from './block-writer';
import { DEBUG } from './debug';
import { matchScore } from './match-common';
import {
  BLOCK_HISTOGRAM,
  DISTANCE_COSTS,
  HISTOGRAM_SIZE,
  ITERATED_SEQUENCES,
  LENGTH_COSTS,
  LITERAL_COSTS,
  MASTER_BLOCK_LENGTH,
  MATCH_STARTS,
  MAX_MATCH_LENGTH,
  PATH_CHOICES,
  PATH_COSTS,
  UNIT_SHIFT,
  UNITS,
} from './memory-map';
import { countMatch, putLastLiterals } from './sequences';
import { setSymbolCosts } from './symbol-costs';
import { FINE_BIT } from './tables';
import { isUnprofitable, startLiteralCost, updateLiteralCost } from './useful-distance';

/**
 * How often the path of a whole master block is computed. Uniform data with many matches, such as prose, takes the most
 * time and gains the least: the second pass makes it 0.03 % smaller for a fifth of the time. It gets one pass only.
 */
const PASSES: i32 = 2;
/** Data is uniform if its blocks have at least this many units on average. 32 make tables and images 0.1 % larger. */
const UNIFORM_BLOCK: i32 = 64;

/**
 * Before these passes, costs are refined on a sample: three times, on one unit in 16 of each block. Larger samples, up
 * to all units, are no smaller. One iteration instead of three is 0.06 % larger and 5 % faster.
 */
const SAMPLE_ITERATIONS: i32 = 3;
const SAMPLE_STEP: i32 = 16;

/**
 * Longest truncated match in all passes but the last. The last may truncate a match to any length; there, a limit of 32
 * is 0.02 % larger. Here, 8 makes 16-bit images 0.4 % larger, which need even lengths, and no limit is 4 % slower.
 */
const MAX_TRUNCATED_LENGTH: u32 = 12;

/** How much more a symbol that did not occur costs than one that occurred once: as if it had occurred half a time. */
const UNSEEN_COST: i32 = FINE_BIT;

/** The lazy parse never defers a match of this length. */
const NICE_LENGTH: u32 = 64;

/** Bytes whose matches are collected at a time. */
const SEGMENT_LENGTH: i32 = 10000;

/** The collected bytes that are not written, and the end of the lazy parse. */
let masterStart: usize = 0;
let masterEnd: usize = 0;
let lazyParsedEnd: usize = 0;
/** Units of the block carried over from the previous master block, whose counts lie in the first one; otherwise 1. */
let carriedUnits: i32 = 0;
/** Units whose histograms are valid. */
let clearedUnits: i32 = 0;

/** Bytes of the repeat that follows the master block, in whole matches of maximum length; 0: none. */
let repeatLength: i32 = 0;

/** Compresses the chunk from `start` to `end`. Its dictionary starts at `dictionary`. */
export function deflateIterated(dictionary: usize, start: usize, end: usize, isLast: bool): void {
  startMatchFinder(dictionary, start, end);
  startLiteralCost(<i32>(end - start));
  startMasterBlock(start);
  for (let p = start; p < end; ) {
    const length = min(SEGMENT_LENGTH, <i32>(end - p));
    while (<i32>(p - masterStart) + length > MASTER_BLOCK_LENGTH || !hasRoom(length)) writeMasterBlock(false, false);
    p = collectAllMatches(p, p + length, <i32>(p - masterStart));
    masterEnd = p;
    if (repeatEnd == 0) continue;
    repeatLength = <i32>(repeatEnd - p);
    writeMasterBlock(true, false);
    p = repeatEnd;
    startMasterBlock(p);
  }
  if (isLast || masterEnd > masterStart) writeMasterBlock(true, isLast);
}

function startMasterBlock(start: usize): void {
  masterStart = start;
  masterEnd = start;
  lazyParsedEnd = start;
  carriedUnits = 1;
  clearedUnits = 0;
  repeatLength = 0;
  startMatches();
}

/**
 * Writes the blocks of the master block: all of them, or all but the last, which may continue and is carried over to
 * the next master block.
 */
function writeMasterBlock(whole: bool, isFinal: bool): void {
  const length = <i32>(masterEnd - masterStart);
  if (length == 0) {
    memory.fill(BLOCK_HISTOGRAM, 0, HISTOGRAM_SIZE);
    const sequence = putRepeat(ITERATED_SEQUENCES);
    if (isFinal || repeatLength > 0) writeBlock(ITERATED_SEQUENCES, sequence, masterStart, repeatLength, isFinal);
    return;
  }
  parseLazily();
  const units = (length + (1 << UNIT_SHIFT) - 1) >> UNIT_SHIFT;
  // A match may have passed over all of a short last unit.
  for (; clearedUnits < units; clearedUnits++) memory.fill(histogramOf(clearedUnits), 0, HISTOGRAM_SIZE);
  split(carriedUnits, units, FIRST_MAX_BLOCKS);
  const cut = blockStart(blockCount - 1);
  if (whole || cut < units >> 1) {
    writeUnits(units, length, isFinal);
    startMasterBlock(masterEnd);
    return;
  }
  const cutLength = cut << UNIT_SHIFT;
  dropLastBlock();
  writeUnits(cut, cutLength, false);
  dropMatches(cutLength, length);
  masterStart += cutLength;
  memory.copy(UNITS, histogramOf(cut), HISTOGRAM_SIZE);
  carriedUnits = units - cut;
  clearedUnits = carriedUnits;
}

/** Parses what has been collected since the last call, by the longest matches, and counts its symbols by unit. */
function parseLazily(): void {
  let p = lazyParsedEnd;
  while (p < masterEnd) {
    const unit = <i32>(p - masterStart) >> UNIT_SHIFT;
    const unitEnd = min(masterEnd, masterStart + ((unit + 1) << UNIT_SHIFT));
    const histogram = histogramOf(unit < carriedUnits ? 0 : unit);
    if (unit >= clearedUnits) {
      memory.fill(histogram, 0, HISTOGRAM_SIZE);
      clearedUnits = unit + 1;
    }
    while (p < unitEnd) {
      const match = longestMatch(<i32>(p - masterStart));
      const length = match & 511;
      if (match == 0 || isUnprofitable((length << 16) | ((match >> 14) + 1))) {
        countLiteral(histogram, p++);
        continue;
      }
      if (length < NICE_LENGTH && p + 1 < masterEnd) {
        const next = longestMatch(<i32>(p - masterStart) + 1);
        if (next != 0 && (next & 511) >= length && score(next) > score(match) + 2) {
          countLiteral(histogram, p++);
          continue;
        }
      }
      countMatch(histogram, match);
      p += length;
    }
    memory.copy(BLOCK_HISTOGRAM, histogram, HISTOGRAM_SIZE);
    updateLiteralCost();
  }
  lazyParsedEnd = p;
}

@inline
function score(match: u32): i32 {
  return matchScore(<i32>(match & 511), (match >> 14) + 1);
}

@inline
function countLiteral(histogram: usize, p: usize): void {
  const counter = histogram + ((<usize>load<u8>(p)) << 2);
  store<u32>(counter, load<u32>(counter) + 1);
}

/** Parses and writes the first `length` bytes of the master block, in blocks as split() has chosen them. */
function writeUnits(units: i32, length: i32, isFinal: bool): void {
  for (let i = 0; i < SAMPLE_ITERATIONS; i++) refineCosts(length);
  const passes = blockCount * UNIFORM_BLOCK <= units && hasManyMatches(length) ? 1 : PASSES;
  for (let pass = 0; pass < passes; pass++) {
    if (pass > 0) {
      countPath(units, length);
      if (pass == 1) split(1, units, FINAL_MAX_BLOCKS);
      else sumUnits();
    }
    for (let block = blockCount - 1; block >= 0; block--) {
      const unit = blockStart(block);
      const blockEnd = min(blockStart(block + 1) << UNIT_SHIFT, length);
      setSymbolCosts(histogramOf(unit), UNSEEN_COST);
      const maxTruncatedLength = pass == passes - 1 ? MAX_MATCH_LENGTH : MAX_TRUNCATED_LENGTH;
      findCheapestPath(unit << UNIT_SHIFT, blockEnd, length, maxTruncatedLength);
    }
  }
  let p = 0;
  for (let block = 1; block <= blockCount; block++) {
    const blockEnd = min(blockStart(block) << UNIT_SHIFT, length);
    const start = p;
    memory.fill(BLOCK_HISTOGRAM, 0, HISTOGRAM_SIZE);
    let sequence = ITERATED_SEQUENCES;
    let literals = p;
    while (p < blockEnd) {
      const choice = load<u32>(PATH_CHOICES + (p << 2));
      if (choice == 0) {
        countLiteral(BLOCK_HISTOGRAM, masterStart + p++);
        continue;
      }
      countMatch(BLOCK_HISTOGRAM, choice);
      store<u32>(sequence, p - literals);
      store<u32>(sequence, choice, 4);
      sequence += 8;
      p += choice & 511;
      literals = p;
    }
    sequence = putLastLiterals(sequence, p - literals);
    if (block == blockCount) {
      sequence = putRepeat(sequence);
      p += repeatLength;
    }
    writeBlock(ITERATED_SEQUENCES, sequence, masterStart + start, p - start, isFinal && block == blockCount);
  }
}

/** Appends the matches of the repeat. */
function putRepeat(sequence: usize): usize {
  for (let left = repeatLength; left > 0; left -= MAX_MATCH_LENGTH) {
    countMatch(BLOCK_HISTOGRAM, repeatMatch);
    store<u32>(sequence, 0);
    store<u32>(sequence, repeatMatch, 4);
    sequence += 8;
  }
  return sequence;
}

/** Computes the path through a sample of each block's units, and replaces the block's counts with the path's. */
function refineCosts(length: i32): void {
  for (let block = 0; block < blockCount; block++) {
    const start = blockStart(block);
    const end = blockStart(block + 1);
    const histogram = histogramOf(start);
    const step = end - start < 2 * SAMPLE_STEP ? 1 : SAMPLE_STEP;
    setSymbolCosts(histogram, UNSEEN_COST);
    memory.fill(histogram, 0, HISTOGRAM_SIZE);
    for (let unit = start; unit < end; unit += step) {
      const from = unit << UNIT_SHIFT;
      const to = min((unit + 1) << UNIT_SHIFT, length);
      findCheapestPath(from, to, to, MAX_TRUNCATED_LENGTH);
      for (let p = from; p < to; ) {
        const choice = load<u32>(PATH_CHOICES + (p << 2));
        if (choice == 0) {
          countLiteral(histogram, masterStart + p++);
        } else {
          countMatch(histogram, choice);
          p += choice & 511;
        }
      }
    }
  }
}

/** Counts the symbols of the path by unit. */
function countPath(units: i32, length: i32): void {
  memory.fill(UNITS, 0, units * HISTOGRAM_SIZE);
  for (let p = 0; p < length; ) {
    const histogram = histogramOf(p >> UNIT_SHIFT);
    const choice = load<u32>(PATH_CHOICES + (p << 2));
    if (choice == 0) {
      countLiteral(histogram, masterStart + p++);
      continue;
    }
    countMatch(histogram, choice);
    p += choice & 511;
  }
}

/**
 * Computes the cheapest path from each position between `from` and `to` to `end`, backward, with the costs that are
 * set. PATH_CHOICES becomes the match to take, or 0 for a literal. Cost and choice share a word, so that one
 * comparison decides. Matches of up to `maxTruncatedLength` bytes may be taken at any shorter length as well.
 */
function findCheapestPath(from: i32, to: i32, end: i32, maxTruncatedLength: u32): void {
  if (DEBUG) assert(from >= 0 && from <= to && to <= end && end <= MASTER_BLOCK_LENGTH, 'part of a master block');
  let p = masterStart + to;
  if (to == end) store<u32>(PATH_COSTS + (end << 2), 0);
  for (let i = to - 1; i >= from; i--) {
    p--;
    const at = PATH_COSTS + (i << 2);
    let cheapest = (<u64>(load<u32>(at, 4) + load<u32>(LITERAL_COSTS + ((<usize>load<u8>(p)) << 2)))) << 32;
    let match = load<u32>(MATCH_STARTS + (i << 2));
    const matchesEnd = load<u32>(MATCH_STARTS + (i << 2), 4);
    if (match < matchesEnd) {
      const left = <u32>(end - i);
      let length: u32 = 3;
      do {
        const found = load<u32>(match);
        const longest = min(found & 511, left);
        const key = ((<u64>load<u32>(DISTANCE_COSTS + ((found >> 7) & (31 << 2)))) << 32) | (found & ~511);
        for (const truncated = min(longest, maxTruncatedLength); length <= truncated; length++) {
          const cost = key + ((<u64>load<u32>(at + (length << 2))) << 32) + load<u64>(LENGTH_COSTS + (length << 3));
          cheapest = select(cost, cheapest, cost < cheapest);
        }
        if (length <= longest) {
          length = longest;
          const cost = key + ((<u64>load<u32>(at + (length << 2))) << 32) + load<u64>(LENGTH_COSTS + (length << 3));
          cheapest = select(cost, cheapest, cost < cheapest);
          length++;
        }
        match += 4;
      } while (match < matchesEnd);
    }
    store<u32>(at, <u32>(cheapest >> 32));
    store<u32>(PATH_CHOICES + (i << 2), <u32>cheapest);
  }
}
