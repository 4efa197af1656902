import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SelectionCounts } from '../../dist/select/select-options.js';
import { asNobody, byBytes, makeTree, pzipError, select } from './tree.js';

const LINKS = {
  'd/file': 'content',
  'd/to-file': '→ file',
  'd/to-dir': '→ ../other',
  'd/dangling': '→ nowhere',
  'other/x': '',
  'other/y/z': '',
} as const;

test('links are kept as links by default, dangling ones too, as zip -y keeps them', async (t) => {
  const cwd = makeTree(t, LINKS);
  const { names, sources } = await select(['d'], { cwd });
  execFileSync('zip', ['-qry', 'out.zip', 'd'], { cwd });
  const reference = execFileSync('zipinfo', ['-1', 'out.zip'], { cwd, encoding: 'utf8' }).trim().split('\n');
  assert.deepEqual(names, byBytes(reference));
  assert.deepEqual(
    sources.filter(({ kind }) => kind === 'symlink').map(({ name }) => name),
    ['d/dangling', 'd/to-dir', 'd/to-file'],
  );
});

test('followed links put what they lead to under their names, as zip does', async (t) => {
  const { 'd/dangling': _, ...sound } = LINKS;
  const cwd = makeTree(t, { ...sound, 'd/to-dir!': '' });
  const { names, sources } = await select(['d'], { cwd, symlinks: 'follow' });
  execFileSync('zip', ['-qr', 'out.zip', 'd'], { cwd });
  const reference = execFileSync('zipinfo', ['-1', 'out.zip'], { cwd, encoding: 'utf8' }).trim().split('\n');
  assert.deepEqual(names, byBytes(reference));
  assert.deepEqual(names, [
    'd/',
    'd/file',
    'd/to-dir!',
    'd/to-dir/',
    'd/to-dir/x',
    'd/to-dir/y/',
    'd/to-dir/y/z',
    'd/to-file',
  ]);
  const file = sources.at(-1);
  assert.equal(file?.kind === 'file' && file.size, 7);
  assert.deepEqual((await select(['d/to-dir', 'd/to-file'], { cwd, symlinks: 'follow' })).names, names.slice(-5));
  assert.deepEqual(
    (await select(['d/**'], { cwd, symlinks: 'follow' })).names,
    names.filter((name) => !name.endsWith('/')),
  );
});

test('a followed link that leads nowhere is an error that says so', async (t) => {
  const cwd = makeTree(t, LINKS);
  await assert.rejects(
    async () => select(['d'], { cwd, symlinks: 'follow' }),
    pzipError('PZIP_SOURCE_MISSING', `'${cwd}/d/dangling'`, "'nowhere'"),
  );
  await assert.rejects(
    async () => select(['d/dangling'], { cwd, symlinks: 'follow' }),
    pzipError('PZIP_SOURCE_MISSING', `'${cwd}/d/dangling'`, "'nowhere'"),
  );
  symlinkSync('loop', join(cwd, 'other/loop'));
  await assert.rejects(
    async () => select(['other'], { cwd, symlinks: 'follow' }),
    pzipError('PZIP_SOURCE_UNREADABLE', 'ELOOP', 'loop'),
  );
});

test('followed links that lead back to where they lie are left out with a warning', async (t) => {
  const cwd = makeTree(t, { 'd/a': '', 'd/here': '→ .', 'd/s/up': '→ ..', 'e/to-f': '→ ../f', 'f/to-e': '→ ../e' });
  const { names, warnings } = await select(['d', 'e'], { cwd, symlinks: 'follow' });
  assert.deepEqual(names, ['d/', 'd/a', 'd/s/', 'e/', 'e/to-f/']);
  assert.deepEqual(
    warnings.map(({ code, severity, path }) => [code, severity, path]),
    ['d/here', 'd/s/up', 'e/to-f/to-e'].map((name) => ['PZIP_LINK_LOOP', 'warning', join(cwd, name)]),
  );
  assert.deepEqual((await select(['d/**'], { cwd, symlinks: 'follow' })).names, ['d/a']);
});

test('links can be skipped, which is counted, or be an error that names them', async (t) => {
  const cwd = makeTree(t, LINKS);
  const counts: SelectionCounts = { ignored: 0, skipped: 0 };
  assert.deepEqual((await select(['d'], { cwd, symlinks: 'skip', counts })).names, ['d/', 'd/file']);
  assert.equal(counts.skipped, 3);
  await assert.rejects(
    async () => select(['d'], { cwd, symlinks: 'error' }),
    pzipError('PZIP_SOURCE_UNSUPPORTED', `'${cwd}/d/dangling'`, "'nowhere'"),
  );
});

test('unreadable files are skipped and listed where that is asked for', async (t) => {
  const cwd = makeTree(t, { 'd/a': '', 'd/secret': '', 'd/z': '' });
  chmodSync(join(cwd, 'd/secret'), 0);
  await asNobody(async () => {
    const counts: SelectionCounts = { ignored: 0, skipped: 0 };
    const { names, warnings } = await select(['d', 'gone'], { cwd, skipUnreadable: true, counts });
    assert.deepEqual(names, ['d/', 'd/a', 'd/z']);
    assert.deepEqual(
      warnings.map(({ code, path }) => [code, path]),
      [
        ['PZIP_SOURCE_SKIPPED', 'gone'],
        ['PZIP_SOURCE_SKIPPED', join(cwd, 'd/secret')],
      ],
    );
    assert.equal(counts.skipped, 2);
  });
});

test('a selection that comes out empty can be a warning or nothing', async (t) => {
  const cwd = makeTree(t, { a: '' });
  const options = { cwd, exclude: ['*'] } as const;
  await assert.rejects(async () => select(['.'], options), pzipError('PZIP_NOTHING_MATCHED', "'.'", 'ignored'));
  const { names, warnings } = await select(['.'], { ...options, ifEmpty: 'warn' });
  assert.deepEqual(names, []);
  assert.deepEqual(
    warnings.map(({ code, severity }) => [code, severity]),
    [['PZIP_NOTHING_MATCHED', 'warning']],
  );
  assert.deepEqual((await select(['.'], { ...options, ifEmpty: 'ignore' })).warnings, []);
});

test('names that do not travel are named with the reason', async (t) => {
  const long = 'é'.repeat(100);
  const cwd = makeTree(t, {});
  const rows = [
    ['a:b', "':'"],
    ['what?', "'?'"],
    ['tab\there', "'\\t'"],
    ['dot.', 'dot'],
    ['space ', 'space'],
    ['CON', 'device'],
    ['nul.txt', 'device'],
    ['com1.tar.gz', 'device'],
  ] as const;
  for (const [name, reason] of rows) {
    mkdirSync(join(cwd, 'one'), { recursive: true });
    writeFileSync(join(cwd, 'one', name), '');
    const { warnings } = await select([`one/${name}`], { cwd });
    assert.equal(warnings.length, 1, name);
    assert.equal(warnings[0]?.code, 'PZIP_NAME_NOT_PORTABLE');
    assert.ok(warnings[0]?.message.includes(reason), warnings[0]?.message);
    await assert.rejects(
      async () => select([`one/${name}`], { cwd, portableNames: 'error' }),
      pzipError('PZIP_NAME_INVALID', reason),
      name,
    );
    assert.deepEqual((await select([`one/${name}`], { cwd, portableNames: 'off' })).warnings, []);
  }
  for (const name of ['console', 'com', 'com10', 'nully', '.dot', 'a b', 'ünïcödé', long, '$x', "it's", '~', '%20']) {
    writeFileSync(join(cwd, 'one', name), '');
    assert.deepEqual((await select([`one/${name}`], { cwd, portableNames: 'error' })).warnings, [], name);
  }
});

test('siblings that are one name without case or normalisation are named together, wherever they come from', async (t) => {
  const cwd = makeTree(t, {
    'd/Readme': '',
    'd/README': '',
    'd/caf\u00e9': '',
    'd/cafe\u0301': '',
    'Lib/a': '',
    'lib/b': '',
    'x/a/A': '',
    'x/b/a': '',
  });
  const { warnings } = await select(['d', 'x', 'Lib/a', 'lib/b'], { cwd, portableNames: 'warn' });
  assert.deepEqual(
    warnings.map(({ path }) => path),
    ['d/Readme', 'd/caf\u00e9', 'lib'],
  );
  assert.match(warnings[0]?.message ?? '', /'d\/README'/);
  await assert.rejects(
    async () => select(['d'], { cwd, portableNames: 'error' }),
    pzipError('PZIP_NAME_INVALID', 'd/README', 'd/Readme'),
  );
});

test('over-long names are named, and of many bad names only a few', async (t) => {
  const cwd = makeTree(t, {
    [`${'d/'.repeat(100)}${'x'.repeat(100)}`]: '',
    ...Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`e/a${i}:`, ''])),
  });
  const long = await select(['d'], { cwd, portableNames: 'warn', directoryEntries: false });
  assert.equal(long.warnings.length, 1);
  assert.match(long.warnings[0]?.message ?? '', /300 characters/);
  const many = await select(['e'], { cwd, portableNames: 'warn' });
  assert.equal(many.warnings.length, 5);
  assert.match(many.warnings[4]?.message ?? '', /^5 more names/);
});
