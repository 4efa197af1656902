/** Tells kinds of data apart, by samples and by the matches found so far: in each, other matches are worth taking. */

import { entropyTerm } from './costs';
import { SCRATCH } from './memory-map';

/** None of the others. */
export const DATA: i32 = 0;
/** Source, markup, tables: matches of three bytes are seldom worth looking for. */
export const TEXT: i32 = 1;
/** Four bytes are found in many places that have nothing else in common. */
export const PROSE: i32 = 2;
/** Text with two bytes for a character, in Cyrillic, Greek or Hebrew: as in prose, but what is found is less alike. */
export const WIDE_TEXT: i32 = 3;
/** The same in UTF-16, whatever the text: four bytes are two characters. */
export const UTF16: i32 = 4;
/** Images and sounds, whose bytes come in pairs. */
export const PAIRS: i32 = 5;

/**
 * By some 256 bytes: in text up to one in 32 is no part of one, since UTF-8, tabs and ends of lines are all that texts have; in wide
 * text a quarter is not of ASCII, where in Western languages a tenth is, at most.
 */
export function kindOf(start: usize, length: i32): i32 {
  // An odd number, so that columns of records do not fall into one.
  const step = <usize>((length >> 8) | 1);
  const end = start + length;
  let count = 0;
  let others = 0;
  let wide = 0;
  for (let p = start; p < end; p += step) {
    const byte = load<u8>(p);
    const isOne = byte < 128 ? byte - 32 < 95 || byte == 10 || byte == 13 || byte == 9 : isOfCharacter(p, byte);
    others += <i32>!isOne;
    wide += byte >> 7;
    count++;
  }
  if (others << 5 <= count) {
    if (wide << 2 >= count) return WIDE_TEXT;
    return isProse(start, length) ? PROSE : TEXT;
  }
  if (isUtf16(start, length)) return UTF16;
  return isOfPairs(start, length) ? PAIRS : DATA;
}

export function isTextual(kind: i32): bool {
  return kind >= TEXT && kind <= UTF16;
}

/**
 * Whether a byte with its top bit set has the neighbour that it has in UTF-8 (RFC 3629 section 4), but for the first of three or
 * more: where those are many, as in Chinese, matches of three bytes are worth taking.
 */
function isOfCharacter(p: usize, byte: u8): bool {
  return byte < 0xc0 ? load<u8>(p - 1) >= 0x80 : byte >= 0xc2 && byte < 0xe0 && load<u8>(p, 1) >> 6 == 2;
}

/** Shorter text is too little to judge. */
const MIN_PROSE_LENGTH: i32 = 32768;

/** u16[256] counters, of so many bytes at most. */
const SAMPLES: i32 = 1024;

/**
 * Entropy of a character, in 1/16 bit: 4.7 bits. English prose has 4.5 to 4.6, paths of SVG and lists of words less; Markdown,
 * HTML, JavaScript, C and Go 4.8 to 5.6.
 */
const MAX_PROSE_ENTROPY: i32 = 75;

/** Of text: whether it is of few different characters. */
function isProse(start: usize, length: i32): bool {
  if (length < MIN_PROSE_LENGTH) return false;
  memory.fill(SCRATCH, 0, 512);
  const step = <usize>((length / SAMPLES) | 1);
  let count = 0;
  for (let p = start; p < start + length; p += step) {
    const counter = SCRATCH + (<usize>load<u8>(p) << 1);
    store<u16>(counter, load<u16>(counter) + 1);
    count++;
  }
  let entropy = entropyTerm(count);
  for (let counter = SCRATCH; counter < SCRATCH + 512; counter += 2) entropy -= entropyTerm(load<u16>(counter));
  return entropy <= count * MAX_PROSE_ENTROPY;
}

/** Pairs of bytes that are looked at. */
const UNITS_SEEN: i32 = 256;

/**
 * UTF-16 in an alphabet, of either order of bytes: the high bytes are small, and where they are 0, as those of spaces are
 * in all languages, the others are of ASCII or of Latin-1. Images have anything there.
 */
function isUtf16(start: usize, length: i32): bool {
  return length >= 2 * UNITS_SEEN && (isUtf16Of(start, length, 1) || isUtf16Of(start, length, 0));
}

function isUtf16Of(start: usize, length: i32, highByte: usize): bool {
  const step = <usize>(length / UNITS_SEEN) & ~1;
  let zeros = 0;
  let others = 0;
  for (let i = 0, p = start; i < UNITS_SEEN; i++, p += step) {
    const high = load<u8>(p + highByte);
    const low = load<u8>(p + (highByte ^ 1));
    if (high == 0) {
      zeros++;
      others += <i32>((low < 32 && low != 10 && low != 13 && low != 9) || (low >= 127 && low < 160));
    } else others += <i32>(high >= 16);
  }
  return zeros >= UNITS_SEEN >> 4 && others << 5 <= zeros;
}

/** So many places are looked at, and of more bytes than one in five the one after the next is the same more often than the next. */
const PLACES: i32 = 512;
const MIN_MORE_ALIKE: i32 = PLACES / 5;

/** In other binaries, and in text of ASCII, at most one in ten is more often the same. */
function isOfPairs(start: usize, length: i32): bool {
  if (length < 2 * PLACES) return false;
  const step = <usize>((length / PLACES - 1) | 1);
  let more = 0;
  for (let i = 0, p = start; i < PLACES; i++, p += step) {
    const byte = load<u8>(p);
    more += <i32>(byte == load<u8>(p, 2)) - <i32>(byte == load<u8>(p, 1));
  }
  return more >= MIN_MORE_ALIKE;
}

/**
 * Bytes per match in the segment before, by which the search is chosen. In source, prose and machine code they are 8 to
 * 18, and finding a somewhat longer match or one a position later gains little: level 6 searches less there. With
 * more bytes (logs, tables of numbers) each match counts, as with fewer (images), where literals are dear.
 */
const MIN_USUAL: i32 = 8;
const MAX_USUAL: i32 = 17;

/** Of a usual number of bytes per match. */
export function isUsual(bytesPerMatch: i32): bool {
  return bytesPerMatch >= MIN_USUAL && bytesPerMatch <= MAX_USUAL;
}
