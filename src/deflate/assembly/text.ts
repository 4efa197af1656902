/** Tells prose and source from other data: in each, other matches are worth taking. */

import { entropyTerm } from './costs';
import { SCRATCH } from './memory-map';

/** What is no text; text of few different characters, as prose, tables and lists; and of many, as source and markup. */
export const BINARY: i32 = 0;
export const PROSE: i32 = 1;
export const SOURCE: i32 = 2;

/** u16[256] counters, of so many bytes at most. */
const SAMPLES: i32 = 1024;

/** Of so many bytes up to one is no character of text: UTF-8 apart, tabs and ends of lines are all that texts have. */
const RARE: i32 = 32;

/**
 * Entropy of a character, in 1/16 bit: 4.7 bits. English prose has 4.5 to 4.6, paths of SVG and lists of words less; Markdown,
 * HTML, JavaScript, C and Go 4.8 to 5.6.
 */
const MAX_PROSE_ENTROPY: i32 = 75;

export function kindOfText(start: usize, length: i32): i32 {
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
  let others = 0;
  for (let byte = 0; byte < 256; byte++) {
    const n = <i32>load<u16>(SCRATCH + (byte << 1));
    if (<u32>(byte - 32) >= 95 && byte != 10 && byte != 13 && byte != 9) others += n;
    entropy -= entropyTerm(n);
  }
  if (others * RARE > count) return BINARY;
  return entropy <= count * MAX_PROSE_ENTROPY ? PROSE : SOURCE;
}
