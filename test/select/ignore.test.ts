import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parsePatterns } from '../../dist/select/ignore/ignore-patterns.js';
import { IgnoreState } from '../../dist/select/ignore/ignore-state.js';
import type { SelectionCounts } from '../../dist/select/select-options.js';
import { byBytes, makeTree, pzipError, select, type Tree } from './tree.js';

/** Git without this machine's own ignore files. */
function git(cwd: string, ...args: string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', HOME: cwd };
  return execFileSync('git', ['-c', 'core.excludesFile=/dev/null', ...args], { cwd, env, encoding: 'utf8' });
}

function gitFiles(cwd: string): string[] {
  return byBytes(git(cwd, 'ls-files', '-z', '-co', '--exclude-standard').split('\0').slice(0, -1));
}

/** Files and links that pzip takes with --gitignore. */
async function ownFiles(cwd: string): Promise<string[]> {
  return (await select(['.'], { cwd, gitignore: true })).names.filter((name) => !name.endsWith('/'));
}

const REPOSITORY: Tree = {
  '.gitignore': [
    '# comment',
    '',
    'node_modules',
    '*.log',
    '!keep.log',
    '/dist',
    'build/',
    'docs/*.html',
    '**/cache/',
    'a/**/z.txt',
    'deep/**',
    '!deep/seen',
    '\\#hash',
    '\\!bang',
    'space\\ ',
    'trailing   ',
    'packages/*/out',
    '[Tt]emp?',
    'foo*bar',
    '/only/here.txt',
    '*.class\r',
  ].join('\n'),
  'node_modules/x/index.js': '',
  'sub/node_modules/y': '',
  'a.log': '',
  'keep.log': '',
  'sub/keep.log': '',
  'dist/app.js': '',
  'sub/dist/app.js': '',
  'build/o': '',
  'sub/build/o': '',
  'file/build': '',
  'docs/i.html': '',
  'docs/sub/i.html': '',
  'x/cache/y/z': '',
  'cache/file': '',
  'notcache/file': '',
  'a/z.txt': '',
  'a/b/c/z.txt': '',
  'b/a/z.txt': '',
  'deep/seen': '',
  'deep/unseen': '',
  'deep/down/seen': '',
  '#hash': '',
  '!bang': '',
  'space ': '',
  trailing: '',
  'packages/p/out/f': '',
  'packages/p/.gitignore': '!out\n*.tmp\n/local\n',
  'packages/p/src/a.tmp': '',
  'packages/p/src/local': '',
  'packages/p/local': '',
  'packages/q/out/f': '',
  'packages/q/src/out/f': '',
  'packages/q/.gitignore': '*\n!.gitignore\n!src\n!src/**/\n!*.ts\n',
  'packages/q/src/x.ts': '',
  'packages/q/src/x.js': '',
  'packages/q/src/inner/y.ts': '',
  Temp1: '',
  temps: '',
  temp: '',
  'foo-bar': '',
  'foo/bar': '',
  'only/here.txt': '',
  'also/only/here.txt': '',
  'A.class': '',
  link: '→ dist',
  'sub/build-link': '→ build',
  'é/ü.log': '',
  'é/ü.txt': '',
};

test('--gitignore takes the files that git takes: nested files, negation, anchors, directories', async (t) => {
  const cwd = makeTree(t, REPOSITORY);
  git(cwd, 'init', '-q');
  const expected = gitFiles(cwd);
  assert.ok(expected.length > 20 && expected.length < Object.keys(REPOSITORY).length);
  assert.deepEqual(await ownFiles(cwd), expected);
});

test('--gitignore in a directory of a repository heeds the files above it', async (t) => {
  const cwd = makeTree(t, REPOSITORY);
  git(cwd, 'init', '-q');
  for (const directory of ['packages', 'packages/p', 'sub', 'a', 'docs']) {
    assert.deepEqual(await ownFiles(join(cwd, directory)), gitFiles(join(cwd, directory)), directory);
    const viaInput = (await select([directory], { cwd, gitignore: true })).names.filter((name) => !name.endsWith('/'));
    assert.deepEqual(
      viaInput,
      gitFiles(join(cwd, directory)).map((name) => `${directory}/${name}`),
      directory,
    );
  }
});

test('--gitignore leaves .git out, at any depth and as a file, and treats an inner repository as its own', async (t) => {
  const cwd = makeTree(t, {
    a: '',
    '.gitignore': '*.x',
    'in/.git': 'gitdir: elsewhere',
    'in/b.x': '',
    'in/.gitignore': 'c',
  });
  writeFileSync(join(cwd, 'in/c'), '');
  git(cwd, 'init', '-q');
  assert.deepEqual(await ownFiles(cwd), ['.gitignore', 'a', 'in/.gitignore', 'in/b.x']);
});

test('--gitignore without a repository heeds the files from the working directory down', async (t) => {
  const cwd = makeTree(t, {
    '.gitignore': 'out',
    'w/.gitignore': '*.o',
    'w/a.o': '',
    'w/out/x': '',
    'w/d/.gitignore': '!b.o',
    'w/d/b.o': '',
  });
  const { names } = await select(['d', 'out', 'a.o', '*/*.o'], { cwd: join(cwd, 'w'), gitignore: true });
  assert.deepEqual(names, ['d/', 'd/.gitignore', 'd/b.o', 'out/', 'out/x']);
});

test('ignored directories are not read', async (t) => {
  const cwd = makeTree(t, {
    '.gitignore': 'node_modules\n',
    'node_modules/.gitignore/trap': '',
    'src/a': '',
    'vendor/x': '',
  });
  // Reading a directory as an ignore file fails, so getting past it shows that nobody looked.
  const counts: SelectionCounts = { ignored: 0, skipped: 0 };
  const options = { cwd, gitignore: true, exclude: ['vendor/'], counts };
  assert.deepEqual((await select(['.'], options)).names, ['.gitignore', 'src/', 'src/a']);
  assert.equal(counts.ignored, 2);
  assert.deepEqual((await select(['**'], options)).names, ['.gitignore', 'src/a']);
  assert.deepEqual((await select(['**/a'], options)).names, ['src/a']);
});

test('any patterns ignore any paths as git check-ignore says', async (t) => {
  const cwd = makeTree(t, {});
  git(cwd, 'init', '-q');
  const segment = fc.constantFrom(
    'a',
    'b',
    'ab',
    '*',
    '**',
    '?',
    'a*',
    '*b',
    '[ab]',
    '[!a]',
    '\\a',
    'a**b',
    '***',
    'c',
  );
  const pattern = fc
    .tuple(
      fc.constantFrom('', '', '', '!'),
      fc.constantFrom('', '', '/'),
      fc.array(segment, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', '', '/'),
    )
    .map(([negation, anchor, segments, directory]) => negation + anchor + segments.join('/') + directory);
  const path = fc
    .array(fc.constantFrom('a', 'b', 'ab', 'aab', 'c'), { minLength: 1, maxLength: 4 })
    .map((components) => components.join('/'));
  const patternLists = fc.sample(fc.array(pattern, { minLength: 1, maxLength: 5 }), 150);
  // None of them is on disk: git takes the last component for a file, and those before it for directories.
  const paths = fc.sample(path, 40).flatMap((name) => [name, `${name}/f`, `x/${name}/f`]);
  // Each list of patterns has a directory of its own, for git to be asked once.
  for (const [index, patterns] of patternLists.entries()) {
    mkdirSync(join(cwd, `${index}`));
    writeFileSync(join(cwd, `${index}`, '.gitignore'), patterns.join('\n'));
  }
  const asked = patternLists.flatMap((_, index) => paths.map((name) => `${index}/${name}\0`));
  const answer = execFileSync('git', ['check-ignore', '--no-index', '-z', '--stdin'], {
    cwd,
    input: asked.join(''),
    encoding: 'utf8',
  });
  const ignored = new Set(answer.split('\0'));
  assert.ok(ignored.size > 100 && ignored.size < asked.length - 100);
  for (const [index, patterns] of patternLists.entries()) {
    const top = IgnoreState.empty.withFile(parsePatterns(patterns));
    for (const name of paths) {
      const expected = ignored.has(`${index}/${name}`);
      assert.equal(isIgnored(name, top), expected, `${JSON.stringify(patterns)} on ${name}`);
    }
  }
});

/** Down from the top, as a walk goes. */
function isIgnored(path: string, top: IgnoreState): boolean {
  let state = top;
  const components = path.split('/');
  return components.some((component, index) => {
    const ignored = state.ignores(index < components.length - 1 ? `${component}/` : component);
    state = state.enter(component);
    return ignored;
  });
}

test('exclude patterns mean what lines of a .gitignore mean, from where names start', async (t) => {
  const cwd = makeTree(t, {
    'd/a.map': '',
    'd/x/a.map': '',
    'd/keep.map': '',
    'd/tmp/f': '',
    'd/x/tmp': '',
    'tmp/g': '',
    'd/top': '',
    top: '',
  });
  assert.deepEqual((await select(['d', 'top'], { cwd, exclude: ['*.map', '!keep.map', 'tmp/', '/top'] })).names, [
    'd/',
    'd/keep.map',
    'd/top',
    'd/x/',
    'd/x/tmp',
  ]);
  const base = cwd.split('/').at(-1);
  assert.ok((await select([`../${base}/d`], { cwd, exclude: ['/d/x'] })).names.includes(`${base}/d/x/`));
  assert.ok(!(await select([`../${base}/d`], { cwd, exclude: [`/${base}/d/x`] })).names.includes(`${base}/d/x/`));
  assert.deepEqual((await select(['.'], { cwd, exclude: ['/d/x', 'tmp'] })).names, [
    'd/',
    'd/a.map',
    'd/keep.map',
    'd/top',
    'top',
  ]);
});

test('exclude patterns have the last word over .gitignore files', async (t) => {
  const cwd = makeTree(t, { '.gitignore': '*.log\n/gen/\n', 'a.log': '', 'b.log': '', 'gen/x': '', c: '' });
  const options = { cwd, gitignore: true, exclude: ['!a.log', '!gen', '.gitignore'] };
  assert.deepEqual((await select(['.'], options)).names, ['a.log', 'c', 'gen/', 'gen/x']);
});

test('an ignore file gives patterns from where names start, before those of exclude', async (t) => {
  const cwd = makeTree(t, {
    'conf/ignore': '\uFEFF# header\r\n*.o\r\n/d/x\r\n',
    'd/a.o': '',
    'd/b.o': '',
    'd/x': '',
    'd/d/x': '',
  });
  const options = { cwd, ignoreFiles: ['conf/ignore'], exclude: ['!b.o'] };
  assert.deepEqual((await select(['d'], options)).names, ['d/', 'd/b.o', 'd/d/', 'd/d/x']);
  await assert.rejects(
    async () => select(['d'], { cwd, ignoreFiles: ['none'] }),
    pzipError('PZIP_SOURCE_MISSING', "'none'", 'ignore file'),
  );
});

test('an ignored input is left out, as in git, and reported once', async (t) => {
  const cwd = makeTree(t, { '.gitignore': 'out\n', 'out/x': '', 'out/y/z': '', a: '', 'b.log': '' });
  const { names, warnings } = await select(['a', 'out', 'out/x', 'out/y', 'b.log'], {
    cwd,
    gitignore: true,
    exclude: ['*.log'],
  });
  assert.deepEqual(names, ['a']);
  assert.deepEqual(
    warnings.map(({ code, severity }) => `${code} ${severity}`),
    ['PZIP_INPUT_IGNORED notice'],
  );
  assert.match(warnings[0]?.message ?? '', /'out' and 3 more inputs/);
  await assert.rejects(
    async () => select(['out'], { cwd, gitignore: true }),
    pzipError('PZIP_NOTHING_MATCHED', 'ignored'),
  );
  await assert.rejects(
    async () => select(['a', 'out/*'], { cwd, gitignore: true }),
    pzipError('PZIP_NOTHING_MATCHED', 'out/*', 'ignored'),
  );
});

test('a pattern with ! takes away from directories as well', async (t) => {
  const cwd = makeTree(t, {
    'd/a.js': '',
    'd/a.map': '',
    'd/.x.map': '',
    'd/s/b.map': '',
    'd/s/c': '',
    'e/f/g': '',
    'e/h': '',
  });
  assert.deepEqual((await select(['d', 'e', '!**/*.map', '!e/f'], { cwd })).names, [
    'd/',
    'd/a.js',
    'd/s/',
    'd/s/c',
    'e/',
    'e/h',
  ]);
});
