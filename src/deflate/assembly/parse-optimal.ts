/**
 * Level 10: near-optimal parsing. The lazy parser has gone over the block first, which gives its bounds and a first
 * idea of what symbols cost. Then all useful matches of all its positions are collected from binary trees, the cheapest
 * way from each position to the block's end is worked out backwards, and as the symbols that it takes have other costs,
 * it is worked out again with those, a few times.
 */

import {
  bias,
  firstPosition,
  hash3,
  hash4,
  hashProduct,
  lowestReachable,
  MAX_MATCH_LENGTH,
  matchLength,
} from './match-finder';
import {
  BLOCK_HISTOGRAM,
  CHILDREN,
  DISTANCE_EXTRA_BITS,
  DISTANCE_PRICES,
  HISTOGRAM_DISTANCES,
  HISTOGRAM_LENGTH,
  LENGTH_EXTRA_BITS,
  LENGTH_PRICES,
  LENGTH_SLOTS,
  LITERAL_PRICES,
  MATCH_STARTS,
  MATCHES,
  MATCHES_SIZE,
  OPTIMAL_SEQUENCES,
  PATH_CHOICES,
  PATH_COSTS,
  SAVED_HISTOGRAM,
  SEGMENT_HISTOGRAM,
  TREE_HASH3_BITS,
  TREE_HEADS3,
  TREE_HEADS4,
  WINDOW_SIZE,
} from './memory-map';
import { countLiteral, distanceSlot, putLiterals, putSequence } from './sequences';
import { log2 } from './tables';

/**
 * Nodes visited per position, and the length of a match whose inside is not searched any more. 300 and 200 are 0.1 %
 * smaller on a tar of node_modules, and take 15 % more time.
 */
const TREE_DEPTH: i32 = 100;
const NICE_LENGTH: i32 = 100;

/** How often the cheapest path is worked out. 2 is 0.1 % larger; 4 is 0.03 % smaller and takes 15 % more time. */
const PASSES: i32 = 3;

/** The next address to go into the trees, and where the piece's data ends. */
let treeNext: usize = 0;
let dataEnd: usize = 0;

export function startTrees(start: usize, end: usize): void {
  treeNext = start;
  dataEnd = end;
}

/** Replaces the block's sequences: gives the end of new ones at OPTIMAL_SEQUENCES, counted in BLOCK_HISTOGRAM. */
export function optimizeBlock(start: usize, length: i32): usize {
  const end = start + length;
  // What precedes the block and is in no block, as the dictionary, is only remembered.
  while (treeNext < start) insertTree(treeNext++, 0);
  collectMatches(start, end);
  let sequencesEnd: usize = 0;
  // Counting goes where the parsers count; what is there of the segment to come is put aside.
  memory.copy(SAVED_HISTOGRAM, SEGMENT_HISTOGRAM, HISTOGRAM_LENGTH * 4);
  for (let pass = 0; pass < PASSES; pass++) {
    setPrices();
    findCheapestPath(end, length);
    memory.fill(SEGMENT_HISTOGRAM, 0, HISTOGRAM_LENGTH * 4);
    sequencesEnd = followPath(start, end);
    memory.copy(BLOCK_HISTOGRAM, SEGMENT_HISTOGRAM, HISTOGRAM_LENGTH * 4);
  }
  memory.copy(SEGMENT_HISTOGRAM, SAVED_HISTOGRAM, HISTOGRAM_LENGTH * 4);
  return sequencesEnd;
}

/**
 * MATCH_STARTS[i] becomes where the matches of the block's i-th position begin: u32 `length << 16 | distance`, each
 * longer and farther away than the one before it.
 */
function collectMatches(start: usize, end: usize): void {
  let matches = MATCHES;
  let starts = MATCH_STARTS;
  for (let p = start; p < end; p++, starts += 4) {
    store<u32>(starts, matches);
    // With the room used up, about 16 matches a position, the rest of the block goes without.
    if (matches + MAX_MATCH_LENGTH * 4 > MATCHES + MATCHES_SIZE) {
      insertTree(p, 0);
      continue;
    }
    const found = insertTree(p, matches);
    if (found == matches) continue;
    matches = found;
    const longest = load<u32>(matches - 4);
    if (<i32>(longest >> 16) < NICE_LENGTH) continue;
    const matchEnd = min(p + (longest >> 16), end);
    while (p + 1 < matchEnd) {
      p++;
      starts += 4;
      store<u32>(starts, matches);
      // Of a short period, only the last turn can be told apart from what precedes it.
      if (p + (longest & 0xffff) + 8 >= matchEnd) insertTree(p, 0);
    }
  }
  store<u32>(starts, matches);
  treeNext = end;
}

/**
 * Puts p into the tree of its hash: left of a node is what sorts before it, so that the way down meets ever longer
 * matches, the nearest first. Writes them from `matches` on, unless that is 0, and gives their end.
 */
function insertTree(p: usize, matches: usize): usize {
  const limit = min(MAX_MATCH_LENGTH, <i32>(dataEnd - p));
  if (limit < 4) return matches;
  const base = bias;
  const position = <u32>p + base;
  const low = lowestReachable(position, firstPosition);
  const word = load<u32>(p);
  const product = hashProduct(word);
  let best = 3;
  const head3 = TREE_HEADS3 + hash3(product, TREE_HASH3_BITS);
  const near = load<u32>(head3);
  store<u32>(head3, position);
  if (matches != 0 && near >= low && ((load<u32>(near - base) ^ word) & 0xffffff) == 0) {
    store<u32>(matches, (3 << 16) | (position - near));
    matches += 4;
  }
  const head4 = TREE_HEADS4 + hash4(product);
  let node = load<u32>(head4);
  store<u32>(head4, position);
  let before = CHILDREN + ((position & (2 * WINDOW_SIZE - 1)) << 3);
  let after = before + 4;
  let beforeLength = 0;
  let afterLength = 0;
  for (let depth = TREE_DEPTH; node >= low && depth > 0; depth--) {
    const q = <usize>(node - base);
    const children = CHILDREN + ((node & (2 * WINDOW_SIZE - 1)) << 3);
    const length = matchLength(p, q, min(beforeLength, afterLength), limit);
    if (length > best) {
      best = length;
      if (matches != 0) {
        store<u32>(matches, (length << 16) | (position - node));
        matches += 4;
      }
    }
    if (length >= limit) {
      // As good as the same: this position takes the node's place.
      store<u32>(before, load<u32>(children));
      store<u32>(after, load<u32>(children, 4));
      return matches;
    }
    if (load<u8>(q + length) < load<u8>(p + length)) {
      store<u32>(before, node);
      before = children + 4;
      beforeLength = length;
      node = load<u32>(before);
    } else {
      store<u32>(after, node);
      after = children;
      afterLength = length;
      node = load<u32>(after);
    }
  }
  store<u32>(before, 0);
  store<u32>(after, 0);
  return matches;
}

/** What each symbol costs in 1/256 bit, with its extra bits, by its share in BLOCK_HISTOGRAM. */
function setPrices(): void {
  let total = priceBase(BLOCK_HISTOGRAM, 286);
  for (let byte = 0; byte < 256; byte++) {
    store<u32>(LITERAL_PRICES + (byte << 2), priceOf(BLOCK_HISTOGRAM, byte, total));
  }
  let slot = -1;
  let price = 0;
  for (let length = 3; length <= MAX_MATCH_LENGTH; length++) {
    if (load<u8>(LENGTH_SLOTS + length) != slot) {
      slot = load<u8>(LENGTH_SLOTS + length);
      price = priceOf(BLOCK_HISTOGRAM, 257 + slot, total) + (load<u8>(LENGTH_EXTRA_BITS + slot) << 8);
    }
    store<u32>(LENGTH_PRICES + (length << 2), price);
  }
  total = priceBase(BLOCK_HISTOGRAM + HISTOGRAM_DISTANCES, 30);
  for (slot = 0; slot < 30; slot++) {
    price = priceOf(BLOCK_HISTOGRAM + HISTOGRAM_DISTANCES, slot, total);
    store<u32>(DISTANCE_PRICES + (slot << 2), price + (load<u8>(DISTANCE_EXTRA_BITS + slot) << 8));
  }
}

function priceBase(histogram: usize, count: i32): i32 {
  let total = 1;
  for (let i = 0; i < count; i++) total += load<i32>(histogram + (i << 2));
  return log2(total) >> 8;
}

/** A symbol that did not occur is as dear as one that occurred half a time; none is cheaper than half a bit. */
@inline
function priceOf(histogram: usize, symbol: i32, base: i32): i32 {
  const n = load<i32>(histogram + (symbol << 2));
  return n == 0 ? base + 256 : max(base - (log2(n) >> 8), 128);
}

/** Backwards, so that each position's best continuation is known. PATH_CHOICES becomes the match to take, or 0. */
function findCheapestPath(end: usize, length: i32): void {
  store<u32>(PATH_COSTS + (length << 2), 0);
  let p = end;
  for (let i = length - 1; i >= 0; i--) {
    p--;
    const at = PATH_COSTS + (i << 2);
    let cheapest = load<u32>(at, 4) + load<u32>(LITERAL_PRICES + (<usize>load<u8>(p) << 2));
    let choice: u32 = 0;
    let match = load<u32>(MATCH_STARTS + (i << 2));
    const matchesEnd = load<u32>(MATCH_STARTS + (i << 2), 4);
    const left = <u32>(length - i);
    for (let size: u32 = 3; match < matchesEnd; match += 4) {
      const found = load<u32>(match);
      const distance = found & 0xffff;
      const longest = min(found >> 16, left);
      const price = load<u32>(DISTANCE_PRICES + (distanceSlot(distance) << 2));
      for (; size <= longest; size++) {
        const cost = load<u32>(at + (size << 2)) + load<u32>(LENGTH_PRICES + (size << 2)) + price;
        const isCheaper = cost < cheapest;
        choice = select((size << 16) | distance, choice, isCheaper);
        cheapest = select(cost, cheapest, isCheaper);
      }
    }
    store<u32>(at, cheapest);
    store<u32>(PATH_CHOICES + (i << 2), choice);
  }
}

/** Writes the sequences of the path, counts their symbols, and gives their end. */
function followPath(start: usize, end: usize): usize {
  let sequence = OPTIMAL_SEQUENCES;
  let literals = start;
  for (let p = start; p < end; ) {
    const choice = load<u32>(PATH_CHOICES + ((p - start) << 2));
    if (choice == 0) {
      countLiteral(p++);
      continue;
    }
    sequence = putSequence(sequence, p - literals, choice >> 16, choice & 0xffff);
    p += choice >> 16;
    literals = p;
  }
  return putLiterals(sequence, end - literals);
}
