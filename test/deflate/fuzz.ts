/**
 * The long run behind `npm run fuzz`: structured inputs through one engine, one after another, each inflated by
 * node:zlib and compared, some also with the bytes of a fresh engine.
 *
 *     npm run fuzz -- [cases] [seed] [level]
 *
 * Without a seed it takes a new one and prints it; the same seed and number of cases repeat a run exactly. Without a
 * level, each case has one of its own.
 */

import assert from 'node:assert/strict';
import { createEngine } from '../../dist/deflate/create-engine.js';
import { MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH } from '../../dist/deflate/engine.js';
import { INPUTS } from './inputs.js';
import { createRandom, deflatePiece, type Piece, type RandomInteger } from './pieces.js';

const cases = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 32);
const onlyLevel = Number(process.argv[4] ?? 0);
console.log(`fuzz: ${cases} cases, seed ${seed}`);

const kinds = Object.keys(INPUTS);
const random = createRandom(seed);
const engine = createEngine('wasm');
let bytesIn = 0;
let bytesOut = 0;
for (let i = 1; i <= cases; i++) {
  const kind = kinds[random(kinds.length)] ?? 'text';
  const caseSeed = random(2 ** 32);
  const { piece, description } = makePiece(kind, createRandom(caseSeed));
  try {
    const deflated = deflatePiece(engine, piece);
    bytesIn += piece.bytes.length - piece.dictionaryLength;
    bytesOut += deflated.length;
    // A fresh engine takes far longer to make than a small piece to deflate.
    if (i % 100 === 0)
      assert.deepEqual(deflatePiece(createEngine('wasm'), piece), deflated, 'differs from a fresh engine');
  } catch (error) {
    console.error(`fuzz: case ${i} of seed ${seed} failed: ${description}, case seed ${caseSeed}`);
    throw error;
  }
  if (i % 50_000 === 0) console.log(`fuzz: ${i} cases, ${bytesIn} bytes in, ${bytesOut} out`);
}
console.log(`fuzz: ${cases} cases of seed ${seed} passed, ${bytesIn} bytes in, ${bytesOut} out`);

function makePiece(kind: string, random: RandomInteger): { piece: Piece; description: string } {
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
