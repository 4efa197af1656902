import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseArguments } from '../../dist/cli/arguments.js';
import { explainUsage, UsageError } from '../../dist/cli/usage-error.js';
import { runProcess } from '../helpers/run-process.js';
import { PZIP, runPzip, runPzipInTerminal } from '../helpers/run-pzip.js';
import { isSlowSuite } from '../helpers/slow-suite.js';
import { randomBytes } from '../helpers/trees.js';
import { makeTree } from '../select/tree.js';
import { namesIn, ORDINARY_USER, pzip, pzipFails } from './command.js';

const TREE = { 'dir/a.txt': 'one', 'dir/b.txt': 'two', 'main.c': 'int main;' };

const USAGE_CASES: readonly (readonly [args: readonly string[], words: readonly string[]])[] = [
  [[], ['no archive', '--help']],
  [['out.zip'], ['no inputs for out.zip', '--files-from']],
  [['', 'dir'], ['the archive is empty']],
  [
    ['--exclud', 'x', 'out.zip', 'dir'],
    ["'--exclud'", '--exclude'],
  ],
  [['--symlink', 'keep', 'out.zip', 'dir'], ['--symlinks']],
  [
    ['out.zip', 'dir', '--exclude'],
    ['--exclude', 'argument missing'],
  ],
  [['--modes', 'none', 'out.zip', 'dir'], ['keep, keep-special, normalize, a+rX']],
  [
    ['--threads', '-1', 'out.zip', 'dir'],
    ["'-1'", '0 to 1024'],
  ],
  [
    ['--memory', 'lots', 'out.zip', 'dir'],
    ["'lots'", '64M'],
  ],
  [
    ['--level', '11', 'out.zip', 'dir'],
    ["'11'", '0 to 10'],
  ],
  [['--level-for', '*.png', 'out.zip', 'dir'], ["'*.png=0'"]],
  [['--rename', 'dir', 'out.zip', 'dir'], ['dist=public']],
  [
    ['-c', 'naïve', 'out.zip', 'dir'],
    ['comment', 'ASCII'],
  ],
  [
    ['-c', 'PK\u0005\u0006', 'out.zip', 'dir'],
    ['comment', 'end record'],
  ],
  [['-z', 'out.zip', 'dir'], ['--files-from']],
  [
    ['--files-from', 'nowhere', 'out.zip'],
    ['nowhere', 'cannot be read'],
  ],
  [['--stdin-name', 'x', 'out.zip', 'dir'], ["'-'"]],
  [['out.zip', '-', '--files-from', '-'], ['standard input']],
  [['out.zip', '-', '-'], ['once']],
  [['-T', '-', 'dir'], ['-T']],
  [
    ['-C', 'nowhere', 'out.zip', 'dir'],
    ['nowhere', '-C'],
  ],
  [
    ['-C', 'main.c', 'out.zip', 'dir'],
    ['main.c', '-C'],
  ],
  [['completion'], ['bash, zsh or fish']],
  [['completion', 'tcsh'], ['bash, zsh or fish']],
];

/** What the command says; undefined where the parser finds nothing to say, or is not asked. */
function refusalOf(args: readonly string[]): string | undefined {
  if (args[0] === 'completion') return undefined;
  try {
    parseArguments(args);
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return explainUsage(error);
  }
}

test('a meaningless command line fails with one line and exit code 2, and does nothing', async (t) => {
  const cwd = makeTree(t, TREE);
  for (const [index, [args, words]] of USAGE_CASES.entries()) {
    // What the parser refuses by itself is the same without a process for each; every sixth shows that the command says so.
    const message = isSlowSuite || index % 6 === 0 ? undefined : refusalOf(args);
    if (message === undefined) await pzipFails(cwd, args, 2, words);
    for (const word of words)
      assert.ok((message ?? word).includes(word), `${args.join(' ')}: ${message} lacks ${word}`);
  }
});

test("a command of another archiver makes no archive of that name, and is answered with pzip's way", async (t) => {
  const cwd = makeTree(t, TREE);
  await pzip(cwd, ['-q', 'old.zip', 'dir']);
  await pzipFails(cwd, ['x', 'old.zip'], 2, ["'x' is not a command", 'unzip', './x']);
  await pzipFails(cwd, ['test', 'old.zip'], 2, ["'test'", 'pzip check', '-T']);
  await pzipFails(cwd, ['ls', 'old.zip', 'dir'], 2, ['pzip list']);
  assert.ok(!existsSync(join(cwd, 'x')));
  await pzip(cwd, ['-q', './x', 'old.zip']);
  await pzip(cwd, ['-q', 'ls', 'dir']);
  assert.deepEqual(namesIn(cwd, 'x'), ['old.zip']);
});

test('swapped arguments are recognised', async (t) => {
  const cwd = makeTree(t, TREE);
  await pzipFails(cwd, ['dir', 'out.zip'], 2, ['the archive comes first', 'pzip out.zip dir']);
  await pzipFails(cwd, ['main.c', 'dir', 'out.jar'], 2, ['pzip out.jar main.c dir']);
  await pzip(cwd, ['-q', 'out.zip', 'dir']);
  await pzipFails(cwd, ['dir', 'out.zip'], 2, ['pzip out.zip dir']);
});

test('a file that is no archive is not replaced by one', async (t) => {
  const cwd = makeTree(t, { ...TREE, empty: '', 'broken.zip': 'no archive, but called one' });
  await pzipFails(cwd, ['main.c', 'dir'], 2, ['main.c exists and is not an archive']);
  assert.equal(readFileSync(join(cwd, 'main.c'), 'utf8'), TREE['main.c']);
  for (const archive of ['empty', 'broken.zip', 'empty']) await pzip(cwd, ['-q', archive, 'dir']);
});

test('an archive name that is a directory, or lies in none, says what to do', async (t) => {
  const cwd = makeTree(t, TREE);
  await pzipFails(cwd, ['dir', 'main.c'], 2, ['dir is a directory', 'dir/archive.zip']);
  await pzipFails(cwd, ['nowhere/out.zip', 'dir'], 1, ['nowhere/out.zip', 'does not exist', 'create it']);
  await pzipFails(cwd, ['main.c/out.zip', 'dir'], 1, ['main.c/out.zip', 'is a file']);
});

test('a place where nothing may be written says so', async (t) => {
  const cwd = makeTree(t, { ...TREE, 'closed/': '' });
  chmodSync(join(cwd, 'closed'), 0o555);
  await pzipFails(cwd, ['closed/out.zip', 'dir'], 1, ['closed/out.zip', 'permission'], ORDINARY_USER);
});

test('the archive as an input is an error alone, and a notice among others', async (t) => {
  const cwd = makeTree(t, TREE);
  await pzip(cwd, ['-q', 'out.zip', 'dir']);
  await pzipFails(cwd, ['out.zip', 'out.zip'], 2, ['out.zip is the archive itself']);
  await pzipFails(cwd, ['out.zip', './dir/../out.zip'], 2, ['is the archive itself']);
  const { stderr } = await pzip(cwd, ['out.zip', 'dir', 'main.c', 'out.zip']);
  assert.match(stderr, /^pzip: out\.zip is the archive itself and stays out\n/);
  assert.ok(!namesIn(cwd, 'out.zip').includes('out.zip'));
});

test('a full disk is reported in one line; only the old archive remains', async (t) => {
  const cwd = makeTree(t, TREE);
  await pzip(cwd, ['-q', 'out.zip', 'dir']);
  const old = readFileSync(join(cwd, 'out.zip'));
  writeFileSync(join(cwd, 'dir/random'), randomBytes(3_000_000, 1));
  const names = readdirSync(cwd);
  // The limit stands in for the disk: the system refuses the write that goes beyond it in the same way.
  const limited = 'ulimit -f 2000; trap "" XFSZ; exec "$@"';
  const { code, stderr } = await runProcess('bash', ['-c', limited, 'bash', process.execPath, PZIP, 'out.zip', 'dir'], {
    cwd,
  });
  assert.equal(code, 1, stderr);
  assert.match(stderr, /^pzip: Cannot write 'out\.zip': .*file this large\n$/);
  assert.deepEqual(readdirSync(cwd), names);
  assert.deepEqual(readFileSync(join(cwd, 'out.zip')), old);
});

test('a redirected archive that cannot be written is reported like one in a file', async (t) => {
  const cwd = makeTree(t, { 'dir/a': 'x'.repeat(3_000_000) });
  const limited = 'ulimit -f 1000; trap "" XFSZ; exec "$@" > out.zip';
  const command = ['-c', limited, 'bash', process.execPath, PZIP, '-0', '-', 'dir'];
  const { code, stderr } = await runProcess('bash', command, { cwd });
  assert.equal(code, 1, stderr);
  assert.match(stderr, /^pzip: Cannot write standard output: .*file this large\n$/);
});

test('a full device is reported as such', async (t) => {
  const cwd = makeTree(t, TREE);
  await pzipFails(cwd, ['/dev/full', 'dir'], 1, ['the disk is full', 'free some space']);
  const { code, stderr } = await runProcess(
    'sh',
    ['-c', '"$@" > /dev/full', 'sh', process.execPath, PZIP, '-', 'dir'],
    { cwd },
  );
  assert.equal(code, 1);
  assert.match(stderr, /^pzip: the archive cannot be written: the disk is full.*\n$/);
});

test('a full file system is reported as such', async (t) => {
  const cwd = makeTree(t, { ...TREE, 'disk/': '' });
  const mount = ['-t', 'tmpfs', '-o', 'size=1m', 'none', join(cwd, 'disk')];
  const mounted = await runProcess('mount', mount).catch(() => undefined);
  if (mounted?.code !== 0) {
    t.diagnostic('mounting a small file system takes rights that this user has not');
    return;
  }
  try {
    writeFileSync(join(cwd, 'dir/random'), randomBytes(3_000_000, 1));
    await pzip(cwd, ['-q', 'disk/out.zip', 'main.c']);
    const old = readFileSync(join(cwd, 'disk/out.zip'));
    await pzipFails(cwd, ['disk/out.zip', 'dir'], 1, ['disk/out.zip', 'the disk is full', 'free some space']);
    assert.deepEqual(readdirSync(join(cwd, 'disk')), ['out.zip']);
    assert.deepEqual(readFileSync(join(cwd, 'disk/out.zip')), old);
  } finally {
    await runProcess('umount', [join(cwd, 'disk')]);
  }
});

test('an archive is not written to a terminal', async (t) => {
  const cwd = makeTree(t, TREE);
  const { code, screen } = await runPzipInTerminal(['-', 'dir'], { cwd });
  assert.equal(code, 2);
  assert.match(screen, /refusing to write an archive to a terminal/);
  assert.ok(!screen.includes('PK'));
});

test('a reader that goes away ends it with one line', async (t) => {
  const cwd = makeTree(t, TREE);
  writeFileSync(join(cwd, 'dir/random'), randomBytes(3_000_000, 1));
  const { code, stderr } = await runPzip(['-', 'dir'], { cwd, onSpawn: (child) => child.closeStdout() });
  assert.equal(code, 1);
  assert.match(stderr, /^pzip: the reader closed the pipe.*\n$/);
});

test('missing inputs and patterns without a match are errors that name them', async (t) => {
  const cwd = makeTree(t, TREE);
  await pzipFails(cwd, ['out.zip', 'dir', 'dirr'], 1, ["'dirr' does not exist"]);
  await pzipFails(cwd, ['--prefix', '../x', 'out.zip', 'dir'], 2, ["'../x'"]);
  await pzipFails(cwd, ['out.zip', 'dir', '*.md'], 1, ["'*.md' matches nothing"]);
});

test('what begins with a hyphen goes in behind --', async (t) => {
  const cwd = makeTree(t, { '-v': 'x', '--version': 'y' });
  mkdirSync(join(cwd, 'd'));
  await pzip(cwd, ['-q', 'out.zip', '--', '-v', '--version']);
  assert.deepEqual(namesIn(cwd, 'out.zip'), ['--version', '-v']);
});
