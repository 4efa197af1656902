/** --reuse, --reuse-check and --write-if-changed on the command line. */
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPzip } from '../helpers/run-pzip.js';
import { buildTree, inTemporaryDirectory, manySmallFiles } from '../helpers/trees.js';
import { pzip } from './command.js';

test('the summary says how many files were reused, and a notice why none was', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(50));
  const first = await pzip(cwd, ['--reuse', 'out.zip', 'out.zip', 'tree']);
  assert.match(first.stderr, /^125 entries, 0 files reused, .*\n$/);
  writeFileSync(join(cwd, 'tree/package-1/lib/file-1.js'), 'changed');
  const second = await pzip(cwd, ['--reuse', 'out.zip', 'out.zip', 'tree']);
  assert.match(second.stderr, /^125 entries .*, 49 files reused, /);
  await pzip(cwd, ['cold.zip', 'tree']);
  assert.ok(readFileSync(join(cwd, 'out.zip')).equals(readFileSync(join(cwd, 'cold.zip'))));
  const other = await pzip(cwd, ['--reuse', 'cold.zip', 'other.zip', 'tree']);
  assert.match(other.stderr, /^pzip: Nothing of '.*cold\.zip' is reused: there is no '.*cold\.zip\.pzip-state', .*\n/);
  // A notice is no warning.
  await pzip(cwd, ['--strict', '--reuse', 'cold.zip', 'other.zip', 'tree']);
});

test('the summary says that a file with the same bytes is unchanged', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(5));
  const first = await pzip(cwd, ['--write-if-changed', 'out.zip', 'tree']);
  assert.doesNotMatch(first.stderr, /unchanged/);
  const before = statSync(join(cwd, 'out.zip'));
  const second = await pzip(cwd, ['--write-if-changed', '-T', 'out.zip', 'tree']);
  assert.match(second.stderr, /, unchanged\n$/);
  assert.equal(statSync(join(cwd, 'out.zip')).ino, before.ino);
});

test('options that contradict each other fail', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(1));
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [['--reuse-check', 'crc', 'out.zip', 'tree'], /--reuse-check requires --reuse/],
    [['--reuse', 'out.zip', '--reuse-check', 'mtime', 'out.zip', 'tree'], /content, crc, stat/],
    [['--write-if-changed', '-', 'tree'], /--write-if-changed is for an archive in a file/],
  ];
  for (const [args, message] of refused) {
    const { code, stderr } = await runPzip(args, { cwd });
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, message);
  }
});

test('a state that is named as an input is left out with a notice, and found in a directory without one', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(1));
  await pzip(cwd, ['--reuse', 'tree/out.zip', 'tree/out.zip', 'tree']);
  const named = await pzip(cwd, ['--strict', 'named.zip', 'tree/out.zip.pzip-state', 'tree/package-0']);
  assert.match(named.stderr, /^pzip: 'tree\/out\.zip\.pzip-state' records how an archive was made, and stays out of /);
  const found = await pzip(cwd, ['found.zip', 'tree']);
  assert.doesNotMatch(found.stderr, /pzip-state/);
  assert.ok(!readFileSync(join(cwd, 'found.zip')).includes('pzip-state'));
});
