/**
 * The module: one call deflates one piece. It imports its memory, allocates nothing, and throws only by trapping, which
 * no input should bring about. docs/deflate.md shows how the parts work together.
 */

import { outputEnd } from './bit-writer';
import { endBlock, SEGMENT_LENGTH, startBlocks, takeSegment, takeStored } from './block-splitter';
import { endPiece, endStream, startStream } from './block-writer';
import { startCosts, updateCosts } from './costs';
import { chooseForPairs, chooseLevel, FAST, FASTEST, LAZY, NEAREST, OPTIMAL, PATH, parser, writeLevels } from './levels';
import { BY_FOUR_AND_THREE, linkUntil, startLinks } from './links';
import { startPiece } from './match-finder';
import { INPUT, LEVELS, MEMORY_END, OUTPUT } from './memory-map';
import { parseFast, startFast } from './parse-fast';
import { parseLazy, startLazy } from './parse-lazy';
import { parseNearest, startNearest } from './parse-nearest';
import { deflateOptimal } from './parse-optimal';
import { parsePath, startPath } from './parse-path';
import { looksRandom, MIN_PROBE_LENGTH } from './probe';
import { writeTables } from './tables';
import { isTextual, kindOf, PAIRS, UTF16 } from './kinds';

export { foldData, folded } from './checksum';

export const input: usize = INPUT;
export const output: usize = OUTPUT;
export const memoryEnd: usize = MEMORY_END;
export const levels: usize = LEVELS;

/** Deflates what follows the dictionary in the input, and gives the length of the output. */
export function deflate(dictionaryLength: i32, dataLength: i32, isLast: bool, level: i32): i32 {
  const start = INPUT + dictionaryLength;
  const end = start + dataLength;
  // Words are read across the end: what lies there must not matter, and must be there again afterwards.
  const beyond = load<u64>(end);
  const farther = load<u64>(end, 8);
  store<u64>(end, 0);
  store<u64>(end, 0, 8);

  chooseLevel(level, dictionaryLength + dataLength);
  startPiece(dictionaryLength + dataLength);
  startLinks(BY_FOUR_AND_THREE);
  startStream();
  if (parser == OPTIMAL) deflateOptimal(INPUT, start, end, isLast);
  else deflateSegments(start, end, isLast);
  if (isLast) endStream();
  else endPiece();

  store<u64>(end, beyond);
  store<u64>(end, farther, 8);
  return <i32>(outputEnd - OUTPUT);
}

function deflateSegments(start: usize, end: usize, isLast: bool): void {
  startBlocks(start);
  startCosts(<i32>(end - start));
  startParser(start, end);
  const looksBack = parser == FASTEST || parser == FAST || parser == NEAREST;
  for (let p = start; p < end; ) {
    const length = min(SEGMENT_LENGTH, <i32>(end - p));
    // Level 9 weighs what nobody would look at twice: of compressed media, that is 0.04 %, at 90 MB/s instead of 300.
    if (parser != PATH && length >= MIN_PROBE_LENGTH && looksRandom(p, length, looksBack)) {
      takeStored(length);
      p += length;
      continue;
    }
    if (p > start) updateCosts();
    const next = parse(p, p + length, end);
    takeSegment(<i32>(next - p));
    p = next;
  }
  endBlock(isLast);
}

function startParser(start: usize, end: usize): void {
  const kind = kindOf(start, <i32>(end - start));
  if (parser == PATH) {
    linkUntil(start);
    startPath(kind == PAIRS || kind == UTF16);
    return;
  }
  if (kind == PAIRS) chooseForPairs();
  if (parser == LAZY) {
    startLazy(kind);
    linkUntil(start);
  } else if (parser == NEAREST) startNearest(start, end, isTextual(kind));
  else startFast(start, end, isTextual(kind));
}

@inline
function parse(p: usize, segmentEnd: usize, end: usize): usize {
  if (parser == PATH) return parsePath(p, segmentEnd, end);
  if (parser == LAZY) return parseLazy(p, segmentEnd, end);
  if (parser == NEAREST) return parseNearest(p, segmentEnd, end);
  return parseFast(p, segmentEnd, end);
}

writeTables();
writeLevels();
