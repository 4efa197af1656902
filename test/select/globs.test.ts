import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Source } from '../../dist/common/entry.js';
import { expandBraces } from '../../dist/select/globs/glob-braces.js';
import { compileSegment } from '../../dist/select/globs/glob-segment.js';
import type { SelectOptions } from '../../dist/select/select-options.js';
import { isSlowSuite } from '../helpers/slow-suite.js';
import { makeTree, pzipError, select } from './tree.js';

/** What bash expands each pattern to. */
function bash(cwd: string, patterns: readonly string[]): string[][] {
  const script = `shopt -s extglob nullglob; LC_ALL=C.UTF-8
while IFS= read -r pattern; do eval "printf '%s\\\\t' $pattern"; echo; done`;
  const { stdout, status, stderr } = spawnSync('bash', ['-c', script], {
    cwd,
    input: `${patterns.join('\n')}\n`,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t').filter((word) => word !== ''));
}

const HAS_BASH = spawnSync('bash', ['--version']).status === 0 ? false : 'bash is missing';

const NAMES = [
  'a',
  'b',
  'ab',
  'ba',
  'a.b',
  '.a',
  '.ab',
  'a1',
  'a10',
  'a-b',
  'A',
  'é',
  '😀',
  '(a)',
  'a+',
  'aab',
  '1',
  '01',
];

function treeOfNames(): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of NAMES) {
    tree[`flat/${name}`] = '';
    tree[`deep/${name}/a`] = '';
    tree[`deep/${name}/.b`] = '';
  }
  return tree;
}

test('patterns match what bash expands them to', { skip: HAS_BASH }, async (t) => {
  const cwd = makeTree(t, treeOfNames());
  const patterns = [
    ['*', '?', '??', 'a*', '*a', '*b*', '.*', '.?', '[ab]', '[!a]*', '[^a]*', '[a-b]?', '[]a]', '[!]a]'],
    [
      '[[:digit:]]*',
      '[[:upper:]]',
      '[a',
      'a[',
      '[a-]*',
      'a\\*',
      '\\a*',
      '[\\a]*',
      '@(a|b)',
      '?(a)b',
      '+(a)b',
      '*(a|b)',
    ],
    [
      '!(a)',
      '!(a|b)',
      '!(a*)',
      'a!(b)',
      '!(*b)',
      '@(a|+(b)|!(*a*))',
      '+(a|b|1)',
      '@(.a|b)',
      '*(.)a',
      '!(.a)',
      '+([ab])',
    ],
    [
      '{a,b}*',
      '{a,b}?(b)',
      '{1..10}',
      'a{1..10}',
      '{01..03}',
      'a{1..11..9}',
      '{a..c}',
      '{b,}a',
      '{a,{b,ab}}*',
      '[a-b]*1*',
    ],
  ]
    .flat()
    .map((pattern) => `flat/${pattern}`);
  patterns.push('*/a', '*/*/a', 'deep/*/*', 'deep/[!a]*/?', 'deep/@(a|b)/a', 'deep/{a,b}/*', 'd*/a*/a', '*/!(a)');
  const expected = bash(cwd, patterns);
  for (const [index, pattern] of patterns.entries()) {
    const words = expected[index] ?? [];
    const asWords =
      words.length === 0 ? [] : (await select(words.filter(exists(cwd)), { cwd, ifEmpty: 'ignore' })).names;
    const asPattern = (await select([pattern], { cwd, ifEmpty: 'ignore' })).names;
    assert.deepEqual(asPattern, asWords, pattern);
  }
});

function exists(cwd: string): (word: string) => boolean {
  return (word) => existsSync(join(cwd, word));
}

const ATOM = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', '.', '1', '-') },
  { weight: 3, arbitrary: fc.constantFrom('*', '?', '[ab]', '[!a]', '[a-b1]', '[!.]') },
);
const GROUP = fc
  .tuple(
    fc.constantFrom('?', '*', '+', '@', '!'),
    fc.array(fc.array(ATOM, { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
  )
  .map(([sign, alternatives]) => `${sign}(${alternatives.map((atoms) => atoms.join('')).join('|')})`);
const SEGMENT = fc
  .array(fc.oneof({ weight: 5, arbitrary: ATOM }, { weight: 1, arbitrary: GROUP }), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(''));

test('a random segment matches the names that bash matches with it', { skip: HAS_BASH }, () => {
  const names = fc.sample(fc.string({ unit: fc.constantFrom('a', 'b', '.', '1', '-'), minLength: 1, maxLength: 6 }), {
    numRuns: 60,
    seed: 7,
  });
  const segments = fc.sample(SEGMENT, { numRuns: 400, seed: 11 }).filter((text) => !/\*\*/.test(text));
  const script = `shopt -s extglob; LC_ALL=C.UTF-8; read -r -a names <<< "$NAMES"
while IFS= read -r pattern; do for name in "\${names[@]}"; do [[ $name == $pattern ]] && printf 1 || printf 0; done; echo; done`;
  const { stdout } = spawnSync('bash', ['-c', script], {
    input: `${segments.join('\n')}\n`,
    encoding: 'utf8',
    env: { ...process.env, NAMES: names.join(' ') },
  });
  const lines = stdout.split('\n');
  for (const [index, text] of segments.entries()) {
    const segment = compileSegment(text, true);
    const matched = names.map((name) => (segment?.matches(name) === true ? '1' : '0')).join('');
    if (matched !== lines[index]) {
      const at = [...matched].findIndex((digit, place) => digit !== lines[index]?.[place]);
      assert.fail(`${text} against ${names[at]}: ${matched[at]}, bash says ${lines[index]?.[at]}`);
    }
  }
});

test('braces expand as in bash', { skip: HAS_BASH }, (t) => {
  const cwd = makeTree(t, {});
  const patterns = [
    [
      '{a,b}',
      'x{a,b}y',
      '{a,b}{c,d}',
      '{a,{b,c}d}',
      '{a}',
      '{}',
      'a{b',
      'a}b',
      '{a,b',
      '{a,b}}',
      '{{a,b}',
      '{,a}',
      '{a,}',
    ],
    [
      '{1..3}',
      '{3..1}',
      '{01..3}',
      '{1..010}',
      '{-2..2}',
      '{-02..2}',
      '{1..10..4}',
      '{10..1..4}',
      '{1..3..0}',
      '{a..e..2}',
    ],
    [
      '{e..a}',
      '{1..a}',
      '{1.2}',
      '{a,b}{1..2}',
      '{{1..2},x}',
      'a{1..2}b{3..4}',
      '{a,b\\,c}',
      '\\{a,b}',
      '{a\\}b,c}',
      '{x,{y}}',
    ],
  ].flat();
  const expected = bash(
    cwd,
    patterns.map((pattern) => pattern),
  );
  for (const [index, pattern] of patterns.entries()) {
    const words = expandBraces(pattern).map((word) => word.replace(/\\(.)/g, '$1'));
    assert.deepEqual(
      words.filter((word) => word !== ''),
      expected[index],
      pattern,
    );
  }
});

const TREE_NAMES = fc.constantFrom('a', 'b', 'c', 'ab', '.d', 'f1', 'f2', 'f01', '(g)', '[h]');
const TREE = fc.array(fc.array(TREE_NAMES, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 15 });
const COMPONENT = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c', '.d', '(g)', '[h]', 'f1') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('*', '**', '?', 'f*', 'f[!1-3]', '[a-c]', '{a,b}', 'f{01..02}', 'f{1..11..5}'),
  },
  { weight: 1, arbitrary: fc.constantFrom('!(a)', '@(a|b)', '+(a|b)', '', '.', '.*', '*(f)?') },
);
const PATTERN = fc
  .tuple(
    fc.constantFrom('', './', '../top/', '/'),
    fc.array(COMPONENT, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '', '', '/'),
  )
  .map(([head, components, tail]) => ({ head, text: components.join('/') + tail }))
  // `!(g)` begins a group, so what is called `(g)` is taken away by `!./(g)`.
  .filter(({ head, text }) => text !== '' && !text.startsWith('/') && !(head === '' && text.startsWith('(')));

test('a !pattern takes away what the same pattern brings in, from any tree', async (t) => {
  let number = 0;
  const root = makeTree(t, {});
  await fc.assert(
    fc.asyncProperty(TREE, PATTERN, fc.constantFrom('.', '..', 'absolute'), async (paths, { head, text }, from) => {
      const cwd = join(root, String(number++), 'top');
      for (const path of paths) addFile(join(cwd, ...path));
      const pattern = head === '/' ? `${cwd}/${text}` : head + text;
      const input = from === 'absolute' ? cwd : from === '..' ? '../top' : '.';
      const all = await pathsOf([input], { cwd });
      const matched = new Set(await pathsOf([pattern], { cwd, ifEmpty: 'ignore' }));
      const left = await pathsOf([input, `!${pattern}`], { cwd, ifEmpty: 'ignore' });
      assert.deepEqual(
        left,
        all.filter((path) => !matched.has(path)),
        pattern,
      );
    }),
    isSlowSuite ? { numRuns: 2000 } : { numRuns: 150, seed: 20 },
  );
});

/** Files only, by where they are: directories are there for what is in them. */
async function pathsOf(inputs: readonly string[], options: SelectOptions): Promise<string[]> {
  // What is no pattern and does not exist is an error of its own.
  const batches = select(inputs, { ...options, directoryEntries: false });
  const { sources } = await batches.catch(ignoreMissing);
  return sources.map(({ path = '' }) => path.replace(/\/\.\.\/top(?=\/)/, '')).sort();
}

function ignoreMissing(error: unknown): { sources: Source[] } {
  pzipError('PZIP_SOURCE_MISSING')(error);
  return { sources: [] };
}

/** Unless a file is where a directory is needed. */
function addFile(path: string): void {
  try {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '');
  } catch {}
}

test('a directory that the last component matches goes in with all that is in it, as when a shell expands the pattern', async (t) => {
  const cwd = makeTree(t, {
    'top/a': '',
    'top/.env': '',
    'top/sub/b': '',
    'top/sub/.c': '',
    'top/sub/deep/d': '',
    'top/empty/': '',
    'top/link': '→ sub',
  });
  const words = ['top/a', 'top/empty', 'top/link', 'top/sub'];
  const expected = (await select(words, { cwd })).names;
  assert.deepEqual((await select(['top/*'], { cwd })).names, expected);
  assert.deepEqual((await select(['*'], { cwd })).names, (await select(['top'], { cwd })).names);
  assert.deepEqual((await select(['top/*', 'top/s*', 'top/*/b', 'top/**/d'], { cwd })).names, expected);
});

test('a pattern with ** matches dotfiles, and ** itself matches files and links, not directories', async (t) => {
  const cwd = makeTree(t, { 'd/.x.js': '', 'd/a.js': '', 'd/.git/c.js': '', 'd/empty/': '', 'd/l': '→ .git' });
  assert.deepEqual((await select(['**/*.js'], { cwd })).names, ['d/.git/c.js', 'd/.x.js', 'd/a.js']);
  assert.deepEqual((await select(['d/**'], { cwd })).names, ['d/.git/c.js', 'd/.x.js', 'd/a.js', 'd/l']);
});

test('the head of a pattern that exists is literal', async (t) => {
  const cwd = makeTree(t, {
    'app/(shop)/[slug]/page': '',
    'app/(shop)/s/page': '',
    'app/shop/page': '',
    'app/{x}/y': '',
    'app/x/y': '',
  });
  assert.deepEqual((await select(['app/(shop)/[slug]/**'], { cwd })).names, ['app/(shop)/[slug]/page']);
  assert.deepEqual((await select(['app/(shop)/*/page'], { cwd })).names, [
    'app/(shop)/[slug]/page',
    'app/(shop)/s/page',
  ]);
  assert.deepEqual((await select(['app/{x}/*'], { cwd })).names, ['app/{x}/y']);
  assert.deepEqual((await select(['app', '!app/(shop)/**'], { cwd, directoryEntries: false })).names, [
    'app/shop/page',
    'app/x/y',
    'app/{x}/y',
  ]);
  assert.deepEqual((await select(['app', '!app/(shop)/[slug]'], { cwd, directoryEntries: false })).names, [
    'app/(shop)/s/page',
    'app/shop/page',
    'app/x/y',
    'app/{x}/y',
  ]);
});

test('parentheses without a sign in front of them are literal', async (t) => {
  const cwd = makeTree(t, { 'a (1).txt': '', 'a 1.txt': '', 'b (1).txt': '' });
  assert.deepEqual((await select(['* (1).txt'], { cwd })).names, ['a (1).txt', 'b (1).txt']);
});

test('!( at the head of an input begins a group, not a negation', async (t) => {
  const cwd = makeTree(t, { 'a.txt': '', 'b.md': '', '+x': '' });
  assert.deepEqual((await select(['!(*.txt)', '+x'], { cwd })).names, ['+x', 'b.md']);
  assert.deepEqual((await select(['*', '!!(*.txt)'], { cwd })).names, ['a.txt']);
});

const HOSTILE = [
  `${'*a'.repeat(40_000)}`,
  `${'*a'.repeat(30)}b`,
  `${'*a'.repeat(2000)}b`,
  '(a+)+$*',
  '+(+(a|aa)|*(a))b*',
  `${'+(a|'.repeat(8)}a${')'.repeat(8)}b*`,
  `${'!(a*|'.repeat(7)}a${')'.repeat(7)}b*`,
  `${'@(a|'.repeat(500)}a${')'.repeat(500)}*`,
  '{1..1000000000}',
  '{a..z}'.repeat(5),
  '{a,b}'.repeat(25),
  `${'{a,'.repeat(20_000)}${'}'.repeat(20_000)}`,
  '{'.repeat(60_000),
  '['.repeat(60_000),
  `${'@(['.repeat(1300)}*`,
  '**/'.repeat(1300),
  '**/*/'.repeat(800),
  `${'?(a/b)'.repeat(30)}*`,
];

for (const [index, pattern] of HOSTILE.entries()) {
  test(`hostile pattern ${index} (${pattern.slice(0, 20)}) ends soon, with or without a PzipError`, async (t) => {
    const cwd = makeTree(t, { [`${'a'.repeat(200)}/${'a'.repeat(40)}/x`]: '', aaaa: '' });
    for (const inputs of [[pattern], ['.', `!${pattern}`]]) {
      const start = process.cpuUsage();
      try {
        await select(inputs, { cwd, ifEmpty: 'ignore' });
      } catch (error) {
        pzipError('PZIP_USAGE')(error);
        assert.ok((error as Error).message.length < 1000, 'the message is short');
      }
      const took = process.cpuUsage(start).user / 1000;
      assert.ok(took < 2000, `${took} ms`);
    }
  });
}

test('8,000 !patterns cost little more than a few', async (t) => {
  const cwd = makeTree(t, Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`d/f${index}`, ''])));
  const patterns = Array.from({ length: 4000 }, (_, index) => [
    `!node_modules/p${index}/**`,
    `!**/x${index}*.map`,
  ]).flat();
  const start = process.cpuUsage();
  assert.equal((await select(['d', ...patterns, '!d/f1*'], { cwd })).names.length, 10);
  const took = process.cpuUsage(start).user / 1000;
  assert.ok(took < 2000, `${took} ms`);
});

test('--if-empty holds for patterns without a match and for no inputs at all', async (t) => {
  const cwd = makeTree(t, { a: '' });
  const ignored = await select(['nothing-*'], { cwd, ifEmpty: 'ignore' });
  assert.deepEqual([ignored.names, ignored.warnings], [[], []]);
  const warned = await select(['nothing-*', 'a'], { cwd, ifEmpty: 'warn' });
  assert.deepEqual(warned.names, ['a']);
  assert.deepEqual(
    warned.warnings.map(({ code, path }) => [code, path]),
    [['PZIP_NOTHING_MATCHED', 'nothing-*']],
  );
  assert.deepEqual((await select([], { cwd, ifEmpty: 'ignore' })).names, []);
});

test('no pattern matches a file behind a link, whichever part of the pattern names the link', async (t) => {
  const root = makeTree(t, {
    'outside/id_rsa': '',
    'outside/sub/deep': '',
    'repo/real/f': '',
    'repo/real/link': '→ ../../outside',
  });
  symlinkSync('../outside', join(root, 'repo/dist'));
  const cwd = join(root, 'repo');
  const patterns: Record<string, string[]> = {
    'dist/**': ['dist'],
    'dist/*': ['dist'],
    'dist/*/': ['dist'],
    'dist/sub/*': ['dist'],
    './dist/**': ['dist'],
    '../repo/dist/**': ['repo/dist'],
    [`${cwd}/dist/**`]: [`${cwd.slice(1)}/dist`],
    '{dist,nope}/id_rsa': ['dist'],
    '{dist,real}/**': ['dist', 'real/f', 'real/link'],
    'real/link/*': ['real/link'],
    'real/link/../outside/*': ['real/link'],
    '@(dist)/*': [],
    '*/id_rsa': [],
    '*/link/*': [],
    '**/id_rsa': [],
  };
  for (const [pattern, names] of Object.entries(patterns)) {
    const kept = await select([pattern], { cwd, ifEmpty: 'ignore' });
    assert.deepEqual(kept.names, names, pattern);
    const skipped = await select([pattern], { cwd, ifEmpty: 'ignore', symlinks: 'skip' });
    assert.deepEqual(
      skipped.names,
      names.filter((name) => name === 'real/f'),
      pattern,
    );
    if (names.length > 0) {
      const refused = select([pattern], { cwd, symlinks: 'error' });
      await assert.rejects(refused, pzipError('PZIP_SOURCE_UNSUPPORTED', 'symbolic link'), pattern);
    }
    const followed = await select([pattern], { cwd, ifEmpty: 'ignore', symlinks: 'follow' });
    assert.ok(
      followed.names.some((name) => /id_rsa|deep/.test(name)),
      pattern,
    );
  }
});
