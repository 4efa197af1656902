/** What proves a stream must accept what a reader inflates to the content, and nothing else, however the stream was made. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { createEngine } from '../../dist/deflate/create-engine.js';
import type { DeflateEngine } from '../../dist/deflate/engine.js';
import { encodeStoredBlocks } from '../../dist/deflate/stored-blocks.js';
import { zlibInflatesTo } from '../../dist/deflate/zlib-inflates-to.js';
import { drawCases } from './drawn.js';
import { createRandom, freshEngine, type Piece, type RandomInteger } from './pieces.js';

const NO_DICTIONARY = new Uint8Array(0);

function inflatesTo(engine: DeflateEngine, stream: Uint8Array, { bytes, dictionaryLength, isLast }: Piece): boolean {
  engine.input.set(bytes);
  engine.stream.set(stream);
  return engine.inflatesTo(stream.length, dictionaryLength, bytes.length - dictionaryLength, isLast);
}

/** The stream of the piece by node:zlib, in one of its manners. */
function byZlib({ bytes, dictionaryLength, isLast, level }: Piece, random: RandomInteger): Buffer {
  const { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED, Z_FINISH, Z_SYNC_FLUSH } = constants;
  const strategies = [Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED];
  return deflateRawSync(bytes.subarray(dictionaryLength), {
    level: Math.min(level, 9),
    memLevel: 1 + random(9),
    strategy: strategies[random(strategies.length)] ?? Z_DEFAULT_STRATEGY,
    finishFlush: isLast ? Z_FINISH : Z_SYNC_FLUSH,
    ...(dictionaryLength > 0 && { dictionary: bytes.subarray(0, dictionaryLength) }),
  });
}

/** Changes, removes, doubles or appends a few bytes; most changes are at the beginning, where the codes are. */
function damage(stream: Uint8Array, random: RandomInteger): Buffer {
  const bytes = Buffer.from(stream);
  const at = random(random(2) === 0 ? Math.min(bytes.length, 80) : bytes.length);
  switch (random(6)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes, Buffer.from([random(256)])]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 1))]);
    default:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      return bytes;
  }
}

const engines: [string, DeflateEngine][] = [
  ['wasm', freshEngine()],
  ['zlib', createEngine('zlib')],
];

for (const [name, engine] of engines) {
  describe(`the engine '${name}'`, () => {
    test('accepts the streams of node:zlib, of all strategies and levels, and its own', () => {
      const random = createRandom(1);
      for (const { piece, description } of drawCases(400, 2)) {
        assert.ok(inflatesTo(engine, byZlib(piece, random), piece), description);
        engine.input.set(piece.bytes);
        const { dictionaryLength, isLast, level, bytes } = piece;
        const own = engine.deflate(dictionaryLength, bytes.length - dictionaryLength, isLast, level).slice();
        assert.ok(inflatesTo(engine, own, piece), `its own: ${description}`);
      }
    });

    test('accepts stored blocks', () => {
      const bytes = Buffer.alloc(200_000, 'stored');
      const piece = { bytes, dictionaryLength: 0, isLast: true, level: 0 };
      assert.ok(inflatesTo(engine, encodeStoredBlocks(bytes, true), piece));
      assert.ok(inflatesTo(engine, encodeStoredBlocks(bytes, false), { ...piece, isLast: false }));
      assert.ok(!inflatesTo(engine, encodeStoredBlocks(bytes, true), { ...piece, isLast: false }));
    });

    test('rejects content that differs in one byte, or is shorter or longer', () => {
      const bytes = Buffer.alloc(3000, 'a match, and another match, ');
      const stream = deflateRawSync(bytes);
      const piece = { bytes, dictionaryLength: 0, isLast: true, level: 6 };
      assert.ok(inflatesTo(engine, stream, piece));
      for (let at = 0; at < bytes.length; at += 1 + (at >> 3)) {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ 0x20;
        assert.ok(!inflatesTo(engine, stream, { ...piece, bytes: other }), `byte ${at}`);
      }
      assert.ok(!inflatesTo(engine, stream, { ...piece, bytes: bytes.subarray(0, -1) }));
      assert.ok(!inflatesTo(engine, stream, { ...piece, bytes: Buffer.concat([bytes, Buffer.from('a')]) }));
    });

    test('rejects a match that reaches beyond the beginning of the dictionary', () => {
      const bytes = Buffer.from('abcdefghijklmnopqrstuvwxyz'.repeat(4));
      const stream = deflateRawSync(bytes.subarray(26), { dictionary: bytes.subarray(0, 26) });
      const piece = { bytes, dictionaryLength: 26, isLast: true, level: 6 };
      assert.ok(inflatesTo(engine, stream, piece));
      assert.ok(!inflatesTo(engine, stream, { ...piece, bytes: bytes.subarray(20), dictionaryLength: 6 }));
    });
  });
}

test("the engine 'wasm' says of damaged streams what node:zlib says, and compresses as before", () => {
  const cases = Number(process.env.PZIP_INFLATE_CASES ?? 1000);
  const engine = freshEngine();
  const seed = process.env.PZIP_INFLATE_CASES === undefined ? 3 : Date.now() % 2 ** 32;
  const random = createRandom(seed);
  let accepted = 0;
  for (const { piece, description } of drawCases(cases, seed)) {
    const { bytes, dictionaryLength, isLast, level } = piece;
    const data = bytes.subarray(dictionaryLength);
    const dictionary = dictionaryLength > 0 ? bytes.subarray(0, dictionaryLength) : NO_DICTIONARY;
    const stream = damage(byZlib(piece, random), random);
    if (stream.length > engine.stream.length) continue;
    const says = inflatesTo(engine, stream, piece);
    if (says) accepted++;
    assert.equal(says, zlibInflatesTo(stream, dictionary, data, isLast), `seed ${seed}: ${description}`);
    if (data.length === 0 || random(20) > 0) continue;
    const after = engine.deflate(dictionaryLength, data.length, isLast, level).slice();
    const fresh = freshEngine();
    fresh.input.set(bytes);
    assert.deepEqual(after, fresh.deflate(dictionaryLength, data.length, isLast, level), description);
  }
  assert.ok(accepted > cases / 1000, `${accepted} of ${cases} accepted`);
});
