/**
 * The entry of the module: one call of deflate() compresses one chunk. The module imports its memory, allocates
 * nothing, and fails only by trapping, which no input should cause. docs/deflate.md shows how the parts work together.
 *
 * Invariants: the caller has checked lengths and level (src/deflate/piece.ts). While a chunk is compressed, 16 zero
 * bytes follow its data, so words may be read across its end, and the result does not depend on the bytes there.
 */

import { outputEnd } from './bit-writer';
import { endBlock, SEGMENT_LENGTH, startBlocks, takeSegment, takeStored } from './block-splitter';
import { endChunk, endStream, startStream } from './block-writer';
import { HASH_4_AND_3, insertUntil, startChains } from './chains';
import { detectDataType, isText, SIXTEEN_BIT_SAMPLES, UTF16 } from './data-type';
import { checkGuards, DEBUG, startChecks, writeGuards } from './debug';
import {
  chooseFor16BitSamples,
  chooseLevel,
  FAST,
  FAST_LAZY,
  FASTEST,
  ITERATED,
  LAZY,
  NEAR_OPTIMAL,
  parser,
  writeLevels,
} from './levels';
import { startChunk } from './match-common';
import { INPUT, LEVEL_COUNT, LEVELS, MAX_CHUNK_LENGTH, MAX_DICTIONARY_LENGTH, MEMORY_END, OUTPUT } from './memory-map';
import { parseFast, startFast } from './parse-fast';
import { parseFastLazy, startFastLazy } from './parse-fast-lazy';
import { deflateIterated } from './parse-iterated';
import { parseLazy, startLazy } from './parse-lazy';
import { parseNearOptimal, startNearOptimal } from './parse-near-optimal';
import { looksRandom, MIN_PROBE_LENGTH } from './probe';
import './static-checks';
import { writeTables } from './tables';
import { startLiteralCost, updateLiteralCost } from './useful-distance';

export { foldData, folded } from './crc-folding';
export { inflatesTo } from './inflate-compare';

export const input: usize = INPUT;
export const output: usize = OUTPUT;
export const memoryEnd: usize = MEMORY_END;
export const levels: usize = LEVELS;

/** Compresses what follows the dictionary in the input. Returns the length of the output. */
export function deflate(dictionaryLength: i32, dataLength: i32, isLast: bool, level: i32): i32 {
  if (DEBUG) {
    assert(dictionaryLength >= 0 && dictionaryLength <= MAX_DICTIONARY_LENGTH, 'length of the dictionary');
    assert(dataLength >= 0 && dataLength <= MAX_CHUNK_LENGTH, 'length of the data');
    assert(level >= 1 && level < LEVEL_COUNT, 'level');
  }
  const start = INPUT + dictionaryLength;
  const end = start + dataLength;
  // The caller's bytes after the data are restored at the end.
  const beyond = load<u64>(end);
  const farther = load<u64>(end, 8);
  store<u64>(end, 0);
  store<u64>(end, 0, 8);
  if (DEBUG) startChecks(end);

  chooseLevel(level, dictionaryLength + dataLength);
  startChunk(dictionaryLength + dataLength);
  startChains(HASH_4_AND_3);
  startStream();
  if (parser == ITERATED) deflateIterated(INPUT, start, end, isLast);
  else deflateSegments(start, end, isLast);
  if (isLast) endStream();
  else endChunk();

  if (DEBUG) {
    assert(load<u64>(end) == 0 && load<u64>(end, 8) == 0, 'the bytes behind the data must stay zero');
    checkGuards();
  }
  store<u64>(end, beyond);
  store<u64>(end, farther, 8);
  return <i32>(outputEnd - OUTPUT);
}

/** Levels 1 to 9. */
function deflateSegments(start: usize, end: usize, isLast: bool): void {
  startBlocks(start);
  startLiteralCost(<i32>(end - start));
  startParser(start, end);
  const hasHashHeads = parser == FASTEST || parser == FAST || parser == FAST_LAZY;
  for (let p = start; p < end; ) {
    const length = min(SEGMENT_LENGTH, <i32>(end - p));
    // Level 9 parses everything: compressed media is 0.04 % smaller, at 90 MB/s instead of 300.
    if (parser != NEAR_OPTIMAL && length >= MIN_PROBE_LENGTH && looksRandom(p, length, hasHashHeads)) {
      takeStored(length);
      p += length;
      continue;
    }
    if (p > start) updateLiteralCost();
    const next = parse(p, p + length, end);
    takeSegment(<i32>(next - p));
    p = next;
  }
  endBlock(isLast);
}

function startParser(start: usize, end: usize): void {
  const dataType = detectDataType(start, <i32>(end - start));
  if (parser == NEAR_OPTIMAL) {
    insertUntil(start);
    startNearOptimal(dataType == SIXTEEN_BIT_SAMPLES || dataType == UTF16);
    return;
  }
  if (dataType == SIXTEEN_BIT_SAMPLES) chooseFor16BitSamples();
  if (parser == LAZY) {
    startLazy(dataType);
    insertUntil(start);
  } else if (parser == FAST_LAZY) startFastLazy(start, end, isText(dataType));
  else startFast(start, end, isText(dataType));
}

@inline
function parse(p: usize, segmentEnd: usize, end: usize): usize {
  if (parser == NEAR_OPTIMAL) return parseNearOptimal(p, segmentEnd, end);
  if (parser == LAZY) return parseLazy(p, segmentEnd, end);
  if (parser == FAST_LAZY) return parseFastLazy(p, segmentEnd, end);
  return parseFast(p, segmentEnd, end);
}

if (DEBUG) writeGuards();
writeTables();
writeLevels();
