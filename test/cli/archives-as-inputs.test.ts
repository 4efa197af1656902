/** `--from`, `--on-duplicate` and `pzip merge`, as a user types them. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPzip, startPzip } from '../helpers/run-pzip.js';
import { makeTree } from '../helpers/trees.js';
import { namesIn, pzip } from './command.js';

async function makes(cwd: string, ...args: string[]): Promise<void> {
  await pzip(cwd, args);
}

/** @returns the one line that it says */
async function fails(cwd: string, code: number, ...args: string[]): Promise<string> {
  const outcome = await runPzip(args, { cwd });
  assert.equal(outcome.code, code, outcome.stderr);
  assert.match(outcome.stderr, /^pzip: .+\n$/, 'one line');
  return outcome.stderr;
}

test('entries are deleted, renamed and replaced in an archive, which stays as it was after an error', async (t) => {
  const cwd = makeTree(t, { 'dist/app.js': 'one', 'dist/app.js.map': 'map' });
  await makes(cwd, 'site.zip', 'dist');
  await makes(cwd, 'site.zip', '--from', 'site.zip', '-x', '*.map');
  assert.deepEqual(namesIn(cwd, 'site.zip'), ['dist/', 'dist/app.js']);
  await makes(cwd, 'site.zip', '--from', 'site.zip', '--rename', 'dist/**=public/**');
  assert.deepEqual(namesIn(cwd, 'site.zip'), ['public/', 'public/app.js']);
  await makes(cwd, 'site.zip', '--from=site.zip', '--on-duplicate', 'last', 'dist');
  assert.deepEqual(namesIn(cwd, 'site.zip'), ['dist/', 'dist/app.js', 'dist/app.js.map', 'public/', 'public/app.js']);
  const before = readFileSync(join(cwd, 'site.zip'));
  const message = await fails(cwd, 1, 'site.zip', '--from', 'site.zip', 'dist');
  assert.match(message, /'dist\/app\.js'.*'site\.zip'.*--on-duplicate/);
  assert.match(await fails(cwd, 1, 'site.zip', '--from', 'none.zip'), /'none\.zip' does not exist/);
  assert.match(await fails(cwd, 1, 'site.zip', '--from', 'dist/app.js'), /'dist\/app\.js' is invalid/);
  assert.match(await fails(cwd, 2, 'site.zip', '--from', 'site.zip', '--on-duplicate', 'newest'), /error, first, last/);
  assert.ok(readFileSync(join(cwd, 'site.zip')).equals(before));
});

test('nothing left of an archive is an error that names it', async (t) => {
  const cwd = makeTree(t, { a: '' });
  await makes(cwd, 'a.zip', 'a');
  assert.match(await fails(cwd, 1, 'b.zip', '--from', 'a.zip', '-x', 'a'), /'a\.zip' came out empty.*ignored/);
});

test('pzip merge writes to a file and to a pipe, and names what clashes', async (t) => {
  const cwd = makeTree(t, { a: '1', b: '2', c: '3' });
  await makes(cwd, 'x.zip', 'c', 'a');
  await makes(cwd, 'y.zip', 'b');
  await makes(cwd, 'merge', 'm.zip', 'y.zip', 'x.zip', '-T', '-c', 'merged');
  assert.deepEqual(namesIn(cwd, 'm.zip'), ['b', 'a', 'c']);
  const { code, stdout } = await startPzip(['merge', '-', 'y.zip', 'x.zip', '-c', 'merged'], { cwd });
  assert.equal(code, 0);
  assert.ok(stdout.equals(readFileSync(join(cwd, 'm.zip'))));
  assert.match(await fails(cwd, 1, 'merge', 'm.zip', 'x.zip', 'x.zip'), /'a'.*'x\.zip'.*--on-duplicate/);
  assert.match(await fails(cwd, 1, 'merge', '--no-clobber', 'm.zip', 'x.zip'), /m\.zip/);
  assert.match(await fails(cwd, 2, 'merge', 'm.zip'), /pzip merge out\.zip a\.zip b\.zip/);
  assert.match(await fails(cwd, 2, 'merge', '-T', '-', 'x.zip'), /-T reads the archive back/);
  writeFileSync(join(cwd, 'cut.zip'), readFileSync(join(cwd, 'x.zip')).subarray(0, 60));
  assert.match(await fails(cwd, 1, 'merge', 'm.zip', 'cut.zip'), /'cut\.zip' is invalid/);
  assert.deepEqual(namesIn(cwd, 'm.zip'), ['b', 'a', 'c']);
});
