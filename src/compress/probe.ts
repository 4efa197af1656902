/**
 * Decides from a few samples whether data is worth deflating at all: compressed media passes at the speed of a copy
 * instead of the speed of a search for matches that are not there. Looks at the data, never at its name, and gives the
 * same answer for the same data.
 */
import type { DeflateEngine } from '../deflate/engine.js';

/** Shorter pieces are simply deflated: the samples would be most of the work. */
export const MIN_PROBED_LENGTH = 64 * 1024;

/** Bytes of one sample. 4 KiB is enough for Huffman codes to pay for their own description where they can pay at all. */
const SAMPLE_LENGTH = 4096;

/** A sample that level 1 cannot shrink to below this part of itself holds nothing for any level. */
const WORTHWHILE = 0.985;

/** How far behind its first appearance a repeated sample is looked for: as far as a match reaches (RFC 1951 section 2). */
const SEARCH_LENGTH = 32 * 1024;

/**
 * Random data holds a given run of this length nearby with odds of one in 2^41. A longer one Node looks for in another way,
 * which takes 13 µs in place of 3.
 */
const ANCHOR_LENGTH = 7;

/** @param data a view of `engine.input`, which is unchanged afterwards; at least MIN_PROBED_LENGTH long */
export function looksIncompressible(engine: DeflateEngine, data: Uint8Array): boolean {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  const middle = (data.length - SAMPLE_LENGTH) >>> 1;
  const end = data.length - SAMPLE_LENGTH;
  for (const start of [0, middle, end]) {
    if (sampleShrinks(engine, bytes, start) || repeatsNearby(bytes, start)) return false;
  }
  return true;
}

/** The parts of data of that length that looksIncompressible() looks at: the rest does not matter to it. */
export function sampledParts(length: number): readonly (readonly [start: number, end: number])[] {
  const middle = (length - SAMPLE_LENGTH) >>> 1;
  const reach = SEARCH_LENGTH + ANCHOR_LENGTH + 1;
  return [
    [0, reach],
    [middle, middle + reach],
    [length - reach, length],
  ];
}

function sampleShrinks(engine: DeflateEngine, bytes: Buffer, start: number): boolean {
  const place = engine.input.subarray(0, SAMPLE_LENGTH);
  const saved = place.slice();
  place.set(bytes.subarray(start, start + SAMPLE_LENGTH));
  const deflated = engine.deflate(0, SAMPLE_LENGTH, true, 1).length;
  place.set(saved);
  return deflated < SAMPLE_LENGTH * WORTHWHILE;
}

/** Finds what a sample cannot show: data without structure of its own that comes again within a match's reach. */
function repeatsNearby(bytes: Buffer, start: number): boolean {
  const from = Math.min(start, bytes.length - ANCHOR_LENGTH - SEARCH_LENGTH);
  const anchor = bytes.subarray(from, from + ANCHOR_LENGTH);
  const reach = bytes.subarray(from + 1, from + 1 + SEARCH_LENGTH + ANCHOR_LENGTH);
  return reach.includes(anchor);
}
