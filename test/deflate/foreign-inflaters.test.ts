// Interoperability: the engine's output is inflated by third-party inflaters, not only by node:zlib.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { createEngine } from '../../dist/deflate/create-engine.js';
import { MAX_DICTIONARY_LENGTH } from '../../dist/deflate/engine.js';
import { type CompressionLevel, ZipArchive } from '../../dist/index.js';
import { sha256Of } from '../helpers/compare-trees.js';
import { checkWithEveryReader, findPrograms } from '../helpers/foreign-readers.js';
import { runProcess } from '../helpers/run-process.js';
import { casesOf } from '../helpers/slow-suite.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { INPUTS } from './inputs.js';
import { createRandom, deflatePiece } from './pieces.js';

const LEVELS: readonly CompressionLevel[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const engine = createEngine('wasm');

/** One stream of chunks of a given length, each with the bytes before it as dictionary. */
function deflateInPieces(bytes: Uint8Array, pieceLength: number, level: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += pieceLength) {
    const dictionaryLength = Math.min(start, MAX_DICTIONARY_LENGTH);
    const end = Math.min(start + pieceLength, bytes.length);
    const piece = bytes.subarray(start - dictionaryLength, end);
    pieces.push(deflatePiece(engine, { bytes: piece, dictionaryLength, isLast: end === bytes.length, level }));
  }
  return Buffer.concat(pieces);
}

/** RFC 1952: a header without name and date, the stream, CRC-32 and length. */
function asGzip(stream: Uint8Array, content: Uint8Array): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(content), 0);
  trailer.writeUInt32LE(content.length, 4);
  return Buffer.concat([Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff), stream, trailer]);
}

for (const program of ['libdeflate-gunzip', 'gzip'] as const) {
  test(`${program} inflates every kind of input at every level, as one chunk and as several`, async (t) => {
    if (findPrograms([program]).length === 0) return;
    const folder = await inTemporaryDirectory(t);
    const contents = new Map<string, Uint8Array>();
    for (const [kind, makeInput] of Object.entries(INPUTS)) {
      const bytes = makeInput(40_000, createRandom(1));
      for (const level of casesOf(LEVELS, (level) => level % 2 === Number(program === 'gzip') || level === 10)) {
        const pieceLength = [40_000, 11_000, 33_333][level % 3] ?? 0;
        const name = `${kind}-${level}`;
        writeFileSync(join(folder, `${name}.gz`), asGzip(deflateInPieces(bytes, pieceLength, level), bytes));
        contents.set(name, bytes);
      }
    }
    const files = [...contents.keys()].map((name) => `${name}.gz`);
    const { code, stderr } = await runProcess(program, ['-d', ...files], { cwd: folder });
    assert.deepEqual([code, stderr], [0, '']);
    for (const [name, bytes] of contents) assert.ok(readFileSync(join(folder, name)).equals(bytes), name);
  });
}

test('every archive reader inflates every kind of input at every level, and entries of several chunks', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'out.zip');
  const archive = new ZipArchive(path);
  const expected = new Map<string, { sha256: string; size: number }>();
  const add = (name: string, bytes: Uint8Array, level: CompressionLevel): void => {
    archive.addBuffer(name, bytes, { level });
    expected.set(name, { sha256: sha256Of(bytes), size: bytes.length });
  };
  for (const [kind, makeInput] of Object.entries(INPUTS)) {
    const bytes = makeInput(50_000, createRandom(2));
    for (const level of casesOf(LEVELS, (level) => [1, 4, 7, 10].includes(level)))
      add(`${kind}-${level}`, bytes, level);
  }
  const long = INPUTS.mixture?.(1_500_000, createRandom(3)) ?? new Uint8Array();
  for (const level of [1, 6, 9] as const) add(`long-${level}`, long, level);
  const { engine: name } = await archive.close();
  assert.equal(name, 'wasm');
  await checkWithEveryReader(path, expected);
});
