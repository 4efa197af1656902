import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { createArchive, ZipArchive } from '../dist/index.js';
import { checkWithEveryReader, type ExpectedEntry, type ReaderName } from './helpers/foreign-readers.js';
import { runProcess } from './helpers/run-process.js';
import { runPzip } from './helpers/run-pzip.js';
import { inTemporaryDirectory, makeSparseFile } from './helpers/trees.js';
import { assertCleanAnatomy } from './helpers/zip-anatomy.js';

/** Those that need no file for each entry, and at most a few seconds for 65,536. */
const QUICK: ReaderName[] = ['unzip test', '7zz test', 'ziptool consistency', 'zipcmp test', 'java ZipFile', 'go'];

const FOUR_GIB = 2 ** 32;

describe('65,535 entries, the number that the end record cannot hold', () => {
  for (const [count, hasZip64End] of [
    [65_534, false],
    [65_535, true],
    [65_536, true],
  ] as const) {
    test(`${count} entries are read back ${hasZip64End ? 'with' : 'without'} zip64`, async (t) => {
      const file = path.join(await inTemporaryDirectory(t), 'many.zip');
      const archive = new ZipArchive(file);
      const expected = new Map<string, ExpectedEntry>();
      for (let i = 0; i < count; i++) {
        const [name, content] = [`folder-${i % 256}/${i}`, i % 3 === 0 ? String(i) : ''];
        archive.addBuffer(name, content);
        expected.set(name, { size: content.length });
      }
      assert.equal((await archive.close()).entries, count);
      const anatomy = assertCleanAnatomy(file, { output: 'file' });
      assert.equal(anatomy.entries.length, count);
      assert.equal(anatomy.hasZip64End, hasZip64End);
      await checkWithEveryReader(file, expected, { readers: QUICK });
    });
  }
});

describe('4 GiB', () => {
  test('are crossed by the size of an entry, in a file', async (t) => {
    const { cwd, at } = await withSparseFile(t, FOUR_GIB + 5);
    const { code, stderr } = await runPzip([at('file.zip'), '-1', 'large', 'small'], { cwd });
    assert.equal(code, 0, stderr);
    const { entries } = assertCleanAnatomy(at('file.zip'), { output: 'file' });
    assert.equal(entries[0]?.uncompressedSize, FOUR_GIB + 5);
    assert.equal(entries[0].localHasZip64, true);
    await checkWithEveryReader(at('file.zip'), SMALL_AND_LARGE, { readers: ['unzip test', '7zz test'] });
  });

  test('are crossed by both sizes of an entry and the offset of the next, in a stream', async (t) => {
    const { cwd, at } = await withSparseFile(t, FOUR_GIB + 5);
    await createArchive(new SparseFileSink(at('stream.zip')), ['large', 'small'], { cwd, level: 0 });
    const { entries } = assertCleanAnatomy(at('stream.zip'));
    assert.ok((entries[1]?.offset ?? 0) > FOUR_GIB);
    await checkWithEveryReader(at('stream.zip'), SMALL_AND_LARGE, { readers: ['7zz test'] });
    // unzip would take half a minute for all of it; the entry behind is where an offset could go wrong.
    const { code, stdout } = await runProcess('unzip', ['-p', at('stream.zip'), 'small']);
    assert.deepEqual([code, stdout.toString()], [0, 'small']);
  });
});

const SMALL_AND_LARGE = new Map([
  ['large', { size: FOUR_GIB + 5 }],
  ['small', { size: 5 }],
]);

async function withSparseFile(t: TestContext, size: number): Promise<{ cwd: string; at(name: string): string }> {
  const folder = await inTemporaryDirectory(t);
  await makeSparseFile(path.join(folder, 'large'), size, new Map([[size - 5, 'large']]));
  await makeSparseFile(path.join(folder, 'small'), 5, new Map([[0, 'small']]));
  return { cwd: folder, at: (name) => path.join(folder, name) };
}

/** Leaves holes where zeros are written, so that gigabytes of them take no room and no time. */
class SparseFileSink extends Writable {
  readonly #fd: number;
  #position = 0;

  constructor(file: string) {
    super();
    this.#fd = openSync(file, 'w');
  }

  override _write(block: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    for (let at = 0; at < block.length; at += ZEROS.length) {
      const page = block.subarray(at, at + ZEROS.length);
      if (!page.equals(ZEROS.subarray(0, page.length))) writeSync(this.#fd, page, 0, page.length, this.#position + at);
    }
    this.#position += block.length;
    callback();
  }

  override _final(callback: () => void): void {
    ftruncateSync(this.#fd, this.#position);
    closeSync(this.#fd);
    callback();
  }
}
const ZEROS = Buffer.alloc(4096);
