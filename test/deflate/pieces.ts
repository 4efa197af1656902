/** What the deflate tests share: compressing a chunk and checking the result with node:zlib, and random numbers. */

import assert from 'node:assert/strict';
import { crc32, inflateRawSync } from 'node:zlib';
import type { DeflateEngine } from '../../dist/deflate/engine.js';
import { outputBound } from '../../dist/deflate/stored-blocks.js';
import { loadDeflateModule, WasmEngine } from '../../dist/deflate/wasm-engine.js';

export interface Piece {
  /** The dictionary, then the data. */
  bytes: Uint8Array;
  dictionaryLength: number;
  isLast: boolean;
  level: number;
}

/** An empty final block with fixed codes: ends the stream of a chunk that is not the last. */
const END_OF_STREAM = Uint8Array.of(3, 0);

/** A new instance of the WebAssembly engine. createEngine() returns the thread's own one. */
export function freshEngine(): DeflateEngine {
  return new WasmEngine(loadDeflateModule());
}

/** Compresses the chunk, checks the output's length and that it inflates to the data, and returns a copy. */
export function deflatePiece(engine: DeflateEngine, piece: Piece): Uint8Array {
  const { bytes, dictionaryLength, isLast, level } = piece;
  engine.input.set(bytes);
  const dataLength = bytes.length - dictionaryLength;
  assert.equal(engine.crc32(dictionaryLength, dataLength), crc32(bytes.subarray(dictionaryLength)), 'wrong CRC-32');
  assert.ok(Buffer.from(bytes).equals(engine.input.subarray(0, bytes.length)), 'crc32() must not change the data');
  const deflated = Uint8Array.from(engine.deflate(dictionaryLength, dataLength, isLast, level));
  assert.ok(deflated.length <= outputBound(dataLength), `${deflated.length} bytes for ${dataLength}`);
  if (!isLast) assert.deepEqual([...deflated.subarray(-4)], [0, 0, 0xff, 0xff], 'must end with an empty stored block');
  const inflated = inflateRawSync(isLast ? deflated : Buffer.concat([deflated, END_OF_STREAM]), {
    ...(dictionaryLength > 0 && { dictionary: bytes.subarray(0, dictionaryLength) }),
  });
  assert.ok(inflated.equals(bytes.subarray(dictionaryLength)), `level ${level}: inflates to different bytes`);
  engine.stream.set(deflated);
  assert.ok(engine.inflatesTo(deflated.length, dictionaryLength, dataLength, isLast), `level ${level}: inflatesTo()`);
  return deflated;
}

/** Pseudo-random integers, 0 ≤ n < limit. The same seed gives the same numbers. */
export type RandomInteger = (limit: number) => number;

export function createRandom(seed: number): RandomInteger {
  let state = seed >>> 0;
  return (limit) => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}
