/**
 * Decides from samples whether data is worth deflating, so that compressed media is copied instead of searched for matches that
 * do not exist. The decision depends only on the data, not on its name.
 */
import type { DeflateEngine } from '../deflate/engine.js';

/** Shorter pieces are always deflated, because the samples would be most of the work. */
const MIN_PROBED_LENGTH = 64 * 1024;

/** Bytes of one sample. 4 KiB is enough for Huffman codes to pay for their own description where they can pay at all. */
const SAMPLE_LENGTH = 4096;

/** A sample that level 1 cannot shrink below this fraction is incompressible at any level. */
const WORTHWHILE = 0.985;

/** Distance within which a repetition of a sample is searched: the longest of a match (RFC 1951 section 2). */
const SEARCH_LENGTH = 32 * 1024;

/**
 * In random data, a given sequence of this length recurs nearby with a probability of 2^-41. For a longer one, Node uses another
 * search, which takes 13 µs instead of 3.
 */
const ANCHOR_LENGTH = 7;

/**
 * Bytes of a stretch, how many of them are counted, and how far the sum of the squares of the counts may exceed what
 * even bytes give. Of media compressed by gzip, a stretch in twenty can be deflated by a hundredth or more. On 434 MB of
 * media, looking for these takes 0.04 s and has a quarter of the chunks deflated; that saves 0.07 % at level 1, in 0.15 s of
 * processor time, and 0.15 % at level 6, in 0.5 s. Deflating all would save 0.08 % in 0.5 s and 0.18 % in 1.0 s.
 */
const STRETCH_LENGTH = 10_000;
const COUNTED = 512;
const MAX_SQUARES = COUNTED + ((COUNTED * (COUNTED - 1)) / 256) * 1.3;
const counts = new Uint16Array(256);

/** @returns undefined for content of the engine's input that does not shrink */
export function deflateIfSmaller(
  engine: DeflateEngine,
  dictionaryLength: number,
  dataLength: number,
  { isLast, level }: { readonly isLast: boolean; readonly level: number },
): Uint8Array | undefined {
  const data = engine.input.subarray(dictionaryLength, dictionaryLength + dataLength);
  const isProbed = level < engine.thoroughLevel && dataLength >= MIN_PROBED_LENGTH;
  if (isProbed && looksIncompressible(engine, data)) return undefined;
  const deflated = engine.deflate(dictionaryLength, dataLength, isLast, level);
  return deflated.length < dataLength ? deflated : undefined;
}

/** @param data a view of `engine.input`, which is unchanged afterwards; at least MIN_PROBED_LENGTH long */
export function looksIncompressible(engine: DeflateEngine, data: Uint8Array): boolean {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  const middle = (data.length - SAMPLE_LENGTH) >>> 1;
  const end = data.length - SAMPLE_LENGTH;
  for (const start of [0, middle, end]) {
    if (sampleShrinks(engine, bytes, start) || repeatsNearby(bytes, start)) return false;
  }
  for (let start = 0; start + STRETCH_LENGTH <= data.length; start += STRETCH_LENGTH) {
    if (isUneven(data, start)) return false;
  }
  return true;
}

function sampleShrinks(engine: DeflateEngine, bytes: Buffer, start: number): boolean {
  const place = engine.input.subarray(0, SAMPLE_LENGTH);
  const saved = place.slice();
  place.set(bytes.subarray(start, start + SAMPLE_LENGTH));
  const deflated = engine.deflate(0, SAMPLE_LENGTH, true, 1).length;
  place.set(saved);
  return deflated < SAMPLE_LENGTH * WORTHWHILE;
}

/** Detects random data that is repeated within the distance of a match, which a sample cannot show. */
function repeatsNearby(bytes: Buffer, start: number): boolean {
  const from = Math.min(start, bytes.length - ANCHOR_LENGTH - SEARCH_LENGTH);
  const anchor = bytes.subarray(from, from + ANCHOR_LENGTH);
  const reach = bytes.subarray(from + 1, from + 1 + SEARCH_LENGTH + ANCHOR_LENGTH);
  return reach.includes(anchor);
}

/** Whether some bytes of the stretch are so frequent that Huffman codes would shorten it. */
function isUneven(data: Uint8Array, start: number): boolean {
  counts.fill(0);
  // An odd step, so that the samples do not all hit the same column of fixed-size records.
  const step = Math.floor(STRETCH_LENGTH / COUNTED) | 1;
  let squares = 0;
  for (let i = 0, at = start; i < COUNTED; i++, at += step) {
    const byte = data[at] as number;
    const count = counts[byte] as number;
    counts[byte] = count + 1;
    squares += 2 * count + 1;
  }
  return squares > MAX_SQUARES;
}
