import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileRenaming } from '../../dist/select/names/naming.js';
import { matchWildcards, splitAtWildcards } from '../../dist/select/names/rename-pattern.js';
import { byBytes, makeTree, pzipError, select } from './tree.js';

test('a prefix is a directory that everything goes into', async (t) => {
  const cwd = makeTree(t, { 'd/a': '', b: '' });
  for (const prefix of ['v1/x/', 'v1/x']) {
    assert.deepEqual((await select(['d', 'b'], { cwd, prefix })).names, ['v1/x/b', 'v1/x/d/', 'v1/x/d/a']);
  }
  assert.deepEqual((await select(['.'], { cwd, prefix: 'p' })).names, ['p/b', 'p/d/', 'p/d/a']);
  for (const prefix of ['/abs', '../up', 'a/../b', 'a//b', 'C:/x', 'a\\b']) {
    await assert.rejects(async () => select(['d'], { cwd, prefix }), pzipError('PZIP_NAME_INVALID', 'prefix'), prefix);
  }
});

test('junked paths leave the last component of files, as with zip -j', async (t) => {
  const cwd = makeTree(t, { 'd/z': '', 'd/s/a': '', 'd/e/': '', 'c/m': '', 'd/link': '→ z' });
  const { names } = await select(['d', 'c'], { cwd, junkPaths: true });
  execFileSync('zip', ['-qryj', 'out.zip', 'd', 'c'], { cwd });
  const reference = execFileSync('zipinfo', ['-1', 'out.zip'], { cwd, encoding: 'utf8' }).trim().split('\n');
  assert.deepEqual(names, byBytes(reference));
  assert.deepEqual(names, ['a', 'link', 'm', 'z']);
});

test('two files that junking gives one name are an error that names both', async (t) => {
  const cwd = makeTree(t, { 'd/x': '1', 'e/x': '2' });
  await assert.rejects(
    async () => select(['d', 'e'], { cwd, junkPaths: true }),
    pzipError('PZIP_NAME_DUPLICATE', "'x'", `'${cwd}/d/x'`, `'${cwd}/e/x'`),
  );
});

test('stripped components leave what tar leaves', async (t) => {
  const cwd = makeTree(t, { 'a/b/c/d': '', 'a/b/x': '', 'a/y': '', 'k/b/z': '', top: '' });
  for (const stripComponents of [0, 1, 2, 3, 4]) {
    const { names } = await select(['a', 'k', 'top'], { cwd, stripComponents, ifEmpty: 'ignore' });
    const out = join(cwd, `out${stripComponents}`);
    mkdirSync(out);
    execFileSync('sh', ['-c', `tar -c a k top | tar -x -C ${out} --strip-components=${stripComponents}`], { cwd });
    const reference = execFileSync('find', ['.', '-mindepth', '1', '-printf', '%P%y\\0'], {
      cwd: out,
      encoding: 'utf8',
    });
    const expected = reference
      .split('\0')
      .slice(0, -1)
      .map((line) => line.slice(0, -1) + (line.endsWith('d') ? '/' : ''));
    assert.deepEqual(names, byBytes(expected), `${stripComponents}`);
  }
  for (const stripComponents of [-1, 1.5, Number.NaN]) {
    await assert.rejects(
      async () => select(['a'], { cwd, stripComponents }),
      pzipError('PZIP_USAGE', `${stripComponents}`),
    );
  }
});

test('a renaming is a literal name, a directory, or a pattern', async () => {
  const rows = [
    // A name stands for itself and for what is in it, whole components only.
    ['src=lib', 'src/', 'lib/'],
    ['src=lib', 'src/a', 'lib/a'],
    ['src=lib', 'src2/a', undefined],
    ['src=lib', 'x/src/a', undefined],
    ['src/=lib/', 'src/', 'lib/'],
    ['src/=lib', 'src/a', 'lib/a'],
    ['src/=lib', 'src', undefined],
    ['src=', 'src/', ''],
    ['src=', 'src/a', 'a'],
    ['a.txt=b.txt', 'a.txt', 'b.txt'],
    ['a.txt=docs/', 'a.txt', 'docs/a.txt'],
    ['x/a.txt=docs/', 'x/a.txt', 'docs/a.txt'],
    ['[a].txt=b', '[a].txt', 'b'],
    ['[a].txt=b', 'a.txt', undefined],
    // A pattern stands for whole names; wildcards in order.
    ['*.jpeg=*.jpg', 'a.jpeg', 'a.jpg'],
    ['*.jpeg=*.jpg', 'd/a.jpeg', undefined],
    ['**/*.jpeg=**/*.jpg', 'd/e/a.jpeg', 'd/e/a.jpg'],
    ['**/*.jpeg=**/*.jpg', 'a.jpeg', 'a.jpg'],
    ['src/**=lib/**', 'src/', 'lib/'],
    ['src/**=lib/**', 'src/a/b', 'lib/a/b'],
    ['src/**=lib/**', 'src/a/', 'lib/a/'],
    ['*.md=docs/', 'a.md', 'docs/a.md'],
    ['**/*.md=docs/', 'x/y/a.md', 'docs/a.md'],
    ['*.md=docs/', 'a.md/', undefined],
    ['log?.txt=logs/?', 'log7.txt', 'logs/7'],
    ['a(1)*.txt=b*.txt', 'a(1)x.txt', 'bx.txt'],
    ['a.c*=b', 'abc', undefined],
  ] as const;
  for (const [renaming, name, expected] of rows) {
    const [from = '', to = ''] = renaming.split('=');
    assert.equal(compileRenaming({ from, to })(name), expected, `${renaming} on ${name}`);
  }
});

test('a renaming that creates an invalid name is an error that names it', async () => {
  const rows = [
    [{ from: 'a', to: '../b' }, 'a'],
    [{ from: 'a', to: '/b' }, 'a'],
    [{ from: 'a', to: 'C:/b' }, 'a/x'],
    [{ from: '*', to: 'x//*' }, 'a'],
  ] as const;
  for (const [renaming, name] of rows) {
    assert.throws(() => compileRenaming(renaming)(name), pzipError('PZIP_NAME_INVALID', `'${name}'`), renaming.to);
  }
  assert.throws(() => compileRenaming({ from: '*', to: '*/*' }), pzipError('PZIP_USAGE', 'wildcards'));
  assert.throws(() => compileRenaming({ from: '', to: 'x' }), pzipError('PZIP_USAGE', 'FROM=TO'));
});

test('the first renaming that matches is made, after stripping and before the prefix, and names are sorted again', async (t) => {
  const cwd = makeTree(t, { 'd/a.txt': '', 'd/b.txt': '', 'd/sub/c.md': '', 'd/z': '' });
  const rename = [
    { from: 'a.txt', to: 'zz.txt' },
    { from: '*.txt', to: 'text/' },
    { from: 'sub', to: 'A' },
  ];
  const { names, sources } = await select(['d'], { cwd, stripComponents: 1, rename, prefix: 'p' });
  assert.deepEqual(names, ['p/A/', 'p/A/c.md', 'p/text/b.txt', 'p/z', 'p/zz.txt']);
  const renamed = sources.at(-1);
  assert.equal(renamed?.kind === 'file' && renamed.path, join(cwd, 'd/a.txt'));
});

test('renaming that puts a file where a directory has to be is an error that names both', async (t) => {
  const cwd = makeTree(t, { a: '', 'd/x': '' });
  await assert.rejects(
    async () => select(['a', 'd'], { cwd, rename: [{ from: 'a', to: 'd' }] }),
    pzipError('PZIP_NAME_CONFLICT', "'d'", `'${cwd}/a'`),
  );
});

test('patterns put entries first in the order of the patterns, sorted within', async (t) => {
  const cwd = makeTree(t, {
    'META-INF/MANIFEST.MF': '',
    'META-INF/x': '',
    'OEBPS/a.css': '',
    'OEBPS/b.css': '',
    mimetype: '',
    a: '',
  });
  assert.deepEqual((await select(['.'], { cwd, first: ['mimetype', '/META-INF', '*.css', 'gone'] })).names, [
    'mimetype',
    'META-INF/',
    'META-INF/MANIFEST.MF',
    'META-INF/x',
    'OEBPS/a.css',
    'OEBPS/b.css',
    'OEBPS/',
    'a',
  ]);
});

test('levels are set by pattern, the last match winning', async (t) => {
  const cwd = makeTree(t, {
    'a.png': '',
    'a.txt': '',
    'd/b.png': '',
    'd/c.txt': '',
    'd/link.png': '→ b.png',
    'raw/x/y.txt': '',
  });
  const levelFor = [
    { pattern: '*.png', level: 0 },
    { pattern: 'raw/', level: 1 },
    { pattern: '/d/b.png', level: 9 },
  ];
  const levels = (await select(['.'], { cwd, levelFor })).sources.map((source) =>
    source.kind === 'file' ? [source.name, source.level] : [source.name],
  );
  assert.deepEqual(levels, [
    ['a.png', 0],
    ['a.txt', undefined],
    ['d/'],
    ['d/b.png', 9],
    ['d/c.txt', undefined],
    ['d/link.png'],
    ['raw/'],
    ['raw/x/'],
    ['raw/x/y.txt', 1],
  ]);
});

test('sources that were not found on disk take their place in the order', async (t) => {
  const cwd = makeTree(t, { a: '', z: '' });
  const made = { kind: 'directory', name: 'm/', mode: 0o040755, mtimeMs: 0 } as const;
  assert.deepEqual((await select(['.'], { cwd, additional: [made] })).names, ['a', 'm/', 'z']);
  const clash = { kind: 'symlink', name: 'a', mode: 0o120777, mtimeMs: 0, target: Buffer.from('x') } as const;
  await assert.rejects(
    async () => select(['.'], { cwd, additional: [clash] }),
    pzipError('PZIP_NAME_DUPLICATE', "'a'", 'added by name'),
  );
});

test('wildcards take as much as they can, as the expressions that they stand for do', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', '😀'), maxLength: 10 });
  const part = fc.constantFrom('a', 'b', '/', '*', '**', '**/', '?', '*a', '/**/');
  fc.assert(
    fc.property(name, fc.array(part, { minLength: 1, maxLength: 6 }), (text, parts) => {
      const pattern = splitAtWildcards(parts.join(''));
      const expected = new RegExp(`^${pattern.map(expressionOf).join('')}$`, 'su').exec(text);
      assert.deepEqual(matchWildcards(pattern, text), expected === null ? undefined : [...expected].slice(1));
    }),
    { numRuns: 20_000, seed: 3 },
  );
});

function expressionOf(part: string): string {
  const expressions = new Map([
    ['**/', '((?:[^/]+/)*)'],
    ['**', '(.*)'],
    ['*', '([^/]*)'],
    ['?', '([^/])'],
  ]);
  return expressions.get(part) ?? part;
}

test('a renaming of many wildcards takes no exponential time, or is rejected', () => {
  const start = process.cpuUsage();
  for (const from of [`${'*a'.repeat(30)}b`, `${'**a'.repeat(30)}b`, `${'**/'.repeat(90)}b`, '*'.repeat(100)]) {
    const rename = compileRenaming({ from, to: 'x' });
    for (const name of ['a'.repeat(255), `${'a/'.repeat(2000)}a`, 'a'.repeat(4096)]) rename(name);
  }
  const took = process.cpuUsage(start).user / 1000;
  assert.ok(took < 2000, `${took} ms`);
  assert.throws(() => compileRenaming({ from: '*a'.repeat(101), to: 'x' }), pzipError('PZIP_USAGE', 'wildcards'));
  assert.throws(() => compileRenaming({ from: '*a'.repeat(40_000), to: 'x' }), pzipError('PZIP_USAGE', 'longer'));
});

test('a renaming that is written as a path means the name', () => {
  assert.equal(compileRenaming({ from: './a', to: './b' })('a/c'), 'b/c');
  assert.equal(compileRenaming({ from: './*.x', to: '*.y' })('a.x'), 'a.y');
});
