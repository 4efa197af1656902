/**
 * Writes blocks (RFC 1951 section 3.2.3): stored, with fixed or with dynamic codes, whichever is shortest to the bit.
 * Stored blocks are collected instead of being written at once, so that neighbours share headers.
 *
 * Invariant: a chunk never takes more bits than it would stored, so OUTPUT is large enough.
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
import { assertInput, assertRepeats, assertWithin, DEBUG } from './debug';
import { buildCode, buildFixedCode } from './huffman';
import { ITERATED, parser } from './levels';
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
  ITERATED_SEQUENCES,
  JOINED_HISTOGRAM,
  LENGTH_BASES,
  LENGTH_CODES,
  LENGTH_EXTRA_BITS,
  LENGTH_SLOTS,
  MAX_ITERATED_SEQUENCES,
  MAX_SEQUENCES,
  OUTPUT,
  OUTPUT_SIZE,
  SEQUENCES,
} from './memory-map';
import { optimizeForRle } from './optimize-for-rle';
import { SEQUENCE_SIZE } from './sequences';

/** The block's distance counts. */
const DISTANCES: usize = BLOCK_HISTOGRAM + HISTOGRAM_DISTANCES;

const END_OF_BLOCK: i32 = 256;
/** Four literals and 7 buffered bits fit into 64 bits, so the buffer is flushed once per four literals. */
export const MAX_LITERAL_CODE_LENGTH: i32 = 14;
export const MAX_DISTANCE_CODE_LENGTH: i32 = 15;
export const MAX_PRECODE_LENGTH: i32 = 7;
/** LEN of a stored block has 16 bits. */
export const MAX_STORED_LENGTH: i32 = 65535;
/** The longest header of a stored block: 3 bits, 7 of padding, LEN and NLEN. */
const MAX_STORED_HEADER_BITS: i32 = 3 + 7 + 32;

/** Level 10 smooths counts with tolerances of 1/8 to 3/8: 0.03 % smaller, 0.15 % on binaries, and no slower. */
const MAX_TOLERANCE: i32 = 3;

/** u8[19]: the order in which the code lengths of the precode are transmitted (section 3.2.7). */
const PRECODE_ORDER = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

// The header under construction.
/** u16[320]: `extra bits << 5 | symbol of the precode`. */
export const PRECODE_ITEMS: usize = HEADER_SCRATCH;
const PRECODE_FREQUENCIES: usize = PRECODE_ITEMS + 320 * 2;
/** u8[19], u32[19]: the precode. */
export const PRECODE_LENGTHS: usize = PRECODE_FREQUENCIES + 19 * 4;
const PRECODE_CODES: usize = PRECODE_LENGTHS + 20;
/** u8[316]: the code lengths of both codes, side by side. */
const JOINED_LENGTHS: usize = PRECODE_CODES + 19 * 4;
export const HEADER_SCRATCH_END: usize = JOINED_LENGTHS + HISTOGRAM_LENGTH;
export let precodeItemCount: i32 = 0;
export let literalCodeCount: i32 = 0;
export let distanceCodeCount: i32 = 0;
export let precodeLengthCount: i32 = 0;

/** Data collected for stored blocks. */
let storedStart: usize = 0;
let storedLength: i32 = 0;

export function startStream(): void {
  restoreBits(OUTPUT, 0, 0);
  storedLength = 0;
}

/**
 * Writes, or collects, a block: `length` bytes of input at `start`, parsed into the sequences between `from` and `to`,
 * whose symbols BLOCK_HISTOGRAM counts.
 */
export function writeBlock(from: usize, to: usize, start: usize, length: i32, isFinal: bool): void {
  if (DEBUG) {
    assertInput(start, length);
    blockEnd = start + length;
    if (from == SEQUENCES) assertWithin(to, 0, SEQUENCES, MAX_SEQUENCES * SEQUENCE_SIZE);
    else assertWithin(to, 0, ITERATED_SEQUENCES, MAX_ITERATED_SEQUENCES * SEQUENCE_SIZE);
  }
  store<u32>(BLOCK_HISTOGRAM + END_OF_BLOCK * 4, 1);
  const extraBits = countExtraBits();
  const fixedBits = 3 + extraBits + countFixedBits();
  let codedBits = prepareCodes(BLOCK_HISTOGRAM);
  if (parser == ITERATED) codedBits = prepareSmoothCodes(codedBits);
  const dynamicBits = 3 + extraBits + codedBits;
  const bits = min(fixedBits, dynamicBits);
  // Unless it is the last, a coded block must save another stored block's header, because a stored block may follow.
  // So the output never exceeds what the chunk takes stored.
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

/** Builds the codes for a histogram, and their header. Returns the bits of the header and of the block's symbols. */
function prepareCodes(histogram: usize): i32 {
  buildCode(histogram, 286, MAX_LITERAL_CODE_LENGTH, CODE_LENGTHS, CODES);
  const distances = histogram + HISTOGRAM_DISTANCES;
  buildCode(distances, 30, MAX_DISTANCE_CODE_LENGTH, CODE_LENGTHS + 288, CODES + HISTOGRAM_DISTANCES);
  return prepareHeader() + countCodeBits(CODE_LENGTHS);
}

/** The same for counts smoothed with increasing tolerance, if that takes fewer bits. See optimize-for-rle.ts. */
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
  optimizeForRle(BLOCK_HISTOGRAM, JOINED_HISTOGRAM, 286, tolerance);
  optimizeForRle(DISTANCES, JOINED_HISTOGRAM + HISTOGRAM_DISTANCES, 30, tolerance);
  return JOINED_HISTOGRAM;
}

/** Collects data for stored blocks. It must follow what has been collected already. */
export function collectStored(start: usize, length: i32): void {
  if (DEBUG) assert(storedLength == 0 || start == storedStart + storedLength, 'stored data must be contiguous');
  if (storedLength == 0) storedStart = start;
  storedLength += length;
}

/** Writes the collected data in stored blocks. The last of them is the final block if `isFinal`. */
function writeStored(isFinal: bool): void {
  while (storedLength > 0) {
    const length = min(storedLength, MAX_STORED_LENGTH);
    putStoredHeader(isFinal && length == storedLength, length);
    putBytes(storedStart, length);
    storedStart += length;
    storedLength -= length;
  }
}

/** A chunk that is not the last ends with an empty stored block, and so at a byte boundary. */
export function endChunk(): void {
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

/** Section 3.2.7: run-length codes the code lengths and builds the precode. Returns the header's length in bits. */
export function prepareHeader(): i32 {
  literalCodeCount = 286;
  while (literalCodeCount > 257 && load<u8>(CODE_LENGTHS + literalCodeCount - 1) == 0) literalCodeCount--;
  distanceCodeCount = 30;
  while (distanceCodeCount > 1 && load<u8>(CODE_LENGTHS + 288 + distanceCodeCount - 1) == 0) distanceCodeCount--;
  memory.copy(JOINED_LENGTHS, CODE_LENGTHS, literalCodeCount);
  memory.copy(JOINED_LENGTHS + literalCodeCount, CODE_LENGTHS + 288, distanceCodeCount);

  memory.fill(PRECODE_FREQUENCIES, 0, 19 * 4);
  precodeItemCount = 0;
  let at = JOINED_LENGTHS;
  const end = at + literalCodeCount + distanceCodeCount;
  let bits = 0;
  while (at < end) {
    const length = load<u8>(at);
    let repeat = 1;
    while (at + repeat < end && load<u8>(at + repeat) == length) repeat++;
    at += repeat;
    if (length == 0) {
      while (repeat >= 11) {
        const n = min(repeat, 138);
        putPrecodeItem(18, n - 11);
        bits += 7;
        repeat -= n;
      }
      if (repeat >= 3) {
        putPrecodeItem(17, repeat - 3);
        bits += 3;
        repeat = 0;
      }
    } else {
      putPrecodeItem(length, 0);
      repeat--;
      while (repeat >= 3) {
        const n = min(repeat, 6);
        putPrecodeItem(16, n - 3);
        bits += 2;
        repeat -= n;
      }
    }
    for (; repeat > 0; repeat--) putPrecodeItem(length, 0);
  }

  buildCode(PRECODE_FREQUENCIES, 19, MAX_PRECODE_LENGTH, PRECODE_LENGTHS, PRECODE_CODES);
  precodeLengthCount = 19;
  while (precodeLengthCount > 4 && load<u8>(PRECODE_LENGTHS + load<u8>(PRECODE_ORDER + precodeLengthCount - 1)) == 0)
    precodeLengthCount--;
  for (let symbol = 0; symbol < 19; symbol++) {
    bits += load<i32>(PRECODE_FREQUENCIES + (symbol << 2)) * load<u8>(PRECODE_LENGTHS + symbol);
  }
  return bits + 5 + 5 + 4 + 3 * precodeLengthCount;
}

function putPrecodeItem(symbol: i32, extra: i32): void {
  if (DEBUG) assert(precodeItemCount < HISTOGRAM_LENGTH, 'items of a header');
  store<u16>(PRECODE_ITEMS + (precodeItemCount << 1), (extra << 5) | symbol);
  precodeItemCount++;
  const counter = PRECODE_FREQUENCIES + (symbol << 2);
  store<u32>(counter, load<u32>(counter) + 1);
}

function writeHeader(): void {
  putBits(literalCodeCount - 257, 5);
  putBits(distanceCodeCount - 1, 5);
  putBits(precodeLengthCount - 4, 4);
  flushBits();
  for (let i = 0; i < precodeLengthCount; i++) {
    putBits(load<u8>(PRECODE_LENGTHS + load<u8>(PRECODE_ORDER + i)), 3);
    flushBits();
  }
  for (let i = 0; i < precodeItemCount; i++) {
    const item = <u32>load<u16>(PRECODE_ITEMS + (i << 1));
    const symbol = item & 31;
    const code = load<u32>(PRECODE_CODES + (symbol << 2));
    putBits(code >> 8, code & 255);
    putBits(item >> 5, symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7);
    flushBits();
  }
}

/** Joins the codeword of each match length with its extra bits, so that a match takes one lookup. */
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

/**
 * The loop that writes nearly all of the output. Between two flushes it adds four literals (4 * 14 bits) or one match
 * (14 + 5 + 15 + 13 bits).
 */
function writeSequences(from: usize, to: usize, literal: usize): void {
  let out = outputEnd;
  let buffer = bitBuffer;
  let count = bitCount;
  for (let sequence = from; sequence < to; sequence += 8) {
    let literalLength = load<u32>(sequence);
    const match = load<u32>(sequence, 4);
    if (DEBUG) assertSequence(literal, literalLength, match, out, count);
    for (; literalLength >= 4; literalLength -= 4, literal += 4) {
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
    // The remaining 0 to 3 literals: how many cannot be predicted. Selecting is 3 % faster at level 6 than branching.
    const code0 = select(load<u32>(CODES + ((<usize>load<u8>(literal)) << 2)), 0, literalLength > 0);
    const code1 = select(load<u32>(CODES + ((<usize>load<u8>(literal, 1)) << 2)), 0, literalLength > 1);
    const code2 = select(load<u32>(CODES + ((<usize>load<u8>(literal, 2)) << 2)), 0, literalLength > 2);
    literal += literalLength;
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
  if (DEBUG) assert(literal == blockEnd, 'the sequences must cover the block');
  const end = load<u32>(CODES + END_OF_BLOCK * 4);
  buffer |= (<u64>(end >> 8)) << count;
  count += end & 255;
  restoreBits(out, buffer, count);
  flushBits();
}

/** End of the block being written. Debug build only. */
let blockEnd: usize = 0;

/**
 * The sequence is true to the input, all its symbols have codewords, and both the bit buffer and the output have room.
 * A block with fixed codes starts with up to ten bits in the buffer, but has no codeword longer than nine.
 */
function assertSequence(literal: usize, literalLength: u32, match: u32, out: usize, count: u64): void {
  assertInput(literal, literalLength);
  let bits = <u32>count;
  for (let i: u32 = 0; i < literalLength; i++) {
    const length = load<u32>(CODES + ((<usize>load<u8>(literal + i)) << 2)) & 255;
    assert(length != 0, 'a literal without a codeword');
    bits += length;
    assert(bits <= 64, 'too many bits');
    if ((i & 3) == 3) bits &= 7;
  }
  assertWithin(out, 2 * literalLength + 16, OUTPUT, OUTPUT_SIZE);
  if (match == 0) return;
  const length = match & 511;
  const slot = (match >> 9) & 31;
  const distance = (match >> 14) + 1;
  assertRepeats(literal + literalLength, length, distance);
  assert(distance - 1 >= <u32>load<u16>(DISTANCE_BASES + (slot << 1)), 'slot of a distance');
  assert((load<u32>(LENGTH_CODES + (length << 2)) & 255) != 0, 'a length without a codeword');
  assert((load<u32>(CODES + HISTOGRAM_DISTANCES + (slot << 2)) & 255) != 0, 'a distance without a codeword');
}
