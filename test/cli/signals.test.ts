/** One signal ends the command within two seconds, whatever it waits for: the process dies of that signal and leaves nothing. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { runProcess } from '../helpers/run-process.js';
import { PZIP } from '../helpers/run-pzip.js';
import { buildTree, inTemporaryDirectory, makeSparseFile, manySmallFiles } from '../helpers/trees.js';

const LINE = 'pzip: interrupted: no archive was written\n';

interface Started {
  readonly child: ChildProcess;
  readonly stderr: () => string;
}

function start(t: TestContext, cwd: string, command: readonly string[], stdout: 'pipe' | 'ignore' = 'ignore'): Started {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd, stdio: ['pipe', stdout, 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  child.stderr?.on('data', (bytes) => {
    text += bytes;
  });
  return { child, stderr: () => text };
}

/** Sends the signal and waits for the end, which must come soon. */
async function endedBy(
  { child }: Started,
  signal: NodeJS.Signals,
  longest = 2000,
): Promise<[number | null, string | null]> {
  const begin = performance.now();
  const exited = once(child, 'exit');
  // What it has written may arrive after the exit.
  const closed = once(child, 'close');
  child.kill(signal);
  // What does not die of the signal is to fail the test, not to hang it.
  const kill = setTimeout(() => child.kill('SIGKILL'), 2 * longest);
  const [code, by] = await exited;
  clearTimeout(kill);
  const took = performance.now() - begin;
  assert.ok(took < longest, `${signal} took ${Math.round(took)} ms`);
  await closed;
  return [code, by];
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1000 && !condition(); tries++) await delay(20);
  assert.ok(condition(), 'it has come that far');
}

const hasTemporary = (cwd: string) => readdirSync(cwd).some((name) => name.endsWith('.pzip-tmp'));

/** Enough to do for a minute, and an old archive. */
async function busyTree(t: TestContext): Promise<string> {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(50));
  await makeSparseFile(join(cwd, 'tree/zeros'), 100e9);
  writeFileSync(join(cwd, 'out.zip'), 'PK old');
  return cwd;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`the process dies of ${signal}, with one line, the old archive and nothing else`, async (t) => {
    const cwd = await busyTree(t);
    const started = start(t, cwd, [process.execPath, PZIP, '-q', '--threads', '1', 'out.zip', 'tree']);
    await until(() => hasTemporary(cwd));
    await delay(200);
    assert.deepEqual(await endedBy(started, signal), [null, signal]);
    assert.equal(started.stderr(), LINE);
    assert.deepEqual(readdirSync(cwd), ['out.zip', 'tree']);
    assert.equal(readFileSync(join(cwd, 'out.zip'), 'utf8'), 'PK old');
  });

  test(`${signal} ends a write to a pipe without a reader`, async (t) => {
    const cwd = await busyTree(t);
    writeFileSync(join(cwd, 'random'), Buffer.alloc(9_000_000, 'x'));
    const started = start(t, cwd, [process.execPath, PZIP, '-q', '-0', '-', 'random'], 'pipe');
    // What the pipe holds is there; the rest cannot follow.
    await once(started.child.stdout ?? started.child, 'readable');
    await delay(200);
    assert.deepEqual(await endedBy(started, signal), [null, signal]);
    assert.equal(started.stderr(), LINE);
  });
}

test('a loop of a shell ends with the command', async (t) => {
  const cwd = await busyTree(t);
  const script = `for name in 1 2 3; do echo "$name"; "$@"; done`;
  const child = spawn(
    'bash',
    ['-c', script, 'bash', process.execPath, PZIP, '-q', '--threads', '1', 'out.zip', 'tree'],
    {
      cwd,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    },
  );
  let output = '';
  child.stdout.on('data', (bytes) => {
    output += bytes;
  });
  await until(() => hasTemporary(cwd));
  // As Ctrl-C does: to all of the group.
  process.kill(-(child.pid ?? 0), 'SIGINT');
  await once(child, 'exit');
  assert.equal(output, '1\n');
});

test('a signal ends the wait for a named pipe without a reader', async (t) => {
  const cwd = await busyTree(t);
  assert.equal((await runProcess('mkfifo', ['pipe'], { cwd })).code, 0);
  const started = start(t, cwd, [process.execPath, PZIP, '-q', '--threads', '1', 'pipe', 'tree']);
  await delay(800);
  assert.deepEqual(await endedBy(started, 'SIGTERM'), [null, 'SIGTERM']);
});

test('a signal ends a dry run', async (t) => {
  const cwd = await busyTree(t);
  const block = join(cwd, 'block.cjs');
  writeFileSync(block, blocking('lstatSync', 0));
  const started = start(t, cwd, [process.execPath, '-r', block, PZIP, '-n', 'out.zip', 'tree']);
  await until(() => started.stderr().includes('blocked'));
  assert.deepEqual(await endedBy(started, 'SIGTERM'), [null, 'SIGTERM']);
});

/** Has the main thread stop for good in a synchronous call, some time after the start. */
function blocking(call: string, after: number): string {
  return `if (require('node:worker_threads').isMainThread) {
    const fs = require('node:fs');
    const { ${call} } = fs;
    const start = Date.now();
    if (${after} > 0) setTimeout(() => fs.${call}('tree'), ${after + 100});
    fs.${call} = (...args) => {
      if (Date.now() - start > ${after} && String(args[0]).includes('tree')) {
        fs.writeSync(2, 'blocked\\n');
        for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      }
      return ${call}(...args);
    };
  }`;
}

test('a signal that arrives while the watchdog starts, and the main thread is busy, ends the process', async (t) => {
  const cwd = await busyTree(t);
  const block = join(cwd, 'block.cjs');
  writeFileSync(block, BUSY_WHILE_WATCHDOG_STARTS);
  const started = start(t, cwd, [process.execPath, '-r', block, PZIP, '-q', '--threads', '1', 'out.zip', 'tree']);
  await until(() => started.stderr().includes('blocked'));
  assert.deepEqual(await endedBy(started, 'SIGTERM', 3000), [null, 'SIGTERM']);
  assert.equal(started.stderr(), `blocked\n${LINE}`);
});

/** It listens only when it has loaded, which takes longer than the signal. */
const BUSY_WHILE_WATCHDOG_STARTS = `
  const threads = require('node:worker_threads');
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(file, options) {
      super(file, options);
      if (String(file).includes('watchdog')) {
        require('node:fs').writeSync(2, 'blocked\\n');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      }
    }
  };
  require('node:module').syncBuiltinESMExports();
`;

test('with ignore files, a signal ends a main thread that is blocked from the start', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const block = join(cwd, 'block.cjs');
  writeFileSync(block, blocking('openSync', 0));
  buildTree(join(cwd, 'tree'), manySmallFiles(1));
  const started = start(t, cwd, [process.execPath, '-r', block, PZIP, '-q', '--gitignore', 'out.zip', 'tree']);
  await until(() => started.stderr().includes('blocked'));
  assert.deepEqual(await endedBy(started, 'SIGTERM', 2500), [null, 'SIGTERM']);
});

test('one signal ends a run with a blocked main thread, and nothing is left', (t) => endsBlocked(t, 1));

test('while the main thread is blocked a second signal ends it at once, and nothing is left', (t) => endsBlocked(t, 2));

async function endsBlocked(t: TestContext, signals: 1 | 2): Promise<void> {
  const cwd = await busyTree(t);
  const block = join(cwd, 'block.cjs');
  writeFileSync(block, blocking('lstatSync', 1000));
  const started = start(t, cwd, [process.execPath, '-r', block, PZIP, '-q', '--threads', '1', 'out.zip', 'tree']);
  await until(() => started.stderr().includes('blocked'));
  await delay(200);
  if (signals === 2) {
    started.child.kill('SIGINT');
    await delay(100);
  }
  const [, by] = await endedBy(started, 'SIGINT', signals === 2 ? 1000 : 2500);
  assert.equal(by, 'SIGINT');
  assert.equal(started.stderr(), `blocked\n${signals === 2 ? '' : LINE}`);
  assert.deepEqual(readdirSync(cwd), ['block.cjs', 'out.zip', 'tree']);
}

test('a signal ends a run whose read or sync does not return', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const strace = await runProcess('strace', ['-V']).catch(() => undefined);
  if (strace?.code !== 0) return t.skip('needs strace');
  buildTree(join(cwd, 'tree'), manySmallFiles(20));
  writeFileSync(join(cwd, 'tree/large'), Buffer.alloc(5_000_000, 'x'));
  for (const call of ['fdatasync', 'pread64']) {
    const only = call === 'pread64' ? ['-P', join(cwd, 'tree/large')] : [];
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:delay_enter=15s`];
    const command = [process.execPath, PZIP, '-q', '--flush', 'out.zip', 'tree'];
    // bash tells its own number, which is the command's after exec.
    const shell = ['bash', '-c', 'echo $$ > pid; exec "$@"', 'bash', ...command];
    const started = start(t, cwd, ['strace', '-f', '-o', '/dev/null', ...only, ...inject, ...shell]);
    await until(() => hasTemporary(cwd));
    await delay(800);
    const pid = Number(readFileSync(join(cwd, 'pid'), 'utf8'));
    const begin = performance.now();
    process.kill(pid, 'SIGTERM');
    await until(() => !hasTemporary(cwd) && isOver(pid));
    assert.ok(performance.now() - begin < 3000, call);
    started.child.kill('SIGKILL');
  }
});

function isOver(pid: number): boolean {
  try {
    return /^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
}
