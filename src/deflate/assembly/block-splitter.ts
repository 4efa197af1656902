/**
 * Levels 1 to 9: decides where blocks end. The parser works in segments. After each, the estimated cost of block and
 * segment together is compared with the cost of the two apart, including another header. If it is lower apart, the
 * block ends before the segment.
 *
 * On a tar of node_modules this is 0.3 % smaller than zlib's blocks of 16,383 symbols, on binaries 0.6 %.
 *
 * Invariant: SEQUENCES has room for a full block and two more segments.
 */

import { collectStored, writeBlock } from './block-writer';
import { assertInput, assertWithin, DEBUG } from './debug';
import {
  BLOCK_HISTOGRAM,
  HISTOGRAM_DISTANCES,
  HISTOGRAM_LENGTH,
  MAX_MATCH_LENGTH,
  MAX_SEQUENCES,
  SEGMENT_HISTOGRAM,
  SEQUENCES,
} from './memory-map';
import { putLastLiterals, SEQUENCE_SIZE } from './sequences';
import { COARSE_BIT, entropyTerm } from './tables';

/**
 * Cost of another block: 80 bits, and 3 bits for each symbol that it uses. On a tar of node_modules and on binaries,
 * 3 bits are 0.05 to 0.15 % smaller than 5, and 2 bits 0.1 % larger.
 */
const HEADER_COST: i32 = 80 * COARSE_BIT;
const SYMBOL_COST: i32 = 3 * COARSE_BIT;

/** Bytes of a segment. 5,000 make node_modules 0.02 % smaller, and take 3 % more time. */
export const SEGMENT_LENGTH: i32 = 10000;

/** The match that reaches the end of a segment may go beyond it. */
export const MAX_SEGMENT_SEQUENCES: i32 = (SEGMENT_LENGTH + MAX_MATCH_LENGTH) / 3 + 2;

/** The block collected so far. The segment being parsed follows it, in the input and in SEQUENCES. */
let blockStart: usize = 0;
export let blockLength: i32 = 0;
/** 0: not estimated yet. */
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

/** Closes the parser's sequences, from `segmentSequences` to `end`, with the literals after the last match. */
export function endSequences(end: usize, literalLength: usize): void {
  sequencesEnd = putLastLiterals(end, literalLength);
  if (DEBUG) assertWithin(sequencesEnd, 0, SEQUENCES, MAX_SEQUENCES * SEQUENCE_SIZE);
}

/** Takes the parsed segment: `length` bytes of input, counted in SEGMENT_HISTOGRAM. */
export function takeSegment(length: i32): void {
  if (DEBUG) assertInput(blockStart + blockLength, length);
  if (blockLength == 0) {
    memory.copy(BLOCK_HISTOGRAM, SEGMENT_HISTOGRAM, HISTOGRAM_LENGTH * 4);
    blockCost = 0;
  } else {
    // The cost of a first segment is only needed if a second one follows.
    if (blockCost == 0) blockCost = estimateCost(BLOCK_HISTOGRAM);
    const segmentCost = estimateCost(SEGMENT_HISTOGRAM);
    const jointCost = addHistograms();
    const isFull = <i32>(segmentSequences - SEQUENCES) > (MAX_SEQUENCES - 2 * MAX_SEGMENT_SEQUENCES) * SEQUENCE_SIZE;
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

/** Takes unparsed data in place of a segment, for stored blocks. */
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

/** Adds the segment's counts to the block's and estimates the cost of both as one block. */
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

/** Entropy of both codes, and the header, in 1/16 bit. Extra bits are left out: they cost the same in any block. */
export function estimateCost(histogram: usize): i32 {
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
