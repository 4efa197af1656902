/** The debug build: its assertions hold, they are there, and it is the engine that ships. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEngine } from '../../dist/deflate/create-engine.js';
import { MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH } from '../../dist/deflate/engine.js';
import { DebugEngine } from './debug-module.js';
import { drawCases } from './drawn.js';
import { INPUTS } from './inputs.js';
import { createRandom, deflatePiece } from './pieces.js';
import { sweep } from './sweep.js';

const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

test('no assertion fails on drawn and swept cases, and the bytes are those of the release build', () => {
  const debug = new DebugEngine();
  const release = createEngine('wasm');
  for (const { piece, description } of [...drawCases(1500, 20_260_203), ...sweep(499)]) {
    try {
      assert.deepEqual(deflatePiece(debug, piece), deflatePiece(release, piece));
    } catch (error) {
      throw new Error(description, { cause: error });
    }
  }
});

test('no assertion fails on the longest chunks with the longest dictionary, at any level', () => {
  const debug = new DebugEngine();
  const random = createRandom(14);
  for (const kind of ['text', 'mixture', 'zeros']) {
    const bytes = INPUTS[kind]?.(MAX_DICTIONARY_LENGTH + MAX_PIECE_LENGTH, random) ?? new Uint8Array();
    for (const level of LEVELS) {
      deflatePiece(debug, { bytes, dictionaryLength: MAX_DICTIONARY_LENGTH, isLast: false, level });
    }
  }
});

test('a write beyond the end of any region is noticed', () => {
  const bytes = INPUTS.text?.(3000, createRandom(15)) ?? new Uint8Array();
  for (const region of ['OUTPUT', 'LEVELS', 'CODES', 'SEQUENCES', 'CHAIN4', 'MATCH_BITS', 'MATCHES', 'MEMORY_END']) {
    const debug = new DebugEngine();
    new Uint8Array(debug.input.buffer)[debug.module.global(region) - 1] = 0;
    debug.input.set(bytes);
    assert.throws(
      () => debug.deflate(0, bytes.length, true, 6),
      /^Error: a guard was overwritten \(.*debug\.ts:\d+\)$/,
    );
  }
});

test('a candidate that lies ahead is noticed', () => {
  const debug = new DebugEngine();
  const bytes = INPUTS.text?.(20_000, createRandom(16)) ?? new Uint8Array();
  // Positions beyond the end of the data, as a defect might leave them in the hash heads.
  debug.module.uint32('HEADS4', 1 << 17).fill(0x7f00_0000);
  debug.input.set(bytes);
  assert.throws(() => debug.deflate(0, bytes.length, true, 6), /a chain must lead backward/);
});

test('lengths and levels beyond their limits are noticed', () => {
  const debug = new DebugEngine();
  assert.throws(() => debug.deflate(MAX_DICTIONARY_LENGTH + 1, 10, true, 6), /length of the dictionary/);
  assert.throws(() => new DebugEngine().deflate(0, MAX_PIECE_LENGTH + 1, true, 6), /length of the data/);
  assert.throws(() => new DebugEngine().deflate(0, 10, true, 11), /level/);
});
