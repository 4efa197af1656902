/**
 * Recognises data that cannot be deflated (images, archives, ciphertext) before any work is done on it, so that it
 * passes at the speed of memory. Two signs must agree: its bytes are spread evenly, and none of it has occurred before.
 */

import { linkFor, linkSparsely } from './links';
import { bias, firstPosition, lowestReachable } from './match-finder';
import { PROBE_BITS, PROBE_HEADS, SCRATCH } from './memory-map';
import { passOver, stepFrom } from './look-back';

/** Shorter data is cheap to deflate, and too little to judge. */
export const MIN_PROBE_LENGTH: i32 = 4096;

/**
 * u16[256] counters. Bytes sampled, and how far the sum of the squares of their counts may exceed what even bytes
 * give: 4 % of it is a saving of 0.03 bits a byte, and three standard deviations of the sample.
 */
const SAMPLES: i32 = 2048;
const MAX_SQUARES: i32 = SAMPLES + (((SAMPLES * (SAMPLES - 1)) / 256) * 104) / 100;

/** Every so many positions go into the tables: enough to find what repeats, at an eighth of the time. */
const STRIDE: usize = 8;

/** On true, the data has been put into the match finder, sparsely: what repeats it later is found. */
export function looksRandom(start: usize, length: i32, looksBack: bool): bool {
  if (hasFewTopBits(start, length) || !isEven(start, length) || isRepeated(start, length, looksBack)) return false;
  rememberSparsely(start, start + length, looksBack);
  return true;
}

/** Puts data into the match finder, for the probe: what repeats it later is found. */
function rememberSparsely(start: usize, end: usize, looksBack: bool): void {
  if (looksBack) passOver(end, STRIDE);
  else linkSparsely(start, end, STRIDE);
}

/** As text has. Of 64 random bytes fewer than 12 have the top bit set once in ten million times. */
function hasFewTopBits(start: usize, length: i32): bool {
  const step = <usize>(length >> 6);
  let set = 0;
  for (let i = 0, p = start; i < 64; i++, p += step) set += load<u8>(p) >> 7;
  return set < 12;
}

function isEven(start: usize, length: i32): bool {
  memory.fill(SCRATCH, 0, 512);
  // An odd number of bytes a step, so that columns of records do not fall into one.
  const step = <usize>((length / SAMPLES - 1) | 1);
  for (let i = 0, p = start; i < SAMPLES; i++, p += step) {
    const counter = SCRATCH + (<usize>load<u8>(p) << 1);
    store<u16>(counter, load<u16>(counter) + 1);
  }
  let squares = 0;
  for (let counter = SCRATCH; counter < SCRATCH + 512; counter += 2) {
    const n = <i32>load<u16>(counter);
    squares += n * n;
  }
  return squares <= MAX_SQUARES;
}

/** Positions STRIDE apart are remembered; now and then, as many in a row are looked up, so no distance is missed. */
function isRepeated(start: usize, length: i32, looksBack: bool): bool {
  const base = bias;
  const end = start + length - 16;
  for (let p = start; p < end; p += STRIDE) {
    if ((p & 255) < STRIDE) {
      for (let q = p; q < p + STRIDE; q++) {
        const table = looksBack ? <u32>q + base - stepFrom(q) : linkFor(q);
        if (agrees(q, table) || agrees(q, load<u32>(PROBE_HEADS + probeHash(q)))) return true;
      }
    }
    store<u32>(PROBE_HEADS + probeHash(p), <u32>p + base);
  }
  return false;
}

@inline
function probeHash(p: usize): usize {
  return <usize>((load<u32>(p) * 0x9e3779b1) >> (32 - PROBE_BITS)) << 2;
}

@inline
function agrees(p: usize, candidate: u32): bool {
  const position = <u32>p + bias;
  if (candidate < lowestReachable(position, firstPosition) || candidate >= position) return false;
  return load<u64>(candidate - bias) == load<u64>(p);
}
