/**
 * Decides where level 10 ends blocks. Input is counted by units of a KiB; neighbours that are alike are joined until few
 * are left, and of these the split is taken that costs least in all.
 */

import { entropyTerm } from './costs';
import {
  ATOM_COSTS,
  ATOMS,
  HISTOGRAM_DISTANCES,
  HISTOGRAM_LENGTH,
  JOINED_HISTOGRAM,
  JOINT_COSTS,
  SPLIT_COSTS,
  SPLIT_FROM,
  UNITS,
  ZERO_HISTOGRAM,
} from './memory-map';

/**
 * What one more block costs, in 1/16 bit: its fixed part, so much for every symbol that it uses, and more where one
 * follows a symbol that it does not use. Without the last, machine code with few literals is cut to pieces: 1.7 % larger.
 */
const HEADER_COST: i32 = 16 * 80;
const SYMBOL_COST: i32 = 45;
const RUN_COST: i32 = 80;

/**
 * So many are left when neighbours have been joined one pair at a time, at first and in the end. 24 in the end are 0.1 %
 * larger on fonts, 0.2 % on binaries; 40 at first are 1 % slower and no smaller.
 */
export const FIRST_ATOMS: i32 = 24;
export const LAST_ATOMS: i32 = 40;

export const UNIT_HISTOGRAM: i32 = HISTOGRAM_LENGTH * 4;

/** Runs of units, then blocks: ATOMS holds the first unit of each, and the end. Counts lie in the first unit's place. */
export let atomCount: i32 = 0;

@inline
export function histogramOf(unit: i32): usize {
  return UNITS + unit * UNIT_HISTOGRAM;
}

/** Where a block begins, in units; of the one after the last, where that ends. */
@inline
export function blockStart(block: i32): i32 {
  return load<i32>(ATOMS + (block << 2));
}

/** The last block stays for the next span. */
export function dropLastBlock(): void {
  atomCount--;
}

/** Splits the span's first `units`, of which the first `carried` are counted as one, into at most `maxAtoms` blocks. */
export function split(carried: i32, units: i32, maxAtoms: i32): void {
  store<i32>(ATOMS, 0);
  atomCount = 1;
  for (let unit = carried; unit < units; unit++) store<i32>(ATOMS + (atomCount++ << 2), unit);
  store<i32>(ATOMS + (atomCount << 2), units);
  mergeAtoms(maxAtoms);
  joinAtoms();
}

/** Gathers the units' counts for the blocks as they are. */
export function joinUnits(): void {
  for (let i = 0; i < atomCount; i++) {
    const histogram = atomHistogram(i);
    const end = blockStart(i + 1);
    for (let unit = blockStart(i) + 1; unit < end; unit++) {
      joinedCost(histogram, histogram, histogramOf(unit));
    }
  }
}

/** Until few are left, joins the two neighbours that lose least by it. */
function mergeAtoms(maxAtoms: i32): void {
  if (atomCount <= maxAtoms) return;
  for (let i = 0; i < atomCount; i++) {
    store<i32>(ATOM_COSTS + (i << 2), joinedCost(JOINED_HISTOGRAM, atomHistogram(i), ZERO_HISTOGRAM));
    if (i > 0) updateJoint(i - 1);
  }
  while (atomCount > maxAtoms) {
    let least = i32.MAX_VALUE;
    let at = 0;
    for (let i = 0; i < atomCount - 1; i++) {
      const loss = load<i32>(JOINT_COSTS + (i << 2)) - load<i32>(ATOM_COSTS + (i << 2)) - load<i32>(ATOM_COSTS + (i << 2), 4);
      if (loss < least) {
        least = loss;
        at = i;
      }
    }
    joinedCost(atomHistogram(at), atomHistogram(at), atomHistogram(at + 1));
    store<i32>(ATOM_COSTS + (at << 2), load<i32>(JOINT_COSTS + (at << 2)));
    removeAtom(at + 1);
    if (at > 0) updateJoint(at - 1);
    if (at < atomCount - 1) updateJoint(at);
  }
}

function updateJoint(i: i32): void {
  store<i32>(JOINT_COSTS + (i << 2), joinedCost(JOINED_HISTOGRAM, atomHistogram(i), atomHistogram(i + 1)));
}

function removeAtom(i: i32): void {
  const after = (atomCount - i) << 2;
  memory.copy(ATOMS + (i << 2), ATOMS + ((i + 1) << 2), after);
  memory.copy(ATOM_COSTS + (i << 2), ATOM_COSTS + ((i + 1) << 2), after);
  memory.copy(JOINT_COSTS + (i << 2), JOINT_COSTS + ((i + 1) << 2), after);
  atomCount--;
}

@inline
function atomHistogram(i: i32): usize {
  return histogramOf(blockStart(i));
}

/** Joins atoms to the blocks that cost least in all. */
function joinAtoms(): void {
  store<u32>(SPLIT_COSTS, 0);
  for (let to = 1; to <= atomCount; to++) {
    memory.fill(JOINED_HISTOGRAM, 0, UNIT_HISTOGRAM);
    let cheapest: i32 = i32.MAX_VALUE;
    let choice = 0;
    for (let from = to - 1; from >= 0; from--) {
      const cost = load<i32>(SPLIT_COSTS + (from << 2)) + joinedCost(JOINED_HISTOGRAM, JOINED_HISTOGRAM, atomHistogram(from));
      if (cost < cheapest) {
        cheapest = cost;
        choice = from;
      }
    }
    store<i32>(SPLIT_COSTS + (to << 2), cheapest);
    store<i32>(SPLIT_FROM + (to << 2), choice);
  }
  for (let to = atomCount; to > 0; ) {
    const from = load<i32>(SPLIT_FROM + (to << 2));
    while (--to > from) {
      const histogram = atomHistogram(from);
      joinedCost(histogram, histogram, atomHistogram(to));
      removeAtom(to);
    }
  }
}

/** The sum of two histograms, and what a block of it costs, in 1/16 bit, without extra bits. */
function joinedCost(sum: usize, a: usize, b: usize): i32 {
  return (
    HEADER_COST +
    joinedCode(sum, a, b, 288) +
    joinedCode(sum + HISTOGRAM_DISTANCES, a + HISTOGRAM_DISTANCES, b + HISTOGRAM_DISTANCES, 30)
  );
}

/** Two symbols at a time, and without branches, since which ones occur cannot be predicted: level 10 is 1.03 times as fast. */
function joinedCode(sum: usize, a: usize, b: usize, symbolCount: i32): i32 {
  let total = 0;
  let cost = 0;
  let runCost = RUN_COST;
  for (const end = sum + (symbolCount << 2); sum < end; sum += 8, a += 8, b += 8) {
    const both = load<u64>(a) + load<u64>(b);
    store<u64>(sum, both);
    const n = <i32>both;
    const m = <i32>(both >> 32);
    total += n + m;
    cost += select(SYMBOL_COST + runCost, 0, n != 0) - entropyTerm(n);
    runCost = select(0, RUN_COST, n != 0);
    cost += select(SYMBOL_COST + runCost, 0, m != 0) - entropyTerm(m);
    runCost = select(0, RUN_COST, m != 0);
  }
  return cost + entropyTerm(total);
}
