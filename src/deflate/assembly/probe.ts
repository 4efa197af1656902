/**
 * Recognizes incompressible data (compressed media, archives, ciphertext) before any other work is done on it, so that
 * it passes at the speed of memory. Both must hold: its bytes are evenly distributed, and it repeats nothing.
 *
 * Reads eight bytes at a position, of which the last is 16 bytes before the end of the data.
 */

import { chainNextOrHead, insertSparsely } from './chains';
import { deltaFrom, skipTo } from './hash-heads';
import { firstPosition, lowestPosition, positionBias } from './match-common';
import { PROBE_BITS, PROBE_HEADS, SCRATCH } from './memory-map';

/** Shorter data is cheap to compress, and has too few samples. */
export const MIN_PROBE_LENGTH: i32 = 4096;

/**
 * Bytes counted, in u16[256] counters, and the greatest sum of the squared counts. Evenly distributed bytes give the
 * first term. The 4 % above it are a saving of 0.03 bits per byte, and three standard deviations of the sample.
 */
const SAMPLES: i32 = 2048;
const MAX_SQUARES: i32 = SAMPLES + (((SAMPLES * (SAMPLES - 1)) / 256) * 104) / 100;

/** One position in so many is inserted: enough to find repeated data, for an eighth of the time. */
const STRIDE: usize = 8;

/**
 * Whether the data is to be stored unparsed. If so, it has been inserted into the match finder, sparsely, so that later
 * data that repeats it is found. `hasHashHeads`: whether the parser uses hash-heads.ts or chains.ts.
 */
export function looksRandom(start: usize, length: i32, hasHashHeads: bool): bool {
  if (hasFewTopBits(start, length) || !isEvenlyDistributed(start, length) || isRepeated(start, length, hasHashHeads)) {
    return false;
  }
  skipSparsely(start, start + length, hasHashHeads);
  return true;
}

function skipSparsely(start: usize, end: usize, hasHashHeads: bool): void {
  if (hasHashHeads) skipTo(end, STRIDE);
  else insertSparsely(start, end, STRIDE);
}

/** As in text. That fewer than 12 of 64 random bytes have the top bit set happens once in ten million times. */
function hasFewTopBits(start: usize, length: i32): bool {
  const step = <usize>(length >> 6);
  let set = 0;
  for (let i = 0, p = start; i < 64; i++, p += step) set += load<u8>(p) >> 7;
  return set < 12;
}

function isEvenlyDistributed(start: usize, length: i32): bool {
  memory.fill(SCRATCH, 0, 512);
  // An odd step, so that the samples do not all hit the same column of fixed-size records.
  const step = <usize>((length / SAMPLES - 1) | 1);
  for (let i = 0, p = start; i < SAMPLES; i++, p += step) {
    const counter = SCRATCH + ((<usize>load<u8>(p)) << 1);
    store<u16>(counter, load<u16>(counter) + 1);
  }
  let squares = 0;
  for (let counter = SCRATCH; counter < SCRATCH + 512; counter += 2) {
    const n = <i32>load<u16>(counter);
    squares += n * n;
  }
  return squares <= MAX_SQUARES;
}

/**
 * Inserts every STRIDE-th position into the probe's own table. Once in 256 bytes, STRIDE positions in a row are looked
 * up, there and in the match finder, so that no distance is missed.
 */
function isRepeated(start: usize, length: i32, hasHashHeads: bool): bool {
  const base = positionBias;
  const end = start + length - 16;
  for (let p = start; p < end; p += STRIDE) {
    if ((p & 255) < STRIDE) {
      for (let q = p; q < p + STRIDE; q++) {
        const candidate = hasHashHeads ? <u32>q + base - deltaFrom(q) : chainNextOrHead(q);
        if (matches(q, candidate) || matches(q, load<u32>(PROBE_HEADS + probeHash(q)))) return true;
      }
    }
    store<u32>(PROBE_HEADS + probeHash(p), <u32>p + base);
  }
  return false;
}

@inline
function probeHash(p: usize): usize {
  return (<usize>((load<u32>(p) * 0x9e3779b1) >> (32 - PROBE_BITS))) << 2;
}

/** Whether the candidate is in range and has the same eight bytes. */
@inline
function matches(p: usize, candidate: u32): bool {
  const position = <u32>p + positionBias;
  if (candidate < lowestPosition(position, firstPosition) || candidate >= position) return false;
  return load<u64>(candidate - positionBias) == load<u64>(p);
}
