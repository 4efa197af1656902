/**
 * Detects the type of a chunk's data from samples. Which matches are worth searching for depends on it.
 *
 * Reads at most two bytes beyond the sampled position, so up to one byte before the data and two behind it.
 */

import { SCRATCH } from './memory-map';
import { COARSE_BIT, entropyTerm } from './tables';

/** Anything else: machine code, tables of binary numbers, compressed data. */
export const GENERIC: i32 = 0;
/** Source code, markup, text tables. Searching for matches of three bytes seldom pays. */
export const TEXT: i32 = 1;
/** Text of few different characters. Four equal bytes occur in many places that have nothing else in common. */
export const PROSE: i32 = 2;
/** UTF-8 with two bytes per character: Cyrillic, Greek, Hebrew. Like prose, but with fewer long matches. */
export const NON_LATIN_TEXT: i32 = 3;
/** UTF-16, whatever the text. Four bytes are two characters. */
export const UTF16: i32 = 4;
/** Images and audio with two bytes per sample. */
export const SIXTEEN_BIT_SAMPLES: i32 = 5;

/**
 * Samples some 256 bytes. Text is UTF-8, tabs and line ends; at most one byte in 32 may be anything else. In non-Latin
 * text at least a quarter of the bytes are not ASCII. In Western European languages it is a tenth at most.
 */
export function detectDataType(start: usize, length: i32): i32 {
  // An odd step, so that the samples do not all hit the same column of fixed-size records.
  const step = <usize>((length >> 8) | 1);
  const end = start + length;
  let count = 0;
  let notText = 0;
  let notAscii = 0;
  for (let p = start; p < end; p += step) {
    const byte = load<u8>(p);
    const isCharacter = byte < 128 ? byte - 32 < 95 || byte == 10 || byte == 13 || byte == 9 : isPartOfUtf8(p, byte);
    notText += <i32>!isCharacter;
    notAscii += byte >> 7;
    count++;
  }
  if (notText << 5 <= count) {
    if (notAscii << 2 >= count) return NON_LATIN_TEXT;
    return isProse(start, length) ? PROSE : TEXT;
  }
  if (isUtf16(start, length)) return UTF16;
  return hasSixteenBitSamples(start, length) ? SIXTEEN_BIT_SAMPLES : GENERIC;
}

/** Whether matches of three bytes may be ignored. */
export function isText(dataType: i32): bool {
  return dataType >= TEXT && dataType <= UTF16;
}

/**
 * Whether a byte above 127 has the neighbour that UTF-8 requires (RFC 3629 section 4). Lead bytes of three and more
 * bytes do not count as text: where they are frequent, as in Chinese, matches of three bytes are useful.
 */
function isPartOfUtf8(p: usize, byte: u8): bool {
  return byte < 0xc0 ? load<u8>(p - 1) >= 0x80 : byte >= 0xc2 && byte < 0xe0 && load<u8>(p, 1) >> 6 == 2;
}

/** Shorter text has too few samples. */
const MIN_PROSE_LENGTH: i32 = 32768;

/** Bytes counted, in u16[256] counters. */
const PROSE_SAMPLES: i32 = 1024;

/**
 * Entropy of a character: 4.7 bits. English prose has 4.5 to 4.6 bits, SVG paths and word lists fewer. Markdown, HTML,
 * JavaScript, C and Go have 4.8 to 5.6 bits.
 */
const MAX_PROSE_ENTROPY: i32 = 75;

function isProse(start: usize, length: i32): bool {
  if (length < MIN_PROSE_LENGTH) return false;
  memory.fill(SCRATCH, 0, 512);
  const step = <usize>((length / PROSE_SAMPLES) | 1);
  let count = 0;
  for (let p = start; p < start + length; p += step) {
    const counter = SCRATCH + ((<usize>load<u8>(p)) << 1);
    store<u16>(counter, load<u16>(counter) + 1);
    count++;
  }
  let entropy = entropyTerm(count);
  for (let counter = SCRATCH; counter < SCRATCH + 512; counter += 2) entropy -= entropyTerm(load<u16>(counter));
  return entropy <= count * MAX_PROSE_ENTROPY;
}

/** Code units sampled. */
const UTF16_SAMPLES: i32 = 256;

/**
 * UTF-16 of an alphabetic script, in either byte order. The high bytes are small. Where they are 0, as for the spaces
 * of every language, the low byte is ASCII or Latin-1. Binary data has arbitrary bytes there.
 */
function isUtf16(start: usize, length: i32): bool {
  return length >= 2 * UTF16_SAMPLES && (isUtf16InOrder(start, length, 1) || isUtf16InOrder(start, length, 0));
}

function isUtf16InOrder(start: usize, length: i32, highByte: usize): bool {
  const step = <usize>(length / UTF16_SAMPLES) & ~1;
  let zeros = 0;
  let notText = 0;
  for (let i = 0, p = start; i < UTF16_SAMPLES; i++, p += step) {
    const high = load<u8>(p + highByte);
    const low = load<u8>(p + (highByte ^ 1));
    if (high == 0) {
      zeros++;
      notText += <i32>((low < 32 && low != 10 && low != 13 && low != 9) || (low >= 127 && low < 160));
    } else notText += <i32>(high >= 16);
  }
  return zeros >= UTF16_SAMPLES >> 4 && notText << 5 <= zeros;
}

/** In 16-bit data, a byte equals the one two bytes on more often than the next one, by a fifth of all samples. */
const PAIR_SAMPLES: i32 = 512;
const MIN_PAIR_SURPLUS: i32 = PAIR_SAMPLES / 5;

/** In other binaries and in ASCII text the surplus is a tenth at most. */
function hasSixteenBitSamples(start: usize, length: i32): bool {
  if (length < 2 * PAIR_SAMPLES) return false;
  const step = <usize>((length / PAIR_SAMPLES - 1) | 1);
  let surplus = 0;
  for (let i = 0, p = start; i < PAIR_SAMPLES; i++, p += step) {
    const byte = load<u8>(p);
    surplus += <i32>(byte == load<u8>(p, 2)) - <i32>(byte == load<u8>(p, 1));
  }
  return surplus >= MIN_PAIR_SURPLUS;
}

/**
 * Match density in the previous segment, as input bytes per match. Source code, prose and machine code have 8 to 18
 * bytes per match. There a somewhat longer match, or a match one position later, gains little, so levels 3 to 6 search
 * less. With more bytes per match (logs, tables of numbers) each match counts; with fewer (images) literals are
 * expensive.
 */
const MIN_TYPICAL_DENSITY: i32 = 8;
const MAX_TYPICAL_DENSITY: i32 = 17;

export function isTypicalDensity(bytesPerMatch: i32): bool {
  return bytesPerMatch >= MIN_TYPICAL_DENSITY && bytesPerMatch <= MAX_TYPICAL_DENSITY;
}
