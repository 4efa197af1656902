/** Parts that reuse data of an earlier part, or of an earlier archive of one machine. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type CreateArchiveOptions, createArchive, createPlan, mergeArchives } from '../../dist/index.js';
import { casesOf } from '../helpers/slow-suite.js';
import { inTemporaryDirectory, randomBytes, textOf } from '../helpers/trees.js';

const COUNT = 3;

/** Small files, and one that is cut between the parts. */
async function makeTree(t: TestContext): Promise<string> {
  const folder = await inTemporaryDirectory(t);
  mkdirSync(join(folder, 'tree'));
  for (let index = 0; index < 60; index++) write(folder, `small-${index}`, textOf(20_000, index));
  write(folder, 'large', Buffer.concat([Buffer.from(textOf(5_000_000, 3)), Buffer.from(randomBytes(2_000_000, 1))]));
  return folder;
}

function write(folder: string, name: string, content: string | Uint8Array): void {
  writeFileSync(join(folder, 'tree', name), content);
  // Long ago, so that the times are trusted.
  utimesSync(join(folder, 'tree', name), 1_600_000_000, 1_600_000_000);
}

function change(folder: string): void {
  write(folder, 'small-7', 'changed');
  write(folder, 'new', textOf(30_000, 99));
  renameSync(join(folder, 'tree/small-9'), join(folder, 'tree/moved'));
}

/** @returns how many files each part reused */
async function createParts(folder: string, options: (path: string) => CreateArchiveOptions): Promise<number[]> {
  const counts: number[] = [];
  for (const [at, path] of partsIn(folder).entries()) {
    const shard = { index: at + 1, count: COUNT };
    const { reusedCount } = await createArchive(path, ['tree'], { cwd: folder, threads: at, shard, ...options(path) });
    counts.push(reusedCount);
  }
  return counts;
}

function partsIn(folder: string): string[] {
  return Array.from({ length: COUNT }, (_, index) => join(folder, `part-${index + 1}.zip`));
}

async function assertColdBytes(folder: string): Promise<void> {
  const parts = partsIn(folder);
  const warm = parts.map((path) => readFileSync(path));
  await mergeArchives(join(folder, 'merged.zip'), parts);
  await createArchive(join(folder, 'cold.zip'), ['tree'], { cwd: folder });
  assert.ok(readFileSync(join(folder, 'merged.zip')).equals(readFileSync(join(folder, 'cold.zip'))));
  await createParts(folder, () => ({}));
  for (const [at, path] of parts.entries()) assert.ok(readFileSync(path).equals(warm[at] ?? Buffer.alloc(0)), path);
}

for (const reuseCheck of casesOf(['content', 'crc', 'stat'] as const, (check) => check === 'content')) {
  test(`parts reuse the small files of the same part of an earlier build, by ${reuseCheck}`, async (t) => {
    const folder = await makeTree(t);
    const options = (path: string): CreateArchiveOptions => ({ reuse: path, reuseCheck });
    assert.deepEqual(await createParts(folder, options), [0, 0, 0]);
    for (const path of partsIn(folder)) assert.ok(existsSync(`${path}.pzip-state`));
    change(folder);
    const reused = (await createParts(folder, options)).reduce((sum, count) => sum + count, 0);
    assert.ok(reused >= 55, `${reused} files`);
    await assertColdBytes(folder);
  });

  test(`parts reuse small files and ranges of large ones of an archive of one machine, by ${reuseCheck}`, async (t) => {
    const folder = await makeTree(t);
    const old = join(folder, 'old.zip');
    await createArchive(old, ['tree'], { cwd: folder, reuse: old, reuseCheck });
    change(folder);
    const counts = await createParts(folder, () => ({ reuse: old, reuseCheck }));
    const reused = counts.reduce((sum, count) => sum + count, 0);
    // 59 small files, and the large one in each part that has a range of it.
    assert.ok(reused >= 59 + 2, `${counts.join(' + ')} files`);
    await assertColdBytes(folder);
  });
}

test('parts of a plan reuse data, too', async (t) => {
  const folder = await makeTree(t);
  const old = join(folder, 'old.zip');
  await createArchive(old, ['tree'], { cwd: folder, reuse: old });
  const plan = join(folder, 'plan.json');
  await createPlan(plan, ['tree'], { cwd: folder });
  const parts = partsIn(folder);
  let reused = 0;
  for (const [at, path] of parts.entries()) {
    const shard = { index: at + 1, count: COUNT };
    reused += (await createArchive(path, [], { cwd: folder, plan, shard, reuse: old })).reusedCount;
  }
  assert.ok(reused >= 62, `${reused} files`);
  await mergeArchives(join(folder, 'merged.zip'), parts);
  assert.ok(readFileSync(join(folder, 'merged.zip')).equals(readFileSync(old)));
});
