import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Source } from '../../dist/common/entry.js';
import { forwardSlashes } from '../../dist/select/globs/glob-pattern.js';
import { entryMode, type FileType, S_IFDIR, S_IFLNK, S_IFREG } from '../../dist/select/modes.js';
import { selectSources } from '../../dist/select/select.js';
import { asNobody, byBytes, makeTree, pzipError, select } from './tree.js';

test('a directory goes in with all that is in it: dotfiles, empty directories, links', async (t) => {
  const cwd = makeTree(t, {
    'dir/a.txt': 'one',
    'dir/.hidden': '',
    'dir/.config/x': '',
    'dir/empty/': '',
    'dir/link': '→ a.txt',
    'dir/dangling': '→ nowhere',
    'dir/up': '→ ..',
    'beside.txt': '',
  });
  const { names, sources, warnings } = await select(['dir/'], { cwd });
  assert.deepEqual(names, [
    'dir/',
    'dir/.config/',
    'dir/.config/x',
    'dir/.hidden',
    'dir/a.txt',
    'dir/dangling',
    'dir/empty/',
    'dir/link',
    'dir/up',
  ]);
  assert.deepEqual(warnings, []);
  const file = sources.find(({ name }) => name === 'dir/a.txt');
  const stats = lstatSync(join(cwd, 'dir/a.txt'));
  assert.deepEqual(file, {
    kind: 'file',
    name: 'dir/a.txt',
    path: join(cwd, 'dir/a.txt'),
    mode: stats.mode,
    mtimeMs: stats.mtimeMs,
    size: 3,
    dev: stats.dev,
    ino: stats.ino,
    ctimeMs: stats.ctimeMs,
    isFollowed: false,
  });
  const link = sources.find(({ name }) => name === 'dir/dangling');
  assert.equal(link?.kind, 'symlink');
  assert.equal(link.kind === 'symlink' && Buffer.from(link.target).toString(), 'nowhere');
});

test('the current directory goes in without a prefix and without a message', async (t) => {
  const cwd = makeTree(t, { 'a.txt': '', 'd/b.txt': '' });
  for (const input of ['.', './']) {
    const { names, warnings } = await select([input], { cwd });
    assert.deepEqual(names, ['a.txt', 'd/', 'd/b.txt']);
    assert.deepEqual(warnings, []);
  }
});

test('a file named in a directory brings no entry for the directory', async (t) => {
  const cwd = makeTree(t, { 'a/b/c.txt': '' });
  assert.deepEqual((await select(['a/b/c.txt'], { cwd })).names, ['a/b/c.txt']);
});

test('the prefix of a path that leads elsewhere is removed from names, with one message for each prefix', async (t) => {
  const cwd = makeTree(t, { 'in/': '', 'other/x.txt': '', 'other/y.txt': '' });
  const { names, sources, warnings } = await select(['../other/x.txt', join(cwd, 'other/y.txt')], {
    cwd: join(cwd, 'in'),
  });
  assert.deepEqual(names, byBytes(['other/x.txt', join(cwd, 'other/y.txt').slice(1)]));
  assert.deepEqual(
    warnings.map(({ code, severity }) => [code, severity]),
    [
      ['PZIP_PREFIX_REMOVED', 'notice'],
      ['PZIP_PREFIX_REMOVED', 'notice'],
    ],
  );
  for (const source of sources) assert.equal(source.kind === 'file' && lstatSync(source.path).isFile(), true);
});

test('names come in the order of their bytes across directories and inputs', async (t) => {
  const tree: Record<string, string> = {};
  for (const name of ['a', 'a-b', 'a.b', 'a/x', 'a0', 'ab/c', 'B', 'é', '\uFF5E', '\u{1F600}', 'a b', 'a!/z']) {
    for (const top of ['t', 't-', 't.d', 'T', 't/u']) tree[`${top}/${name === 'a' ? 'a_' : name}`] = '';
  }
  const cwd = makeTree(t, tree);
  const whole = (await select(['.'], { cwd })).names;
  assert.deepEqual(whole, byBytes(whole));
  const tops = ['t.d/', 't/', 'T', 't-'];
  const merged = (await select(tops, { cwd })).names;
  assert.deepEqual(merged, whole);
  assert.deepEqual((await select([...tops].reverse(), { cwd })).names, merged);
});

test('more entries than fit in a batch come in order and complete', async (t) => {
  const tree: Record<string, string> = {};
  for (let i = 0; i < 700; i++) tree[`d/${i % 7}/f${i}`] = '';
  const cwd = makeTree(t, tree);
  const batches: Source[][] = [];
  for await (const batch of selectSources(['d'], { cwd })) batches.push(batch);
  assert.ok(batches.length > 2);
  const names = batches.flat().map(({ name }) => name);
  assert.deepEqual(names, byBytes([...Object.keys(tree), 'd/', ...[0, 1, 2, 3, 4, 5, 6].map((i) => `d/${i}/`)]));
});

test('a directory is read only when its turn comes', async (t) => {
  const tree: Record<string, string> = { 'z/last': '' };
  for (let i = 0; i < 300; i++) tree[`a/f${i}`] = '';
  const cwd = makeTree(t, tree);
  const batches = selectSources(['a', 'z'], { cwd });
  const { value: first } = await batches.next();
  assert.ok(first && first.length > 0 && first.length <= 256);
  writeFileSync(join(cwd, 'z/later'), '');
  const names: string[] = [];
  for await (const batch of batches) names.push(...batch.map(({ name }) => name));
  assert.deepEqual(names.slice(-3), ['z/', 'z/last', 'z/later']);
});

test('the same file reached twice under the same name goes in once', async (t) => {
  const cwd = makeTree(t, { 'd/a': '', 'd/s/b': '', c: '' });
  const expected = ['c', 'd/', 'd/a', 'd/s/', 'd/s/b'];
  const inputs = ['d', 'd/a', './d/s', 'd/s/b', 'c', 'c', 'd/', 'd/s/../a', '*'];
  assert.deepEqual((await select(inputs, { cwd })).names, expected);
});

test('two sources for one name are an error that names both', async (t) => {
  const cwd = makeTree(t, { 'in/x/a': '1', 'x/a': '2' });
  await assert.rejects(
    async () => select(['x/a', '../x/a'], { cwd: join(cwd, 'in') }),
    pzipError('PZIP_NAME_DUPLICATE', "'x/a'", `'${cwd}/in/x/a'`, `'${cwd}/in/../x/a'`),
  );
  linkSync(join(cwd, 'x/a'), join(cwd, 'in/x/hard'));
  linkSync(join(cwd, 'x/a'), join(cwd, 'x/hard'));
  assert.deepEqual((await select(['x/hard', '../x/hard'], { cwd: join(cwd, 'in') })).names, ['x/hard']);
});

test('two directories of one name are one, and what is in them meets', async (t) => {
  const cwd = makeTree(t, { 'in/x/a': '1', 'x/b': '2' });
  assert.deepEqual((await select(['x', '../x'], { cwd: join(cwd, 'in') })).names, ['x/', 'x/a', 'x/b']);
});

test('a file where another entry needs a directory is an error that names both', async (t) => {
  const cwd = makeTree(t, { 'in/x': '1', 'in/x!': '', 'in/x-y': '', 'in/x.z/q': '', 'x/b': '2' });
  const inputs = ['x', 'x!', 'x-y', 'x.z', '../x/b'];
  await assert.rejects(
    async () => select(inputs, { cwd: join(cwd, 'in') }),
    pzipError('PZIP_NAME_CONFLICT', "'x'", "'x/b'", `'${cwd}/in/x'`),
  );
});

test('a slash after a link means the directory behind it', async (t) => {
  const cwd = makeTree(t, { 'real/a': '', link: '→ real' });
  assert.deepEqual((await select(['link'], { cwd })).names, ['link']);
  assert.deepEqual((await select(['link/'], { cwd })).names, ['link/', 'link/a']);
});

test('patterns match files and links, dotfiles too, in the order of names', async (t) => {
  const cwd = makeTree(t, {
    'd/a.js': '',
    'd/.b.js': '',
    'd/x.js/inside.txt': '',
    'd/l.js': '→ a.js',
    'd/sub/c.js': '',
    'd/sub/c.map': '',
    'loop/self': '→ .',
  });
  assert.deepEqual((await select(['d/**/[a-l].js', 'd/**/.*.js'], { cwd })).names, [
    'd/.b.js',
    'd/a.js',
    'd/l.js',
    'd/sub/c.js',
  ]);
  assert.deepEqual((await select(['d/*/'], { cwd })).names, [
    'd/sub/',
    'd/sub/c.js',
    'd/sub/c.map',
    'd/x.js/',
    'd/x.js/inside.txt',
  ]);
  assert.deepEqual((await select(['loop/**'], { cwd })).names, ['loop/self']);
});

test('on Windows a backslash in a pattern separates, but before a bracket it quotes', async () => {
  assert.equal(forwardSlashes('src\\**\\*.ts', 'win32'), 'src/**/*.ts');
  assert.equal(forwardSlashes('src\\sub\\x*.ts', 'win32'), 'src/sub/x*.ts');
  assert.equal(forwardSlashes('src/\\(x)\\a*', 'win32'), 'src/\\(x)/a*');
  assert.equal(forwardSlashes('src\\sub', 'linux'), 'src\\sub');
});

test('a pattern with ! takes away from what the patterns match', async (t) => {
  const cwd = makeTree(t, { 'd/a.js': '', 'd/a.map': '', 'd/sub/b.map': '' });
  assert.deepEqual((await select(['d/**', '!**/*.map'], { cwd })).names, ['d/a.js']);
});

test('a path that exists is taken literally even with the characters of a pattern', async (t) => {
  const cwd = makeTree(t, { 'a*.txt': '', 'ab.txt': '', '[x]/y': '', '!n': '' });
  assert.deepEqual((await select(['a*.txt', '[x]', '!n'], { cwd })).names, ['!n', '[x]/', '[x]/y', 'a*.txt']);
});

test('a missing input is reported before anything is read', async (t) => {
  const cwd = makeTree(t, { 'a/b': '', f: '' });
  for (const input of ['gone', 'a/gone', 'f/x', 'f/', 'x'.repeat(300)]) {
    await assert.rejects(
      selectSources(['a', input], { cwd }).next(),
      pzipError('PZIP_SOURCE_MISSING', input, cwd),
      input,
    );
  }
  await assert.rejects(async () => select([''], { cwd }), pzipError('PZIP_SOURCE_MISSING', 'empty'));
});

test('a pattern without matches is reported by name, among others that match', async (t) => {
  const cwd = makeTree(t, { 'a.js': '', 'd/': '' });
  await assert.rejects(async () => select(['*.js', '*.css'], { cwd }), pzipError('PZIP_NOTHING_MATCHED', "'*.css'"));
  await assert.rejects(async () => select(['a.js', 'd/**'], { cwd }), pzipError('PZIP_NOTHING_MATCHED', "'d/**'"));
});

test('a selection that comes out empty is an error', async (t) => {
  const cwd = makeTree(t, {});
  await assert.rejects(async () => select(['.'], { cwd }), pzipError('PZIP_NOTHING_MATCHED', "'.'"));
  await assert.rejects(async () => select([], { cwd }), pzipError('PZIP_NOTHING_MATCHED', 'no input'));
});

test('sockets and FIFOs are left out with a warning that names them', async (t) => {
  const cwd = makeTree(t, { 'd/a': '' });
  execFileSync('mkfifo', [join(cwd, 'd/pipe')]);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(cwd, 'd/socket'), resolve));
  t.after(() => server.close());
  const { names, warnings } = await select(['d', 'd/p*'], { cwd });
  assert.deepEqual(names, ['d/', 'd/a']);
  assert.deepEqual(
    warnings.map(({ code, severity, path }) => [code, severity, path]),
    ['pipe', 'pipe', 'socket'].map((name) => ['PZIP_SPECIAL_SKIPPED', 'warning', join(cwd, 'd', name)]),
  );
  assert.match(warnings[0]?.message ?? '', /FIFO/);
  assert.match(warnings[2]?.message ?? '', /socket/);
});

test('the archive and its temporary do not go into themselves, by path or by identity', async (t) => {
  const cwd = makeTree(t, { 'd/a': '', 'd/out.zip': '', 'd/.out.tmp': '' });
  linkSync(join(cwd, 'd/out.zip'), join(cwd, 'd/same.zip'));
  const { ino } = lstatSync(join(cwd, 'd/out.zip'));
  const excludePaths = new Set([join(cwd, 'd/.out.tmp')]);
  const options = { cwd, excludePaths, isOwnOutput: (stats: { ino: number }) => stats.ino === ino };
  assert.deepEqual((await select(['d'], options)).names, ['d/', 'd/a']);
  assert.deepEqual((await select(['d/*'], options)).names, ['d/a']);
  assert.deepEqual((await select(['d/a', 'd/out.zip', './d/.out.tmp'], options)).names, ['d/a']);
  await assert.rejects(
    async () => select(['d/out.zip'], options),
    pzipError('PZIP_NOTHING_MATCHED', "'d/out.zip'", 'itself'),
  );
});

test('a name that is not UTF-8 is an error that shows its bytes', async (t) => {
  const cwd = makeTree(t, { 'd/ok\uFFFD': '' });
  writeFileSync(Buffer.concat([Buffer.from(`${cwd}/d/caf`), Buffer.from([0xe9])]), '');
  mkdirSync(Buffer.concat([Buffer.from(`${cwd}/d/dir`), Buffer.from([0xff])]));
  await assert.rejects(async () => select(['d'], { cwd }), pzipError('PZIP_NAME_INVALID', '\\x'));
  assert.deepEqual((await select(['d'], { cwd, exclude: ['caf*', 'dir?'] })).names, ['d/', 'd/ok\uFFFD']);
  const { names, warnings } = await select(['d'], { cwd, skipUnreadable: true });
  assert.deepEqual(names, ['d/', 'd/ok\uFFFD']);
  assert.deepEqual(byBytes(warnings.map(({ code, path }) => `${code} ${path}`)), [
    `PZIP_SOURCE_SKIPPED ${cwd}/d/caf\\xe9`,
    `PZIP_SOURCE_SKIPPED ${cwd}/d/dir\\xff`,
  ]);
});

test('a name that is not UTF-8 is an error where a pattern meets it, and only there', async (t) => {
  const cwd = makeTree(t, { 'd/a.js': '' });
  writeFileSync(Buffer.concat([Buffer.from(`${cwd}/d/caf`), Buffer.from([0xe9])]), '');
  assert.deepEqual((await select(['d/*.js'], { cwd })).names, ['d/a.js']);
  await assert.rejects(async () => select(['d/c*'], { cwd }), pzipError('PZIP_NAME_INVALID', 'caf\\xe9'));
  assert.deepEqual((await select(['d/*'], { cwd, skipUnreadable: true })).names, ['d/a.js']);
  mkdirSync(Buffer.concat([Buffer.from(`${cwd}/d/dir`), Buffer.from([0xff])]));
  await assert.rejects(async () => select(['d/**/*.js'], { cwd }), pzipError('PZIP_NAME_INVALID', 'dir\\xff'));
});

test('a directory that a pattern walks and cannot read is an error that names it', async (t) => {
  const cwd = makeTree(t, { 'd/a': '', 'd/shut/x': '' });
  chmodSync(join(cwd, 'd/shut'), 0);
  await asNobody(async () => {
    await assert.rejects(
      async () => select(['d/**'], { cwd }),
      pzipError('PZIP_SOURCE_UNREADABLE', `${cwd}/d/shut`, 'EACCES'),
    );
    assert.deepEqual((await select(['d/**'], { cwd, skipUnreadable: true })).names, ['d/a']);
  });
  chmodSync(join(cwd, 'd/shut'), 0o700);
});

test('an input that cannot be looked at is an error that names it, or is skipped', async (t) => {
  const cwd = makeTree(t, { a: '', 'shut/x': '' });
  chmodSync(join(cwd, 'shut'), 0);
  await asNobody(async () => {
    await assert.rejects(
      async () => select(['a', 'shut/x'], { cwd }),
      pzipError('PZIP_SOURCE_UNREADABLE', `${cwd}/shut/x`),
    );
    assert.deepEqual((await select(['a', 'shut/x'], { cwd, skipUnreadable: true })).names, ['a']);
  });
  chmodSync(join(cwd, 'shut'), 0o700);
});

test('a directory that cannot be read is an error that names it and says what to do', async (t) => {
  const cwd = makeTree(t, { 'd/a': '', 'd/shut/x': '', 'd/z': '' });
  chmodSync(join(cwd, 'd/shut'), 0);
  await asNobody(async () => {
    await assert.rejects(
      async () => select(['d'], { cwd }),
      pzipError('PZIP_SOURCE_UNREADABLE', `${cwd}/d/shut`, 'EACCES', 'permission'),
    );
    const { names, warnings } = await select(['d'], { cwd, skipUnreadable: true });
    assert.deepEqual(names, ['d/', 'd/a', 'd/shut/', 'd/z']);
    assert.deepEqual(
      warnings.map(({ path }) => path),
      [`${cwd}/d/shut`],
    );
  });
  chmodSync(join(cwd, 'd/shut'), 0o700);
});

test('what disappears while the tree is read is an error', async (t) => {
  const tree: Record<string, string> = {};
  for (let i = 0; i < 300; i++) tree[`d/f${1000 + i}`] = '';
  const cwd = makeTree(t, tree);
  const batches = selectSources(['d'], { cwd });
  await batches.next();
  rmSync(join(cwd, 'd/f1299'));
  const readOn = async () => {
    for await (const _ of batches);
  };
  await assert.rejects(readOn, pzipError('PZIP_SOURCE_CHANGED', 'f1299'));
});

test('a tree of 400 directories in one another is walked', async (t) => {
  const cwd = makeTree(t, { 'd/': '' });
  const depth = 400;
  const path = `d${'/x'.repeat(depth)}`;
  mkdirSync(join(cwd, path), { recursive: true });
  assert.equal((await select(['d'], { cwd })).names.at(-1), `${path}/`);
  execFileSync('rm', ['-rf', 'd'], { cwd });
});

test('a tree that is deeper than the longest path of the system is walked', async (t) => {
  const cwd = makeTree(t, { 'd/': '' });
  const long = `${'n'.repeat(200)}/`.repeat(15);
  mkdirSync(join(cwd, 'd', long), { recursive: true });
  mkdirSync(join(cwd, 'e', long), { recursive: true });
  writeFileSync(join(cwd, 'e', long, 'inmost'), 'x');
  // Moved below each other, the inner one lies deeper than PATH_MAX (4,096 bytes).
  renameSync(join(cwd, 'e'), join(cwd, 'd', long, 'e'));
  const [innermost] = (await select(['d'], { cwd })).names.slice(-1);
  assert.equal(innermost, `d/${long}e/${long}inmost`);
  await assert.rejects(
    async () => select(['d'], { cwd, platform: 'darwin' }),
    pzipError('PZIP_SOURCE_UNREADABLE', 'ENAMETOOLONG', 'longer'),
  );
  execFileSync('rm', ['-rf', 'd'], { cwd });
});

test('modes that Windows makes up become those of a fresh checkout', async () => {
  assert.equal(entryMode(0o100444, S_IFREG, 'keep', 'win32'), 0o100644);
  assert.equal(entryMode(0o100666, S_IFREG, 'keep', 'win32'), 0o100644);
  assert.equal(entryMode(0o040666, S_IFDIR, 'keep', 'win32'), 0o040755);
  assert.equal(entryMode(0o120666, S_IFLNK, 'keep', 'win32'), 0o120777);
});

const POLICIES = ['keep', 'keep-special', 'normalize', 'a+rX'] as const;

test('modes are kept, normalised, or opened for reading', async () => {
  const rows = [
    [0o100640, 0o100640, 0o100640, 0o100644, 0o100644],
    [0o100664, 0o100664, 0o100664, 0o100644, 0o100664],
    [0o100710, 0o100710, 0o100710, 0o100755, 0o100755],
    [0o104755, 0o100755, 0o104755, 0o100755, 0o100755],
    [0o040700, 0o040700, 0o040700, 0o040755, 0o040755],
    [0o043770, 0o040770, 0o043770, 0o040755, 0o040775],
    [0o040770, 0o040770, 0o040770, 0o040755, 0o040775],
    [0o100000, 0o100400, 0o100400, 0o100644, 0o100444],
    [0o040000, 0o040700, 0o040700, 0o040755, 0o040755],
    [0o120777, 0o120777, 0o120777, 0o120777, 0o120777],
  ] as const;
  for (const [mode, ...expected] of rows) {
    const type = (mode & 0o170000) as FileType;
    const modes = POLICIES.map((policy) => entryMode(mode, type, policy, 'linux'));
    assert.deepEqual(modes, expected, mode.toString(8));
  }
});

test('directory entries can be left out', async (t) => {
  const cwd = makeTree(t, { 'd/a': '', 'd/e/': '' });
  assert.deepEqual((await select(['d'], { cwd, directoryEntries: false })).names, ['d/a']);
});
