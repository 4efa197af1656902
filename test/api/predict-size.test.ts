import assert from 'node:assert/strict';
import { stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { after, test } from 'node:test';
import { type ArchiveEntry, createPool, type PredictSizeOptions, predictSize, ZipArchive } from '../../dist/index.js';
import { casesOf, isSlowSuite } from '../helpers/slow-suite.js';
import { inTemporaryDirectory, randomBytes } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';

const MIB = 1024 * 1024;

/** One for most archives: starting threads takes longer than these. */
const pool = createPool({ threads: 2 });
after(() => pool.close());

/** Counts, and keeps nothing. */
class CountingSink extends Writable {
  bytes = 0;

  override _write(block: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.bytes += block.length;
    callback();
  }
}

async function lengthInStream(entries: Iterable<ArchiveEntry>, options: PredictSizeOptions = {}): Promise<number> {
  const { target, ...archiveOptions } = options;
  const sink = new CountingSink();
  const archive = new ZipArchive(sink, { level: 0, pool, ...archiveOptions });
  await archive.addEntries(entries);
  await archive.close();
  return sink.bytes;
}

function* manyEntries(count: number): Generator<ArchiveEntry> {
  for (let index = 0; index < count; index++) yield { name: `entry ${index}`, data: 'x' };
}

test('the predicted size is that of the archive in a stream, whatever is in it', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const path = join(folder, 'file');
  await writeFile(path, randomBytes(MIB + 1, 1));
  const chunks = [randomBytes(MIB, 2), randomBytes(70_000, 3)];
  const entries: ArchiveEntry[] = [
    { name: 'empty', data: '' },
    { name: 'naïve 🔗', data: 'text', comment: 'ü' },
    { name: 'file', path },
    { name: 'folder', directory: true },
    { name: 'link', linkTarget: 'naïve 🔗' },
    { name: 'a piece', data: new Uint8Array(MIB) },
    { name: 'a piece and a byte', data: new Uint8Array(MIB + 1) },
    { name: 'two pieces', data: new Uint8Array(2 * MIB) },
    { name: 'stream', stream: () => Readable.from(chunks), size: MIB + 70_000 },
    { name: 'blob', data: new Blob([new Uint8Array(65_535 * 2)]) },
  ];
  for (const options of [{}, { comment: 'of the archive' }, { extendedTimestamps: false }]) {
    const predicted = predictSize(entries, { level: 0, ...options });
    assert.equal(await lengthInStream(entries, options), predicted);
    const zip = join(folder, 'archive.zip');
    const archive = new ZipArchive(zip, { level: 0, pool, ...options });
    await archive.addEntries(entries);
    await archive.close();
    assert.equal((await stat(zip)).size, predictSize(entries, { level: 0, target: 'file', ...options }));
  }
});

test('the predicted size is exact on both sides of 65,535 entries', async () => {
  for (const count of casesOf([0, 1, 65_534, 65_535, 65_536], (count) => count < 65_536)) {
    const predicted = predictSize(manyEntries(count), { level: 0 });
    assert.equal(await lengthInStream(manyEntries(count)), predicted, `${count} entries`);
  }
});

/** Making the archive takes 15 seconds, so the fast suite compares with this length of it. */
const SIZE_BEYOND_4_GIB = 4_295_328_215;

test('the predicted size is exact beyond 4 GiB, for an entry and for what comes behind it', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'sparse');
  await writeFile(path, '');
  await truncate(path, 2 ** 32 + 12_345);
  const entries: ArchiveEntry[] = [
    { name: 'large', path },
    { name: 'behind', data: 'x' },
  ];
  assert.equal(predictSize(entries, { level: 0 }), SIZE_BEYOND_4_GIB);
  if (isSlowSuite) assert.equal(await lengthInStream(entries), SIZE_BEYOND_4_GIB);
});

test("an unknown size is rejected with the entry's name", () => {
  const refused = (entry: ArchiveEntry, options: PredictSizeOptions, ...words: string[]) =>
    assert.throws(() => predictSize([entry], options), pzipError('PZIP_USAGE', ...words));
  refused({ name: 'a', data: 'deflated' }, {}, "'a'", 'not stored');
  refused({ name: 'b', stream: () => Readable.from([]), store: true }, {}, "'b'", 'size');
  refused({ name: 'c', data: 'x', level: 3 }, { level: 0 }, "'c'", 'not stored');
  assert.ok(predictSize([{ name: 'd', data: 'x', store: true }]) > 0);
});

test('a pool and the archives it serves make what they make without it', async () => {
  await using pool = createPool({ threads: 2 });
  const sink = new CountingSink();
  const archive = new ZipArchive(sink, { level: 0, pool });
  await archive.addEntries(manyEntries(100));
  await archive.close();
  assert.equal(sink.bytes, predictSize(manyEntries(100), { level: 0 }));
});
