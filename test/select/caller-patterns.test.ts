import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { makeTree, pzipError, select } from './tree.js';

const TREE = { '.cfg': '', 'notes/n': '', 'sub/.cfg': '', 'app.js': '', 'other/x': '' } as const;

test('an exclude pattern that is written as a path means the name of what lies there', async (t) => {
  const cwd = makeTree(t, TREE);
  const here = basename(cwd);
  const rows: [exclude: string, gone: string[]][] = [
    ['./.cfg', ['.cfg']],
    ['./notes/**', ['notes/n']],
    ['./notes/', ['notes/', 'notes/n']],
    ['././notes', ['notes/', 'notes/n']],
    [`../${here}/notes/n`, ['notes/n']],
    [`../${here}/notes`, ['notes/', 'notes/n']],
    [join(cwd, '.cfg'), ['.cfg']],
    [join(cwd, 'notes/*'), ['notes/n']],
    ['sub/../notes/n', ['notes/n']],
    ['notes/./n', ['notes/n']],
    ['./*.js', ['app.js']],
  ];
  const all = (await select(['.'], { cwd })).names;
  for (const [exclude, gone] of rows) {
    const { names, warnings } = await select(['.'], { cwd, exclude: [exclude] });
    assert.deepEqual(
      names,
      all.filter((name) => !gone.includes(name)),
      exclude,
    );
    assert.deepEqual(warnings, [], exclude);
  }
  assert.deepEqual((await select(['.'], { cwd, exclude: ['*', '!./app.js'] })).names, ['app.js']);
});

test('an absolute pattern holds for inputs that are written from the root, and through links', async (t) => {
  const root = makeTree(t, { 'real/.cfg': '', 'real/a': '' });
  const cwd = join(root, 'real');
  symlinkSync('real', join(root, 'link'));
  const { names } = await select([cwd], { cwd, exclude: [join(cwd, '.cfg')], directoryEntries: false });
  assert.deepEqual(names, [join(cwd, 'a').slice(1)]);
  assert.deepEqual((await select(['.'], { cwd, exclude: [join(root, 'link/.cfg')] })).names, ['a']);
  assert.deepEqual((await select(['.', `!${join(root, 'link/.cfg')}`], { cwd })).names, ['a']);
  assert.deepEqual((await select(['.'], { cwd: join(root, 'link'), exclude: [join(cwd, '.cfg')] })).names, ['a']);
});

test('a pattern that no name can match is reported once', async (t) => {
  const cwd = makeTree(t, { ...TREE, 'app/a': '' });
  const inside = join(cwd, 'app');
  const rows = ['=.cfg', '../other', '../other/*', join(cwd, 'other'), '.'];
  for (const exclude of rows) {
    const { warnings } = await select(['.'], { cwd: inside, exclude: [exclude] });
    assert.deepEqual(
      warnings.map(({ code, severity, path }) => [code, severity, path]),
      [['PZIP_PATTERN_UNMATCHABLE', 'warning', exclude]],
    );
  }
  for (const negated of ['!../other/x', `!${join(cwd, 'other')}/*`]) {
    const { warnings } = await select(['.', negated], { cwd: inside });
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['PZIP_PATTERN_UNMATCHABLE'],
      negated,
    );
  }
});

test('a pattern of what lies outside holds for inputs from there', async (t) => {
  const root = makeTree(t, { 'in/': '', 'other/x': '', 'other/y': '' });
  const cwd = join(root, 'in');
  for (const options of [{ exclude: ['../other/x'] }, { exclude: ['/other/x'] }]) {
    const { names, warnings } = await select(['../other'], { cwd, ...options });
    assert.deepEqual(names, ['other/', 'other/y']);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['PZIP_PREFIX_REMOVED'],
    );
  }
  assert.deepEqual((await select(['../other', '!../other/x'], { cwd })).names, ['other/', 'other/y']);
  assert.deepEqual((await select(['../other', '!**/x'], { cwd })).names, ['other/', 'other/y']);
});

test('patterns as git writes them are taken as they are', async (t) => {
  const cwd = makeTree(t, TREE);
  for (const exclude of ['/tmp', '/usr', '/dist', '.cfg', '/.cfg', '..foo', '.*', '*.map', 'a=b']) {
    assert.deepEqual((await select(['.'], { cwd, exclude: [exclude] })).warnings, [], exclude);
  }
});

test('a line of an ignore file keeps its meaning, and is reported where it can match nothing', async (t) => {
  const cwd = makeTree(t, { ...TREE, ignore: '# comment\n./.cfg\nnotes/\n' });
  const { names, warnings } = await select(['.'], { cwd, ignoreFiles: ['ignore'] });
  assert.ok(names.includes('.cfg') && !names.includes('notes/n'));
  assert.deepEqual(
    warnings.map(({ code, path }) => [code, path]),
    [['PZIP_PATTERN_UNMATCHABLE', './.cfg']],
  );
});

test('an exclude pattern that is longer than any path is rejected', async (t) => {
  const cwd = makeTree(t, TREE);
  await assert.rejects(
    async () => select(['.'], { cwd, exclude: ['*a'.repeat(3000)] }),
    pzipError('PZIP_USAGE', 'longer'),
  );
});
