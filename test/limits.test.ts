import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Writable } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { constants, crc32, deflateRawSync } from 'node:zlib';
import { crc32Combine } from '../dist/compress/crc32-combine.js';
import { checkArchive, createArchive, ZipArchive } from '../dist/index.js';
import { ArchiveWriter } from '../dist/output/archive-writer.js';
import type { EntryPiece, LargeEntry } from '../dist/output/large-entry.js';
import { NodeStreamSink } from '../dist/output/stream/stream-sink.js';
import { encodeEntryText } from '../dist/zip/entry-facts.js';
import { checkWithEveryReader, type ExpectedEntry, findPrograms, type ReaderName } from './helpers/foreign-readers.js';
import { runProcess } from './helpers/run-process.js';
import { runPzip } from './helpers/run-pzip.js';
import { casesOf, isSlowSuite } from './helpers/slow-suite.js';
import { inTemporaryDirectory, makeSparseFile } from './helpers/trees.js';
import { assertCleanAnatomy } from './helpers/zip-anatomy.js';

/** Those that need no file for each entry, and about a second for 65,536. */
const FASTEST: readonly ReaderName[] = ['unzip test', '7zz test', 'zipcmp test'];
/** Those that need a few seconds. */
const QUICK: readonly ReaderName[] = [...FASTEST, 'ziptool consistency', 'java ZipFile', 'go'];

const FOUR_GIB = 2 ** 32;

describe('65,535 entries, the number that the end record cannot hold', () => {
  const counts: readonly (readonly [count: number, hasZip64End: boolean])[] = [
    [65_534, false],
    [65_535, true],
    [65_536, true],
  ];
  // The numbers beside it are what end-of-archive.test.ts and predict-size.test.ts are about, without an archive.
  for (const [count, hasZip64End] of casesOf(counts, ([count]) => count === 65_535)) {
    test(`${count} entries are read back ${hasZip64End ? 'with' : 'without'} zip64`, async (t) => {
      const file = path.join(await inTemporaryDirectory(t), 'many.zip');
      const archive = new ZipArchive(file);
      const expected = new Map<string, ExpectedEntry>();
      for (let i = 0; i < count; i++) {
        const [name, content] = [`folder-${i % 256}/${i}`, i % 3 === 0 ? String(i) : ''];
        archive.addBuffer(name, content);
        expected.set(name, { size: content.length });
      }
      assert.equal((await archive.close()).entryCount, count);
      const anatomy = assertCleanAnatomy(await readFile(file), { output: 'file' });
      assert.equal(anatomy.entries.length, count);
      assert.equal(anatomy.hasZip64End, hasZip64End);
      for await (const finding of checkArchive(file)) assert.fail(JSON.stringify(finding));
      await checkWithEveryReader(file, expected, { readers: isSlowSuite ? QUICK : FASTEST });
    });
  }
});

describe('4 GiB', () => {
  // Compressing all of it takes ten seconds; streams.test.ts has such an entry written to a file without that.
  test('are crossed by the size of an entry, in a file', { skip: !isSlowSuite }, async (t) => {
    const { cwd, at } = await withSparseFile(t, FOUR_GIB + 5);
    const { code, stderr } = await runPzip([at('file.zip'), '-1', 'large', 'small'], { cwd });
    assert.equal(code, 0, stderr);
    const { entries } = assertCleanAnatomy(at('file.zip'), { output: 'file' });
    assert.equal(entries[0]?.uncompressedSize, FOUR_GIB + 5);
    assert.equal(entries[0].localHasZip64, true);
    await assertEntryBehindIsFound(at('file.zip'));
    await checkWithEveryReader(at('file.zip'), SMALL_AND_LARGE, { readers: ['unzip test', '7zz test'] });
  });

  test('are crossed by the offset of an entry in a stream', async (t) => {
    const stream = path.join(await inTemporaryDirectory(t), 'stream.zip');
    const writer = new ArchiveWriter(new NodeStreamSink(new SparseFileSink(stream)));
    await writer.writeLarge(entryOf('large', storedBlocksOfZeros(FOUR_GIB)));
    await writer.writeLarge(entryOf('small', lastPiece('small')));
    await writer.finish(Buffer.alloc(0));
    assert.ok((assertCleanAnatomy(stream).entries[1]?.offset ?? 0) > FOUR_GIB);
    await assertEntryBehindIsFound(stream);
  });

  // Compressing and reading all of it takes half a minute.
  test('are crossed by both sizes of an entry and the offset of the next, in a stream', {
    skip: !isSlowSuite,
  }, async (t) => {
    const { cwd, at } = await withSparseFile(t, FOUR_GIB + 5);
    await createArchive(new SparseFileSink(at('stream.zip')), ['large', 'small'], { cwd, level: 0 });
    const { entries } = assertCleanAnatomy(at('stream.zip'));
    assert.ok((entries[1]?.offset ?? 0) > FOUR_GIB);
    await checkWithEveryReader(at('stream.zip'), SMALL_AND_LARGE, { readers: ['7zz test'] });
    await assertEntryBehindIsFound(at('stream.zip'));
  });
});

/** By programs that need half a minute for the entry before it; where the entry behind lies is what could go wrong. */
async function assertEntryBehindIsFound(archive: string): Promise<void> {
  for (const [program, ...args] of [
    ['unzip', '-p', archive, 'small'],
    ['7zz', 'x', '-so', archive, 'small'],
  ] as const) {
    if (findPrograms([program]).length === 0) continue;
    const { code, stdout } = await runProcess(program, args);
    assert.deepEqual([code, stdout.toString()], [0, 'small'], program);
  }
}

function entryOf(name: string, pieces: AsyncIterable<EntryPiece>): LargeEntry {
  return {
    description: {
      ...encodeEntryText(name),
      mode: 0o100644,
      lastModFileTime: 0,
      lastModFileDate: 33,
      unixTime: Number.NaN,
    },
    uncompressedSize: undefined,
    sizeHint: FOUR_GIB,
    pieces,
    reread: undefined,
    onPieceWritten: () => {},
  };
}

/** A deflate stream that is longer than its content, as that of random data is. */
async function* storedBlocksOfZeros(size: number): AsyncGenerator<EntryPiece> {
  const zeros = Buffer.alloc(16 * 2 ** 20);
  const crcOfZeros = crc32(zeros);
  const bytes = new Uint8Array(deflateRawSync(zeros, { level: 0, finishFlush: constants.Z_SYNC_FLUSH }));
  let crc = 0;
  for (let given = 0; given < size; given += zeros.length) {
    crc = crc32Combine(crc, crcOfZeros, zeros.length);
    yield { bytes, isDeflated: true, isLast: false, crc32: crc, uncompressedSize: zeros.length };
  }
  yield* lastPiece('end', crc);
}

async function* lastPiece(text: string, crcBefore = 0): AsyncGenerator<EntryPiece> {
  const bytes = new Uint8Array(deflateRawSync(text));
  const crc = crc32Combine(crcBefore, crc32(text), text.length);
  yield { bytes, isDeflated: true, isLast: true, crc32: crc, uncompressedSize: text.length };
}

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
    this.#writeContent(block, this.#position);
    this.#position += block.length;
    callback();
  }

  /** Halves what is not all zeros, down to a page: few comparisons for long stretches of zeros. */
  #writeContent(bytes: Buffer, position: number): void {
    if (bytes.length <= ZEROS.length && bytes.equals(ZEROS.subarray(0, bytes.length))) return;
    if (bytes.length <= PAGE) {
      writeSync(this.#fd, bytes, 0, bytes.length, position);
      return;
    }
    const middle = bytes.length >> 1;
    this.#writeContent(bytes.subarray(0, middle), position);
    this.#writeContent(bytes.subarray(middle), position + middle);
  }

  override _final(callback: () => void): void {
    ftruncateSync(this.#fd, this.#position);
    closeSync(this.#fd);
    callback();
  }
}
const PAGE = 4096;
const ZEROS = Buffer.alloc(8 * PAGE);
