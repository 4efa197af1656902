import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ExactStats, isTimeRoundedUp, lstatFile } from '../../dist/common/exact-times.js';
import { createArchive, ZipArchive } from '../../dist/index.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { assertCleanAnatomy } from '../helpers/zip-anatomy.js';

/** Times of names, to the nanosecond, in UTC. */
const TIMES: readonly (readonly [name: string, time: string, unixTime: number])[] = [
  ['a-rounded', '2024-05-05T10:00:00.999999999', 1714903200],
  ['b-whole', '2024-05-05T10:00:01.000000000', 1714903201],
  ['c-rounded', '2024-05-05T10:00:00.999999900', 1714903200],
  ['d-whole', '2024-05-05T10:00:01', 1714903201],
  ['e-not-rounded', '2024-05-05T10:00:00.999999000', 1714903200],
  ['f-half', '2024-05-05T10:00:01.500000000', 1714903201],
  ['g-rounded', '2024-05-05T09:59:59.999999999', 1714903199],
  ['h-old', '1999-12-31T23:59:59.999999999', 946684799],
];

test('nanoseconds are rounded down in the dates of files, directories and links', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const cwd = join(folder, 'tree');
  const zip = join(folder, 'o.zip');
  mkdirSync(cwd);
  const expected = new Map<string, number>();
  const touch = (name: string, time: string, ...more: string[]) =>
    execFileSync('touch', [...more, '-d', `${time}Z`, join(cwd, name)]);
  for (const [name, time, unixTime] of TIMES) {
    writeFileSync(join(cwd, name), 'x');
    writeFileSync(join(cwd, `large-${name}`), 'x'.repeat(1024 * 1024 + 1));
    mkdirSync(join(cwd, `d-${name}`));
    symlinkSync('target', join(cwd, `l-${name}`));
    for (const made of [name, `large-${name}`, `d-${name}`]) touch(made, time);
    touch(`l-${name}`, time, '-h');
    for (const made of [name, `large-${name}`, `d-${name}/`, `l-${name}`]) expected.set(made, unixTime);
  }
  if (lstatSync(join(cwd, 'a-rounded'), { bigint: true }).mtimeNs % 1_000_000_000n !== 999_999_999n) {
    return t.skip('this file system does not keep nanoseconds');
  }
  const archives: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['directory', () => createArchive(zip, '.', { cwd })],
    ['list', () => createArchive(zip, [], { cwd, filesFrom: [...expected.keys()].sort() })],
    ['pattern', () => createArchive(zip, '*', { cwd, directoryEntries: true })],
  ];
  for (const [what, make] of archives) {
    await make();
    const { entries } = assertCleanAnatomy(zip);
    assert.ok(entries.length >= 3 * TIMES.length, what);
    for (const { name, unixTime, lastModFileTime } of entries) {
      assert.equal(unixTime, expected.get(name), `${name} by ${what}`);
      const seconds = new Date(1000 * (unixTime ?? 0)).getSeconds();
      assert.equal((lastModFileTime & 31) * 2, seconds & ~1, `${name} by ${what}`);
    }
  }
  const archive = new ZipArchive(zip);
  for (const [name] of TIMES) archive.addFile(name, join(cwd, name));
  await archive.close();
  for (const { name, unixTime } of assertCleanAnatomy(zip).entries) {
    assert.equal(unixTime, expected.get(name), `${name} by addFile()`);
  }
});

test("exact stats hold Node's own numbers", async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const path = join(cwd, 'f');
  writeFileSync(path, 'x');
  for (const time of ['2024-05-05T10:00:01', '1960-01-01T00:00:00.25', '2024-05-05T10:00:00.123456789']) {
    execFileSync('touch', ['-d', `${time}Z`, path]);
    const stats = lstatSync(path);
    assert.ok(new ExactStats(lstatSync(path, { bigint: true })).agreesWith(stats), time);
    execFileSync('touch', ['-d', '2024-05-05T10:00:01Z', path]);
    assert.equal(isTimeRoundedUp(lstatSync(path), path, false), false);
    assert.ok(
      lstatFile(path) instanceof ExactStats,
      'behind a time of a whole second, the next file is asked for its own',
    );
  }
});
