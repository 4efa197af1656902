import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runPzip, startPzip } from './run-pzip.js';
import { inTemporaryDirectory } from './trees.js';
import { WarmCommand } from './warm-command.js';

const ENV = { PATH: process.env.PATH, TZ: 'UTC' };
const TIMEOUT = 60_000;

async function folderWith(t: TestContext, ...names: string[]): Promise<string> {
  const folder = await inTemporaryDirectory(t);
  for (const name of names) writeFileSync(join(folder, name), name);
  return folder;
}

test('each run has its own directory, environment and output', async (t) => {
  const command = new WarmCommand(ENV);
  const [one, two] = [await folderWith(t, 'a'), await folderWith(t, 'b', 'c')];
  const list = ['-n', 'out.zip', '.'];
  const first = await command.run(list, { cwd: one, env: { ...ENV, SOURCE_DATE_EPOCH: 'never' }, timeout: TIMEOUT });
  const second = await command.run(list, { cwd: two, env: ENV, timeout: TIMEOUT });
  assert.deepEqual([first.code, first.stdout.toString()], [2, '']);
  assert.match(first.stderr, /^pzip: SOURCE_DATE_EPOCH[^\n]*\n$/);
  assert.deepEqual([second.code, second.stderr], [0, '2 entries, 2 bytes, nothing written\n']);
  assert.equal(second.stdout.toString(), '           1  b\n           1  c\n');
});

test('a run that ends its process has its code and what it said, and the next run another process', async (t) => {
  const cwd = await folderWith(t, 'a');
  const command = new WarmCommand(ENV);
  const ended = await command.run(['-q', 'out.zip', 'a'], { cwd: join(cwd, 'missing'), env: ENV, timeout: TIMEOUT });
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /ENOENT/);
  assert.ok(command.hasEnded);
  assert.notEqual((await runPzip(['-q', 'out.zip', 'a'], { cwd: join(cwd, 'missing') })).code, 0);
  assert.equal((await runPzip(['-q', 'out.zip', 'a'], { cwd })).code, 0);
  assert.deepEqual(readdirSync(cwd), ['a', 'out.zip']);
});

test('a run that takes too long is killed and rejects', async (t) => {
  const cwd = await folderWith(t, 'a');
  const command = new WarmCommand(ENV);
  await assert.rejects(command.run(['-q', 'out.zip', 'a'], { cwd, env: ENV, timeout: 0 }), /ran longer than 0 ms/);
});

test('a started process gives the same as one that is there already', async (t) => {
  const cwd = await folderWith(t, 'a', 'b');
  for (const args of [['--version'], ['-n', 'out.zip', '.'], ['--exclud'], ['out.zip', 'missing'], ['list', 'a']]) {
    const [warm, started] = [await runPzip(args, { cwd }), await startPzip(args, { cwd })];
    assert.deepEqual(warm, started, args.join(' '));
  }
});
