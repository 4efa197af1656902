/** --sha256 on the command line: what it prints and writes, and that it never takes the argument that follows. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPzip, startPzip } from '../helpers/run-pzip.js';
import { buildTree, inTemporaryDirectory, manySmallFiles } from '../helpers/trees.js';
import { pzip } from './command.js';

function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

test('the digest is in the summary, and in a file that sha256sum checks', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(5));
  mkdirSync(join(cwd, 'out'));
  const { stderr } = await pzip(cwd, ['--sha256', 'out/a b.zip', 'tree']);
  const digest = sha256Of(join(cwd, 'out/a b.zip'));
  assert.match(stderr, new RegExp(`, sha256 ${digest}\\n$`));
  assert.equal(readFileSync(join(cwd, 'out/a b.zip.sha256'), 'utf8'), `${digest}  a b.zip\n`);
  execFileSync('sha256sum', ['--strict', '-c', 'a b.zip.sha256'], { cwd: join(cwd, 'out') });
});

test('a name that sha256sum escapes is escaped', { skip: process.platform === 'win32' }, async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(1));
  await pzip(cwd, ['--sha256=sums', 'a\\b\nc.zip', 'tree']);
  execFileSync('sha256sum', ['--strict', '-c', 'sums'], { cwd });
});

test('the value follows an equals sign only', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(1));
  await pzip(cwd, ['--sha256', 'out.zip', 'tree']);
  await pzip(cwd, ['out2.zip', '--sha256', 'tree']);
  await pzip(cwd, ['out3.zip', 'tree', '--sha256']);
  await pzip(cwd, ['--sha256=sums', 'out4.zip', 'tree']);
  // It is the value of another option, or an input.
  await pzip(cwd, ['-x', '--sha256', 'out5.zip', 'tree']);
  writeFileSync(join(cwd, '--sha256'), '');
  await pzip(cwd, ['out6.zip', 'tree', '--', '--sha256']);
  assert.deepEqual(
    readdirSync(cwd).filter((name) => !name.endsWith('.zip')),
    ['--sha256', 'out.zip.sha256', 'out2.zip.sha256', 'out3.zip.sha256', 'sums', 'tree'],
  );
  const { code, stderr } = await runPzip(['--sha256=', 'out.zip', 'tree'], { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /--sha256= names no file: leave out the equals sign/);
});

test('on standard output the digest is printed, and FILE is for sha256sum on standard input', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(3));
  await pzip(cwd, ['--sha256', 'out.zip', 'tree']);
  const { stderr, code } = await startPzip(['--sha256=sums', '-', 'tree'], { cwd });
  assert.equal(code, 0);
  assert.match(stderr, new RegExp(`sha256 ${sha256Of(join(cwd, 'out.zip'))}\\n$`));
  execFileSync('sha256sum', ['-c', 'sums'], { cwd, input: readFileSync(join(cwd, 'out.zip')) });
  await startPzip(['--sha256', '-', 'tree'], { cwd });
  assert.ok(!existsSync(join(cwd, '-.sha256')));
});

test('files of the last run stay out of the archive, and unchanged ones are left alone', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(3));
  const args = ['--sha256', '--write-if-changed', '-T', 'tree/out.zip', 'tree'];
  await pzip(cwd, args);
  const before = statSync(join(cwd, 'tree/out.zip.sha256'));
  const listed = await pzip(cwd, ['-n', ...args]);
  assert.doesNotMatch(String(listed.stdout), /out\.zip/);
  const { stderr } = await pzip(cwd, args);
  assert.match(stderr, /, unchanged, sha256 [0-9a-f]{64}\n$/);
  assert.equal(statSync(join(cwd, 'tree/out.zip.sha256')).ino, before.ino);
});

test('a file that cannot be written fails before the archive is replaced', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(1));
  writeFileSync(join(cwd, 'out.zip'), 'old');
  for (const file of ['missing/sums', 'tree', 'out.zip']) {
    const { code, stderr } = await runPzip([`--sha256=${file}`, 'out.zip', 'tree'], { cwd });
    assert.equal(code, file === 'out.zip' ? 2 : 1, stderr);
    assert.match(stderr, new RegExp(`'${file}'`));
    assert.equal(readFileSync(join(cwd, 'out.zip'), 'utf8'), 'old');
  }
  assert.deepEqual(readdirSync(cwd), ['out.zip', 'tree']);
});
