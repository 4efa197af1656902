/** Random cases for the fuzz: kind of input, lengths, level and dictionary are drawn from a seed. */

import { MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH } from '../../dist/deflate/engine.js';
import { INPUTS } from './inputs.js';
import { createRandom, type RandomInteger } from './pieces.js';
import type { Case } from './sweep.js';

/** `onlyLevel` 0: each case draws its own level. */
export function* drawCases(cases: number, seed: number, onlyLevel = 0): Generator<Case> {
  const kinds = Object.keys(INPUTS);
  const random = createRandom(seed);
  for (let i = 0; i < cases; i++) {
    const kind = kinds[random(kinds.length)] ?? 'text';
    const caseSeed = random(2 ** 32);
    const { piece, description } = drawCase(kind, createRandom(caseSeed), onlyLevel);
    yield { piece, description: `${description}, case seed ${caseSeed}` };
  }
}

function drawCase(kind: string, random: RandomInteger, onlyLevel: number): Case {
  const dataLength = drawLength(random);
  const dictionaryLength = random(3) === 0 ? random(random(4) === 0 ? MAX_DICTIONARY_LENGTH + 1 : 3000) : 0;
  const isLast = random(2) === 0;
  const anyLevel = 1 + random(10);
  const level = onlyLevel > 0 ? onlyLevel : anyLevel;
  const bytes = INPUTS[kind]?.(dictionaryLength + dataLength, random) ?? new Uint8Array();
  const description = `${kind}, ${dictionaryLength} + ${dataLength} bytes, level ${level}, ${isLast ? 'last' : 'not last'}`;
  return { piece: { bytes, dictionaryLength, isLast, level }, description };
}

/** Mostly a few hundred bytes, where most edge cases are. Twice in ten thousand, the longest chunk there is. */
function drawLength(random: RandomInteger): number {
  const choice = random(10_000);
  if (choice < 2) return MAX_PIECE_LENGTH - random(3);
  if (choice < 100) return random(150_000);
  if (choice < 1500) return random(12_000);
  return random(1 << (1 + random(11)));
}
