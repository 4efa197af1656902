/**
 * The long run behind `npm run fuzz`: structured inputs go through one engine, one after another. Each output is
 * inflated by node:zlib and compared with the input, and every hundredth with the output of a fresh engine.
 *
 *     npm run fuzz -- [--debug] [cases] [seed] [level]
 *     npm run fuzz -- [--debug] sweep [step]
 *
 * Without a seed it takes a new one and prints it. The same seed and number of cases repeat a run exactly. Without a
 * level, each case draws its own. A sweep goes through every period, distance and length (sweep.ts), or every step-th
 * one. With --debug, the debug build runs, with its assertions, and must produce the bytes of the release build.
 */

import assert from 'node:assert/strict';
import { createEngine } from '../../dist/deflate/create-engine.js';
import { DebugEngine } from './debug-module.js';
import { drawCases } from './drawn.js';
import { deflatePiece, freshEngine } from './pieces.js';
import { type Case, sweep } from './sweep.js';

const isDebug = process.argv.includes('--debug');
const [first, second, third] = process.argv.slice(2).filter((argument) => argument !== '--debug');
if (first === 'sweep') {
  runAll('sweep', sweep(Number(second ?? 1)));
} else {
  const cases = Number(first ?? 100_000);
  const seed = Number(second ?? Date.now() % 2 ** 32);
  runAll(`${cases} cases, seed ${seed}`, drawCases(cases, seed, Number(third ?? 0)));
}

function runAll(what: string, cases: Iterable<Case>): void {
  console.log(`fuzz: ${what}${isDebug ? ', debug build' : ''}`);
  const engine = isDebug ? new DebugEngine() : createEngine('wasm');
  const release = createEngine('wasm');
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
      if (isDebug) {
        assert.deepEqual(deflatePiece(release, piece), deflated, 'the debug build differs from the release build');
      } else if (count % 100 === 0) {
        // Creating a fresh engine takes far longer than compressing a small chunk.
        assert.deepEqual(deflatePiece(freshEngine(), piece), deflated, 'differs from a fresh engine');
      }
    } catch (error) {
      console.error(`fuzz: case ${count} of ${what} failed: ${description}`);
      throw error;
    }
    if (count % 50_000 === 0) console.log(`fuzz: ${sums()}`);
  }
  console.log(`fuzz: ${what} passed: ${sums()}`);
}
