/**
 * Tables that never change, written when the module starts: the slots of RFC 1951 section 3.2.5, and logarithms.
 *
 * Everything is computed with integers, so every machine makes the same decisions.
 */

import { DEBUG } from './debug';
import {
  DISTANCE_BASES,
  DISTANCE_EXTRA_BITS,
  DISTANCE_SLOTS,
  ENTROPY,
  ENTROPY_SIZE,
  FIXED_CODE_LENGTHS,
  LENGTH_BASES,
  LENGTH_EXTRA_BITS,
  LENGTH_SLOTS,
  LOGARITHMS,
  LOGARITHMS_SIZE,
} from './memory-map';

/** One bit, in the unit that block splitting and the profit of short matches are computed in: 1/16 bit. */
export const COARSE_BIT: i32 = 16;
/** One bit, in the unit of near-optimal parsing, which compares smaller differences: 1/256 bit. */
export const FINE_BIT: i32 = 256;

export function writeTables(): void {
  writeLengthSlots();
  writeDistanceSlots();
  writeFixedCodeLengths();
  writeEntropy();
  for (let n = 1; n < LOGARITHMS_SIZE; n++) store<u16>(LOGARITHMS + (n << 1), log2(n) >> 8);
}

/** Lengths 3 to 257 have four slots per number of extra bits. Length 258 has its own slot, without extra bits. */
function writeLengthSlots(): void {
  let length = 3;
  for (let slot = 0; slot < 28; slot++) {
    const extraBits = slot < 8 ? 0 : (slot >> 2) - 1;
    store<u8>(LENGTH_EXTRA_BITS + slot, extraBits);
    store<u16>(LENGTH_BASES + (slot << 1), length);
    for (let i = 0; i < 1 << extraBits; i++) store<u8>(LENGTH_SLOTS + length++, slot);
  }
  store<u8>(LENGTH_EXTRA_BITS + 28, 0);
  store<u16>(LENGTH_BASES + 56, 258);
  store<u8>(LENGTH_SLOTS + 258, 28);
}

/** Distances 1 to 32,768 have two slots per number of extra bits. */
function writeDistanceSlots(): void {
  let distance = 1;
  for (let slot = 0; slot < 30; slot++) {
    const extraBits = slot < 2 ? 0 : (slot >> 1) - 1;
    store<u8>(DISTANCE_EXTRA_BITS + slot, extraBits);
    store<u16>(DISTANCE_BASES + (slot << 1), distance - 1);
    for (let i = 0; i < 1 << extraBits; i++, distance++) {
      const key = distance - 1;
      if (key < 256) store<u8>(DISTANCE_SLOTS + key, slot);
      else if ((key & 127) == 0) store<u8>(DISTANCE_SLOTS + 256 + (key >> 7), slot);
    }
  }
}

/** RFC 1951 section 3.2.6. */
function writeFixedCodeLengths(): void {
  for (let symbol = 0; symbol < 288; symbol++) {
    store<u8>(FIXED_CODE_LENGTHS + symbol, symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8);
  }
  memory.fill(FIXED_CODE_LENGTHS + 288, 5, 32);
}

function writeEntropy(): void {
  for (let n = 1; n < ENTROPY_SIZE; n++) {
    store<u32>(ENTROPY + (n << 2), <u32>((<u64>n * log2(n) + 2048) >> 12));
  }
}

/** n * log2(n) in 1/16 bit: from the table, or from the entry of n shifted right until it fits. */
@inline
export function entropyTerm(n: i32): i32 {
  if (DEBUG) assert(n >= 0, 'a negative number of symbols');
  if (n < ENTROPY_SIZE) return load<i32>(ENTROPY + (n << 2));
  const shift = 20 - <i32>clz(n);
  return (load<i32>(ENTROPY + ((n >> shift) << 2)) << shift) + ((n * shift) << 4);
}

/** log2(n) in 1/256 bit. */
@inline
export function shortLog2(n: i32): i32 {
  if (DEBUG) assert(n > 0, 'logarithm of a number below 1');
  return n < LOGARITHMS_SIZE ? load<u16>(LOGARITHMS + (n << 1)) : log2(n) >> 8;
}

/** log2(n) in 1/65,536 bit, one bit at a time: squaring a number doubles its logarithm. */
export function log2(n: i32): i32 {
  const whole = 31 - clz(n);
  let mantissa = ((<u64>n) << 31) >> whole;
  let result = whole;
  for (let i = 0; i < 16; i++) {
    mantissa = (mantissa * mantissa) >> 31;
    const bit = <i32>(mantissa >> 32);
    mantissa >>= bit;
    result = (result << 1) | bit;
  }
  return result;
}
