/** Tells text from other data, prose from other text, and samples of 16 bits: in each, other matches are worth taking. */

import { entropyTerm } from './costs';
import { SCRATCH } from './memory-map';

/** Of 256 bytes up to one in 32 is no character of text: UTF-8 apart, tabs and ends of lines are all that texts have. */
export function isText(start: usize, length: i32): bool {
  const step = <usize>(length >> 8) + 1;
  const end = min(start + length, start + step * 256);
  let others = 0;
  for (let p = start; p < end; p += step) {
    const byte = load<u8>(p);
    if (byte - 32 >= 95 && byte != 10 && byte != 13 && byte != 9) others++;
  }
  return others <= 8;
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
export function isProse(start: usize, length: i32): bool {
  if (length < MIN_PROSE_LENGTH) return false;
  memory.fill(SCRATCH, 0, 512);
  // An odd number of bytes a step, so that columns of records do not fall into one.
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

/** So many places are looked at, and of more bytes than one in five the one after the next is the same more often than the next. */
const PAIRS: i32 = 512;
const MIN_MORE_ALIKE: i32 = PAIRS / 5;

/** Images and sounds, whose bytes come in pairs. In other binaries and in text at most one in ten is more often the same. */
export function isOfPairs(start: usize, length: i32): bool {
  if (length < 2 * PAIRS) return false;
  const step = <usize>((length / PAIRS - 1) | 1);
  let more = 0;
  for (let i = 0, p = start; i < PAIRS; i++, p += step) {
    const byte = load<u8>(p);
    more += <i32>(byte == load<u8>(p, 2)) - <i32>(byte == load<u8>(p, 1));
  }
  return more >= MIN_MORE_ALIKE;
}
