/** Level 9 prototype. */

import { endSequences, segmentSequences } from './block-splitter';
import { isDear } from './costs';
import { depth, lazyLength, lookTwoLength, niceLength, skipShift } from './levels';
import {
  bias,
  firstPosition,
  hash4,
  hashProduct,
  insert3,
  insert4,
  lowestReachable,
  MAX_MATCH_LENGTH,
  matchLength,
  newest4,
  previousInChain,
  runLength,
} from './match-finder';
import {
  BLOCK_HISTOGRAM,
  CHAIN,
  DISTANCE_PRICES,
  HEADS4,
  WINDOW_SIZE,
  HISTOGRAM_DISTANCES,
  HISTOGRAM_LENGTH,
  JOINED_HISTOGRAM,
  LENGTH_PRICES,
  LENGTH_SLOTS,
  LITERAL_PRICES,
  MATCH_STARTS,
  MATCHES,
  PATH_CHOICES,
  PATH_COSTS,
  SEGMENT_HISTOGRAM,
} from './memory-map';
import { setPrices } from './parse-optimal';
import { countLiteral, distanceSlot } from './sequences';

let matchesEnd: usize = 0;

export function parseNear(start: usize, segmentEnd: usize, end: usize): usize {
  const next = collect(start, segmentEnd, end);
  const length = <i32>(next - start);
  // Pre-pass.
  parseFirst(start, length);
  const passes = skipShift;
  for (let pass = 0; pass < passes; pass++) {
    addHistograms();
    setPrices(JOINED_HISTOGRAM);
    setEnd(length, min(MAX_MATCH_LENGTH, <i32>(end - next)));
    findCheapestPath(start, length);
    if (pass == passes - 1) break;
    memory.fill(SEGMENT_HISTOGRAM, 0, HISTOGRAM_LENGTH * 4);
    for (let p = 0; p < length; ) {
      const choice = load<u32>(PATH_CHOICES + (p << 2));
      if (choice == 0) countLiteral(start + p++);
      else {
        countMatch(choice);
        p += choice & 511;
      }
    }
  }
  memory.fill(SEGMENT_HISTOGRAM, 0, HISTOGRAM_LENGTH * 4);
  let sequence = segmentSequences;
  let literals = 0;
  let p = 0;
  while (p < length) {
    const choice = load<u32>(PATH_CHOICES + (p << 2));
    if (choice == 0) {
      countLiteral(start + p++);
      continue;
    }
    countMatch(choice);
    store<u32>(sequence, p - literals);
    store<u32>(sequence, choice, 4);
    sequence += 8;
    p += choice & 511;
    literals = p;
  }
  endSequences(sequence, p - literals);
  for (let q = next; q < start + p; q++) {
    const product = hashProduct(load<u32>(q));
    insert4(product, <u32>q + bias);
    insert3(product, <u32>q + bias);
  }
  return start + p;
}

@inline
function countMatch(match: u32): void {
  const lengthCounter = SEGMENT_HISTOGRAM + 257 * 4 + (<usize>load<u8>(LENGTH_SLOTS + (match & 511)) << 2);
  const distanceCounter = SEGMENT_HISTOGRAM + HISTOGRAM_DISTANCES + ((match >> 7) & (31 << 2));
  store<u32>(lengthCounter, load<u32>(lengthCounter) + 1);
  store<u32>(distanceCounter, load<u32>(distanceCounter) + 1);
}

let averageCost: i32 = 0;
function addHistograms(): void {
  for (let i: usize = 0; i < <usize>HISTOGRAM_LENGTH * 4; i += 4) {
    store<u32>(JOINED_HISTOGRAM + i, load<u32>(BLOCK_HISTOGRAM + i) + load<u32>(SEGMENT_HISTOGRAM + i));
  }
}

function setEnd(length: i32, beyond: i32): void {
  for (let k = 0; k <= beyond; k++) {
    store<u32>(PATH_COSTS + ((length + k) << 2), (beyond - k) * 500);
  }
}

function parseFirst(start: usize, length: i32): void {
  for (let i = 0; i < length; ) {
    const match = longestMatch(i);
    const size = match & 511;
    if (match == 0 || isDear((size << 16) | ((match >> 14) + 1))) {
      countLiteral(start + i++);
      continue;
    }
    if (size < 64 && i + 1 < length) {
      const next = longestMatch(i + 1);
      if (next != 0 && (next & 511) >= size && worth(next) > worth(match) + 2) {
        countLiteral(start + i++);
        continue;
      }
    }
    countMatch(match);
    i += size;
  }
}

@inline
function longestMatch(i: i32): u32 {
  const at = MATCH_STARTS + (i << 2);
  const end = load<u32>(at, 4);
  return end == load<u32>(at) ? 0 : load<u32>(end - 4);
}

@inline
function worth(match: u32): i32 {
  return <i32>((match & 511) << 2) + <i32>clz((match >> 14) + 1);
}

function collect(start: usize, segmentEnd: usize, end: usize): usize {
  const base = bias;
  const first = firstPosition;
  const fullDepth = depth;
  const wholeLength = lookTwoLength & 0xffff;
  const branchless = (lookTwoLength >> 16) != 0;
  let matches = MATCHES;
  let starts = MATCH_STARTS;
  const niceFull = niceLength;
  // What is left of the longest match found, and its slot and distance.
  let rest = 0;
  let slotted: u32 = 0;
  let nextWord = load<u32>(start);
  let nextProduct = hashProduct(nextWord);
  let nextHead = HEADS4 + hash4(nextProduct);
  let nextCandidate = load<u32>(nextHead);
  for (let p = start; p < segmentEnd; p++, starts += 4) {
    store<u32>(starts, matches);
    const limit = min(MAX_MATCH_LENGTH, <i32>(end - p));
    const nice = min(niceFull, limit);
    if (limit < 4) {
      rest = 0;
      continue;
    }
    rest--;
    if (rest >= wholeLength) {
      const distance = (slotted >> 14) + 1;
      const from = p;
      const to = min(p + rest - wholeLength + 1, segmentEnd);
      const quiet = <i32>distance + 8 < rest;
      for (; p < to; p++, starts += 4, rest--) {
        store<u32>(starts, matches);
        store<u32>(matches, rest | slotted);
        matches += 4;
        if (!quiet) {
          const product = hashProduct(load<u32>(p));
          insert4(product, <u32>p + base);
          insert3(product, <u32>p + base);
        }
      }
      p--;
      starts -= 4;
      rest++;
      nextWord = load<u32>(p + 1);
      nextProduct = hashProduct(nextWord);
      nextHead = HEADS4 + hash4(nextProduct);
      nextCandidate = load<u32>(nextHead);
      continue;
    }
    const position = <u32>p + base;
    const low = lowestReachable(position, first);
    const word = nextWord;
    let candidate = nextCandidate;
    store<u32>(nextHead, position);
    store<u32>(CHAIN + ((position & (WINDOW_SIZE - 1)) << 2), candidate);
    const near = insert3(nextProduct, position);
    nextWord = load<u32>(p + 1);
    nextProduct = hashProduct(nextWord);
    nextHead = HEADS4 + hash4(nextProduct);
    nextCandidate = load<u32>(nextHead);
    let offset: u32 = 0;
    let check = word;
    let checkAt: u32 = 0 - base;
    let length = 3;
    let left = fullDepth;
    if (rest >= 4) {
      store<u32>(matches, rest | slotted);
      matches += 4;
      if (rest >= limit) continue;
      length = rest;
      left >>= 1;
      const reach: u32 = length - 3;
      const tail = load<u32>(p + reach);
      const other = newest4(hashProduct(tail));
      if (other < candidate + reach) {
        candidate = other;
        offset = reach;
        checkAt = 0 - reach - base;
      } else {
        check = tail;
        checkAt = reach - base;
      }
    } else if (branchless) {
      const reachable = near >= low;
      const at = select(near, position - 1, reachable);
      const ok = ((load<u32>(at - base) ^ word) & 0xffffff) == 0;
      putMatch(matches, 3, position - at);
      matches += select(4, 0, reachable && ok);
    } else if (near >= low && ((load<u32>(near - base) ^ word) & 0xffffff) == 0) {
      matches = putMatch(matches, 3, position - near);
    }
    while (candidate >= low + offset) {
      if (load<u32>(candidate + checkAt) == check) {
        const from = candidate - offset;
        const found = matchLength(p, <usize>(from - base), 0, limit);
        if (found > length) {
          length = found;
          matches = putMatch(matches, found, position - from);
          rest = found;
          if (found >= nice || --left <= 0) break;
          const reach: u32 = found - 3;
          const tail = load<u32>(p + reach);
          const other = newest4(hashProduct(tail));
          candidate = previousInChain(from);
          if (other < candidate + reach) {
            candidate = other;
            offset = reach;
            check = word;
            checkAt = 0 - reach - base;
          } else {
            offset = 0;
            check = tail;
            checkAt = reach - base;
          }
          continue;
        }
      }
      if (--left <= 0) break;
      candidate = previousInChain(candidate);
    }
    if (rest >= 4) slotted = load<u32>(matches - 4) & ~511;
  }
  store<u32>(starts, matches);
  matchesEnd = matches;
  return segmentEnd;
}

@inline
function putMatch(matches: usize, length: i32, distance: i32): usize {
  store<u32>(matches, length | (distanceSlot(distance) << 9) | ((distance - 1) << 14));
  return matches + 4;
}

@inline
function tryLength(cheapest: u64, key: u64, at: usize, size: u32): u64 {
  const cost = key + ((<u64>load<u32>(at + (size << 2))) << 32) + load<u64>(LENGTH_PRICES + (size << 3));
  return select(cost, cheapest, cost < cheapest);
}

function findCheapestPath(start: usize, length: i32): void {
  let p = start + length;
  let starts = MATCH_STARTS + (length << 2);
  let at = PATH_COSTS + (length << 2);
  let matchesEnd = load<u32>(starts);
  while (p > start) {
    p--;
    at -= 4;
    starts -= 4;
    let cheapest: u64 = u64.MAX_VALUE;
    let match = load<u32>(starts);
    const from = match;
    for (; match < matchesEnd; match += 4) {
      const found = load<u32>(match);
      const longest = found & 511;
      const key = ((<u64>load<u32>(DISTANCE_PRICES + ((found >> 7) & (31 << 2)))) << 32) | (found & ~511);
      cheapest = tryLength(cheapest, key, at, longest);
      cheapest = tryLength(cheapest, key, at, max(longest - 1, 3));
    }
    matchesEnd = from;
    const cost = <u64>(load<u32>(at, 4) + load<u32>(LITERAL_PRICES + (<usize>load<u8>(p) << 2))) << 32;
    cheapest = select(cost, cheapest, cost < cheapest);
    store<u32>(at, <u32>(cheapest >> 32));
    store<u32>(at + (PATH_CHOICES - PATH_COSTS), <u32>cheapest);
  }
}
