/**
 * Level 10: near-optimal parsing. A span of the input is parsed lazily first, which gives a first idea of what symbols
 * cost and of where blocks should end. Then the cheapest way from each position to the span's end is worked out
 * backwards, and as the symbols that it takes have other costs, it is worked out again with those, a few times.
 */

import { writeBlock } from './block-writer';
import { isDear, startCosts, updateCosts } from './costs';
import { MAX_MATCH_LENGTH } from './match-finder';
import { worth } from './match-lists';
import {
  collectMatches,
  dropMatches,
  hasManyMatches,
  hasRoom,
  longestMatch,
  runEnd,
  runMatch,
  startMatches,
  startMatchFinder,
} from './match-optimal';
import {
  BLOCK_HISTOGRAM,
  DISTANCE_PRICES,
  LENGTH_PRICES,
  LITERAL_PRICES,
  MATCH_STARTS,
  OPTIMAL_SEQUENCES,
  PATH_CHOICES,
  PATH_COSTS,
  SPAN_LENGTH,
  UNIT_SHIFT,
  UNITS,
} from './memory-map';
import { setPrices } from './prices';
import { countMatch, putLiterals } from './sequences';
import {
  atomCount,
  blockStart,
  dropLastBlock,
  FIRST_ATOMS,
  histogramOf,
  joinUnits,
  LAST_ATOMS,
  split,
  UNIT_HISTOGRAM,
} from './split-optimal';

/**
 * How often the cheapest path of all of a span is worked out. Uniform data with many matches, such as prose, takes most
 * time for it and gains least: 0.03 % against a fifth of the time. There, once is enough.
 */
const PASSES: i32 = 2;
/** Units that a block of uniform data has on average: half of it costs tables and images 0.1 %. */
const UNIFORM_BLOCK: i32 = 64;

/**
 * Before that, prices settle on a sample: so many times, over one unit in so many of each block. Samples of a quarter,
 * or of all, are no smaller; one sampling instead of three is 0.06 % larger, and 5 % faster.
 */
const SAMPLINGS: i32 = 3;
const SAMPLE_STEP: i32 = 16;

/**
 * Up to this length, a match may be cut short in all passes but the last, where any may: 8 costs 16-bit images 0.4 %,
 * which go by even lengths, and no limit takes 4 % more time. In the last, a limit of 32 is 0.02 % larger.
 */
const FIRST_LENGTHS: u32 = 12;

/** A symbol that did not occur is as dear as one that occurred half a time, in 1/256 bit more than one that did. */
const UNSEEN_PRICE: i32 = 256;

/** A match of this length is not put off by the first parse. */
const LAZY_LENGTH: u32 = 64;

/** Bytes whose matches are collected between two looks at what follows. */
const SEGMENT_LENGTH: i32 = 10000;

/** Input that is collected but not written, and how far the first parse has come. */
let spanStart: usize = 0;
let spanEnd: usize = 0;
let firstParsed: usize = 0;
/** Units of the block carried over from the span before, counted as one in the first; else 1. And those with counters. */
let carriedUnits: i32 = 0;
let clearedUnits: i32 = 0;

/** Bytes of the run that follows what is collected, in whole matches of greatest length; 0 for none. */
let runLength: i32 = 0;

/** Deflates the piece from `start` to `end`, with what precedes it from `dictionary` on. */
export function deflateOptimal(dictionary: usize, start: usize, end: usize, isLast: bool): void {
  startMatchFinder(dictionary, start, end);
  startCosts(<i32>(end - start));
  startSpan(start);
  for (let p = start; p < end; ) {
    const length = min(SEGMENT_LENGTH, <i32>(end - p));
    while (<i32>(p - spanStart) + length > SPAN_LENGTH || !hasRoom(length)) writeSpan(false, false);
    p = collectMatches(p, p + length, <i32>(p - spanStart));
    spanEnd = p;
    if (runEnd == 0) continue;
    runLength = <i32>(runEnd - p);
    writeSpan(true, false);
    p = runEnd;
    startSpan(p);
  }
  if (isLast || spanEnd > spanStart) writeSpan(true, isLast);
}

function startSpan(start: usize): void {
  spanStart = start;
  spanEnd = start;
  firstParsed = start;
  carriedUnits = 1;
  clearedUnits = 0;
  runLength = 0;
  startMatches();
}

/**
 * Writes the blocks of the span: all of them, or all but the last, which stays as the beginning of the next span since
 * it may go on.
 */
function writeSpan(whole: bool, isFinal: bool): void {
  const length = <i32>(spanEnd - spanStart);
  if (length == 0) {
    memory.fill(BLOCK_HISTOGRAM, 0, UNIT_HISTOGRAM);
    const sequence = putRun(OPTIMAL_SEQUENCES);
    if (isFinal || runLength > 0) writeBlock(OPTIMAL_SEQUENCES, sequence, spanStart, runLength, isFinal);
    return;
  }
  parseFirst();
  const units = (length + (1 << UNIT_SHIFT) - 1) >> UNIT_SHIFT;
  // A match may have passed over all of a short last unit.
  for (; clearedUnits < units; clearedUnits++) memory.fill(histogramOf(clearedUnits), 0, UNIT_HISTOGRAM);
  split(carriedUnits, units, FIRST_ATOMS);
  const cut = blockStart(atomCount - 1);
  if (whole || cut < units >> 1) {
    writeUnits(units, length, isFinal);
    startSpan(spanEnd);
    return;
  }
  const cutLength = cut << UNIT_SHIFT;
  dropLastBlock();
  writeUnits(cut, cutLength, false);
  dropMatches(cutLength, length);
  spanStart += cutLength;
  memory.copy(UNITS, histogramOf(cut), UNIT_HISTOGRAM);
  carriedUnits = units - cut;
  clearedUnits = carriedUnits;
}

/** Parses lazily what has been collected since, by the longest matches, and counts it by unit. */
function parseFirst(): void {
  let p = firstParsed;
  while (p < spanEnd) {
    const unit = <i32>(p - spanStart) >> UNIT_SHIFT;
    const unitEnd = min(spanEnd, spanStart + ((unit + 1) << UNIT_SHIFT));
    const histogram = histogramOf(unit < carriedUnits ? 0 : unit);
    if (unit >= clearedUnits) {
      memory.fill(histogram, 0, UNIT_HISTOGRAM);
      clearedUnits = unit + 1;
    }
    while (p < unitEnd) {
      const match = longestMatch(<i32>(p - spanStart));
      const length = match & 511;
      if (match == 0 || isDear((length << 16) | ((match >> 14) + 1))) {
        countLiteral(histogram, p++);
        continue;
      }
      if (length < LAZY_LENGTH && p + 1 < spanEnd) {
        const next = longestMatch(<i32>(p - spanStart) + 1);
        if (next != 0 && (next & 511) >= length && worth(next) > worth(match) + 2) {
          countLiteral(histogram, p++);
          continue;
        }
      }
      countMatch(histogram, match);
      p += length;
    }
    memory.copy(BLOCK_HISTOGRAM, histogram, UNIT_HISTOGRAM);
    updateCosts();
  }
  firstParsed = p;
}

@inline
function countLiteral(histogram: usize, p: usize): void {
  const counter = histogram + (<usize>load<u8>(p) << 2);
  store<u32>(counter, load<u32>(counter) + 1);
}

/** Parses and writes the first `length` bytes of the span, in `units`, as split() has split them. */
function writeUnits(units: i32, length: i32, isFinal: bool): void {
  for (let i = 0; i < SAMPLINGS; i++) sampleBlocks(length);
  const passes = atomCount * UNIFORM_BLOCK <= units && hasManyMatches(length) ? 1 : PASSES;
  for (let pass = 0; pass < passes; pass++) {
    if (pass > 0) {
      countPath(units, length);
      if (pass == 1) split(1, units, LAST_ATOMS);
      else joinUnits();
    }
    for (let block = atomCount - 1; block >= 0; block--) {
      const unit = blockStart(block);
      const blockEnd = min(blockStart(block + 1) << UNIT_SHIFT, length);
      setPrices(histogramOf(unit), UNSEEN_PRICE);
      findCheapestPath(unit << UNIT_SHIFT, blockEnd, length, pass == passes - 1 ? MAX_MATCH_LENGTH : FIRST_LENGTHS);
    }
  }
  let p = 0;
  for (let block = 1; block <= atomCount; block++) {
    const blockEnd = min(blockStart(block) << UNIT_SHIFT, length);
    const start = p;
    memory.fill(BLOCK_HISTOGRAM, 0, UNIT_HISTOGRAM);
    let sequence = OPTIMAL_SEQUENCES;
    let literals = p;
    while (p < blockEnd) {
      const choice = load<u32>(PATH_CHOICES + (p << 2));
      if (choice == 0) {
        countLiteral(BLOCK_HISTOGRAM, spanStart + p++);
        continue;
      }
      countMatch(BLOCK_HISTOGRAM, choice);
      store<u32>(sequence, p - literals);
      store<u32>(sequence, choice, 4);
      sequence += 8;
      p += choice & 511;
      literals = p;
    }
    sequence = putLiterals(sequence, p - literals);
    if (block == atomCount) {
      sequence = putRun(sequence);
      p += runLength;
    }
    writeBlock(OPTIMAL_SEQUENCES, sequence, spanStart + start, p - start, isFinal && block == atomCount);
  }
}

function putRun(sequence: usize): usize {
  for (let left = runLength; left > 0; left -= MAX_MATCH_LENGTH) {
    countMatch(BLOCK_HISTOGRAM, runMatch);
    store<u32>(sequence, 0);
    store<u32>(sequence, runMatch, 4);
    sequence += 8;
  }
  return sequence;
}

/** Works out the cheapest path of some of each block's units, and puts its counts in place of the block's. */
function sampleBlocks(length: i32): void {
  for (let block = 0; block < atomCount; block++) {
    const start = blockStart(block);
    const end = blockStart(block + 1);
    const histogram = histogramOf(start);
    const step = end - start < 2 * SAMPLE_STEP ? 1 : SAMPLE_STEP;
    setPrices(histogram, UNSEEN_PRICE);
    memory.fill(histogram, 0, UNIT_HISTOGRAM);
    for (let unit = start; unit < end; unit += step) {
      const from = unit << UNIT_SHIFT;
      const to = min((unit + 1) << UNIT_SHIFT, length);
      findCheapestPath(from, to, to, FIRST_LENGTHS);
      for (let p = from; p < to; ) {
        const choice = load<u32>(PATH_CHOICES + (p << 2));
        if (choice == 0) {
          countLiteral(histogram, spanStart + p++);
        } else {
          countMatch(histogram, choice);
          p += choice & 511;
        }
      }
    }
  }
}

function countPath(units: i32, length: i32): void {
  memory.fill(UNITS, 0, units * UNIT_HISTOGRAM);
  for (let p = 0; p < length; ) {
    const histogram = histogramOf(p >> UNIT_SHIFT);
    const choice = load<u32>(PATH_CHOICES + (p << 2));
    if (choice == 0) {
      countLiteral(histogram, spanStart + p++);
      continue;
    }
    countMatch(histogram, choice);
    p += choice & 511;
  }
}

/**
 * For the positions `from` to `to`, backwards, so that each one's best continuation is known, with the prices set.
 * PATH_CHOICES becomes the match to take, or 0. Cost and choice go in one word, so that comparing is one step.
 */
function findCheapestPath(from: i32, to: i32, end: i32, thorough: u32): void {
  let p = spanStart + to;
  if (to == end) store<u32>(PATH_COSTS + (end << 2), 0);
  for (let i = to - 1; i >= from; i--) {
    p--;
    const at = PATH_COSTS + (i << 2);
    let cheapest = <u64>(load<u32>(at, 4) + load<u32>(LITERAL_PRICES + (<usize>load<u8>(p) << 2))) << 32;
    let match = load<u32>(MATCH_STARTS + (i << 2));
    const matchesEnd = load<u32>(MATCH_STARTS + (i << 2), 4);
    if (match < matchesEnd) {
      const left = <u32>(end - i);
      let size: u32 = 3;
      do {
        const found = load<u32>(match);
        const longest = min(found & 511, left);
        const key = ((<u64>load<u32>(DISTANCE_PRICES + ((found >> 7) & (31 << 2)))) << 32) | (found & ~511);
        for (const all = min(longest, thorough); size <= all; size++) {
          const cost = key + ((<u64>load<u32>(at + (size << 2))) << 32) + load<u64>(LENGTH_PRICES + (size << 3));
          cheapest = select(cost, cheapest, cost < cheapest);
        }
        if (size <= longest) {
          size = longest;
          const cost = key + ((<u64>load<u32>(at + (size << 2))) << 32) + load<u64>(LENGTH_PRICES + (size << 3));
          cheapest = select(cost, cheapest, cost < cheapest);
          size++;
        }
        match += 4;
      } while (match < matchesEnd);
    }
    store<u32>(at, <u32>(cheapest >> 32));
    store<u32>(PATH_CHOICES + (i << 2), <u32>cheapest);
  }
}
