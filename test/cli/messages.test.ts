import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { runProcess } from '../helpers/run-process.js';
import { PZIP, runPzip, runPzipInTerminal } from '../helpers/run-pzip.js';
import { inTemporaryDirectory, makeSparseFile, randomBytes, textOf } from '../helpers/trees.js';
import { makeTree } from '../select/tree.js';
import { pzip, pzipFails } from './command.js';

/** What begins a command to the terminal. */
const ESC = '\x1b';
const COMMAND = new RegExp(`${ESC}\\[[\\d;?]*[a-zA-Z]`, 'g');

test('a dry run lists size, name and path where that is another, and writes nothing', async (t) => {
  const cwd = makeTree(t, { 'd/a.txt': 'one', 'd/b.log': '', 'd/sub/c': 'x'.repeat(1234567), 'd/l': '→ a.txt' });
  const args = ['-n', '-x', '*.log', '--rename', 'd/sub=e', '--first', 'e/c', 'out.zip', 'd'];
  const { stdout, stderr } = await pzip(cwd, args);
  assert.deepEqual(stdout.toString().split('\n'), [
    `     1234567  e/c  (${join(cwd, 'd/sub/c')})`,
    '              d/',
    '           3  d/a.txt',
    '           5  d/l',
    `              e/  (${join(cwd, 'd/sub')})`,
    '',
  ]);
  assert.equal(stderr, '5 entries, 1 ignored, 1.2 MB, nothing written\n');
  assert.ok(!existsSync(join(cwd, 'out.zip')));
  const quiet = await pzip(cwd, ['-q', ...args]);
  assert.deepEqual([quiet.stderr, quiet.stdout.toString()], ['', stdout.toString()]);
});

test('a dry run whose reader has seen enough ends without a word', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  for (let i = 0; i < 40; i++) writeFileSync(join(cwd, `${'long'.repeat(40)}-${i}`), '');
  const repeated = Array.from({ length: 400 }, (_, i) => ['--prefix', `${'deep/'.repeat(20)}${i}`]).flat();
  const outcome = await runProcess(
    'bash',
    ['-o', 'pipefail', '-c', '"$@" | head -1', 'bash', process.execPath, PZIP, '-n', ...repeated, '-', '.'],
    { cwd },
  );
  assert.deepEqual([outcome.code, outcome.stdout.toString().split('\n').length], [0, 2]);
  assert.ok(!outcome.stderr.includes('EPIPE'), outcome.stderr);
});

test('-v names each entry with method, sizes and ratio', async (t) => {
  const cwd = makeTree(t, { 'd/a.txt': 'a'.repeat(2000), 'd/b': 'xyz' });
  const { stderr } = await pzip(cwd, ['-v', 'out.zip', 'd']);
  const lines = stderr.split('\n');
  assert.equal(lines[0]?.trim(), 'd/');
  assert.match(lines[1] ?? '', /^deflate +2\.0 kB → +\d+ bytes +\d\.\d % {2}d\/a\.txt$/);
  assert.match(lines[2] ?? '', /^store +3 bytes → +3 bytes +100\.0 % {2}d\/b$/);
});

test('the closing line counts what went in, was stored, was ignored and was skipped', async (t) => {
  const cwd = makeTree(t, { 'd/a.txt': 'a'.repeat(2000), 'd/b.bin': '', 'd/c.log': '' });
  writeFileSync(join(cwd, 'd/b.bin'), randomBytes(3000, 1));
  const { stderr } = await pzip(cwd, ['-x', '*.log', 'out.zip', 'd']);
  assert.match(
    stderr,
    /^3 entries \(1 stored\), 1 ignored, 5\.0 kB → 3\.\d kB \(\d\d\.\d %\), \d+\.\d\d s, \d+ MB\/s, \d threads?\n$/,
  );
  assert.equal((await pzip(cwd, ['-q', 'out.zip', 'd'])).stderr, '');
});

test('nothing in a name moves the cursor, in any line that holds it', async (t) => {
  const name = 'evil\x1b[31m\x07\n\r\x7f\u009b\u202etxt';
  const cwd = makeTree(t, { [`d/${name}`]: '', 'd/pipe': '' });
  const shown = 'evil\\x1b[31m\\x07\\n\\r\\x7f\\x9b\\u202etxt';
  const tricky = /[^\P{Cc}\n]|\u202e/u;
  for (const args of [
    ['-v', 'out.zip', 'd'],
    ['-n', 'out.zip', 'd'],
    ['out.zip', 'd'],
    ['out.zip', `d/${name}x`],
  ]) {
    const { stdout, stderr } = await runPzip(args, { cwd });
    const said = stdout.toString() + stderr;
    assert.ok(!tricky.test(said), JSON.stringify(said));
    if (args.includes('-v') || args.includes('-n')) assert.ok(said.includes(shown), said);
  }
});

test('all words go to standard error: standard output holds the archive and nothing else', async (t) => {
  const cwd = makeTree(t, { 'd/a': 'x' });
  const { stdout, stderr } = await pzip(cwd, ['-v', '-', 'd']);
  assert.equal(stdout.readUInt32LE(0), 0x04034b50);
  assert.equal(stdout.readUInt32LE(stdout.length - 22), 0x06054b50);
  assert.match(stderr, /^ +d\/\n.*\n2 entries/);
});

/** Long runs that wait: for an input that has a beginning and no end, and for a reader that sleeps. */
describe('a run of more than five seconds', { concurrency: true }, () => {
  test('a long run without a terminal says after five seconds that it lives', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    const begin = performance.now();
    const child = spawn(process.execPath, [PZIP, 'out.zip', '-'], { cwd, stdio: ['pipe', 'ignore', 'pipe'] });
    t.after(() => child.kill('SIGKILL'));
    // What is read goes on in small pieces.
    const writer = setInterval(() => child.stdin.write(Buffer.alloc(1_000_000)), 200);
    child.stdin.on('error', () => {});
    t.after(() => clearInterval(writer));
    let stderr = '';
    let saidAfter = Number.NaN;
    child.stderr.on('data', (text) => {
      // However late the machine is, the run ends when the line is there, and not before.
      if (stderr === '') {
        saidAfter = performance.now() - begin;
        child.kill('SIGINT');
      }
      stderr += text;
    });
    assert.deepEqual(await once(child, 'close'), [null, 'SIGINT'], stderr);
    assert.ok(saidAfter >= 5000, `${saidAfter} ms`);
    const line = /^pzip: 0 entries, \d[\d.]* MB( of \d[\d.]* MB)? → \d[\d.]* [kM]?B?.*, \d+ s\npzip: interrupted.*\n$/;
    assert.match(stderr, line);
    assert.deepEqual(readdirSync(cwd), []);
  });

  test('a run whose reader has stalled says that it lives, and --no-progress and -q say nothing', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    writeFileSync(join(cwd, 'random'), randomBytes(3_000_000, 1));
    const stalled = (...args: string[]) =>
      runProcess(
        'bash',
        ['-c', '"$@" | (sleep 7.5; cat) > /dev/null', 'bash', process.execPath, PZIP, ...args, '-', 'random'],
        { cwd },
      );
    const outcomes = await Promise.all([stalled(), stalled('--no-progress'), stalled('-q')]);
    assert.match(outcomes[0]?.stderr ?? '', /^pzip: .*, 5 s\n1 entry/);
    assert.match(outcomes[1]?.stderr ?? '', /^1 entry.*\n$/);
    assert.equal(outcomes[2]?.stderr, '');
  });
});

/** What a terminal of that width shows while a run is under way: its frames, and whatever else it was sent. */
async function watch(t: TestContext, columns: number, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const cwd = await inTemporaryDirectory(t);
  await makeSparseFile(join(cwd, 'long'), 1e9);
  writeFileSync(join(cwd, 'text'), textOf(100_000, 1));
  const { code, screen } = await runPzipInTerminal(['-1', '--threads', '1', ...args, 'out.zip', 'long', 'text'], {
    cwd,
    columns,
    env,
  });
  assert.equal(code, 0, screen);
  const frames = screen.split(new RegExp(`[\\r\\n]|${ESC}\\[\\d*[GKJ]`)).filter((frame) => frame.includes(' read'));
  return { screen, frames: frames.map((frame) => frame.replace(COMMAND, '')) };
}

test('a terminal shows a bar that fits, goes away at the end, and leaves the cursor there', async (t) => {
  const wide = await watch(t, 100, []);
  const narrow = await watch(t, 30, [], { NO_COLOR: '1' });
  for (const [{ screen, frames }, columns] of [
    [wide, 100],
    [narrow, 30],
  ] as const) {
    assert.ok(frames.length >= 2, screen);
    for (const frame of frames) assert.ok(frame.trimEnd().length < columns, `${columns}: ${JSON.stringify(frame)}`);
    assert.ok(screen.includes(`${ESC}[?25h`), 'the cursor comes back');
    assert.match(screen, /2 entries, [^\r\n]*\r?\n$/);
  }
  assert.match(wide.frames.at(-1) ?? '', /^█+░* \d+ %, \d[\d.]* [GM]B of 1\.0 GB read, \d:\d\d/);
  assert.match(narrow.frames.at(-1) ?? '', /^\d+ %, \d[\d.]* [GM]B of 1\.0 GB read/);
  assert.ok(wide.screen.includes(`${ESC}[36m`));
  assert.doesNotMatch(narrow.screen, new RegExp(`${ESC}\\[\\d+m`), 'NO_COLOR');
});

test('--no-progress shows no bar', async (t) => {
  const { screen, frames } = await watch(t, 100, ['--no-progress']);
  assert.deepEqual(frames, []);
  assert.match(screen, /^2 entries, [^\r\n]*\r?\n$/);
});

test('errors on a terminal are coloured, and with NO_COLOR or into a file they are not', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const terminal = await runPzipInTerminal(['out.zip', 'nothing'], { cwd });
  assert.ok(terminal.screen.startsWith(`${ESC}[31mpzip:${ESC}[0m 'nothing' does not exist`), terminal.screen);
  const plain = await runPzipInTerminal(['out.zip', 'nothing'], { cwd, env: { NO_COLOR: '1' } });
  assert.match(plain.screen, /^pzip: 'nothing'/);
  const piped = await runPzip(['out.zip', 'nothing'], { cwd });
  assert.match(piped.stderr, /^pzip: 'nothing'/);
});

test('private names are one warning, in the words of the command and without commands to a CI system', async (t) => {
  const cwd = makeTree(t, { '##[error]x/.env': '' });
  const { stderr } = await pzip(cwd, ['--no-progress', 'out.zip', '##[error]x']);
  assert.match(stderr, /^pzip: '#\\x23\[error\]x\/\.env' looks private; exclude or --allow it\n2 entries/);
  assert.doesNotMatch((await pzip(cwd, ['--allow', '.env', 'out.zip', '##[error]x'])).stderr, /private/);
  await pzipFails(cwd, ['--strict', 'new.zip', '##[error]x'], 1, ['looks private']);
});
