import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { runPzip, startPzip } from '../helpers/run-pzip.js';
import { isSlowSuite } from '../helpers/slow-suite.js';
import { buildTree, inTemporaryDirectory, makeSparseFile, manySmallFiles, textOf } from '../helpers/trees.js';
import { namesIn, ORDINARY_USER, pzip, pzipFails } from './command.js';

/** An old archive, and enough to do for a signal to arrive in the middle of it, wherever that is. */
async function busyTree(t: TestContext): Promise<{ cwd: string; old: Buffer }> {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(isSlowSuite ? 1500 : 300));
  writeFileSync(join(cwd, 'tree/text'), textOf(2_000_000, 1));
  await makeSparseFile(join(cwd, 'tree/zeros'), 20e9);
  await pzip(cwd, ['-q', 'out.zip', 'tree/package-1']);
  return { cwd, old: readFileSync(join(cwd, 'out.zip')) };
}

test('the process ends with the code of the run, and all that was said has come out', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'd'), manySmallFiles(20));
  writeFileSync(join(cwd, 'd/closed'), '', { mode: 0 });
  const files = readdirSync(join(cwd, 'd'), { recursive: true }).length;
  for (const [args, expected, last] of [
    [['-v', '-x', 'closed', 'out.zip', 'd'], 0, /^\d+ entries/],
    [['out.zip', 'd', 'missing'], 1, /^pzip: 'missing' does not exist/],
    [['--level', '11', 'out.zip', 'd'], 2, /^pzip: .*'11'/],
    [['-v', '--skip-unreadable', 'out.zip', 'd'], 3, /^\d+ entries.* 1 skipped/],
  ] as const) {
    const { code, signal, stdout, stderr } = await startPzip(args, { cwd, ...ORDINARY_USER });
    assert.deepEqual([code, signal, stdout.length], [expected, null, 0], stderr);
    const lines = stderr.trimEnd().split('\n');
    assert.match(lines.at(-1) ?? '', last);
    if (args[0] === '-v') assert.ok(lines.length >= files, stderr);
  }
});

test('a signal at any time leaves the old archive and nothing else', async (t) => {
  const { cwd, old } = await busyTree(t);
  const moments = isSlowSuite ? [150, 300, 450, 700, 1000, 2000] : [150, 300, 600];
  for (const [index, moment] of moments.entries()) {
    for (const [order, signal] of (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).entries()) {
      if (index % 3 !== order) continue;
      const { signal: endedBy, stderr } = await runPzip(
        ['-q', '--threads', isSlowSuite ? '2' : '1', 'out.zip', 'tree'],
        {
          cwd,
          onSpawn: (child) => setTimeout(() => child.kill(signal), moment),
        },
      );
      assert.equal(endedBy, signal, stderr);
      // Before Node has come up far enough to listen, the system itself ends the process.
      assert.ok(['', 'pzip: interrupted: no archive was written\n'].includes(stderr), stderr);
      assert.deepEqual(readdirSync(cwd), ['out.zip', 'tree'], `${signal} after ${moment} ms`);
      assert.ok(readFileSync(join(cwd, 'out.zip')).equals(old));
    }
  }
});

test('a second signal ends it at once', async (t) => {
  const { cwd } = await busyTree(t);
  const { signal } = await runPzip(['-q', '--threads', '1', 'out.zip', 'tree'], {
    cwd,
    onSpawn: (child) => {
      setTimeout(() => child.kill('SIGINT'), 1000);
      setTimeout(() => child.kill('SIGINT'), 1001);
    },
  });
  assert.equal(signal, 'SIGINT');
});

test('a signal during verification leaves the old archive', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  await makeSparseFile(join(cwd, 'zeros'), 1e8);
  await pzip(cwd, ['-q', 'out.zip', '--if-empty', 'ignore', '-x', 'zeros', '.']);
  const old = readFileSync(join(cwd, 'out.zip'));
  // The worker thread sends it, as it opens the temporary file to read it back, and waits: on a busy machine the archive
  // would be complete before the signal is handled.
  const module = `data:text/javascript,${encodeURIComponent(`
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    import { isMainThread } from 'node:worker_threads';
    const { open } = fs.promises;
    fs.promises.open = (path, ...rest) => {
      if (!isMainThread && String(path).endsWith('.pzip-tmp')) {
        process.kill(process.pid, 'SIGTERM');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000);
      }
      return open(path, ...rest);
    };
    syncBuiltinESMExports();`)}`;
  const { signal, stderr } = await runPzip(['-q', '-T', '-1', 'out.zip', 'zeros'], {
    cwd,
    nodeArguments: ['--import', module],
  });
  assert.deepEqual([signal, stderr], ['SIGTERM', 'pzip: interrupted: no archive was written\n']);
  assert.deepEqual(readdirSync(cwd), ['out.zip', 'zeros']);
  assert.ok(readFileSync(join(cwd, 'out.zip')).equals(old));
});

test('--no-clobber keeps what is there, and what comes to be there meanwhile', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'd'), manySmallFiles(20));
  writeFileSync(join(cwd, 'there.zip'), '');
  await pzipFails(cwd, ['--no-clobber', 'there.zip', 'd'], 1, ["'there.zip' exists", 'remove it']);

  await pzip(cwd, ['-q', '--no-clobber', 'new.zip', 'd']);
  assert.ok(namesIn(cwd, 'new.zip').length > 20);

  const runs = await Promise.all(
    Array.from({ length: 3 }, () => runPzip(['--no-clobber', '-q', 'race.zip', 'd'], { cwd })),
  );
  const codes = runs.map(({ code }) => code).sort();
  assert.deepEqual(codes, [0, 1, 1], runs.map(({ stderr }) => stderr).join());
  assert.ok(namesIn(cwd, 'race.zip').length > 20);
  assert.deepEqual(readdirSync(cwd).sort(), ['d', 'new.zip', 'race.zip', 'there.zip']);
});

test('--no-clobber holds on a file system without hard links', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'd'), manySmallFiles(5));
  const module = `data:text/javascript,${encodeURIComponent(`
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    fs.linkSync = (from, to) => {
      if (process.env.TAKEN) fs.writeFileSync(to, 'somebody was faster');
      throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
    };
    syncBuiltinESMExports();`)}`;
  const options = { cwd, nodeArguments: ['--import', module] };
  const first = await runPzip(['-q', '--no-clobber', 'out.zip', 'd'], options);
  assert.deepEqual([first.code, first.stderr], [0, '']);
  assert.ok(namesIn(cwd, 'out.zip').length > 5);
  const second = await runPzip(['-q', '--no-clobber', 'taken.zip', 'd'], { ...options, env: { TAKEN: '1' } });
  assert.deepEqual([second.code, second.stderr.includes("'taken.zip' exists")], [1, true]);
  assert.equal(readFileSync(join(cwd, 'taken.zip'), 'utf8'), 'somebody was faster');
  assert.deepEqual(readdirSync(cwd).sort(), ['d', 'out.zip', 'taken.zip']);
});

/** Says on standard output when the archive is flushed, and whether it has its name by then. */
const TELL_OF_FLUSH = `
  import fs from 'node:fs';
  const { fdatasync } = fs;
  fs.fdatasync = (file, done) => {
    fs.writeSync(1, fs.readdirSync('.').some((name) => name.endsWith('.pzip-tmp')) ? 'flushed' : 'late');
    fdatasync(file, done);
  };`;

const FLUSH_CASES: readonly (readonly [args: readonly string[], replaces: boolean, flushes: boolean])[] = [
  [[], false, false],
  [[], true, true],
  [['--flush'], false, true],
  [['--flush'], true, true],
  [['--no-flush'], false, false],
  [['--no-flush'], true, false],
  [['--no-clobber'], false, false],
  [['--no-clobber', '--flush'], false, true],
];

test('an archive that replaces a file is synced before the rename, unless --flush or --no-flush says otherwise', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'd'), manySmallFiles(3));
  const nodeArguments = ['--import', `data:text/javascript,${encodeURIComponent(TELL_OF_FLUSH)}`];
  const archives: Buffer[] = [];
  for (const [args, replaces, flushes] of FLUSH_CASES) {
    rmSync(join(cwd, 'out.zip'), { force: true });
    if (replaces) writeFileSync(join(cwd, 'out.zip'), 'PK');
    const { stdout } = await pzip(cwd, ['-q', ...args, 'out.zip', 'd'], { nodeArguments });
    assert.equal(
      stdout.toString(),
      flushes ? 'flushed' : '',
      `${args.join(' ')}, ${replaces ? 'a file is there' : ''}`,
    );
    archives.push(readFileSync(join(cwd, 'out.zip')));
  }
  for (const archive of archives) assert.ok(archive.equals(archives[0] ?? Buffer.alloc(0)));
});

test('a file that has come to be there meanwhile is replaced by an archive that is on the disk', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const nodeArguments = ['--import', `data:text/javascript,${encodeURIComponent(TELL_OF_FLUSH)}`];
  const stdin = Readable.from(
    (async function* () {
      yield 'content';
      while (readdirSync(cwd).length === 0) await delay(5);
      writeFileSync(join(cwd, 'out.zip'), 'another');
      yield 'more';
    })(),
  );
  const { stdout } = await pzip(cwd, ['-q', 'out.zip', '-'], { nodeArguments, stdin });
  assert.equal(stdout.toString(), 'flushed');
  assert.deepEqual(namesIn(cwd, 'out.zip'), ['stdin']);
});
