/**
 * Decides where blocks end. The parser works in segments; after each, the entropy of block and segment together is
 * compared with that of the two apart plus what another header costs, and the block ends before the segment if it pays.
 */

import { collectStored, writeBlock } from './block-writer';
import { entropyTerm } from './costs';
import {
  BLOCK_HISTOGRAM,
  HISTOGRAM_DISTANCES,
  HISTOGRAM_LENGTH,
  MAX_SEQUENCES,
  SEGMENT_HISTOGRAM,
  SEQUENCES,
} from './memory-map';
import { putLiterals } from './sequences';

/**
 * What one more block costs, in 1/16 bit: its fixed part, and about so much for every symbol that it uses. On a
 * tar of node_modules and on binaries, 3 bits a symbol are 0.05 to 0.15 % smaller than 5, and 2 are 0.1 % larger.
 */
const HEADER_COST: i32 = 16 * 80;
const SYMBOL_COST: i32 = 16 * 3;

/** Bytes of a segment. Half of it makes 0.02 % smaller output on node_modules and takes 3 % more time. */
export const SEGMENT_LENGTH: i32 = 10000;

/** A segment ends with the match that passes its end. */
const MAX_SEGMENT_SEQUENCES: i32 = (SEGMENT_LENGTH + 258) / 3 + 2;

/** The block collected so far, then the segment being parsed, which begins where the block's sequences end. */
let blockStart: usize = 0;
export let blockLength: i32 = 0;
let blockCost: i32 = 0;
export let segmentSequences: usize = 0;
let sequencesEnd: usize = 0;

export function startBlocks(start: usize): void {
  blockStart = start;
  blockLength = 0;
  blockCost = 0;
  segmentSequences = SEQUENCES;
  memory.fill(BLOCK_HISTOGRAM, 0, HISTOGRAM_LENGTH * 4);
  memory.fill(SEGMENT_HISTOGRAM, 0, HISTOGRAM_LENGTH * 4);
}

/** Closes what the parser stored from `segmentSequences` up to `end`; after the last match come `literals`. */
export function endSequences(end: usize, literals: usize): void {
  sequencesEnd = putLiterals(end, literals);
}

/** Takes the segment: `length` bytes of input in the sequences stored, counted in SEGMENT_HISTOGRAM. */
export function takeSegment(length: i32): void {
  if (blockLength == 0) {
    memory.copy(BLOCK_HISTOGRAM, SEGMENT_HISTOGRAM, HISTOGRAM_LENGTH * 4);
    blockCost = 0;
  } else {
    // The cost of a first segment is needed only if a second one comes.
    if (blockCost == 0) blockCost = estimateCost(BLOCK_HISTOGRAM);
    const segmentCost = estimateCost(SEGMENT_HISTOGRAM);
    const jointCost = addHistograms();
    const isFull = <i32>(segmentSequences - SEQUENCES) > (MAX_SEQUENCES - 2 * MAX_SEGMENT_SEQUENCES) * 8;
    if (isFull || blockCost + segmentCost < jointCost) {
      subtractHistograms();
      finishBlock(false);
      memory.copy(SEQUENCES, segmentSequences, sequencesEnd - segmentSequences);
      sequencesEnd -= segmentSequences - SEQUENCES;
      memory.copy(BLOCK_HISTOGRAM, SEGMENT_HISTOGRAM, HISTOGRAM_LENGTH * 4);
      blockStart += blockLength;
      blockLength = 0;
      blockCost = segmentCost;
    } else {
      blockCost = jointCost;
    }
  }
  blockLength += length;
  segmentSequences = sequencesEnd;
  memory.fill(SEGMENT_HISTOGRAM, 0, HISTOGRAM_LENGTH * 4);
}

/** Passes data through stored, in place of a segment. */
export function takeStored(length: i32): void {
  endBlock(false);
  collectStored(blockStart, length);
  blockStart += length;
}

/** Writes the block collected so far. */
export function endBlock(isFinal: bool): void {
  if (blockLength > 0 || isFinal) finishBlock(isFinal);
  blockStart += blockLength;
  blockLength = 0;
  blockCost = 0;
  segmentSequences = SEQUENCES;
  memory.fill(BLOCK_HISTOGRAM, 0, HISTOGRAM_LENGTH * 4);
}

function finishBlock(isFinal: bool): void {
  writeBlock(SEQUENCES, segmentSequences, blockStart, blockLength, isFinal);
}

/** Adds the segment's counts to the block's and estimates the cost of both in one block. */
function addHistograms(): i32 {
  for (let i: usize = 0; i < <usize>HISTOGRAM_LENGTH * 4; i += 4) {
    store<u32>(BLOCK_HISTOGRAM + i, load<u32>(BLOCK_HISTOGRAM + i) + load<u32>(SEGMENT_HISTOGRAM + i));
  }
  return estimateCost(BLOCK_HISTOGRAM);
}

function subtractHistograms(): void {
  for (let i: usize = 0; i < <usize>HISTOGRAM_LENGTH * 4; i += 4) {
    store<u32>(BLOCK_HISTOGRAM + i, load<u32>(BLOCK_HISTOGRAM + i) - load<u32>(SEGMENT_HISTOGRAM + i));
  }
}

/** Entropy of both codes and the header, in 1/16 bit. Extra bits are left out: they cost the same in any block. */
function estimateCost(histogram: usize): i32 {
  return HEADER_COST + estimateCode(histogram, 288) + estimateCode(histogram + HISTOGRAM_DISTANCES, 30);
}

function estimateCode(frequencies: usize, symbolCount: i32): i32 {
  let total = 0;
  let cost = 0;
  for (let at = frequencies; at < frequencies + (symbolCount << 2); at += 4) {
    const n = load<i32>(at);
    if (n != 0) {
      total += n;
      cost += SYMBOL_COST - entropyTerm(n);
    }
  }
  return cost + entropyTerm(total);
}
