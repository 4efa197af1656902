/**
 * The long run behind `npm run fuzz`: structured inputs through one engine, one after another, each inflated by
 * node:zlib and compared, some also with the bytes of a fresh engine.
 *
 *     npm run fuzz -- [cases] [seed] [level]
 *     npm run fuzz -- sweep [step]
 *
 * Without a seed it takes a new one and prints it; the same seed and number of cases repeat a run exactly. Without a
 * level, each case has one of its own. A sweep goes through every period, distance and length (sweep.ts), or every
 * step-th.
 */

import assert from 'node:assert/strict';
import { createEngine } from '../../dist/deflate/create-engine.js';
import { MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH } from '../../dist/deflate/engine.js';
import { INPUTS } from './inputs.js';
import { createRandom, deflatePiece, type RandomInteger } from './pieces.js';
import { type Case, sweep } from './sweep.js';

const [first, second, third] = process.argv.slice(2);
if (first === 'sweep') {
  runAll('sweep', sweep(Number(second ?? 1)));
} else {
  const cases = Number(first ?? 100_000);
  const seed = Number(second ?? Date.now() % 2 ** 32);
  runAll(`${cases} cases, seed ${seed}`, drawn(cases, seed, Number(third ?? 0)));
}

function runAll(what: string, cases: Iterable<Case>): void {
  console.log(`fuzz: ${what}`);
  const engine = createEngine('wasm');
  let count = 0;
  let bytesIn = 0;
  let bytesOut = 0;
  const sums = (): string => `${count} cases, ${bytesIn} bytes in, ${bytesOut} out`;
  for (const { piece, description } of cases) {
    count++;
    try {
      const deflated = deflatePiece(engine, piece);
      bytesIn += piece.bytes.length - piece.dictionaryLength;
      bytesOut += deflated.length;
      // A fresh engine takes far longer to make than a small piece to deflate.
      if (count % 100 === 0)
        assert.deepEqual(deflatePiece(createEngine('wasm'), piece), deflated, 'differs from a fresh engine');
    } catch (error) {
      console.error(`fuzz: case ${count} of ${what} failed: ${description}`);
      throw error;
    }
    if (count % 50_000 === 0) console.log(`fuzz: ${sums()}`);
  }
  console.log(`fuzz: ${what} passed: ${sums()}`);
}

/** `level` 0: each case has one of its own. */
function* drawn(cases: number, seed: number, level: number): Generator<Case> {
  const kinds = Object.keys(INPUTS);
  const random = createRandom(seed);
  for (let i = 0; i < cases; i++) {
    const kind = kinds[random(kinds.length)] ?? 'text';
    const caseSeed = random(2 ** 32);
    const { piece, description } = makePiece(kind, createRandom(caseSeed), level);
    yield { piece, description: `${description}, case seed ${caseSeed}` };
  }
}

function makePiece(kind: string, random: RandomInteger, onlyLevel: number): Case {
  const dataLength = makeLength(random);
  const dictionaryLength = random(3) === 0 ? random(random(4) === 0 ? MAX_DICTIONARY_LENGTH + 1 : 3000) : 0;
  const isLast = random(2) === 0;
  const anyLevel = 1 + random(10);
  const level = onlyLevel > 0 ? onlyLevel : anyLevel;
  const bytes = INPUTS[kind]?.(dictionaryLength + dataLength, random) ?? new Uint8Array();
  const description = `${kind}, ${dictionaryLength} + ${dataLength} bytes, level ${level}, ${isLast ? 'last' : 'not last'}`;
  return { piece: { bytes, dictionaryLength, isLast, level }, description };
}

/** Mostly a few hundred bytes, where most edges are; a few times in ten thousand the longest piece there is. */
function makeLength(random: RandomInteger): number {
  const choice = random(10_000);
  if (choice < 2) return MAX_PIECE_LENGTH - random(3);
  if (choice < 100) return random(150_000);
  if (choice < 1500) return random(12_000);
  return random(1 << (1 + random(11)));
}
