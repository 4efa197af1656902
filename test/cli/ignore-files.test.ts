/** Ignore files that are hostile or unusual, through the command: pipes, devices, huge ones, and an interrupt meanwhile. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runProcess } from '../helpers/run-process.js';
import { PZIP, runPzip } from '../helpers/run-pzip.js';
import { isSlowSuite } from '../helpers/slow-suite.js';
import { makeTree, type Tree } from '../select/tree.js';

/** What a shared machine may take for a second's work. */
const PATIENCE = 20_000;

async function namesOf(cwd: string, args: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runPzip(['-q', '-n', 'out.zip', ...args], { cwd, timeout: PATIENCE });
  assert.equal(code, 0, stderr);
  return stdout
    .toString()
    .split('\n')
    .map((line) => line.replace(/^.* /, ''))
    .filter((name) => name !== '');
}

/** A repository that git would believe, without git. */
function makeRepository(t: TestContext, tree: Tree): string {
  const mark = { '.git/HEAD': 'ref: refs/heads/main\n', '.git/objects/': '', '.git/refs/': '' };
  return makeTree(t, { ...mark, ...tree });
}

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n');
}

test('--ignore-file takes a pipe: a process substitution, a FIFO whose writer comes late, /dev/stdin', async (t) => {
  const cwd = makeTree(t, { 't/secret': '', 't/a': '' });
  const shell = `exec "$0" "$1" -q -n --ignore-file <(sleep 0.3; echo sec; echo secret) out.zip t`;
  const substituted = await runProcess('bash', ['-c', shell, process.execPath, PZIP], { cwd, timeout: PATIENCE });
  assert.deepEqual([substituted.code, substituted.stdout.includes('secret')], [0, false], substituted.stderr);
  const empty = await runProcess(
    'bash',
    ['-c', shell.replace('sleep 0.3; echo sec; echo secret', ':'), process.execPath, PZIP],
    { cwd, timeout: PATIENCE },
  );
  assert.deepEqual([empty.code, empty.stdout.includes('secret')], [0, true], empty.stderr);
  execFileSync('mkfifo', [join(cwd, 'fifo')]);
  const writer = spawn(
    'sh',
    ['-c', 'sleep 0.5; printf "sec" > fifo.part; { printf "sec"; sleep 0.2; echo ret; } > fifo'],
    { cwd },
  );
  t.after(() => writer.kill());
  assert.ok(!(await namesOf(cwd, ['--ignore-file', 'fifo', 't'])).some((name) => name.includes('secret')));
  const pipe = 'echo secret | "$0" "$1" -q -n --ignore-file /dev/stdin out.zip t';
  const piped = await runProcess('bash', ['-c', pipe, process.execPath, PZIP], { cwd, timeout: PATIENCE });
  assert.deepEqual([piped.code, piped.stdout.includes('secret')], [0, false], piped.stderr);
});

test('--ignore-file decodes UTF-16, as PowerShell writes it', async (t) => {
  const cwd = makeTree(t, { 't/secret': '', 't/a': '', 't/é': '' });
  writeFileSync(join(cwd, 'ignore'), '\uFEFFsecret\r\né\r\n', 'utf16le');
  assert.deepEqual(await namesOf(cwd, ['--ignore-file', 'ignore', 't']), ['t/', 't/a']);
  writeFileSync(join(cwd, 'ignore'), Buffer.from('\uFEFFsecret\n', 'utf16le').swap16());
  assert.deepEqual(await namesOf(cwd, ['--ignore-file', 'ignore', 't']), ['t/', 't/a', 't/é']);
});

test('an --ignore-file without end, or that is a directory, is an error', async (t) => {
  const cwd = makeTree(t, { a: '', 'd/': '' });
  for (const [file, words] of [
    ['/dev/zero', /too large/],
    ['d', /EISDIR/],
    ['a/b', /ENOTDIR|does not exist/],
    ['none', /does not exist/],
  ] as const) {
    const { code, stderr } = await runPzip(['-q', '--ignore-file', file, 'out.zip', 'a'], { cwd, timeout: PATIENCE });
    assert.notEqual(code, 0);
    assert.match(stderr, words);
    assert.ok(!existsSync(join(cwd, 'out.zip')));
  }
});

test('an interrupt ends a wait for an ignore file', async (t) => {
  const cwd = makeTree(t, { a: '' });
  execFileSync('mkfifo', [join(cwd, 'fifo')]);
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    const { code, signal } = await runPzip(['-q', '--ignore-file', 'fifo', 'out.zip', 'a'], {
      cwd,
      timeout: PATIENCE,
      onSpawn: (child) => setTimeout(() => child.kill(name), 700),
    });
    assert.ok(signal === name || (code ?? 0) > 128, `${code} ${signal}`);
  }
});

/** Seconds of processor time of the whole process, which other programs on the machine do not lengthen. */
async function processorSeconds(cwd: string, args: readonly string[]): Promise<number> {
  const { code, stderr } = await runProcess(
    'bash',
    ['-c', 'TIMEFORMAT=%U; time "$0" "$@"', process.execPath, PZIP, ...args],
    {
      cwd,
      timeout: 6 * PATIENCE,
    },
  );
  assert.ok(code === 0, stderr);
  return Number(stderr.trim().split('\n').at(-1));
}

test('the time for an ignore file grows with its lines, not with lines times directories or names', async (t) => {
  const cwd = makeRepository(t, {});
  const args = ['-q', '--gitignore', '-0', '../out.zip', '.'];
  mkdirSync(join(cwd, 'w'));
  const reference = await processorSeconds(join(cwd, 'w'), ['-q', '--if-empty', 'ignore', '../out.zip', '.']);
  for (let index = 0; index < 100; index++) {
    mkdirSync(join(cwd, `w/d${index}`));
    writeFileSync(join(cwd, `w/d${index}/.gitignore`), 'y\n');
    for (const name of ['a', 'b', 'c', 'y']) writeFileSync(join(cwd, `w/d${index}/${name}`), '');
  }
  const where = join(cwd, 'w');
  const file = join(where, '.gitignore');
  const scale = isSlowSuite ? 1 : 8;
  const files = [
    ['stars', lines(20_000 / scale, (index) => `*x${index}*`)],
    ['names', lines(100_000 / scale, (index) => `x${index}`)],
    ['many stars', lines(100_000 / scale, (index) => `*x${index}*`)],
    ['paths', lines(50_000 / scale, (index) => `/x${index}*/y`)],
    ['floating paths', lines(40_000 / scale, (index) => `**/*x${index}*/y`)],
    ['sets', lines(50_000 / scale, (index) => `[abc]?${index}`)],
    ['repeated', `${'**/'.repeat(5000 / scale)}x`],
    ['repeated and named', `${'**/a/'.repeat(5000 / scale)}x`],
    ['stars in a name', `${'*a'.repeat(5000 / scale)}x\n${'*?'.repeat(100)}x\n${'a*'.repeat(100)}b`],
    ['open brackets', `${'[[:'.repeat(100_000 / scale)}]`],
    ['a long line', 'a'.repeat(8_000_000 / scale)],
    ['wildcards', '?'.repeat(8_000_000 / scale)],
    ['blank lines', '\n'.repeat(8_000_000 / scale)],
    ['spaces', `${' '.repeat(8_000_000 / scale)}x\n${'\\ '.repeat(1_000_000 / scale)}`],
  ] as const;
  // Without PZIP_SLOW the lines of all are one file: what one of them costs too much, they cost together.
  const together = [files.map(([label]) => label).join(), files.map(([, text]) => text).join('\n')] as const;
  for (const [label, text] of isSlowSuite ? files : [together]) {
    writeFileSync(file, `${text}\n`);
    const seconds = (await processorSeconds(where, args)) - reference;
    assert.ok(seconds < 5, `${label}: ${seconds} s`);
  }
  const excludes = await processorSeconds(where, [
    '-q',
    '../out.zip',
    '.',
    ...Array.from({ length: 5000 }, (_, index) => ['-x', `*x${index}*`]).flat(),
  ]);
  assert.ok(excludes - reference < 5, `-x: ${excludes}`);
});

test('too many patterns are an error, not a crash', async (t) => {
  const cwd = makeRepository(t, { a: '', 'd/b': '' });
  for (const file of isSlowSuite ? ['.gitignore', 'd/.gitignore', '.git/info/exclude'] : ['d/.gitignore']) {
    mkdirSync(join(cwd, '.git/info'), { recursive: true });
    writeFileSync(
      join(cwd, file),
      lines(160_000, (index) => `*x${index}*`),
    );
    const { code, stderr } = await runPzip(['-q', '--gitignore', 'out.zip', '.'], { cwd, timeout: PATIENCE });
    assert.equal(code, 1);
    assert.match(stderr, /too many patterns/);
    writeFileSync(join(cwd, file), '');
  }
  appendFileSync(
    join(cwd, 'list'),
    lines(510_000, (index) => `*x${index}*`),
  );
  const { code, stderr } = await runPzip(['-q', '--ignore-file', 'list', 'out.zip', '.'], { cwd, timeout: PATIENCE });
  assert.notEqual(code, 0);
  assert.match(stderr, /too many patterns/);
});

test('an interrupt ends the matching of many patterns', async (t) => {
  const cwd = makeRepository(t, {});
  // Each of these has to be tried with each of the names.
  writeFileSync(
    join(cwd, '.gitignore'),
    lines(100_000, (index) => `*aaa*[${index}y]z`),
  );
  for (let index = 0; index < 6000; index++) writeFileSync(join(cwd, `aaa${index}x`), '');
  let sent = 0;
  const { code, signal } = await runPzip(['-q', '--gitignore', '/dev/null', '.'], {
    cwd,
    timeout: 3 * PATIENCE,
    onSpawn: (child) =>
      setTimeout(() => {
        sent = Date.now();
        child.kill('SIGINT');
      }, 1000),
  });
  const waited = Date.now() - sent;
  assert.ok(signal === 'SIGINT' || code === 130, `${code} ${signal}`);
  // To its end it takes fifteen seconds or more.
  assert.ok(waited < 10_000, `${waited} ms`);
});
