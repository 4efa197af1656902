/**
 * The fastest levels: one earlier place for each position, or every other one. Which matches are taken is settled eight at
 * a time, before the parser comes to them: of two that begin next to one another the longer one, which is what lazy evaluation
 * comes to for the most part.
 */

import { endSequences, segmentSequences } from './block-splitter';
import { reachOf } from './costs';
import { FASTEST, parser } from './levels';
import { appendLiterals, countLiterals } from './literals';
import { agreementPlace, known, lookBack, mirrorAgreement, passOver, startLookBack, stepPlace } from './look-back';
import { agreeBefore, MAX_MATCH_LENGTH, matchLength, runLength } from './match-finder';
import { AGREEMENT, LITERALS, STEPS } from './memory-map';
import { putSequence } from './sequences';

/**
 * Level 1 looks back from every other position only, and what begins between two is found by going backwards from the
 * second: 1.17 times as fast, 0.9 % larger.
 */
let spacing: usize = 0;

/** Positions before are settled: AGREEMENT has the lengths of matches to take, and 0 elsewhere. */
let settled: usize = 0;

const EACH_BYTE: u64 = 0x0101010101010101;
/** Of each byte the bits that hold a length, when what agrees is counted in bytes. */
const LENGTHS: u64 = 31 * EACH_BYTE;
/** Added to a length, sets the top bit of its byte from 4 on. */
const LONG_ENOUGH: u64 = (128 - 4) * EACH_BYTE;
const TOP_BITS: u64 = 128 * EACH_BYTE;

export function startFast(start: usize, end: usize, isText: bool): void {
  spacing = parser == FASTEST ? 1 : 0;
  startLookBack(start, end, spacing == 0, isText);
  settled = start & ~((8 << spacing) - 1);
}

/** Parses from `start` until `segmentEnd` is reached or passed, and gives the place where it stopped. */
export function parseFast(start: usize, segmentEnd: usize, end: usize): usize {
  return spacing == 1 ? parseEveryOther(start, segmentEnd, end) : parseEvery(start, segmentEnd, end);
}

/** Two functions, since in each the spacing is constant. */
function parseEveryOther(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, 1);
}

function parseEvery(start: usize, segmentEnd: usize, end: usize): usize {
  return parse(start, segmentEnd, end, 0);
}

@inline
function parse(start: usize, segmentEnd: usize, end: usize, spacing: usize): usize {
  // Data that was stored, or a run, may have been passed over.
  settled = max(settled, min(known, start) & ~((8 << spacing) - 1));
  let sequence = segmentSequences;
  let literalsEnd = LITERALS;
  let literals = start;
  let p = start;
  let sure = settled == end ? end : settled - (16 << spacing);
  for (;;) {
    if (p >= sure) {
      if (p >= segmentEnd) break;
      if (settled < end) {
        settleMore(end, spacing);
        sure = settled == end ? end : settled - (16 << spacing);
        continue;
      }
    }
    p = (p + spacing) & ~spacing;
    const lengths = load<u64>(agreementPlace(p >> spacing), AGREEMENT);
    if (lengths == 0) {
      p += 8 << spacing;
      if (p >= segmentEnd) break;
      continue;
    }
    const bits = ctz(lengths) & ~7;
    p += <usize>(bits >> 3) << spacing;
    if (p >= segmentEnd) break;
    let length = <i32>(lengths >> bits) & 255;
    const distance = <usize>load<u16>(stepPlace(p >> spacing), STEPS);
    if (distance - 1 >= reachOf(length)) {
      p++;
      continue;
    }
    if (length == 8) length = matchLength(p, p - distance, 8, min(MAX_MATCH_LENGTH, <i32>(end - p)));
    // What comes next needs the end alone: how far the match goes backwards may be known later.
    let matchEnd = p + length;
    const back = agreeBefore(p, distance, literals, MAX_MATCH_LENGTH - length);
    const run = p - back - literals;
    literalsEnd = appendLiterals(literalsEnd, literals, run);
    sequence = putSequence(sequence, run, length + <i32>back, <i32>distance);
    if (length == MAX_MATCH_LENGTH) {
      const run = runLength(matchEnd, distance, segmentEnd, end);
      for (let n = run; n > 0; n -= MAX_MATCH_LENGTH) sequence = putSequence(sequence, 0, length, <i32>distance);
      matchEnd += run;
      if (matchEnd > known) {
        // Of a short period, only the last turn can be told apart from what precedes it.
        passOver(matchEnd - distance - 8, 0);
        settled = max(settled, known & ~((8 << spacing) - 1));
        sure = 0;
      }
    }
    p = matchEnd;
    literals = p;
  }
  p = min(p, end);
  const run = p - literals;
  countLiterals(appendLiterals(literalsEnd, literals, run));
  endSequences(sequence, run);
  return p;
}

/** Looks back from more positions, and settles those of them that are followed by eight others, or by the end. */
function settleMore(end: usize, spacing: usize): void {
  lookBack();
  const group: usize = 8 << spacing;
  if (known < end) {
    settleUntil((known & ~(group - 1)) - group, spacing);
  } else {
    // What lies beyond the end does not matter: no match of four bytes is followed by it.
    settleUntil(((end - 1) & ~(group - 1)) + group, spacing);
    settled = end;
  }
}

function settleUntil(to: usize, spacing: usize): void {
  const group: usize = 8 << spacing;
  if (<isize>(to - settled) <= 0) return;
  let lengths = (load<u64>(agreementPlace(settled >> spacing), AGREEMENT) >> 3) & LENGTHS;
  for (let p = settled; p < to; p += group) {
    const next = (load<u64>(agreementPlace((p + group) >> spacing), AGREEMENT) >> 3) & LENGTHS;
    const following = (lengths >> 8) | (next << 56);
    const followedByLonger = (following | TOP_BITS) - lengths - EACH_BYTE;
    const taken = ((lengths + LONG_ENOUGH) & ~followedByLonger & TOP_BITS) >> 7;
    store<u64>(agreementPlace(p >> spacing), lengths & (taken * 255), AGREEMENT);
    lengths = next;
  }
  settled = to;
  mirrorAgreement();
}
