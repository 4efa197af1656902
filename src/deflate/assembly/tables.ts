/** The tables that never change, written once when the module starts: slots of RFC 1951 section 3.2.5, and entropy. */

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

export function writeTables(): void {
  writeLengthSlots();
  writeDistanceSlots();
  writeFixedCodeLengths();
  writeEntropy();
  for (let n = 1; n < LOGARITHMS_SIZE; n++) store<u16>(LOGARITHMS + (n << 1), log2(n) >> 8);
}

/** Lengths 3 to 257 in groups of four slots per number of extra bits; 258 has a slot of its own, without extra bits. */
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

/** Distances 1 to 32,768 in pairs of slots per number of extra bits. */
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

/** Integers only, so that every machine decides alike. */
function writeEntropy(): void {
  for (let n = 1; n < ENTROPY_SIZE; n++) {
    store<u32>(ENTROPY + (n << 2), <u32>((<u64>n * log2(n) + 2048) >> 12));
  }
}

/** log2 of `n` in units of 1/256. */
@inline
export function shortLog2(n: i32): i32 {
  return n < LOGARITHMS_SIZE ? load<u16>(LOGARITHMS + (n << 1)) : log2(n) >> 8;
}

/** log2 of `n` in units of 1/65536, one bit at a time: squaring a number doubles its logarithm. */
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
