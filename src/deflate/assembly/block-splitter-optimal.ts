/**
 * Level 10: decides where blocks end (zopfli: blocksplitter.c). The input is counted in units of 1 KiB. First,
 * neighbouring blocks that are most alike are merged, one pair at a time, starting with one block per unit. When few
 * are left, dynamic programming finds the split of these with the lowest total cost.
 */

import { DEBUG } from './debug';
import {
  BLOCK_COSTS,
  BLOCK_STARTS,
  HISTOGRAM_DISTANCES,
  HISTOGRAM_SIZE,
  JOINED_HISTOGRAM,
  MAX_UNITS,
  MERGED_COSTS,
  SPLIT_COSTS,
  SPLIT_FROM,
  UNITS,
  ZERO_HISTOGRAM,
} from './memory-map';
import { COARSE_BIT, entropyTerm } from './tables';

/**
 * Cost of another block: 80 bits, 2.8 bits for each symbol that it uses, and 5 bits where a symbol that it uses follows
 * one that it does not, because the run of zero code lengths before it costs an item of the header. Without the last,
 * machine code with few literals is cut to pieces, and 1.7 % larger.
 */
const HEADER_COST: i32 = 80 * COARSE_BIT;
const SYMBOL_COST: i32 = 45;
const ZERO_RUN_COST: i32 = 5 * COARSE_BIT;

/**
 * How many blocks merging leaves, in the first split and in the final one. In the final one, 24 are 0.1 % larger on
 * fonts and 0.2 % on binaries; in the first, 40 are 1 % slower and no smaller.
 */
export const FIRST_MAX_BLOCKS: i32 = 24;
export const FINAL_MAX_BLOCKS: i32 = 40;

/** BLOCK_STARTS holds the first unit of each block, and the end. A block's counts lie in its first unit's histogram. */
export let blockCount: i32 = 0;

@inline
export function histogramOf(unit: i32): usize {
  return UNITS + unit * HISTOGRAM_SIZE;
}

/** First unit of a block. For the block after the last: where that ends. */
@inline
export function blockStart(block: i32): i32 {
  return load<i32>(BLOCK_STARTS + (block << 2));
}

/** Leaves the last block for the next master block. */
export function dropLastBlock(): void {
  blockCount--;
}

/** Splits the first `units` units into blocks. The first `carried` of them have one histogram. */
export function split(carried: i32, units: i32, maxBlocks: i32): void {
  if (DEBUG) assert(carried >= 1 && carried <= units && units <= MAX_UNITS, 'number of units');
  store<i32>(BLOCK_STARTS, 0);
  blockCount = 1;
  for (let unit = carried; unit < units; unit++) store<i32>(BLOCK_STARTS + (blockCount++ << 2), unit);
  store<i32>(BLOCK_STARTS + (blockCount << 2), units);
  mergeGreedily(maxBlocks);
  mergeOptimally();
}

/** Adds up the histograms of the units of each block. */
export function sumUnits(): void {
  for (let i = 0; i < blockCount; i++) {
    const histogram = blockHistogram(i);
    const end = blockStart(i + 1);
    for (let unit = blockStart(i) + 1; unit < end; unit++) {
      joinedCost(histogram, histogram, histogramOf(unit));
    }
  }
}

/** Merges the two neighbours whose merging costs least, until at most `maxBlocks` are left. */
function mergeGreedily(maxBlocks: i32): void {
  if (blockCount <= maxBlocks) return;
  for (let i = 0; i < blockCount; i++) {
    store<i32>(BLOCK_COSTS + (i << 2), joinedCost(JOINED_HISTOGRAM, blockHistogram(i), ZERO_HISTOGRAM));
    if (i > 0) updateMergedCost(i - 1);
  }
  while (blockCount > maxBlocks) {
    let least = i32.MAX_VALUE;
    let at = 0;
    for (let i = 0; i < blockCount - 1; i++) {
      const loss =
        load<i32>(MERGED_COSTS + (i << 2)) - load<i32>(BLOCK_COSTS + (i << 2)) - load<i32>(BLOCK_COSTS + (i << 2), 4);
      if (loss < least) {
        least = loss;
        at = i;
      }
    }
    joinedCost(blockHistogram(at), blockHistogram(at), blockHistogram(at + 1));
    store<i32>(BLOCK_COSTS + (at << 2), load<i32>(MERGED_COSTS + (at << 2)));
    removeBlock(at + 1);
    if (at > 0) updateMergedCost(at - 1);
    if (at < blockCount - 1) updateMergedCost(at);
  }
}

function updateMergedCost(i: i32): void {
  store<i32>(MERGED_COSTS + (i << 2), joinedCost(JOINED_HISTOGRAM, blockHistogram(i), blockHistogram(i + 1)));
}

function removeBlock(i: i32): void {
  const after = (blockCount - i) << 2;
  memory.copy(BLOCK_STARTS + (i << 2), BLOCK_STARTS + ((i + 1) << 2), after);
  memory.copy(BLOCK_COSTS + (i << 2), BLOCK_COSTS + ((i + 1) << 2), after);
  memory.copy(MERGED_COSTS + (i << 2), MERGED_COSTS + ((i + 1) << 2), after);
  blockCount--;
}

@inline
function blockHistogram(i: i32): usize {
  return histogramOf(blockStart(i));
}

/** Merges neighbours so that the total cost is lowest: for each boundary, finds the best last block before it. */
function mergeOptimally(): void {
  store<u32>(SPLIT_COSTS, 0);
  for (let to = 1; to <= blockCount; to++) {
    memory.fill(JOINED_HISTOGRAM, 0, HISTOGRAM_SIZE);
    let cheapest: i32 = i32.MAX_VALUE;
    let choice = 0;
    for (let from = to - 1; from >= 0; from--) {
      const cost =
        load<i32>(SPLIT_COSTS + (from << 2)) + joinedCost(JOINED_HISTOGRAM, JOINED_HISTOGRAM, blockHistogram(from));
      if (cost < cheapest) {
        cheapest = cost;
        choice = from;
      }
    }
    store<i32>(SPLIT_COSTS + (to << 2), cheapest);
    store<i32>(SPLIT_FROM + (to << 2), choice);
  }
  for (let to = blockCount; to > 0; ) {
    const from = load<i32>(SPLIT_FROM + (to << 2));
    while (--to > from) {
      const histogram = blockHistogram(from);
      joinedCost(histogram, histogram, blockHistogram(to));
      removeBlock(to);
    }
  }
}

/** Adds two histograms and returns the cost of a block with their sum, in 1/16 bit, without extra bits. */
function joinedCost(sum: usize, a: usize, b: usize): i32 {
  return (
    HEADER_COST +
    joinedCodeCost(sum, a, b, 288) +
    joinedCodeCost(sum + HISTOGRAM_DISTANCES, a + HISTOGRAM_DISTANCES, b + HISTOGRAM_DISTANCES, 30)
  );
}

/** Two symbols per iteration, without branches: which symbols occur cannot be predicted. Level 10 is 3 % faster. */
function joinedCodeCost(sum: usize, a: usize, b: usize, symbolCount: i32): i32 {
  let total = 0;
  let cost = 0;
  let zeroRunCost = ZERO_RUN_COST;
  for (const end = sum + (symbolCount << 2); sum < end; sum += 8, a += 8, b += 8) {
    const both = load<u64>(a) + load<u64>(b);
    store<u64>(sum, both);
    const n = <i32>both;
    const m = <i32>(both >> 32);
    total += n + m;
    cost += select(SYMBOL_COST + zeroRunCost, 0, n != 0) - entropyTerm(n);
    zeroRunCost = select(0, ZERO_RUN_COST, n != 0);
    cost += select(SYMBOL_COST + zeroRunCost, 0, m != 0) - entropyTerm(m);
    zeroRunCost = select(0, ZERO_RUN_COST, m != 0);
  }
  return cost + entropyTerm(total);
}
