/** Threads that cannot be started, never answer or die: an archive with the same bytes and one warning, or a PzipError. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createPool, ZipArchive } from '../../dist/index.js';
import { type ProcessOutcome, runProcess } from '../helpers/run-process.js';
import { PZIP } from '../helpers/run-pzip.js';
import { casesOf } from '../helpers/slow-suite.js';
import { inTemporaryDirectory, repetitiveBytes, textOf } from '../helpers/trees.js';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/** Three chunks of a large entry and a batch, so that there is work for several threads. */
function fill(archive: ZipArchive): void {
  archive.addBuffer('large', textOf(3_000_000, 1));
  for (let index = 0; index < 8; index++) archive.addBuffer(`small ${index}`, textOf(100_000, index));
}

async function bytesOf(options: ConstructorParameters<typeof ZipArchive>[0]): Promise<Buffer> {
  const archive = new ZipArchive({ ...options, mtime: new Date(0) });
  fill(archive);
  const closed = archive.close();
  const pieces: Uint8Array[] = [];
  for await (const piece of archive) pieces.push(piece);
  await closed;
  return Buffer.concat(pieces);
}

test('without worker threads the calling thread makes the same archive', async () => {
  const usual = await bytesOf({ threads: 2 });
  assert.ok(usual.equals(await bytesOf({ threads: 0 })));
  await using pool = createPool({ threads: 0 });
  assert.ok(usual.equals(await bytesOf({ pool })));
});

test('without worker threads none is started, and an archive is read back', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const watch = () => assert.fail('a thread was started');
  process.on('worker', watch);
  t.after(() => process.off('worker', watch));
  const archive = new ZipArchive(join(folder, 'out.zip'), { threads: 0, verify: true });
  fill(archive);
  assert.deepEqual(await archive.close().then(({ entryCount, threads }) => [entryCount, threads]), [9, 0]);
});

test('without worker threads the event loop gets its turn between tasks', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const archive = new ZipArchive({ threads: 0, level: 1 });
  archive.addBuffer('large', textOf(6_000_000, 1));
  const closed = archive.close();
  for await (const _ of archive);
  await closed;
  clearInterval(timer);
  assert.ok(turns >= 4, `${turns} turns`);
});

/** Runs a program against a copy of the package whose worker is another one. */
async function runWithWorker(
  t: TestContext,
  worker: string | undefined,
  options = 'threads: 2',
): Promise<ProcessOutcome> {
  const folder = await inTemporaryDirectory(t);
  // Only what runs: the types and maps beside it are most of the files.
  for (const name of await readdir(DIST, { recursive: true })) {
    if (!/\.(?:js|wasm)$/.test(name) || name.startsWith('command')) continue;
    mkdirSync(dirname(join(folder, 'dist', name)), { recursive: true });
    copyFileSync(join(DIST, name), join(folder, 'dist', name));
  }
  await symlink(join(DIST, '../node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const path = join(folder, 'dist/worker.js');
  if (worker === undefined) await rm(path);
  else await writeFile(path, worker);
  await writeFile(
    join(folder, 'program.js'),
    `import { createPool, ZipArchive } from './dist/index.js';
    const archive = new ZipArchive('out.zip', { ${options}, onWarning: ({ code, message }) => console.log(code, message) });
    for (const name of ['a', 'b']) archive.addBuffer(name, Buffer.alloc(3_000_000, 'some text that repeats '));
    const { entryCount: entries } = await archive.close().catch((error) => (console.log(error.name, error.code, error.message), {}));
    console.log(entries, 'entries');`,
  );
  return runProcess(process.execPath, ['program.js'], { cwd: folder, timeout: 60_000 });
}

// Several of them wait for the five seconds after which a thread counts as silent.
describe('a package whose worker is another one', { concurrency: 3 }, () => {
  for (const [what, worker, cause] of [
    ['is missing', undefined, /Cannot find module .*worker\.js/],
    ['throws', "throw new Error('not like this');", /not like this/],
    ['ends by itself', 'process.exit(0);', /exited with code: 0|none has answered within 5 s/],
    ['is of another package', 'setInterval(() => {}, 1000);', /No handler function exported/],
    [
      'never answers',
      'export default () => new Promise(() => setInterval(() => {}, 1000));',
      /none has answered within 5 s/,
    ],
  ] as const) {
    test(`a worker file that ${what} leaves the work to the calling thread, with one warning`, async (t) => {
      const { code, stdout, stderr } = await runWithWorker(t, worker);
      const lines = stdout.toString().trimEnd().split('\n');
      assert.deepEqual([code, stderr, lines.length], [0, '', 2], `${stdout}${stderr}`);
      assert.match(lines[0] ?? '', /^PZIP_FEWER_THREADS /);
      assert.match(lines[0] ?? '', cause);
      assert.equal(lines[1], '2 entries');
    });
  }

  test('a thread that dies at work fails the archive with one PzipError that says how', async (t) => {
    const dying = 'export default ({ kind }) => { if (kind !== undefined) process.exit(3); };';
    const { code, stdout, stderr } = await runWithWorker(t, dying);
    const [error, end] = stdout.toString().trimEnd().split('\n');
    assert.deepEqual([code, stderr, end], [0, '', 'undefined entries']);
    assert.equal(error, 'PzipError PZIP_COMPRESS_FAILED A worker thread failed: worker exited with code: 3');
  });

  test('a warning of fewer threads is an error under strict', async (t) => {
    const { code, stdout, stderr } = await runWithWorker(t, undefined, 'threads: 2, strict: true');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout.toString(), /^PzipError PZIP_STRICT Not all .*\nundefined entries\n$/);
  });

  test('each archive of a shared pool whose threads cannot be started warns once', async (t) => {
    const { code, stdout, stderr } = await runWithWorker(t, undefined, 'pool: createPool({ threads: 2 })');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout.toString(), /^PZIP_FEWER_THREADS .*\n2 entries\n$/);
  });
});

/** Runs the command in a shell with a limit, as a user whom it holds for. */
async function runLimited(
  t: TestContext,
  limit: string,
  args: readonly string[],
): Promise<ProcessOutcome & { folder: string }> {
  const folder = await inTemporaryDirectory(t);
  for (let index = 0; index < 8; index++)
    await writeFile(join(folder, `f${index}`), repetitiveBytes(1_100_000 + index));
  await mkdir(join(folder, 'out'));
  const script = `ulimit ${limit} || exit 99; exec "$@"`;
  const outcome = await runProcess(
    'bash',
    [
      '--norc',
      '--noprofile',
      '-c',
      script,
      'bash',
      process.execPath,
      PZIP,
      '--no-progress',
      ...args,
      'out/o.zip',
      'f0',
      'f1',
      'f2',
      'f3',
      'f4',
      'f5',
      'f6',
      'f7',
    ],
    { cwd: folder },
  );
  return { ...outcome, folder };
}

async function assertMade(
  { code, signal, stderr, folder }: ProcessOutcome & { folder: string },
  warning: RegExp,
): Promise<Buffer> {
  assert.deepEqual([code, signal], [0, null], stderr);
  assert.match(stderr, warning);
  assert.equal(stderr.trimEnd().split('\n').length, 2, stderr);
  assert.deepEqual(await readdir(join(folder, 'out')), ['o.zip']);
  const { code: read } = await runProcess('unzip', ['-tqq', 'out/o.zip'], { cwd: folder });
  assert.equal(read, 0);
  return readFile(join(folder, 'out/o.zip'));
}

const isLinux = process.platform === 'linux';

test('under a limit of open files fewer threads make the archive', { skip: !isLinux }, async (t) => {
  for (const limit of casesOf([26, 40], (limit) => limit === 26)) {
    await assertMade(await runLimited(t, `-n ${limit}`, ['--threads', '8']), /^pzip: Not all .*threads.*ulimit -n/);
  }
});

for (const gigabytes of casesOf([2.5, 4, 8], (gigabytes) => gigabytes === 8)) {
  test(`${gigabytes} GB of addresses are too few for WebAssembly: zlib compresses, with one warning`, {
    skip: !isLinux,
  }, async (t) => {
    const limit = `-v ${gigabytes * 1_000_000}`;
    const outcome = await runLimited(t, limit, []);
    if (outcome.code !== 0 && /v8|OOM/i.test(outcome.stderr))
      return t.skip('Node itself does not run under such a limit here');
    await assertMade(outcome, /^pzip: The engine 'wasm' cannot run here .*ulimit -v.*zlib/);
    const asked = await runLimited(t, limit, ['--engine', 'wasm']);
    assert.equal(asked.code, 2);
    assert.match(asked.stderr, /^pzip: .*--engine zlib.*\n$/);
  });
}

let usual: Promise<Buffer> | undefined;
for (const gigabytes of casesOf([13, 16, 20], (gigabytes) => gigabytes === 13)) {
  test(`${gigabytes} GB of addresses are enough for one WebAssembly memory: fewer threads, the same bytes`, {
    skip: !isLinux,
  }, async (t) => {
    const made = await assertMade(
      await runLimited(t, `-v ${gigabytes * 1_000_000}`, ['--threads', '4', '--reproducible']),
      /^pzip: Not all .*ulimit -v/,
    );
    usual ??= runLimited(t, '-c 0', ['--threads', '1', '--reproducible']).then(({ folder }) =>
      readFile(join(folder, 'out/o.zip')),
    );
    assert.ok(made.equals(await usual));
  });
}

test('where the system refuses threads fewer make the archive', async (t) => {
  if (!isLinux || process.getuid?.() !== 0)
    return t.skip('needs root on Linux, to become a user whose threads can be limited');
  const folder = await inTemporaryDirectory(t);
  const names = ['f0', 'f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7'];
  for (const [index, name] of names.entries()) await writeFile(join(folder, name), repetitiveBytes(1_100_000 + index));
  await mkdir(join(folder, 'out'));
  await runProcess('chmod', ['-R', 'a+rwX', folder]);
  const asOther = ['--reuid', '65531', '--regid', '65531', '--clear-groups'];
  const reachable = await runProcess('setpriv', [...asOther, 'test', '-r', PZIP]);
  if (reachable.code !== 0) return t.skip('another user cannot read the project');
  for (const limit of casesOf([9, 12, 14, 16, 18], (limit) => [9, 16].includes(limit))) {
    const script = `ulimit -u ${limit}; exec "$@"`;
    const command = [process.execPath, PZIP, '--no-progress', '--threads', '16', 'out/o.zip', ...names];
    const outcome = await runProcess(
      'setpriv',
      [...asOther, 'bash', '--norc', '--noprofile', '-c', script, 'bash', ...command],
      {
        cwd: folder,
      },
    );
    await assertMade({ ...outcome, folder }, /^pzip: Not all .*EAGAIN/);
    await rm(join(folder, 'out/o.zip'));
  }
});

test('an engine that cannot run is an error where it was asked for', { skip: !isLinux }, async () => {
  const { stderr, code } = await runProcess(process.execPath, [
    '--jitless',
    '--input-type=module',
    '-e',
    `import { createPool, isEngineAvailable } from '${new URL('../../dist/index.js', import.meta.url)}';
     if (isEngineAvailable('wasm')) throw new Error('it is there');
     createPool({ engine: 'wasm' });`,
  ]);
  assert.notEqual(code, 0);
  assert.match(stderr, /PZIP_USAGE|`engine: 'zlib'`/);
});
