/**
 * Systematic cases, for `npm run fuzz -- sweep`: every period up to 40,000, every distance of a match of 258 bytes, every
 * match length at the distances where slots change, every dictionary length, and every chunk length around the ends of
 * segments, blocks and chunks. The levels alternate, so each runs a tenth of the cases.
 */

import { MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH } from '../../dist/deflate/engine.js';
import { INPUTS, sixtyFour } from './inputs.js';
import { createRandom, type Piece } from './pieces.js';

const MAX_PERIOD = 40_000;
const MAX_MATCH = 258;

export interface Case {
  readonly piece: Piece;
  readonly description: string;
}

/** All cases, or every `step`th of each sweep. */
export function* sweep(step = 1): Generator<Case> {
  let count = 0;
  for (const [what, cases] of Object.entries(SWEEPS)) {
    for (const { bytes, dictionaryLength = 0, value } of cases(step)) {
      const level = 1 + (count % 10);
      const isLast = count % 3 !== 0;
      count++;
      yield { piece: { bytes, dictionaryLength, isLast, level }, description: `${what} ${value}, level ${level}` };
    }
  }
}

interface Swept {
  readonly bytes: Uint8Array;
  readonly dictionaryLength?: number;
  readonly value: number | string;
}

const noise = sixtyFour(MAX_PERIOD + 2 * MAX_MATCH, createRandom(1));

const SWEEPS: Record<string, (step: number) => Generator<Swept>> = {
  *period(step) {
    for (let period = 1; period <= MAX_PERIOD; period += step) {
      const bytes = new Uint8Array(period + 2 * MAX_MATCH);
      bytes.set(noise.subarray(0, period));
      // Copying from one period earlier continues the repeat.
      for (let at = period; at < bytes.length; at++) bytes[at] = bytes[at - period] ?? 0;
      yield { bytes, value: period };
    }
  },
  *'distance of a match of 258 bytes'(step) {
    for (let distance = 1; distance <= MAX_DICTIONARY_LENGTH + 2; distance += step) {
      yield { bytes: withMatch(distance, MAX_MATCH), value: distance };
    }
  },
  *'length and distance of a match'(step) {
    let count = 0;
    for (let length = 1; length <= MAX_MATCH + 4; length++) {
      for (const distance of EDGE_DISTANCES) {
        if (count++ % step === 0) yield { bytes: withMatch(distance, length), value: `${length}, ${distance}` };
      }
    }
  },
  *'dictionary length'(step) {
    for (let dictionaryLength = 0; dictionaryLength <= MAX_DICTIONARY_LENGTH; dictionaryLength += step) {
      const bytes = new Uint8Array(dictionaryLength + 2 * MAX_MATCH);
      bytes.set(noise.subarray(0, dictionaryLength));
      // Repeats its first and its last bytes.
      bytes.set(bytes.subarray(0, Math.min(MAX_MATCH, dictionaryLength)), dictionaryLength);
      const end = bytes.slice(Math.max(0, dictionaryLength - MAX_MATCH), dictionaryLength);
      bytes.set(end, dictionaryLength + MAX_MATCH);
      yield { bytes, dictionaryLength, value: dictionaryLength };
    }
  },
  *'length of a chunk'(step) {
    let count = 0;
    for (const around of [0, 4096, 10_000, 20_000, 32_768, 65_535, 131_070, 131_072, MAX_PIECE_LENGTH]) {
      for (let length = Math.max(0, around - 40); length <= Math.min(around + 40, MAX_PIECE_LENGTH); length++) {
        for (const kind of around === MAX_PIECE_LENGTH ? ['text'] : ['text', 'random', 'zeros', 'nearlyRandom']) {
          const isWanted = count++ % step === 0;
          if (isWanted)
            yield { bytes: INPUTS[kind]?.(length, createRandom(length)) ?? noise, value: `${length}, ${kind}` };
        }
      }
    }
  },
};

/** The edges of distance slots, and of the window. */
const EDGE_DISTANCES = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 256, 257, 4096, 4097, 8192, 8193, 24_576, 24_577, 32_767, 32_768,
];

/** Noise, and a copy of `length` bytes from `distance` before. The byte behind the copy differs. */
function withMatch(distance: number, length: number): Uint8Array {
  const bytes = new Uint8Array(distance + 3 + length + 20);
  bytes.set(noise.subarray(0, distance + 3));
  const start = distance + 3;
  for (let at = start; at < start + length; at++) bytes[at] = bytes[at - distance] ?? 0;
  bytes.set(noise.subarray(30_000, 30_020), start + length);
  bytes[start + length] = (bytes[start + length - distance] ?? 0) ^ 1;
  return bytes;
}
