/**
 * Proves that a deflate stream (RFC 1951) inflates to content that is in memory already. Nothing is written: literals
 * and matches are compared with the content where they would go, so a match costs one comparison and no copy.
 *
 * The stream is hostile: it comes from a file. Every table index is masked, every length of a code is checked before a
 * table is filled, and reads may pass the stream's or the content's end only within the module's memory. What zlib
 * rejects is rejected here, too: over-subscribed and incomplete codes, a code without an end of block, invalid symbols.
 */

import { DEBUG } from './debug';
import {
  DISTANCE_BASES,
  DISTANCE_EXTRA_BITS,
  FIXED_CODE_LENGTHS,
  INPUT,
  LENGTH_BASES,
  LENGTH_EXTRA_BITS,
  OUTPUT,
  OUTPUT_SIZE,
  SEQUENCES,
} from './memory-map';

/** Bits that a first lookup takes: most codewords are no longer. (libdeflate: LITLEN_TABLEBITS, OFFSET_TABLEBITS.) */
const LITERAL_BITS: i32 = 11;
const DISTANCE_BITS: i32 = 8;
const PRECODE_BITS: i32 = 7;
const LITERAL_MASK: usize = (1 << LITERAL_BITS) - 1;
const DISTANCE_MASK: usize = (1 << DISTANCE_BITS) - 1;

/** Most entries of a table and its subtables, for codewords of at most 15 bits (zlib: examples/enough.c). */
const LITERAL_ENTRIES: i32 = 2342;
const DISTANCE_ENTRIES: i32 = 402;

/** u32[]: the tables, and what building them takes. SEQUENCES is in use only while a chunk is compressed. */
const LITERALS: usize = SEQUENCES;
const DISTANCES: usize = LITERALS + LITERAL_ENTRIES * 4;
const PRECODE: usize = DISTANCES + DISTANCE_ENTRIES * 4;
/** u8[286 + 30]: the lengths of a block's codewords. */
const LENGTHS: usize = PRECODE + (1 << PRECODE_BITS) * 4;
/** u16[16]: codewords by length; u16[16]: where symbols of a length begin. */
const COUNTS: usize = LENGTHS + 320;
const STARTS: usize = COUNTS + 16 * 2;
/** u16[288]: symbols by length. */
const SORTED: usize = STARTS + 16 * 2;
export const INFLATE_SCRATCH_END: usize = SORTED + 288 * 2;

// An entry: bits to take in all (0 to 7), bits of the codeword (8 to 11), flags, and a value (16 to 30).
const LITERAL: u32 = 1 << 31;
/** Not a literal, length or distance: what it is, the next two flags say; without them, no codeword. */
const EXCEPTION: u32 = 1 << 15;
const SUBTABLE: u32 = 1 << 14;
const END_OF_BLOCK: u32 = 1 << 13;

// What a code is of.
const OF_PRECODE: i32 = 0;
const OF_LITERALS: i32 = 1;
const OF_DISTANCES: i32 = 2;

/** Bits that were read and not taken, their number, and the next byte to read. */
let bits: u64 = 0;
let bitCount: i32 = 0;
let next: usize = 0;

/** Where the stream ends; bytes behind it may be read, and are never taken. */
let streamEnd: usize = 0;

/** The next byte of content to compare, and its end. */
let content: usize = 0;
let contentEnd: usize = 0;

/**
 * Whether `streamLength` bytes of the output are a stream of exactly the data that follows the dictionary in the input.
 *
 * @param isLast whether the stream must end with a final block; otherwise it must have none and end at a byte boundary
 */
export function inflatesTo(streamLength: i32, dictionaryLength: i32, dataLength: i32, isLast: bool): bool {
  if (DEBUG) assert(<usize>streamLength <= OUTPUT_SIZE - 32, 'length of the stream');
  bits = 0;
  bitCount = 0;
  next = OUTPUT;
  streamEnd = OUTPUT + streamLength;
  content = INPUT + dictionaryLength;
  contentEnd = content + dataLength;
  let isFinal = false;
  while (!isFinal) {
    if (!isLast && takenBits() == streamLength << 3) break;
    refill();
    isFinal = take(1) == 1;
    const type = take(2);
    if (type == 0 ? !isStored() : type == 3 || !(type == 1 ? readFixedCodes() : readCodes()) || !isCompressed()) {
      return false;
    }
    if (content > contentEnd || takenBits() > streamLength << 3) return false;
  }
  return isFinal == isLast && content == contentEnd && (takenBits() + 7) >> 3 == streamLength;
}

@inline
function takenBits(): i32 {
  return ((<i32>(next - OUTPUT)) << 3) - bitCount;
}

/** At least 56 bits, by reading eight bytes; those that were in `bits` already are the same again. */
@inline
function refill(): void {
  // Behind the end there is nothing to take; the reader of a block finds out.
  if (next > streamEnd) return;
  bits |= load<u64>(next) << bitCount;
  next += (63 - bitCount) >> 3;
  bitCount |= 56;
}

@inline
function take(count: i32): i32 {
  const value = <i32>(bits & (((<u64>1) << count) - 1));
  bits >>= count;
  bitCount -= count;
  return value;
}

/** RFC 1951 section 3.2.4. */
function isStored(): bool {
  // Back to the byte after the header.
  next -= bitCount >> 3;
  bits = 0;
  bitCount = 0;
  if (next + 4 > streamEnd) return false;
  const length = load<u16>(next);
  if ((length ^ load<u16>(next, 2)) != 0xffff) return false;
  next += 4;
  if (next + length > streamEnd || content + length > contentEnd) return false;
  if (memory.compare(next, content, length) != 0) return false;
  next += length;
  content += length;
  return true;
}

/** RFC 1951 section 3.2.6. */
function readFixedCodes(): bool {
  buildTable(LITERALS, LITERAL_BITS, FIXED_CODE_LENGTHS, 288, OF_LITERALS);
  return buildTable(DISTANCES, DISTANCE_BITS, FIXED_CODE_LENGTHS + 288, 32, OF_DISTANCES);
}

/** RFC 1951 section 3.2.7. */
function readCodes(): bool {
  const literalCount = take(5) + 257;
  const distanceCount = take(5) + 1;
  const precodeCount = take(4) + 4;
  if (literalCount > 286 || distanceCount > 30) return false;
  memory.fill(LENGTHS, 0, 19);
  for (let i = 0; i < precodeCount; i++) {
    refill();
    store<u8>(LENGTHS + precodeSymbol(i), take(3));
  }
  if (!buildTable(PRECODE, PRECODE_BITS, LENGTHS, 19, OF_PRECODE)) return false;
  const count = literalCount + distanceCount;
  for (let i = 0; i < count; ) {
    refill();
    const entry = load<u32>(PRECODE + ((<usize>bits & ((1 << PRECODE_BITS) - 1)) << 2));
    if ((entry & EXCEPTION) != 0) return false;
    take(entry & 0xff);
    const symbol = (entry >> 16) & 0x7fff;
    if (symbol < 16) {
      store<u8>(LENGTHS + i++, symbol);
      continue;
    }
    if (symbol == 16 && i == 0) return false;
    const repeated: u8 = symbol == 16 ? load<u8>(LENGTHS + i - 1) : 0;
    const times = symbol == 16 ? 3 + take(2) : symbol == 17 ? 3 + take(3) : 11 + take(7);
    if (i + times > count) return false;
    memory.fill(LENGTHS + i, repeated, times);
    i += times;
  }
  if (takenBits() > (<i32>(streamEnd - OUTPUT)) << 3 || load<u8>(LENGTHS + 256) == 0) return false;
  return (
    buildTable(LITERALS, LITERAL_BITS, LENGTHS, literalCount, OF_LITERALS) &&
    buildTable(DISTANCES, DISTANCE_BITS, LENGTHS + literalCount, distanceCount, OF_DISTANCES)
  );
}

/** The order in which the lengths of the precode are written. */
@inline
function precodeSymbol(index: i32): i32 {
  if (index < 3) return 16 + index;
  if (index == 3) return 0;
  return (index & 1) == 0 ? 8 + ((index - 4) >> 1) : 7 - ((index - 5) >> 1);
}

/**
 * Builds the table of a canonical code (RFC 1951 section 3.2.2): entries by the next `tableBits` bits, and subtables
 * for longer codewords.
 *
 * @returns false for lengths that are no code, or an incomplete one: only one of a single bit may be incomplete
 */
function buildTable(table: usize, tableBits: i32, lengths: usize, symbolCount: i32, kind: i32): bool {
  memory.fill(COUNTS, 0, 16 * 2);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    const counter = COUNTS + ((<usize>load<u8>(lengths + symbol)) << 1);
    store<u16>(counter, load<u16>(counter) + 1);
  }
  let longest = 15;
  while (longest > 0 && load<u16>(COUNTS + (longest << 1)) == 0) longest--;
  let left = 1;
  let start = 0;
  for (let length = 1; length <= 15; length++) {
    const count = load<u16>(COUNTS + (length << 1));
    left = (left << 1) - count;
    if (left < 0) return false;
    store<u16>(STARTS + (length << 1), start);
    start += count;
  }
  if (left > 0) {
    if (kind == OF_PRECODE || longest > 1) return false;
    for (let i = 0; i < 1 << tableBits; i++) store<u32>(table + (i << 2), EXCEPTION);
  }
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    const length = load<u8>(lengths + symbol);
    if (length == 0) continue;
    const at = STARTS + ((<usize>length) << 1);
    store<u16>(SORTED + ((<usize>load<u16>(at)) << 1), symbol);
    store<u16>(at, load<u16>(at) + 1);
  }
  fillTable(table, tableBits, lengths, start, longest, kind);
  return true;
}

function fillTable(table: usize, tableBits: i32, lengths: usize, used: i32, longest: i32, kind: i32): void {
  const mask = (1 << tableBits) - 1;
  // With its bits reversed, as the stream has it.
  let codeword = 0;
  let prefix = -1;
  let subtable = 1 << tableBits;
  let subtableBits = 0;
  for (let i = 0; i < used; i++) {
    const symbol = load<u16>(SORTED + (i << 1));
    const length = <i32>load<u8>(lengths + symbol);
    if (length <= tableBits) {
      const entry = entryOf(symbol, length, kind);
      for (let at = codeword; at <= mask; at += 1 << length) store<u32>(table + (at << 2), entry);
    } else {
      if ((codeword & mask) != prefix) {
        prefix = codeword & mask;
        if (subtableBits > 0) subtable += 1 << subtableBits;
        subtableBits = bitsOfSubtable(length, longest, tableBits);
        const pointer = EXCEPTION | SUBTABLE | (subtable << 16) | (subtableBits << 8) | tableBits;
        store<u32>(table + (prefix << 2), pointer);
      }
      const entry = entryOf(symbol, length - tableBits, kind);
      for (let at = codeword >> tableBits; at < 1 << subtableBits; at += 1 << (length - tableBits)) {
        if (DEBUG) assert(subtable + at < (kind == OF_LITERALS ? LITERAL_ENTRIES : DISTANCE_ENTRIES), 'a subtable');
        store<u32>(table + ((subtable + at) << 2), entry);
      }
    }
    const counter = COUNTS + (length << 1);
    store<u16>(counter, load<u16>(counter) - 1);
    // Adds one to the codeword, whose most significant bit is the last.
    let bit = 1 << (length - 1);
    while ((codeword & bit) != 0) bit >>= 1;
    codeword = bit == 0 ? 0 : (codeword & (bit - 1)) | bit;
  }
}

/** As many bits as the codewords that are left fill, from the first of a new prefix on. */
function bitsOfSubtable(length: i32, longest: i32, tableBits: i32): i32 {
  let count = length - tableBits;
  let left = 1 << count;
  while (count + tableBits < longest) {
    left -= load<u16>(COUNTS + ((count + tableBits) << 1));
    if (left <= 0) break;
    count++;
    left <<= 1;
  }
  return count;
}

function entryOf(symbol: i32, length: i32, kind: i32): u32 {
  const codeword: u32 = (length << 8) | length;
  if (kind == OF_PRECODE) return (symbol << 16) | codeword;
  if (kind == OF_DISTANCES) {
    if (symbol > 29) return EXCEPTION;
    return (
      ((<u32>load<u16>(DISTANCE_BASES + (symbol << 1))) << 16) | (codeword + load<u8>(DISTANCE_EXTRA_BITS + symbol))
    );
  }
  if (symbol < 256) return LITERAL | (symbol << 16) | codeword;
  if (symbol == 256) return EXCEPTION | END_OF_BLOCK | codeword;
  const slot = symbol - 257;
  if (slot > 28) return EXCEPTION;
  return ((<u32>load<u16>(LENGTH_BASES + (slot << 1))) << 16) | (codeword + load<u8>(LENGTH_EXTRA_BITS + slot));
}

/** The symbols of a block, up to its end. */
function isCompressed(): bool {
  const end = contentEnd;
  const limit = streamEnd + 8;
  let buffer = bits;
  let count = bitCount;
  let from = next;
  let p = content;
  // Refilling and taking bits are written out: a function, even an inlined one, cannot change local variables.
  // Bits in which the content differs: compared once for all, since it nearly never does.
  let difference: u64 = 0;
  let isEnded = false;
  buffer |= load<u64>(from) << count;
  from += (63 - count) >> 3;
  count |= 56;
  let entry = load<u32>(LITERALS + ((<usize>buffer & LITERAL_MASK) << 2));
  while (p <= end && from <= limit) {
    if ((entry & LITERAL) != 0) {
      difference |= load<u8>(p++) ^ ((entry >> 16) & 0xff);
      buffer >>= entry & 0xff;
      count -= entry & 0xff;
      entry = load<u32>(LITERALS + ((<usize>buffer & LITERAL_MASK) << 2));
      if ((entry & LITERAL) != 0) {
        difference |= load<u8>(p++) ^ ((entry >> 16) & 0xff);
        buffer >>= entry & 0xff;
        count -= entry & 0xff;
        entry = load<u32>(LITERALS + ((<usize>buffer & LITERAL_MASK) << 2));
        if ((entry & LITERAL) != 0) {
          difference |= load<u8>(p++) ^ ((entry >> 16) & 0xff);
          buffer >>= entry & 0xff;
          count -= entry & 0xff;
          buffer |= load<u64>(from) << count;
          from += (63 - count) >> 3;
          count |= 56;
          entry = load<u32>(LITERALS + ((<usize>buffer & LITERAL_MASK) << 2));
          continue;
        }
      }
    }
    if ((entry & EXCEPTION) != 0) {
      if ((entry & SUBTABLE) != 0) {
        buffer >>= LITERAL_BITS;
        count -= LITERAL_BITS;
        const index = ((entry >> 16) & 0x7fff) + (<u32>buffer & ((1 << ((entry >> 8) & 0xf)) - 1));
        entry = load<u32>(LITERALS + ((<usize>index) << 2));
        if ((entry & LITERAL) != 0) {
          difference |= load<u8>(p++) ^ ((entry >> 16) & 0xff);
          buffer >>= entry & 0xff;
          count -= entry & 0xff;
          buffer |= load<u64>(from) << count;
          from += (63 - count) >> 3;
          count |= 56;
          entry = load<u32>(LITERALS + ((<usize>buffer & LITERAL_MASK) << 2));
          continue;
        }
      }
      if ((entry & EXCEPTION) != 0) {
        isEnded = (entry & END_OF_BLOCK) != 0;
        buffer >>= entry & 0xff;
        count -= entry & 0xff;
        break;
      }
    }
    const length = extended(entry, buffer);
    buffer >>= entry & 0xff;
    count -= entry & 0xff;
    buffer |= load<u64>(from) << count;
    from += (63 - count) >> 3;
    count |= 56;
    entry = load<u32>(DISTANCES + ((<usize>buffer & DISTANCE_MASK) << 2));
    if ((entry & EXCEPTION) != 0) {
      if ((entry & SUBTABLE) == 0) break;
      buffer >>= DISTANCE_BITS;
      count -= DISTANCE_BITS;
      const index = ((entry >> 16) & 0x7fff) + (<u32>buffer & ((1 << ((entry >> 8) & 0xf)) - 1));
      entry = load<u32>(DISTANCES + ((<usize>index) << 2));
      if ((entry & EXCEPTION) != 0) break;
    }
    const distance = extended(entry, buffer) + 1;
    buffer >>= entry & 0xff;
    count -= entry & 0xff;
    if (<usize>distance > p - INPUT) break;
    // The next entry is loaded before the comparison, whose branches may be mispredicted.
    buffer |= load<u64>(from) << count;
    from += (63 - count) >> 3;
    count |= 56;
    entry = load<u32>(LITERALS + ((<usize>buffer & LITERAL_MASK) << 2));
    const source = p - distance;
    // Up to 16 bytes, most matches, without a branch.
    const last: usize = max(length, 8) - 8;
    const mask: u64 = <u64>-1 >> (64 - (min(length, 8) << 3));
    difference |= ((load<u64>(p) ^ load<u64>(source)) | (load<u64>(p + last) ^ load<u64>(source + last))) & mask;
    for (let i: usize = 8; i < last; i += 8) difference |= load<u64>(p + i) ^ load<u64>(source + i);
    p += length;
  }
  bits = buffer;
  bitCount = count;
  next = from;
  content = p;
  return isEnded && difference == 0;
}

/** The value of an entry and the extra bits that follow its codeword. */
@inline
function extended(entry: u32, buffer: u64): i32 {
  const codeword = (entry >> 8) & 0xf;
  return ((entry >> 16) & 0x7fff) + <i32>((buffer & (((<u64>1) << (entry & 0xff)) - 1)) >> codeword);
}
