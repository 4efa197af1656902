import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runProcess } from '../helpers/run-process.js';
import { runPzip } from '../helpers/run-pzip.js';
import { casesOf } from '../helpers/slow-suite.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { makeTree, type Tree } from '../select/tree.js';
import { namesIn, namesOf, ORDINARY_USER, open, pzip, pzipFails } from './command.js';

/** A repository with nested, negated, anchored and directory-only rules, and files that each of them is about. */
const REPOSITORY: Tree = {
  '.gitignore': 'node_modules/\n*.log\n!keep.log\n/build\ndoc/*.html\n\\#odd\n',
  'src/main.ts': 'x',
  'src/build/kept.ts': 'anchored patterns are not for here',
  'src/.gitignore': '*.tmp\n!/important.tmp\n',
  'src/a.tmp': '',
  'src/important.tmp': '',
  'src/deep/important.tmp': '',
  'src/deep/.gitignore': '!*.log\n',
  'src/deep/back.log': '',
  'a.log': '',
  'keep.log': '',
  'build/out.js': '',
  'doc/index.html': '',
  'doc/sub/index.html': '',
  'node_modules/x/index.js': '',
  'packages/y/node_modules/z/index.js': '',
  'packages/y/node_modules.txt': '',
  '#odd': '',
  'with space/new\nline.txt': '',
  'star*.txt': '',
  'ünï/cödé.txt': '',
};

function repository(t: TestContext): string {
  const cwd = makeTree(t, REPOSITORY);
  git(cwd, 'init', '-q');
  return cwd;
}

function git(cwd: string, ...args: string[]): Buffer {
  return execFileSync('git', args, { cwd, env: { PATH: process.env.PATH, HOME: '/nonexistent' } });
}

function byBytes(names: readonly string[]): string[] {
  return [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function lines(bytes: Buffer, separator = '\0'): string[] {
  return byBytes(bytes.toString().split(separator).filter(Boolean));
}

test('--gitignore selects what git would', async (t) => {
  const cwd = repository(t);
  const wanted = lines(git(cwd, 'ls-files', '-z', '-co', '--exclude-standard'));
  assert.ok(wanted.includes('src/deep/back.log') && !wanted.includes('build/out.js'));
  const { stderr } = await pzip(cwd, ['--gitignore', '-D', 'out.zip', '.']);
  assert.deepEqual(namesIn(cwd, 'out.zip'), wanted);
  assert.match(stderr, new RegExp(`${wanted.length} entries .*, \\d+ ignored, `));
});

test('a list from git goes in as it is, in any order of the arguments', async (t) => {
  const cwd = repository(t);
  const list = git(cwd, 'ls-files', '-z', '-co', '--exclude-standard');
  for (const args of [
    ['out.zip', '-z', '--files-from', '-'],
    ['--files-from', '-', '-z', 'out.zip'],
    ['-z', 'out.zip', '--files-from=-'],
    ['--null', '--files-from', '-', '--', 'out.zip'],
  ]) {
    await pzip(cwd, ['-q', ...args], { stdin: list });
    assert.deepEqual(namesIn(cwd, 'out.zip'), lines(list), args.join(' '));
  }
});

test('a list of lines takes names literally, and inputs go in besides', async (t) => {
  const cwd = makeTree(t, { 'star*.txt': '', 'starfish.txt': '', 'a b/c': '', d: '', '!e': '', '-x': '' });
  writeFileSync(join(cwd, 'list'), 'star*.txt\n\na b/c\n!e\n-x\n');
  assert.deepEqual(await namesOf(cwd, '--files-from', 'list', 'd'), byBytes(['star*.txt', 'a b/c', '!e', '-x', 'd']));
});

test('a list of another format than stated is reported', async (t) => {
  const cwd = makeTree(t, { a: '' });
  await pzipFails(cwd, ['out.zip', '--files-from', '-'], 2, ['NUL', '-z'], { stdin: 'a\0' });
  await pzipFails(cwd, ['out.zip', '-z', '--files-from', '-'], 1, ["'b' does not exist"], { stdin: 'a\0b\0' });
  await pzipFails(cwd, ['out.zip', '--files-from', '-'], 2, ['\\xff'], { stdin: Buffer.from('a\n\xff\n', 'latin1') });
  await pzipFails(cwd, ['out.zip', '--files-from', '-'], 1, ['Nothing to archive'], { stdin: '' });
});

test('--exclude and --ignore-file leave out what they match', async (t) => {
  const cwd = makeTree(t, {
    'd/a.js': '',
    'd/a.map': '',
    'd/sub/b.map': '',
    'd/sub/c.js': '',
    'd/x/y': '',
    rules: '*.map\n',
  });
  assert.deepEqual(await namesOf(cwd, '-D', '-x', '*.map', '-x', 'x/', 'd'), ['d/a.js', 'd/sub/c.js']);
  assert.deepEqual(await namesOf(cwd, '-D', '--ignore-file', 'rules', 'd'), ['d/a.js', 'd/sub/c.js', 'd/x/y']);
  const kept = ['d/a.js', 'd/sub/b.map', 'd/sub/c.js', 'd/x/y'];
  assert.deepEqual(await namesOf(cwd, '-D', '--ignore-file', 'rules', '-x', '!b.map', 'd'), kept);
});

test('the same tree has the names that zip and bsdtar give it', async (t) => {
  // zip writes names outside of ASCII in a field of its own, which Python does not read.
  const { 'ünï/cödé.txt': _, ...ascii } = REPOSITORY;
  const cwd = makeTree(t, ascii);
  mkdirSync(join(cwd, 'empty'));
  symlinkSync('nowhere', join(cwd, 'dangling'));
  linkSync(join(cwd, 'a.log'), join(cwd, 'hard'));
  await pzip(cwd, ['-q', 'out.zip', '.']);
  const names = namesIn(cwd, 'out.zip');
  const archive = join(await inTemporaryDirectory(t), 'theirs.zip');
  for (const [program, ...args] of [
    ['zip', '-q', '-y', '-r', archive, '.', '-x', 'out.zip'],
    ['bsdtar', '-c', '--format=zip', '-f', archive, '--exclude', './out.zip', '.'],
  ] as const) {
    rmSync(archive, { force: true });
    const made = await runProcess(program, args, { cwd }).catch(() => undefined);
    if (made === undefined) {
      t.diagnostic(`${program} is not installed`);
      continue;
    }
    assert.equal(made.code, 0, made.stderr);
    const listing = 'import sys, zipfile; sys.stdout.write("\\0".join(zipfile.ZipFile(sys.argv[1]).namelist()))';
    const { stdout } = await runProcess('python3', ['-c', listing, archive]);
    const theirs = lines(stdout).map((name) => name.replace(/^\.\//, ''));
    assert.deepEqual(names, byBytes(theirs.filter(Boolean)), program);
  }
});

const NAMING_CASES: readonly (readonly [args: readonly string[], names: readonly string[]])[] = [
  [
    ['--prefix', 'app-1.2', 'd'],
    ['app-1.2/d/a.jpeg', 'app-1.2/d/sub/b.txt'],
  ],
  [
    ['-j', 'd'],
    ['a.jpeg', 'b.txt'],
  ],
  [
    ['--strip-components', '1', 'd'],
    ['a.jpeg', 'sub/b.txt'],
  ],
  [['--strip-components', '2', 'd'], ['b.txt']],
  [
    ['--rename', 'd/sub=e', 'd'],
    ['d/a.jpeg', 'e/b.txt'],
  ],
  [
    ['--rename', '**/*.jpeg=**/*.jpg', 'd'],
    ['d/a.jpg', 'd/sub/b.txt'],
  ],
  [
    ['--rename', 'a.jpeg=z=', '--strip-components', '1', '--prefix', 'p/', 'd'],
    ['p/sub/b.txt', 'p/z='],
  ],
  [
    ['--first', 'sub/', '--first', '*.txt', 'd'],
    ['d/sub/b.txt', 'd/a.jpeg'],
  ],
  [
    ['-C', 'd', 'sub', 'a.jpeg'],
    ['a.jpeg', 'sub/b.txt'],
  ],
];

test('--prefix, -j, --strip-components, --rename, --first and -C name and order', async (t) => {
  const cwd = makeTree(t, { 'd/a.jpeg': 'x', 'd/sub/b.txt': 'y' });
  for (const [args, names] of NAMING_CASES) assert.deepEqual(await namesOf(cwd, '-D', ...args), names, args.join(' '));
});

test('two sources of one name, and a file in place of a directory, are reported with both paths', async (t) => {
  const cwd = makeTree(t, { 'a/x': '1', 'b/x': '2', 'c/x/y': '3' });
  await pzipFails(cwd, ['-j', 'out.zip', 'a', 'b'], 1, ["'x'", 'a/x', 'b/x']);
  await pzipFails(cwd, ['--strip-components', '1', 'out.zip', 'a', 'c'], 1, ["'x/", 'a/x', 'c/x']);
});

test('an EPUB has its stored mimetype first', async (t) => {
  const cwd = makeTree(t, {
    'book/META-INF/container.xml': '<x/>'.repeat(99),
    'book/mimetype': 'application/epub+zip'.repeat(9),
  });
  await pzip(cwd, [
    '-q',
    '-D',
    '--no-extra',
    '--first',
    'mimetype',
    '--level-for',
    'mimetype=0',
    '-C',
    'book',
    'book.epub',
    '.',
  ]);
  const { entries } = open(cwd, 'book.epub');
  assert.deepEqual(
    entries.map(({ name, compressionMethod }) => [name, compressionMethod]),
    [
      ['mimetype', 0],
      ['META-INF/container.xml', 8],
    ],
  );
  assert.equal(entries[0]?.dataOffset, 38, 'readers of EPUB look for the type at byte 38');
});

test('--level-for takes the last match, --store and -0 store it all, and a level makes a difference', async (t) => {
  const data = 'abc'.repeat(5000);
  const cwd = makeTree(t, { 'd/a.png': data, 'd/b.txt': data, 'd/c.png': data });
  const methods = async (...args: string[]): Promise<number[]> => {
    await pzip(cwd, ['-q', '-D', ...args, 'out.zip', 'd']);
    return open(cwd, 'out.zip').entries.map(({ compressionMethod }) => compressionMethod);
  };
  assert.deepEqual(await methods('--level-for', '*.png=0', '--level-for', 'd/c.*=9'), [0, 8, 8]);
  assert.deepEqual(await methods('--store', '--level-for', '*.txt=1'), [0, 8, 0]);
  for (const level of casesOf(['-0', '--store', '--level=0'], (level) => level === '-0')) {
    assert.deepEqual(await methods(level), [0, 0, 0], level);
  }
  for (const level of casesOf(['-1', '-9', '--level=10'], (level) => level === '--level=10')) {
    assert.deepEqual(await methods(level), [8, 8, 8], level);
  }
});

test('--symlinks keeps, follows, skips or rejects links', async (t) => {
  const cwd = makeTree(t, { 'd/file': 'content', 'd/link': '→ file', 'd/folder': '→ ../e', 'e/inside': 'x' });
  const kinds = async (...args: string[]): Promise<string[]> => {
    await pzip(cwd, ['-q', '-D', ...args, 'out.zip', 'd']);
    return open(cwd, 'out.zip').entries.map(({ name, mode }) => `${name} ${(mode >> 12).toString(8)}`);
  };
  assert.deepEqual(await kinds('--symlinks', 'keep'), ['d/file 10', 'd/folder 12', 'd/link 12']);
  assert.deepEqual(await kinds('--symlinks=follow'), ['d/file 10', 'd/folder/inside 10', 'd/link 10']);
  assert.deepEqual(await kinds('--symlinks', 'skip'), ['d/file 10']);
  await pzipFails(cwd, ['--symlinks', 'error', 'out.zip', 'd'], 1, ['d/folder', 'is a symbolic link']);
});

test('--if-empty says what a selection without anything is', async (t) => {
  const cwd = makeTree(t, { 'd/a': '' });
  await pzipFails(cwd, ['-x', 'a', '-D', 'out.zip', 'd'], 1, ['Nothing to archive']);
  const warned = await pzip(cwd, ['-x', 'a', '-D', '--if-empty', 'warn', 'out.zip', 'd']);
  assert.match(warned.stderr, /^pzip: Nothing to archive.*\n0 entries/);
  const ignored = await pzip(cwd, ['-q', '-x', 'a', '-D', '--if-empty', 'ignore', 'out.zip', 'd']);
  assert.equal(ignored.stderr, '');
  assert.deepEqual(namesIn(cwd, 'out.zip'), []);
});

test('--portable-names warns of, rejects or passes names that some systems cannot have', async (t) => {
  const cwd = makeTree(t, { 'd/aux.txt': '', 'd/Case': '', 'd/case': '', 'd/dot.': '', 'd/fine': '' });
  const warned = await pzip(cwd, ['out.zip', 'd']);
  for (const name of ['aux.txt', 'Case', 'dot.']) assert.match(warned.stderr, new RegExp(`^pzip: .*d/${name}`, 'm'));
  assert.ok(warned.stderr.split('\n').length < 10);
  await pzipFails(cwd, ['--portable-names', 'error', 'out2.zip', 'd'], 1, ['d/aux.txt']);
  const { stderr } = await pzip(cwd, ['--portable-names', 'off', 'out.zip', 'd']);
  assert.match(stderr, /^\d+ entries[^\n]*\n$/);
});

test('a FIFO is skipped with a warning, which --strict makes an error', async (t) => {
  const cwd = makeTree(t, { 'd/a': '' });
  execFileSync('mkfifo', [join(cwd, 'd/pipe')]);
  const { stderr } = await pzip(cwd, ['out.zip', 'd']);
  assert.match(stderr, /^pzip: .*d\/pipe' is a FIFO and was skipped.*\n2 entries .*, 1 skipped, /);
  await pzipFails(cwd, ['--strict', 'out.zip', 'd'], 1, ['d/pipe', 'FIFO']);
});

test('an unreadable file is an error; with --skip-unreadable it is reported and left out, and the exit code is 3', async (t) => {
  const cwd = makeTree(t, {
    'd/open': 'x',
    'd/closed': 'y',
    'd/large': 'z'.repeat(3_000_000),
    'd/shut/in': '',
    'place/': '',
  });
  execFileSync('chmod', ['0', join(cwd, 'd/closed'), join(cwd, 'd/large'), join(cwd, 'd/shut')]);
  execFileSync('chmod', ['0777', join(cwd, 'place')]);
  await pzipFails(cwd, ['place/out.zip', 'd'], 1, ['permission'], ORDINARY_USER);
  for (const quiet of casesOf([[], ['-q']], (flags) => flags.length === 0)) {
    const args = ['--skip-unreadable', ...quiet, 'place/out.zip', 'd'];
    const { code, stderr } = await runPzip(args, { cwd, ...ORDINARY_USER });
    assert.equal(code, 3, stderr);
    for (const name of ['closed', 'large', 'shut'])
      assert.match(stderr, new RegExp(`^pzip: Skipped: .*d/${name}`, 'm'));
    assert.ok(namesIn(cwd, 'place/out.zip').includes('d/open'));
    assert.ok(!namesIn(cwd, 'place/out.zip').includes('d/closed'));
    const { code: listed } = await runPzip(['-n', ...args], { cwd, ...ORDINARY_USER });
    assert.equal(listed, 3);
  }
  await pzipFails(cwd, ['--strict', '--skip-unreadable', 'place/new.zip', 'd'], 1, ['Skipped'], ORDINARY_USER);
  execFileSync('chmod', ['0755', join(cwd, 'd/shut')]);
});

test('files that turn out unreadable only when they are opened are skipped too', async (t) => {
  const cwd = makeTree(t, { 'd/a': 'x', 'd/b': 'y', 'd/large': 'z'.repeat(3_000_000), 'd/z': 'w' });
  // A disk that fails: the file is there, permission is given, and reading it is not possible.
  const module = `data:text/javascript,${encodeURIComponent(`
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const openSync = fs.openSync;
    fs.openSync = (path, ...rest) => {
      if (/d.(b|large)$/.test(path)) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
      return openSync(path, ...rest);
    };
    syncBuiltinESMExports();`)}`;
  const options = { cwd, nodeArguments: ['--import', module] };
  const failed = await runPzip(['-q', 'out.zip', 'd'], options);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /^pzip: .*d\/b.*EIO.*\n$/);
  const { code, stderr } = await runPzip(['--skip-unreadable', 'out.zip', 'd'], options);
  assert.equal(code, 3, stderr);
  assert.match(stderr, /^pzip: Skipped: .*d\/b.*\n/);
  assert.match(stderr, /^pzip: Skipped: .*d\/large.*\n/m);
  assert.match(stderr, /, 2 skipped, /);
  assert.deepEqual(namesIn(cwd, 'out.zip'), ['d/', 'd/a', 'd/z']);
});

test('a dry run lists what the archive then holds', async (t) => {
  const cwd = makeTree(t, { 'd/a': 'x', 'd/sub/b': '' });
  const { stdout } = await pzip(cwd, ['-n', 'out.zip', 'd']);
  const listed = stdout
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(14));
  await pzip(cwd, ['-q', 'out.zip', 'd']);
  assert.deepEqual(listed, namesIn(cwd, 'out.zip'));
  assert.deepEqual(listed, await namesOf(cwd, 'd'));
});
