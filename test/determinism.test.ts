import assert from 'node:assert/strict';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { type ArchiveOptions, createArchive, createPool, ZipArchive } from '../dist/index.js';
import { CollectingSink, SlowSink } from './helpers/failing-sinks.js';
import { runProcess } from './helpers/run-process.js';
import { PZIP, type RunPzipOptions, runPzip } from './helpers/run-pzip.js';
import { casesOf } from './helpers/slow-suite.js';
import {
  type BuildTreeOptions,
  buildTree,
  everyKindOfEntry,
  inTemporaryDirectory,
  manySmallFiles,
  randomBytes,
  repetitiveBytes,
  type TreeItem,
  type TreePlan,
  textOf,
} from './helpers/trees.js';
import { assertCleanAnatomy } from './helpers/zip-anatomy.js';

/** For archives that are not about threads. */
const pool = createPool({ threads: 2 });
after(() => pool.close());

const SHUFFLE_READDIR = new URL('./helpers/shuffle-readdir.js', import.meta.url).href;

const LARGE_TEXT: TreeItem = { kind: 'file', data: () => textOf(2_500_000, 1) };
const TWO_CHUNKS: TreeItem = { kind: 'file', data: () => textOf(1_100_000, 3) };
const HALF_RANDOM: TreeItem = {
  kind: 'file',
  data: () => Buffer.concat([textOf(1_200_000, 3), randomBytes(1_200_000, 4)]),
};

/** Batches of small files, entries of several chunks, and every kind of entry between them. */
const MIXTURE: TreePlan = new Map([
  ...everyKindOfEntry(),
  ...manySmallFiles(300),
  ['large/a-text', LARGE_TEXT],
  ['large/b-random', { kind: 'file', data: () => randomBytes(2_200_000, 2) }],
  ['large/c-repetitive', { kind: 'file', data: () => repetitiveBytes(2_500_000) }],
  ['large/d-half', HALF_RANDOM],
  [
    'large/e-other-half',
    { kind: 'file', data: () => Buffer.concat([randomBytes(1_200_000, 5), textOf(1_200_000, 6)]) },
  ],
]);

describe('the same input and options give the same bytes', () => {
  test('for 1, 2, 3 and 8 threads, a little and much memory, to a file', async (t) => {
    const { cwd, at } = await mixture(t);
    const all: readonly ArchiveOptions[] = [
      { threads: 1 },
      { threads: 2, memory: 2 ** 20 },
      { threads: 3, memory: 2 ** 30 },
      { threads: 2 },
      { threads: 3 },
      { threads: 8 },
    ];
    const variants = casesOf(all, (_, i) => i < 3);
    for (const [i, options] of variants.entries()) await createArchive(at(`${i}.zip`), 'tree', { cwd, ...options });
    await pzip([at('command.zip'), 'tree', '--threads', '8', '--memory', '3M'], { cwd });
    await assertSameBytes([...variants.map((_, i) => at(`${i}.zip`)), at('command.zip')]);
    assertCleanAnatomy(at('0.zip'), { output: 'file' });
  });

  test('for 1, 2 and 3 threads, to a pipe', async (t) => {
    const { cwd } = await mixture(t);
    const outputs: Buffer[] = [];
    for (const threads of casesOf([1, 3, 2], (threads) => threads !== 2)) {
      const sink = new CollectingSink();
      await createArchive(sink, 'tree', { cwd, threads });
      outputs.push(sink.bytes);
    }
    outputs.push(await pzip(['-', 'tree', '--threads', '2'], { cwd }));
    assertCleanAnatomy(outputs[0] ?? Buffer.alloc(0));
    for (const output of outputs) assert.ok(output.equals(outputs[0] ?? output));
  });

  test('at every level, for 1 and 3 threads', async (t) => {
    const { cwd, at } = await treeOf(t, new Map([...manySmallFiles(40), ['large', TWO_CHUNKS]]));
    await using one = createPool({ threads: 1 });
    await using three = createPool({ threads: 3 });
    const levels = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;
    // The recorded archives have each level with a number of threads of its own.
    for (const level of casesOf(levels, (level) => level % 3 === 0)) {
      await createArchive(at('1.zip'), 'tree', { cwd, level, pool: one });
      await createArchive(at('3.zip'), 'tree', { cwd, level, pool: three });
      await assertSameBytes([at('1.zip'), at('3.zip')]);
    }
  });

  test('for another order in which the files were made, and in which directories list them', async (t) => {
    const plan = new Map([...everyKindOfEntry(), ...manySmallFiles(100)]);
    const { cwd, at } = await treeOf(t, plan);
    const { cwd: reversed } = await treeOf(t, plan, { order: 'reversed' });
    const { cwd: random } = await treeOf(t, plan, { order: 11 });
    await createArchive(at('planned.zip'), 'tree', { cwd, pool });
    await createArchive(at('reversed.zip'), 'tree', { cwd: reversed, pool });
    await createArchive(at('random.zip'), 'tree', { cwd: random, pool });
    // Most file systems list by hash; this makes sure of another order on all of them.
    for (const seed of ['1', '2']) {
      const env = { PZIP_TEST_READDIR_SEED: seed };
      await pzip([at(`seed-${seed}.zip`), 'tree'], { cwd, env, nodeArguments: ['--import', SHUFFLE_READDIR] });
      await pzip([at(`glob-${seed}.zip`), 'tree/**'], { cwd, env, nodeArguments: ['--import', SHUFFLE_READDIR] });
    }
    await assertSameBytes(['planned', 'reversed', 'random', 'seed-1', 'seed-2'].map((name) => at(`${name}.zip`)));
    await assertSameBytes([at('glob-1.zip'), at('glob-2.zip')]);
  });

  test('for another order of the inputs, and inputs that overlap', async (t) => {
    const { cwd, at } = await treeOf(t, manySmallFiles(100));
    await pzip([at('a.zip'), 'tree'], { cwd });
    await pzip([at('b.zip'), 'tree/package-9', 'tree', './tree/package-1', 'tree/package-1/lib/file-1.js'], { cwd });
    await assertSameBytes([at('a.zip'), at('b.zip')]);
  });

  test('for another locale, umask and current directory', async (t) => {
    const { cwd, at } = await treeOf(t, everyKindOfEntry());
    const inLocale = (locale: string) => ({ LC_ALL: locale, LANG: locale });
    await createArchive(at('plain.zip'), 'tree', { cwd, pool });
    await pzip([at('c.zip'), 'tree'], { cwd, env: inLocale('C') });
    await pzip([at('cwd.zip'), '-C', cwd, 'tree'], { cwd: '/', env: inLocale('sv_SE.UTF-8') });
    await symlink(cwd, at('linked'));
    await pzip([at('linked.zip'), 'tree'], { cwd: at('linked'), env: inLocale('tr_TR.UTF-8') });
    const umask = ['-c', 'umask 077; exec "$@"', 'sh', process.execPath, PZIP, at('umask.zip'), 'tree'];
    const env = { PATH: process.env.PATH, TZ: 'UTC', ...inLocale('de_DE.ISO-8859-1') };
    assert.equal((await runProcess('/bin/sh', umask, { cwd, env })).code, 0);
    await assertSameBytes(['plain', 'c', 'cwd', 'linked', 'umask'].map((name) => at(`${name}.zip`)));
  });

  test('when the sink is slow, and when it is not', async (t) => {
    const { cwd } = await treeOf(t, new Map([...manySmallFiles(300), ['large', LARGE_TEXT]]));
    const quick = new CollectingSink();
    await createArchive(quick, 'tree', { cwd, pool });
    const slow = new SlowSink(15);
    const collected: Buffer[] = [];
    const write = slow._write.bind(slow);
    slow._write = (block: Buffer, encoding, callback) => {
      collected.push(Buffer.from(block));
      write(block, encoding, callback);
    };
    await createArchive(slow, 'tree', { cwd, pool, memory: 2 ** 20 });
    assert.ok(quick.bytes.equals(Buffer.concat(collected)));
  });

  test('for entries that are added in one go and with pauses', async (t) => {
    const folder = await inTemporaryDirectory(t);
    const archives = [path.join(folder, 'at-once.zip'), path.join(folder, 'paused.zip')];
    for (const [i, file] of archives.entries()) {
      const archive = new ZipArchive(file, { threads: 1 + i });
      for (let n = 0; n < 600; n++) {
        const admitted = archive.addBuffer(`file-${n}`, textOf(n * 7, n));
        if (i === 1 && n % 50 === 0) await admitted;
      }
      await archive.close();
    }
    await assertSameBytes(archives);
  });
});

test('entries are in the order of the bytes of their names, whatever UTF-16 or a locale would say', async (t) => {
  const { cwd, at } = await treeOf(t, everyKindOfEntry());
  await pzip([at('order.zip'), 'tree'], { cwd });
  const names = assertCleanAnatomy(at('order.zip')).entries.map(({ name }) => name);
  const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.deepEqual(names, sorted);
  assert.notDeepEqual(names, [...names].sort(), 'the tree tells UTF-8 order from UTF-16 order');
});

test('the shuffled readdir of these tests does list in another order', async (t) => {
  const { cwd } = await treeOf(t, manySmallFiles(200));
  const orders: string[] = [];
  for (const seed of ['1', '2']) {
    const script = 'fs.readdir("tree", (e, a) => console.log([a, fs.readdirSync("tree")].map(String)))';
    const args = ['--import', SHUFFLE_READDIR, '-e', script];
    const { stdout } = await runProcess(process.execPath, args, { cwd, env: { PZIP_TEST_READDIR_SEED: seed } });
    orders.push(stdout.toString());
  }
  const [first, second] = orders;
  assert.match(first ?? '', /package-/);
  assert.notEqual(first, second);
});

interface Made {
  /** Holds the folder `tree`. */
  readonly cwd: string;
  /** A path beside `cwd`. */
  at(name: string): string;
}

function mixture(t: TestContext): Promise<Made> {
  return treeOf(t, MIXTURE);
}

async function treeOf(t: TestContext, plan: TreePlan, options: BuildTreeOptions = {}): Promise<Made> {
  const folder = await inTemporaryDirectory(t);
  const cwd = path.join(folder, 'in');
  await mkdir(cwd);
  buildTree(path.join(cwd, 'tree'), plan, options);
  return { cwd, at: (name) => path.join(folder, name) };
}

async function pzip(args: readonly string[], options: RunPzipOptions): Promise<Buffer> {
  const { code, stdout, stderr } = await runPzip(['-q', ...args], options);
  assert.equal(stderr, '');
  assert.equal(code, 0);
  return stdout;
}

async function assertSameBytes(files: readonly string[]): Promise<void> {
  const [first, ...others] = await Promise.all(files.map((file) => readFile(file)));
  assert.ok(first !== undefined && first.length > 22);
  others.forEach((other, i) => {
    assert.ok(first.equals(other), `${files[i + 1]} differs from ${files[0]}`);
  });
}
