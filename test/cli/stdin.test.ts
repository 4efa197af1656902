import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { runPzip } from '../helpers/run-pzip.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';
import { makeTree } from '../select/tree.js';
import { open, pzip, pzipFails } from './command.js';

test("the input '-' becomes one entry, in its place, with the name that is given", async (t) => {
  const cwd = makeTree(t, { 'd/a': 'x', 'd/z': 'y' });
  for (const content of ['', 'short\n', textOf(3_500_000, 1)]) {
    await pzip(cwd, ['-q', '-T', '--stdin-name', 'd/m', 'out.zip', '-', 'd'], { stdin: content });
    const { entries } = open(cwd, 'out.zip');
    assert.deepEqual(
      entries.map(({ name }) => name),
      ['d/', 'd/a', 'd/m', 'd/z'],
    );
    assert.equal(entries[2]?.crc32, crc32(content));
    assert.equal((entries[2]?.mode ?? 0) & 0o777, 0o644);
  }
});

test('without a name it is called stdin, and its date is now, or what the options make of that', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const dateOf = async (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> => {
    await pzip(cwd, ['-q', ...args, 'out.zip', '-'], { stdin: 'x', env });
    const [entry] = open(cwd, 'out.zip').entries;
    assert.equal(entry?.name, 'stdin');
    return entry.unixTime ?? Number.NaN;
  };
  assert.ok(Math.abs((await dateOf([])) - Date.now() / 1000) < 60);
  assert.equal(await dateOf(['--reproducible']), 315_532_800);
  assert.equal(await dateOf([], { SOURCE_DATE_EPOCH: '1600000000' }), 1_600_000_000);
  assert.equal(await dateOf(['--reproducible'], { SOURCE_DATE_EPOCH: '1600000000' }), 1_600_000_000);
});

test('from one pipe to another', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const content = textOf(2_500_000, 2);
  const { stdout } = await pzip(cwd, ['-q', '-', '-'], { stdin: content });
  writeFileSync(join(cwd, 'out.zip'), stdout);
  const { stdout: names } = await pzip(cwd, ['-n', '--stdin-name', 'x', 'y.zip', '-', 'out.zip']);
  assert.match(names.toString(), /^ +\d+ {2}out\.zip\n +\? {2}x\n$/);
  assert.equal(stdout.readUInt32LE(0), 0x04034b50);
});

test('a duplicate name and an invalid name fail', async (t) => {
  const cwd = makeTree(t, { 'd/a': 'x' });
  await pzipFails(cwd, ['--stdin-name', 'd/a', 'out.zip', 'd', '-'], 1, ["'d/a'", 'rename or exclude']);
  await pzipFails(cwd, ['--stdin-name', 'd/a/b', 'out.zip', 'd', '-'], 1, ["'d/a/b'", "'d/a'"]);
  await pzipFails(cwd, ['--stdin-name', '../up', 'out.zip', 'd', '-'], 1, ["'..'"]);
});

test('a signal ends a wait for standard input', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const { signal, stderr } = await runPzip(['out.zip', '-'], {
    cwd,
    stdin: new Readable({ read() {} }),
    onSpawn: (child) => setTimeout(() => child.kill('SIGTERM'), 1200),
  });
  assert.deepEqual([signal, stderr], ['SIGTERM', 'pzip: interrupted: no archive was written\n']);
  assert.deepEqual(readdirSync(cwd), []);
});
