import assert from 'node:assert/strict';
import { stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { crc32, inflateRawSync } from 'node:zlib';
import { Compressor } from '../../dist/compress/compressor.js';
import type { ChunkTask, FileRange, OnChange, SourceChange } from '../../dist/compress/tasks.js';
import { createEngine } from '../../dist/deflate/create-engine.js';
import { MAX_PIECE_LENGTH } from '../../dist/deflate/engine.js';
import { Budget } from '../../dist/pipeline/budget.js';
import { inOrder, type Piece, type SentChunk } from '../../dist/pipeline/ordered-chunks.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';

const LENGTH = 2 * MAX_PIECE_LENGTH + 300_000;

/**
 * The chunks of a file whose second one is compressed when other bytes are at the end of the first, as a program leaves them
 * that writes through a memory map: none of the file's times shows it.
 */
async function tornFile(t: TestContext): Promise<{ before: Buffer; after: Buffer; chunks: SentChunk[] }> {
  const path = join(await inTemporaryDirectory(t), 'file');
  const before = Buffer.from(textOf(LENGTH, 1));
  const after = Buffer.from(before);
  for (let at = MAX_PIECE_LENGTH - 20_000; at < MAX_PIECE_LENGTH; at++) after[at] = before[at + 5000] ?? 0;
  const chunks: SentChunk[] = [];
  const compressor = new Compressor(createEngine('wasm'));
  for (const [index, content] of [before, after, after].entries()) {
    await writeFile(path, content);
    await utimes(path, 1, 1);
    const { size, mtimeMs, ctimeMs, dev, ino } = await stat(path);
    const start = index * MAX_PIECE_LENGTH;
    const end = Math.min(start + MAX_PIECE_LENGTH, size);
    const state = { path, size, mtimeMs, ctimeMs, dev, ino, isFollowed: false };
    const range: FileRange = { ...state, start, end, onChange: 'error', isPrimed: true };
    const isLast = end === size;
    const task: ChunkTask = { input: range, isLast, level: 6, output: undefined };
    chunks.push({ result: Promise.resolve(compressor.compressChunk(task)), range, level: 6, isLast });
  }
  return {
    before,
    after,
    chunks: await Promise.all(chunks.map(async (chunk) => ({ ...chunk, range: await now(chunk) }))),
  };
}

async function now({ range }: SentChunk): Promise<FileRange | undefined> {
  return range === undefined ? undefined : rangeNow(range);
}

async function rangeNow(range: FileRange): Promise<FileRange> {
  const { mtimeMs, ctimeMs } = await stat(range.path);
  return { ...range, mtimeMs, ctimeMs };
}

async function* inTurn(chunks: readonly SentChunk[]): AsyncGenerator<SentChunk> {
  yield* chunks;
}

interface Joined {
  readonly pieces: Piece[];
  readonly content: Buffer;
  readonly changes: SourceChange[];
  readonly repeated: ChunkTask[];
}

async function joined(chunks: readonly SentChunk[], onChange: OnChange): Promise<Joined> {
  const changes: SourceChange[] = [];
  const repeated: ChunkTask[] = [];
  const pieces: Piece[] = [];
  const compressor = new Compressor(createEngine('wasm'));
  const options = {
    entryName: 'file',
    onChange,
    run: async (task: ChunkTask) => {
      repeated.push(task);
      return compressor.compressChunk(task);
    },
    budget: new Budget(1),
    warnOfChange: (change: SourceChange) => changes.push(change),
  };
  for await (const piece of inOrder(inTurn(chunks), options)) pieces.push(piece);
  return { pieces, changes, repeated, content: inflateRawSync(Buffer.concat(pieces.map(({ bytes }) => bytes))) };
}

test('a chunk whose dictionary is not what the chunk before was made of is a change of the file', async (t) => {
  const { chunks } = await tornFile(t);
  for (const onChange of ['error', 'retry'] as const) {
    await assert.rejects(joined(chunks, onChange), pzipError('PZIP_SOURCE_CHANGED', 'written while it was read'));
  }
});

test('where a change is a warning, such a chunk is compressed once more without a dictionary', async (t) => {
  const { before, after, chunks } = await tornFile(t);
  const { pieces, content, changes, repeated } = await joined(chunks, 'warn');
  const expected = Buffer.concat([before.subarray(0, MAX_PIECE_LENGTH), after.subarray(MAX_PIECE_LENGTH)]);
  assert.ok(content.equals(expected));
  assert.equal(pieces.at(-1)?.crc32, crc32(expected));
  assert.deepEqual(
    changes.map(({ how }) => how),
    ['it was written while it was read'],
  );
  assert.equal(repeated.length, 1);
});

test('the chunks of a file at rest are compressed once', async (t) => {
  const { after, chunks } = await tornFile(t);
  const [, second, third] = chunks;
  assert.ok(second?.range !== undefined && third !== undefined);
  const range = { ...second.range, start: 0, end: MAX_PIECE_LENGTH };
  const task: ChunkTask = { input: range, isLast: false, level: 6, output: undefined };
  const result = Promise.resolve(new Compressor(createEngine('wasm')).compressChunk(task));
  const { content, repeated } = await joined([{ ...second, result, range }, second, third], 'error');
  assert.ok(content.equals(after));
  assert.equal(repeated.length, 0);
});
