import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { createArchive, createPool, ZipArchive } from '../dist/index.js';
import { readTree, type Tree } from './helpers/compare-trees.js';
import { CollectingSink } from './helpers/failing-sinks.js';
import { checkWithEveryReader, expectedOfTree, type ReaderName } from './helpers/foreign-readers.js';
import { runPzip } from './helpers/run-pzip.js';
import { casesOf, isSlowSuite } from './helpers/slow-suite.js';
import {
  buildTree,
  DEFAULT_MTIME,
  everySize,
  inTemporaryDirectory,
  randomBytes,
  type TreeItem,
  type TreePlan,
  textOf,
} from './helpers/trees.js';
import { type AnatomyEntry, assertCleanAnatomy } from './helpers/zip-anatomy.js';

/** One for most tests: starting threads takes longer than their archives. */
const pool = createPool({ threads: 2 });
after(() => pool.close());

/** What these read is found without the central directory. */
const BY_LOCAL_HEADERS: readonly ReaderName[] = ['bsdtar pipe', 'java ZipInputStream'];

/** Those that differ most in how they read a data descriptor. Round trips have a pipe read by all of them. */
const OF_DESCRIPTORS: readonly ReaderName[] = [...BY_LOCAL_HEADERS, 'unzip test', '7zz test', 'ziptool consistency'];

/** Bytes of a piece in compress/plan.ts: what is longer goes in several. */
const CHUNK = 1024 * 1024;

describe('sizes at which the bytes take another road', () => {
  test('come back from every reader, from a file and from a pipe', async (t) => {
    const { cwd, at, tree } = await treeOf(t, everySize(CHUNK));
    assert.equal((await runPzip([at('file.zip'), '.'], { cwd })).code, 0);
    const piped = await runPzip(['-', '.'], { cwd });
    assert.equal(piped.code, 0, piped.stderr);
    await writeFile(at('pipe.zip'), piped.stdout);

    assertHolds(assertCleanAnatomy(at('file.zip'), { output: 'file' }).entries, tree);
    const { entries } = assertCleanAnatomy(at('pipe.zip'));
    assertHolds(entries, tree);
    for (const { name, hasDescriptor, uncompressedSize } of entries) {
      assert.equal(hasDescriptor, uncompressedSize > CHUNK, `${name}: only what is chunked has a descriptor`);
    }
    await checkWithEveryReader(at('file.zip'), expectedOfTree(tree));
    const readers = isSlowSuite ? {} : { readers: OF_DESCRIPTORS };
    await checkWithEveryReader(at('pipe.zip'), expectedOfTree(tree), readers);
  });

  test('are the same from buffers as from files', async (t) => {
    const plan = everySize(CHUNK);
    const { cwd, at } = await treeOf(t, plan);
    await createArchive(at('files.zip'), '.', { cwd, pool });
    const archive = new ZipArchive(at('buffers.zip'), { pool });
    const mtime = new Date(DEFAULT_MTIME * 1000);
    const names = [...plan.keys()].sort(); // ASCII, so this is the order of their bytes
    for (const [i, name] of names.entries()) {
      archive.addBuffer(name, insideOfALargerBuffer(contentOf(plan.get(name)), i), { mtime });
    }
    await archive.close();
    assert.ok((await readFile(at('files.zip'))).equals(await readFile(at('buffers.zip'))));
  });

  const levels = [0, 1, 2, 3, 4, 5, 7, 8, 9] as const;
  for (const level of casesOf(levels, (level) => level < 2 || level === 9)) {
    test(`hold at level ${level}, to a file and to a stream`, async (t) => {
      const sizes = [1, 32768, CHUNK + 1];
      const { cwd, at, tree } = await treeOf(
        t,
        only(everySize(CHUNK), (name) => sizes.includes(sizeIn(name))),
      );
      await createArchive(at('file.zip'), '.', { cwd, level, pool });
      const sink = new CollectingSink();
      await createArchive(sink, '.', { cwd, level, pool });
      assertHolds(assertCleanAnatomy(at('file.zip'), { output: 'file' }).entries, tree);
      assertHolds(assertCleanAnatomy(sink.bytes).entries, tree);
    });
  }
});

describe('an entry that does not shrink', () => {
  test('is stored in a file, whether it is chunked or not', async (t) => {
    const entries = await entriesInFile(t, [1000, CHUNK, CHUNK + 1, 3 * CHUNK], randomBytes);
    for (const { name, compressionMethod, compressedSize, uncompressedSize } of entries) {
      assert.deepEqual([compressionMethod, compressedSize], [0, uncompressedSize], name);
    }
  });

  test('grows by next to nothing in a pipe, where a chunked one cannot be stored', async (t) => {
    const { cwd } = await treeOf(t, sized([1000, CHUNK, CHUNK + 1, 3 * CHUNK], randomBytes));
    const sink = new CollectingSink();
    await createArchive(sink, '.', { cwd, pool });
    for (const { name, compressionMethod, compressedSize, uncompressedSize } of assertCleanAnatomy(sink.bytes)
      .entries) {
      assert.equal(compressionMethod, uncompressedSize > CHUNK ? 8 : 0, name);
      const mostBytes = uncompressedSize + 5 * Math.ceil(uncompressedSize / 65_535) + 64;
      assert.ok(compressedSize <= mostBytes, `${name}: ${compressedSize} of ${uncompressedSize} bytes`);
    }
  });

  test('is deflated after all for one stretch, whatever the chunks before it were', async (t) => {
    // What follows such data is read to where it is stored, and looked at there.
    const data = randomBytes(6 * CHUNK, 7);
    for (let i = 3 * CHUNK + 300_000; i < 3 * CHUNK + 400_000; i++) data[i] = (data[i] ?? 0) & 0x7f;
    const { cwd, at } = await treeOf(t, new Map<string, TreeItem>([['random', { kind: 'file', data }]]));
    const sizes = [];
    for (const threads of [1, 2]) {
      await createArchive(at(`${threads}.zip`), '.', { cwd, threads });
      const [entry] = assertCleanAnatomy(at(`${threads}.zip`), { output: 'file' }).entries;
      sizes.push(entry?.compressedSize);
    }
    assert.equal(sizes[0], sizes[1]);
    assert.ok(sizes[0] !== undefined && sizes[0] < data.length - 10_000, `${sizes[0]} bytes`);
  });

  test('is told by its data and not by its name', async (t) => {
    const { cwd, at } = await treeOf(
      t,
      new Map<string, TreeItem>([
        ['text.jpg', { kind: 'file', data: textOf(50_000, 1) }],
        ['random.txt', { kind: 'file', data: randomBytes(50_000, 1) }],
      ]),
    );
    await createArchive(at('a.zip'), '.', { cwd, pool });
    const methods = assertCleanAnatomy(at('a.zip')).entries.map(({ name, compressionMethod }) => [
      name,
      compressionMethod,
    ]);
    assert.deepEqual(methods, [
      ['random.txt', 0],
      ['text.jpg', 8],
    ]);
  });
});

describe('a large entry that is part text and part noise', () => {
  const noise = (length: number) => randomBytes(length, length);
  const text = (length: number) => textOf(length, length);
  const mixtures: Record<string, Uint8Array[]> = {
    'text then noise': [text(1.5 * CHUNK), noise(2.5 * CHUNK)],
    'noise then text': [noise(2.5 * CHUNK), text(1.5 * CHUNK)],
    'noise and one chunk of text in it': [noise(CHUNK), text(CHUNK), noise(2 * CHUNK)],
    'noise that repeats itself 32 KiB on, across a joint': [noise(CHUNK - 20_000), ...twice(noise(30_000)), noise(9)],
    'zeros then noise then zeros': [Buffer.alloc(2 * CHUNK), noise(CHUNK), Buffer.alloc(CHUNK + 1)],
    'noise with a last byte of text': [noise(2 * CHUNK), text(1)],
    'a last chunk of one byte': [text(2 * CHUNK), text(1)],
  };
  test('comes back from every reader, and takes little more than its noise', async (t) => {
    const plan = Object.entries(mixtures).map(([name, parts]): [string, TreeItem] => {
      return [name, { kind: 'file', data: Buffer.concat(parts) }];
    });
    const { cwd, at, tree } = await treeOf(t, new Map(plan));
    await createArchive(at('file.zip'), '.', { cwd, pool });
    const sink = new CollectingSink();
    await createArchive(sink, '.', { cwd, pool });
    await writeFile(at('pipe.zip'), sink.bytes);

    const { entries } = assertCleanAnatomy(at('file.zip'), { output: 'file' });
    assertHolds(entries, tree);
    assertCleanAnatomy(at('pipe.zip'));
    const readers = isSlowSuite ? {} : { readers: [...BY_LOCAL_HEADERS, 'unzip test', 'go'] as const };
    await checkWithEveryReader([at('file.zip'), at('pipe.zip')], expectedOfTree(tree), readers);

    for (const name of ['text then noise', 'noise then text', 'noise and one chunk of text in it']) {
      const entry = entries.find((one) => one.name === name);
      assert.ok(entry);
      const { compressedSize, uncompressedSize } = entry;
      assert.ok(compressedSize < 0.92 * uncompressedSize, `${name}: ${compressedSize} of ${uncompressedSize} bytes`);
    }
    const joint = entries.find(({ name }) => name.startsWith('noise that repeats'));
    assert.ok(
      joint && joint.compressedSize < joint.uncompressedSize - 20_000,
      'the repetition across the joint is found',
    );
  });
});

interface Made {
  /** What is packed. */
  readonly cwd: string;
  readonly tree: Tree;
  /** A path beside `cwd`. */
  at(name: string): string;
}

async function treeOf(t: TestContext, plan: TreePlan): Promise<Made> {
  const folder = await inTemporaryDirectory(t);
  const cwd = path.join(folder, 'in');
  buildTree(cwd, plan);
  return { cwd, tree: await readTree(cwd), at: (name) => path.join(folder, name) };
}

async function entriesInFile(
  t: TestContext,
  sizes: readonly number[],
  make: (size: number, seed: number) => Uint8Array,
): Promise<readonly AnatomyEntry[]> {
  const { cwd, at } = await treeOf(t, sized(sizes, make));
  await createArchive(at('file.zip'), '.', { cwd, pool });
  return assertCleanAnatomy(at('file.zip'), { output: 'file' }).entries;
}

function sized(sizes: readonly number[], make: (size: number, seed: number) => Uint8Array): TreePlan {
  return new Map(sizes.map((size) => [`size-${size}`, { kind: 'file', data: make(size, size) }]));
}

/** The anatomist has compared contents with CRCs and sizes; these are those of the tree. */
function assertHolds(entries: readonly AnatomyEntry[], tree: Tree): void {
  assert.deepEqual(
    entries.map(({ name, uncompressedSize }) => [name, uncompressedSize]),
    [...tree].map(([name, { size }]) => [name, size]),
  );
}

/** A view with bytes before and behind it, as Buffers of Node's pool are. */
function insideOfALargerBuffer(content: Uint8Array, offset: number): Uint8Array {
  const larger = new Uint8Array(offset + content.length + 3).fill(0x5a);
  larger.set(content, offset);
  return larger.subarray(offset, offset + content.length);
}

function contentOf(item: TreeItem | undefined): Uint8Array {
  assert.ok(item?.kind === 'file' && typeof item.data === 'function');
  return item.data();
}

function twice<T>(value: T): [T, T] {
  return [value, value];
}

function only(plan: TreePlan, keep: (name: string) => boolean): TreePlan {
  return new Map([...plan].filter(([name]) => keep(name)));
}

function sizeIn(name: string): number {
  return Number(name.split('-')[1]);
}
