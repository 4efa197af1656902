/** Plans: what one machine lists, and others create parts of. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type CreateArchiveOptions, createArchive, createPlan, mergeArchives } from '../../dist/index.js';
import { buildTree, everyKindOfEntry, inTemporaryDirectory, textOf } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';

async function plannedTree(
  t: TestContext,
  options: CreateArchiveOptions = {},
): Promise<{ folder: string; plan: string }> {
  const folder = await inTemporaryDirectory(t);
  buildTree(join(folder, 'tree'), everyKindOfEntry());
  writeFileSync(join(folder, 'tree/large'), textOf(3_000_000, 1));
  const plan = join(folder, 'plan.json');
  await createPlan(plan, ['tree'], { cwd: folder, ...options });
  return { folder, plan };
}

test('parts of a plan merge to the bytes of one machine', async (t) => {
  const options: CreateArchiveOptions[] = [
    {},
    { reproducible: true, comment: 'of a plan', level: 1 },
    {
      first: 'large',
      prefix: 'app',
      levelFor: { pattern: 'large', level: 9 },
      mtime: new Date(1e12),
      symlinks: 'keep',
    },
  ];
  for (const option of options) {
    const { folder, plan } = await plannedTree(t, option);
    const whole = join(folder, 'whole.zip');
    await createArchive(whole, ['tree'], { cwd: folder, ...option });
    const parts: string[] = [];
    for (const index of [1, 2, 3]) {
      parts.push(join(folder, `part-${index}.zip`));
      await createArchive(`${folder}/part-${index}.zip`, [], { cwd: folder, plan, shard: { index, count: 3 } });
    }
    await mergeArchives(join(folder, 'merged.zip'), parts);
    assert.ok(readFileSync(join(folder, 'merged.zip')).equals(readFileSync(whole)));
  }
});

test('a builder needs the files of its part only, and they must be as planned', async (t) => {
  const folder = await inTemporaryDirectory(t);
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), name.repeat(10_000));
  const plan = join(folder, 'plan.json');
  await createPlan(plan, ['a', 'b', 'c'], { cwd: folder });
  const create = (index: number) =>
    createArchive(join(folder, 'part.zip'), [], { cwd: folder, plan, shard: { index, count: 3 } });
  renameSync(join(folder, 'b'), join(folder, 'gone'));
  await create(1);
  await create(3);
  await assert.rejects(create(2), pzipError('PZIP_SOURCE_MISSING', "'b'"));
  writeFileSync(join(folder, 'a'), 'another size');
  await assert.rejects(create(1), pzipError('PZIP_SOURCE_CHANGED', "'a'", '12 bytes instead of 10000'));
  utimesSync(join(folder, 'c'), 1, 1);
  await assert.rejects(create(3), pzipError('PZIP_SOURCE_CHANGED', "'c'", 'date'));
});

test('a plan that leads out of the working directory, or is damaged, is rejected', async (t) => {
  const folder = await inTemporaryDirectory(t);
  mkdirSync(join(folder, 'in/sub'), { recursive: true });
  writeFileSync(join(folder, 'secret'), 'secret');
  writeFileSync(join(folder, 'in/sub/file'), 'secret');
  symlinkSync(folder, join(folder, 'in/link'));
  utimesSync(join(folder, 'secret'), 1e9, 1e9);
  utimesSync(join(folder, 'in/sub/file'), 1e9, 1e9);
  const plan = join(folder, 'plan.json');
  await createPlan(plan, ['sub/file'], { cwd: join(folder, 'in') });
  const text = readFileSync(plan, 'utf8');
  const refuses = async (from: string, to: string, ...words: string[]): Promise<void> => {
    assert.ok(text.includes(from), from);
    writeFileSync(plan, text.replace(from, to));
    const created = createArchive(join(folder, 'part.zip'), [], {
      cwd: join(folder, 'in'),
      plan,
      shard: { index: 1, count: 1 },
    });
    await assert.rejects(created, pzipError('PZIP_MANIFEST_INVALID', ...words));
  };
  await refuses('"path":"sub/file"', '"path":"../secret"', 'out of the working directory');
  await refuses('"path":"sub/file"', `"path":"${folder}/secret"`, 'out of the working directory');
  await refuses('"path":"sub/file"', '"path":"link/secret"', 'out of the working directory');
  await refuses('"path":"sub/file"', '"path":""', 'out of the working directory');
  await refuses('"name":"sub/file"', '"name":"../file"', 'line 2');
  await refuses('"kind":"file"', '"kind":"device"', 'line 2');
  await refuses('"size":6', '"size":-6', 'line 2');
  await refuses('"format":"pzip-plan"', '"format":"other"', 'line 1');
  await refuses('"version":1', '"version":2', 'version');
  await refuses('{"plan"', '{"plan_"', 'line 3');
  await refuses('{"format"', `${'x'.repeat(3_000_000)}{"format"`, 'too long');
  writeFileSync(plan, text);
});

test('the plan decides: other inputs and options beside it are rejected', async (t) => {
  const { folder, plan } = await plannedTree(t);
  const refuses = async (inputs: string[], options: CreateArchiveOptions, word: string): Promise<void> => {
    const created = createArchive(join(folder, 'part.zip'), inputs, {
      cwd: folder,
      plan,
      shard: { index: 1, count: 2 },
      ...options,
    });
    await assert.rejects(created, pzipError('PZIP_USAGE', word));
  };
  await refuses(['tree'], {}, 'inputs');
  await refuses([], { exclude: 'x' }, 'exclude');
  await refuses([], { level: 9 }, 'level');
  await refuses([], { shard: undefined }, '`shard`');
  assert.ok(!readdirSync(folder).includes('part.zip'));
  const other = createArchive(join(folder, 'part.zip'), [], {
    cwd: folder,
    plan,
    engine: 'zlib',
    shard: { index: 1, count: 2 },
  });
  await assert.rejects(other, pzipError('PZIP_PARTS_MISMATCH', 'engine=zlib'));
});

test('what only one machine has cannot be planned', async (t) => {
  const folder = await inTemporaryDirectory(t);
  mkdirSync(join(folder, 'in'));
  writeFileSync(join(folder, 'file'), 'x');
  const plan = join(folder, 'plan.json');
  const planned = (inputs: string[], options: CreateArchiveOptions) =>
    createPlan(plan, inputs, { cwd: join(folder, 'in'), ...options });
  await assert.rejects(planned(['../file'], {}), pzipError('PZIP_USAGE', 'outside'));
  await assert.rejects(
    planned([], { entries: [{ name: 'a', data: 'x' }] }),
    pzipError('PZIP_USAGE', "'a' cannot be in a plan"),
  );
  await assert.rejects(planned(['.'], { shard: { index: 1, count: 1 } }), pzipError('PZIP_USAGE', '`shard`'));
  assert.deepEqual(readdirSync(folder), ['file', 'in']);
});
