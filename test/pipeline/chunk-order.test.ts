import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Compressor } from '../../dist/compress/compressor.js';
import type { ChunkResult, ChunkTask } from '../../dist/compress/tasks.js';
import { createEngine } from '../../dist/deflate/create-engine.js';
import { MAX_PIECE_LENGTH } from '../../dist/deflate/engine.js';
import { freshEngine } from '../deflate/pieces.js';
import { inTemporaryDirectory, randomBytes, textOf } from '../helpers/trees.js';

/** Incompressible throughout, at neither end, in the middle only, not at all; the last piece is too short to be probed. */
const PIECES = [
  randomBytes(MAX_PIECE_LENGTH, 1),
  randomBytes(MAX_PIECE_LENGTH, 2),
  Buffer.concat([randomBytes(MAX_PIECE_LENGTH - 9000, 3), textOf(9000, 3)]),
  Buffer.concat([textOf(9000, 4), randomBytes(MAX_PIECE_LENGTH - 9000, 4)]),
  Buffer.concat([
    textOf(MAX_PIECE_LENGTH / 4, 5),
    randomBytes(MAX_PIECE_LENGTH / 2, 5),
    textOf(MAX_PIECE_LENGTH / 4, 6),
  ]),
  textOf(MAX_PIECE_LENGTH, 7),
  randomBytes(50_000, 8),
];

test('a chunk does not show what the thread did before, nor whether it was lent memory', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'file');
  await writeFile(path, Buffer.concat(PIECES));
  const { size, mtimeMs, ctimeMs, dev, ino } = await stat(path);
  const file = { path, size, mtimeMs, ctimeMs, dev, ino, isFollowed: false };
  const task = (index: number, level: number, output?: SharedArrayBuffer): ChunkTask => {
    const start = index * MAX_PIECE_LENGTH;
    const end = Math.min(size, start + MAX_PIECE_LENGTH);
    return {
      input: { ...file, start, end, onChange: 'error', isPrimed: true },
      isLast: end === size,
      level,
      output,
    };
  };
  const compressor = new Compressor(createEngine('wasm'));
  for (const level of [0, 1, 6]) {
    for (const index of PIECES.keys()) {
      const fresh = new Compressor(freshEngine()).compressChunk(task(index, level));
      assert.equal(fresh.failure, undefined);
      for (const before of [0, 5]) {
        compressor.compressChunk(task(before, 6));
        assertSame(compressor.compressChunk(task(index, level, new SharedArrayBuffer(2 * MAX_PIECE_LENGTH))), fresh);
      }
    }
  }
});

function assertSame(actual: ChunkResult, expected: ChunkResult): void {
  assert.deepEqual({ ...actual, bytes: undefined }, { ...expected, bytes: undefined });
  assert.ok(Buffer.from(actual.bytes).equals(expected.bytes));
}
