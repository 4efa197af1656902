/**
 * Blocks (RFC 1951 section 3.2.3): stored, with fixed or with dynamic codes, whichever is shortest to the bit. Stored
 * blocks are not written at once but collected, so that neighbours share headers.
 */

import {
  bitBuffer,
  bitCount,
  finishBits,
  flushBits,
  outputEnd,
  putBits,
  putBytes,
  putStoredHeader,
  restoreBits,
} from './bit-writer';
import { buildCode, buildFixedCode } from './huffman';
import { OPTIMAL, parser } from './levels';
import {
  BLOCK_HISTOGRAM,
  CODE_LENGTHS,
  CODES,
  DISTANCE_BASES,
  DISTANCE_EXTRA_BITS,
  FIXED_CODE_LENGTHS,
  HEADER_SCRATCH,
  HISTOGRAM_DISTANCES,
  HISTOGRAM_LENGTH,
  JOINED_HISTOGRAM,
  LENGTH_BASES,
  LENGTH_CODES,
  LENGTH_EXTRA_BITS,
  LENGTH_SLOTS,
  OUTPUT,
} from './memory-map';
import { smoothCounts } from './smooth-codes';

/** The distances' part of the block's statistics. */
const DISTANCES: usize = BLOCK_HISTOGRAM + HISTOGRAM_DISTANCES;

const END_OF_BLOCK: i32 = 256;
/** Four literals and the 7 bits left in the buffer fit 64 bits, so the encoder looks after it once per four. */
const MAX_LITERAL_CODE_LENGTH: i32 = 14;
const MAX_DISTANCE_CODE_LENGTH: i32 = 15;
const MAX_PRECODE_LENGTH: i32 = 7;
/** LEN of a stored block is 16 bits wide. */
const MAX_STORED_LENGTH: i32 = 65535;
/** A stored block's header at its longest: 3 bits, 7 of padding, LEN and NLEN. */
const MAX_STORED_HEADER_BITS: i32 = 3 + 7 + 32;

/** Level 10 tries codes that are this much smoother, in eighths: 0.03 % smaller, 0.15 % on binaries, and no slower. */
const MAX_TOLERANCE: i32 = 3;

/** Section 3.2.7: the order in which the code lengths of the precode are stored. u8[19]. */
const PRECODE_ORDER = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

// The header under construction: u16 `extra << 5 | symbol` items, u32[19] frequencies, u8[19] lengths, u32[19] codes,
// and the code lengths of both codes side by side.
const ITEMS: usize = HEADER_SCRATCH;
const PRECODE_FREQUENCIES: usize = ITEMS + 320 * 2;
const PRECODE_LENGTHS: usize = PRECODE_FREQUENCIES + 19 * 4;
const PRECODE_CODES: usize = PRECODE_LENGTHS + 20;
const JOINED_LENGTHS: usize = PRECODE_CODES + 19 * 4;
let itemCount: i32 = 0;
let literalCodes: i32 = 0;
let distanceCodes: i32 = 0;
let precodeCodes: i32 = 0;

/** Data collected for stored blocks. */
let storedStart: usize = 0;
let storedLength: i32 = 0;

export function startStream(): void {
  restoreBits(OUTPUT, 0, 0);
  storedLength = 0;
}

/** Writes, or collects, the block of `length` bytes of input at `start` that the sequences and BLOCK_HISTOGRAM tell. */
export function writeBlock(from: usize, to: usize, start: usize, length: i32, isFinal: bool): void {
  store<u32>(BLOCK_HISTOGRAM + END_OF_BLOCK * 4, 1);
  const extraBits = countExtraBits();
  const fixedBits = 3 + extraBits + countFixedBits();
  let codedBits = prepareCodes(BLOCK_HISTOGRAM);
  if (parser == OPTIMAL) codedBits = prepareSmoothCodes(codedBits);
  const dynamicBits = 3 + extraBits + codedBits;
  const bits = min(fixedBits, dynamicBits);
  // Coded blocks that are not the last must gain what another header costs the stored block that may follow: so the
  // whole never exceeds what it takes stored.
  const storedHeaders = (length + MAX_STORED_LENGTH - 1) / MAX_STORED_LENGTH;
  const storedBits = length * 8 + (storedLength > 0 ? 0 : MAX_STORED_HEADER_BITS * storedHeaders);
  if (length + storedLength > 0 && bits >= storedBits - (isFinal ? 0 : MAX_STORED_HEADER_BITS)) {
    collectStored(start, length);
    if (isFinal) writeStored(true);
    return;
  }
  writeStored(false);
  if (fixedBits <= dynamicBits) {
    putBits((isFinal ? 1 : 0) | (1 << 1), 3);
    buildFixedCode(FIXED_CODE_LENGTHS, 288, CODES);
    buildFixedCode(FIXED_CODE_LENGTHS + 288, 30, CODES + HISTOGRAM_DISTANCES);
  } else {
    putBits((isFinal ? 1 : 0) | (2 << 1), 3);
    writeHeader();
  }
  buildLengthCodes();
  writeSequences(from, to, start);
}

/** Builds the codes for such counts and their header, and gives what header and symbols of the block take, in bits. */
function prepareCodes(histogram: usize): i32 {
  buildCode(histogram, 286, MAX_LITERAL_CODE_LENGTH, CODE_LENGTHS, CODES);
  const distances = histogram + HISTOGRAM_DISTANCES;
  buildCode(distances, 30, MAX_DISTANCE_CODE_LENGTH, CODE_LENGTHS + 288, CODES + HISTOGRAM_DISTANCES);
  return prepareHeader() + countCodeBits(CODE_LENGTHS);
}

/** The same with the counts smoothed, more and more, if that takes less than the codes prepared. See smooth-codes.ts. */
function prepareSmoothCodes(bits: i32): i32 {
  let best = 0;
  for (let tolerance = 1; tolerance <= MAX_TOLERANCE; tolerance++) {
    const smoothBits = prepareCodes(smoothHistogram(tolerance));
    if (smoothBits >= bits) continue;
    bits = smoothBits;
    best = tolerance;
  }
  return best == MAX_TOLERANCE ? bits : prepareCodes(best == 0 ? BLOCK_HISTOGRAM : smoothHistogram(best));
}

function smoothHistogram(tolerance: i32): usize {
  smoothCounts(BLOCK_HISTOGRAM, JOINED_HISTOGRAM, 286, tolerance);
  smoothCounts(DISTANCES, JOINED_HISTOGRAM + HISTOGRAM_DISTANCES, 30, tolerance);
  return JOINED_HISTOGRAM;
}

/** Adds data to the stored blocks to be. It must follow what is collected already. */
export function collectStored(start: usize, length: i32): void {
  if (storedLength == 0) storedStart = start;
  storedLength += length;
}

/** Writes the stored blocks collected, if any; the last of them final. */
function writeStored(isFinal: bool): void {
  while (storedLength > 0) {
    const length = min(storedLength, MAX_STORED_LENGTH);
    putStoredHeader(isFinal && length == storedLength, length);
    putBytes(storedStart, length);
    storedStart += length;
    storedLength -= length;
  }
}

/** A piece that is not the last ends with an empty stored block, and so at a byte. */
export function endPiece(): void {
  writeStored(false);
  putStoredHeader(false, 0);
}

export function endStream(): void {
  finishBits();
}

function countExtraBits(): i32 {
  let bits = 0;
  for (let slot = 8; slot < 28; slot++) {
    bits += load<i32>(BLOCK_HISTOGRAM + ((257 + slot) << 2)) * load<u8>(LENGTH_EXTRA_BITS + slot);
  }
  for (let slot = 4; slot < 30; slot++) {
    bits += load<i32>(DISTANCES + (slot << 2)) * load<u8>(DISTANCE_EXTRA_BITS + slot);
  }
  return bits;
}

function countCodeBits(lengths: usize): i32 {
  let bits = 0;
  for (let symbol: usize = 0; symbol < <usize>HISTOGRAM_LENGTH; symbol += 4) {
    bits += load<i32>(BLOCK_HISTOGRAM + (symbol << 2)) * load<u8>(lengths + symbol);
    bits += load<i32>(BLOCK_HISTOGRAM + (symbol << 2), 4) * load<u8>(lengths + symbol, 1);
    bits += load<i32>(BLOCK_HISTOGRAM + (symbol << 2), 8) * load<u8>(lengths + symbol, 2);
    bits += load<i32>(BLOCK_HISTOGRAM + (symbol << 2), 12) * load<u8>(lengths + symbol, 3);
  }
  return bits;
}

/** Section 3.2.6: code lengths by range of symbols. */
function countFixedBits(): i32 {
  return (
    countSymbols(0, 144) * 8 +
    countSymbols(144, 256) * 9 +
    countSymbols(256, 280) * 7 +
    countSymbols(280, 288) * 8 +
    countSymbols(288, 320) * 5
  );
}

@inline
function countSymbols(from: usize, to: usize): i32 {
  let count = 0;
  for (let at = BLOCK_HISTOGRAM + (from << 2); at < BLOCK_HISTOGRAM + (to << 2); at += 16) {
    count += load<i32>(at) + load<i32>(at, 4) + load<i32>(at, 8) + load<i32>(at, 12);
  }
  return count;
}

/** Section 3.2.7: run-length codes the code lengths, makes the precode, and gives the header's length in bits. */
function prepareHeader(): i32 {
  literalCodes = 286;
  while (literalCodes > 257 && load<u8>(CODE_LENGTHS + literalCodes - 1) == 0) literalCodes--;
  distanceCodes = 30;
  while (distanceCodes > 1 && load<u8>(CODE_LENGTHS + 288 + distanceCodes - 1) == 0) distanceCodes--;
  memory.copy(JOINED_LENGTHS, CODE_LENGTHS, literalCodes);
  memory.copy(JOINED_LENGTHS + literalCodes, CODE_LENGTHS + 288, distanceCodes);

  memory.fill(PRECODE_FREQUENCIES, 0, 19 * 4);
  itemCount = 0;
  let at = JOINED_LENGTHS;
  const end = at + literalCodes + distanceCodes;
  let bits = 0;
  while (at < end) {
    const length = load<u8>(at);
    let run = 1;
    while (at + run < end && load<u8>(at + run) == length) run++;
    at += run;
    if (length == 0) {
      while (run >= 11) {
        const n = min(run, 138);
        putItem(18, n - 11);
        bits += 7;
        run -= n;
      }
      if (run >= 3) {
        putItem(17, run - 3);
        bits += 3;
        run = 0;
      }
    } else {
      putItem(length, 0);
      run--;
      while (run >= 3) {
        const n = min(run, 6);
        putItem(16, n - 3);
        bits += 2;
        run -= n;
      }
    }
    for (; run > 0; run--) putItem(length, 0);
  }

  buildCode(PRECODE_FREQUENCIES, 19, MAX_PRECODE_LENGTH, PRECODE_LENGTHS, PRECODE_CODES);
  precodeCodes = 19;
  while (precodeCodes > 4 && load<u8>(PRECODE_LENGTHS + load<u8>(PRECODE_ORDER + precodeCodes - 1)) == 0)
    precodeCodes--;
  for (let symbol = 0; symbol < 19; symbol++) {
    bits += load<i32>(PRECODE_FREQUENCIES + (symbol << 2)) * load<u8>(PRECODE_LENGTHS + symbol);
  }
  return bits + 5 + 5 + 4 + 3 * precodeCodes;
}

function putItem(symbol: i32, extra: i32): void {
  store<u16>(ITEMS + (itemCount << 1), (extra << 5) | symbol);
  itemCount++;
  const counter = PRECODE_FREQUENCIES + (symbol << 2);
  store<u32>(counter, load<u32>(counter) + 1);
}

function writeHeader(): void {
  putBits(literalCodes - 257, 5);
  putBits(distanceCodes - 1, 5);
  putBits(precodeCodes - 4, 4);
  flushBits();
  for (let i = 0; i < precodeCodes; i++) {
    putBits(load<u8>(PRECODE_LENGTHS + load<u8>(PRECODE_ORDER + i)), 3);
    flushBits();
  }
  for (let i = 0; i < itemCount; i++) {
    const item = <u32>load<u16>(ITEMS + (i << 1));
    const symbol = item & 31;
    const code = load<u32>(PRECODE_CODES + (symbol << 2));
    putBits(code >> 8, code & 255);
    putBits(item >> 5, symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7);
    flushBits();
  }
}

/** Length codewords with their extra bits, so that a match takes one look-up. */
function buildLengthCodes(): void {
  for (let length = 3; length <= 258; length++) {
    const slot = <usize>load<u8>(LENGTH_SLOTS + length);
    const code = load<u32>(CODES + 257 * 4 + (slot << 2));
    const extra = length - load<u16>(LENGTH_BASES + (slot << 1));
    const codeLength = code & 255;
    const word = (code >> 8) | (extra << codeLength);
    store<u32>(LENGTH_CODES + (length << 2), (word << 8) | (codeLength + load<u8>(LENGTH_EXTRA_BITS + slot)));
  }
}

/** The loop that writes nearly all of the output: at most 4 * 14, or 14 + 5 + 15 + 13, bits between two flushes. */
function writeSequences(from: usize, to: usize, literal: usize): void {
  let out = outputEnd;
  let buffer = bitBuffer;
  let count = bitCount;
  for (let sequence = from; sequence < to; sequence += 8) {
    let run = load<u32>(sequence);
    const match = load<u32>(sequence, 4);
    for (; run >= 4; run -= 4, literal += 4) {
      const code0 = load<u32>(CODES + ((<usize>load<u8>(literal)) << 2));
      const code1 = load<u32>(CODES + ((<usize>load<u8>(literal, 1)) << 2));
      const code2 = load<u32>(CODES + ((<usize>load<u8>(literal, 2)) << 2));
      const code3 = load<u32>(CODES + ((<usize>load<u8>(literal, 3)) << 2));
      buffer |= (<u64>(code0 >> 8)) << count;
      count += code0 & 255;
      buffer |= (<u64>(code1 >> 8)) << count;
      count += code1 & 255;
      buffer |= (<u64>(code2 >> 8)) << count;
      count += code2 & 255;
      buffer |= (<u64>(code3 >> 8)) << count;
      count += code3 & 255;
      store<u64>(out, buffer);
      out += <usize>(count >> 3);
      buffer >>= count & ~7;
      count &= 7;
    }
    // The rest of the run, 0 to 3 literals: how many cannot be predicted. Selecting is 3 % faster at level 6.
    const code0 = select(load<u32>(CODES + ((<usize>load<u8>(literal)) << 2)), 0, run > 0);
    const code1 = select(load<u32>(CODES + ((<usize>load<u8>(literal, 1)) << 2)), 0, run > 1);
    const code2 = select(load<u32>(CODES + ((<usize>load<u8>(literal, 2)) << 2)), 0, run > 2);
    literal += run;
    buffer |= (<u64>(code0 >> 8)) << count;
    count += code0 & 255;
    buffer |= (<u64>(code1 >> 8)) << count;
    count += code1 & 255;
    buffer |= (<u64>(code2 >> 8)) << count;
    count += code2 & 255;
    store<u64>(out, buffer);
    out += <usize>(count >> 3);
    buffer >>= count & ~7;
    count &= 7;
    if (match != 0) {
      const length = match & 511;
      const slot = (match >> 9) & 31;
      literal += length;
      const lengthCode = load<u32>(LENGTH_CODES + (length << 2));
      const distanceCode = load<u32>(CODES + HISTOGRAM_DISTANCES + (slot << 2));
      buffer |= (<u64>(lengthCode >> 8)) << count;
      count += lengthCode & 255;
      buffer |= (<u64>(distanceCode >> 8)) << count;
      count += distanceCode & 255;
      buffer |= (<u64>((match >> 14) - <u32>load<u16>(DISTANCE_BASES + (slot << 1)))) << count;
      count += load<u8>(DISTANCE_EXTRA_BITS + slot);
      store<u64>(out, buffer);
      out += <usize>(count >> 3);
      buffer >>= count & ~7;
      count &= 7;
    }
  }
  const end = load<u32>(CODES + END_OF_BLOCK * 4);
  buffer |= (<u64>(end >> 8)) << count;
  count += end & 255;
  restoreBits(out, buffer, count);
  flushBits();
}
