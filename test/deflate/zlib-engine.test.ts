import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { createEngine, isEngineAvailable } from '../../dist/deflate/create-engine.js';
import { MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH } from '../../dist/deflate/engine.js';
import { outputBound } from '../../dist/deflate/stored-blocks.js';

const text = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `line ${(i * i) % 9973} of the text\n`).join(''));

test('node:zlib is always available', () => {
  assert.equal(isEngineAvailable('zlib'), true);
  assert.equal(createEngine('zlib').name, 'zlib');
});

test('a chunk that is a whole stream has the bytes of deflateRawSync at the same level', () => {
  const engine = createEngine('zlib');
  for (const level of [1, 6, 9, 10]) {
    for (const length of [0, 1, 1000, 100_000]) {
      const data = text.subarray(0, length);
      engine.input.set(data);
      const deflated = engine.deflate(0, length, true, level);
      assert.deepEqual(Buffer.from(deflated), deflateRawSync(data, { level: Math.min(level, 9) }));
    }
  }
});

test('chunks with their dictionaries concatenate to one stream', () => {
  const engine = createEngine('zlib');
  for (const pieceLength of [1, 1000, 40_000, MAX_PIECE_LENGTH]) {
    const data = text.subarray(0, Math.min(text.length, pieceLength * 20));
    const pieces: Uint8Array[] = [];
    for (let start = 0; start < data.length; start += pieceLength) {
      const dictionaryStart = Math.max(0, start - MAX_DICTIONARY_LENGTH);
      const end = Math.min(start + pieceLength, data.length);
      engine.input.set(data.subarray(dictionaryStart, end));
      pieces.push(Uint8Array.from(engine.deflate(start - dictionaryStart, end - start, end === data.length, 6)));
    }
    assert.deepEqual(inflateRawSync(Buffer.concat(pieces)), data);
  }
});

test('a chunk that is not the last ends with an empty stored block', () => {
  const engine = createEngine('zlib');
  const deflated = engine.deflate(0, 500, false, 6);
  assert.deepEqual([...deflated.subarray(-4)], [0, 0, 0xff, 0xff]);
});

test('the output for incompressible data stays within the bound', () => {
  const engine = createEngine('zlib');
  for (const length of [1, 65_535, 65_536, MAX_PIECE_LENGTH]) {
    for (const isLast of [true, false]) {
      const data = randomBytes(length);
      engine.input.set(data);
      const deflated = Buffer.from(engine.deflate(0, length, isLast, 6));
      assert.ok(deflated.length <= outputBound(length), `${deflated.length} bytes for ${length}`);
      const stream = isLast ? deflated : Buffer.concat([deflated, deflateRawSync(Buffer.alloc(0))]);
      assert.deepEqual(inflateRawSync(stream), data);
    }
  }
});

test('lengths and levels outside the limits are rejected', () => {
  for (const engine of [createEngine('zlib'), createEngine('wasm')]) {
    assert.throws(
      () => engine.deflate(MAX_DICTIONARY_LENGTH + 1, 0, true, 6),
      /dictionaryLength must be .*\(got 32769\)/,
    );
    assert.throws(() => engine.deflate(0, MAX_PIECE_LENGTH + 1, true, 6), /dataLength must be .*\(got 1048577\)/);
    assert.throws(() => engine.deflate(0, -1, true, 6), RangeError);
    assert.throws(() => engine.deflate(0, 1, true, 11), /level must be an integer from 1 to 10 \(got 11\)/);
    assert.throws(() => engine.deflate(0, 1, true, 0.5), RangeError);
  }
});
