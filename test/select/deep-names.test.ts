/** Names of very many folders: what they cost grows with their length, not with its square. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createArchive, diffArchives, mergeArchives, ZipArchive } from '../../dist/index.js';
import { NameRegistry } from '../../dist/select/names/name-registry.js';
import { CollectingSink } from '../helpers/failing-sinks.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { buildArchive } from '../reader/build-archive.js';
import { pzipError } from './tree.js';

/** Almost as many as a name of 64 KiB can have. */
const FOLDERS = 32_000;

/** Seconds of processor time. Each case takes 0.2 s; with the square of the depth, some took minutes. */
const LONGEST = 3;

async function assertSwift(what: string, work: () => unknown): Promise<void> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / 1e6;
  assert.ok(seconds < LONGEST, `${what}: ${seconds} s`);
}

/** One name, and two that have half of their folders in common. */
const DEEP: Readonly<Record<string, readonly string[]>> = {
  'a name in lower case': [`${'a/'.repeat(FOLDERS)}x`],
  'a name in upper case': [`${'A/'.repeat(FOLDERS)}x`],
  'a directory': ['é/'.repeat(20_000)],
  'one of two names that part half-way': ['b', 'c'].map(
    (half) => `${'A/'.repeat(16_000)}${`${half}/`.repeat(16_000)}x`,
  ),
};

for (const [what, names] of Object.entries(DEEP)) {
  test(`${what}, tens of thousands of directories deep, takes time in proportion to its length`, async (t) => {
    const folder = await inTemporaryDirectory(t);
    const from = buildArchive([...names, 'top'].map((name) => ({ name })));
    const out = join(folder, 'out.zip');
    await assertSwift('names', () => {
      const registry = new NameRegistry();
      for (const name of names) registry.add(name);
    });
    await assertSwift('addEntries()', async () => {
      const archive = new ZipArchive(new CollectingSink());
      archive.addEntries(names.map((name) => (name.endsWith('/') ? { name, directory: true } : { name, data: '' })));
      await archive.close();
    });
    await assertSwift('from', () =>
      createArchive(out, [], { from, portableNames: 'warn', exclude: '*.map', prefix: 'p', onWarning: () => {} }),
    );
    await assertSwift('mergeArchives()', () => mergeArchives(out, [from]));
    await assertSwift('diffArchives()', async () => {
      for await (const _ of diffArchives(out, out));
    });
  });
}

test('ten thousand names of a hundred directories take time in proportion to their length', async () => {
  const registry = new NameRegistry();
  await assertSwift('10,000 names', () => {
    for (let index = 0; index < 10_000; index++) registry.add(`${`n${index}/`.repeat(100)}x`);
  });
});

test('an invalid name of very many directories is rejected, or left out, in time in proportion to its length', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const out = join(folder, 'out.zip');
  const names = ['x', 'y', '../z'].map((last) => `${'a/'.repeat(FOLDERS)}../${last}`);
  const from = buildArchive([...names, 'top'].map((name) => ({ name })));
  await assertSwift('refused', () => assert.rejects(createArchive(out, [], { from }), pzipError('PZIP_NAME_INVALID')));
  await assertSwift('left out', async () => {
    const warnings: string[] = [];
    const { entryCount } = await createArchive(out, [], {
      from,
      skipUnreadable: true,
      onWarning: ({ code }) => warnings.push(code),
    });
    assert.deepEqual([entryCount, warnings], [1, ['PZIP_SOURCE_SKIPPED']], 'one warning for the directory');
  });
});

test('a name that is rejected far down stores none of its directories', () => {
  const registry = new NameRegistry();
  registry.add('a/b/Link', true);
  assert.throws(() => registry.add('A/b/link/c/d'), pzipError('PZIP_NAME_CONFLICT', "'A/b/link'"));
  assert.throws(() => registry.add('A/B/LINK/'), pzipError('PZIP_NAME_CONFLICT', "'A/B/LINK'"));
  registry.add('A');
  registry.add('a/b/file');
  assert.throws(() => registry.add('a/b/file/c/d/e'), pzipError('PZIP_NAME_CONFLICT', "'a/b/file'"));
  assert.ok(registry.has('a/b/Link') && registry.has('A') && !registry.has('A/b/link/c/d') && !registry.has('a/b'));
});
