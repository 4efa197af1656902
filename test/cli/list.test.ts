/** `pzip list`: what an archive holds, whoever wrote it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPzip } from '../helpers/run-pzip.js';
import { inTemporaryDirectory } from '../helpers/trees.js';

async function list(cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runPzip(['list', ...args], { cwd });
  assert.deepEqual([code, stderr], [0, ''], stderr);
  return stdout.toString();
}

function makeTree(cwd: string): void {
  mkdirSync(join(cwd, 'dir'));
  writeFileSync(join(cwd, 'dir/run.sh'), '#!/bin/sh\n');
  chmodSync(join(cwd, 'dir/run.sh'), 0o755);
  writeFileSync(join(cwd, 'dir/text'), 'text '.repeat(1000));
  symlinkSync('text', join(cwd, 'dir/link'));
  const date = new Date('2020-02-02T20:20:20Z');
  for (const name of ['dir/run.sh', 'dir/text']) utimesSync(join(cwd, name), date, date);
}

test('pzip list shows permissions, sizes, method, time and name of each entry', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  makeTree(cwd);
  await runPzip(['-q', 'a.zip', 'dir'], { cwd });
  const lines = (await list(cwd, 'a.zip')).trimEnd().split('\n');
  assert.equal(lines.length, 5);
  assert.match(lines[0] ?? '', /^drwxr-xr-x +0 +0 store +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d dir\/$/);
  assert.match(lines[1] ?? '', /^lrwxrwxrwx +4 +4 store .* dir\/link$/);
  assert.match(lines[2] ?? '', /^-rwxr-xr-x +10 +10 store +2020-02-02 20:20:20 dir\/run\.sh$/);
  assert.match(lines[3] ?? '', /^-rw-r--r-- +5000 +\d+ deflate 2020-02-02 20:20:20 dir\/text$/);
  assert.match(lines[4] ?? '', /^4 entries, 5\.0 kB → /);
});

test('pzip list --json gives one object a line, with the facts that other readers see', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  makeTree(cwd);
  execFileSync('zip', ['-qry', 'b.zip', 'dir'], { cwd });
  const objects = (await list(cwd, '--json', 'b.zip'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(objects[0], { archive: 'b.zip', entryCount: 4, comment: '' });
  assert.deepEqual(objects.at(-1).totals.entries, 4);
  const text = objects.find(({ name }) => name === 'dir/text');
  assert.deepEqual([text.kind, text.method, text.uncompressedSize, text.mode], ['file', 'deflate', 5000, '0644']);
  const crc = execFileSync('unzip', ['-v', 'b.zip', 'dir/text'], { cwd }).toString();
  assert.ok(crc.includes(text.crc32), crc);
});

test('names in the list cannot act on a terminal or command a CI', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  execFileSync(
    'python3',
    [
      '-c',
      "import zipfile; z = zipfile.ZipFile('c.zip', 'w'); z.writestr('a\\x1b[2Jb', ''); z.writestr('::error::x', '')",
    ],
    { cwd },
  );
  const text = await list(cwd, 'c.zip');
  assert.ok(!text.includes('\x1b'), JSON.stringify(text));
  assert.ok(!/^::/m.test(text));
});

test('an invalid or missing archive and an unknown option are one line and an exit code', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'text.txt'), 'no archive');
  for (const [args, code, message] of [
    [['text.txt'], 1, /invalid/],
    [['none.zip'], 1, /does not exist/],
    [[], 2, /no archive given/],
    [['--all', 'a.zip'], 2, /unknown option '--all'/],
  ] as const) {
    const outcome = await runPzip(['list', ...args], { cwd });
    assert.equal(outcome.code, code, outcome.stderr);
    assert.match(outcome.stderr, message);
    assert.equal(outcome.stderr.trim().split('\n').length, 1);
  }
});

test('a list that head cuts off is no failure', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  for (let index = 0; index < 2000; index++) writeFileSync(join(cwd, `file with a long name ${index}`), '');
  await runPzip(['-q', '-D', 'd.zip', '.'], { cwd });
  const command = 'set -o pipefail; "$0" "$1" list d.zip | head -1';
  const { PZIP } = await import('../helpers/run-pzip.js');
  const text = execFileSync('bash', ['-c', command, process.execPath, PZIP], { cwd }).toString();
  assert.equal(text.trim().split('\n').length, 1);
});
