/** A file system that fails under the archive: what is said, and that nothing is left. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { explainReadError, explainWriteError } from '../../dist/common/file-errors.js';
import { ZipArchive } from '../../dist/index.js';
import { outputFailed } from '../../dist/output/file/explain.js';
import { FileSink } from '../../dist/output/file/file-sink.js';
import { runProcess } from '../helpers/run-process.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';
import { archiveTo, isArchive, temporariesIn } from './place.js';

function failure(code: string, errno: number): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: as the test wants it`), { code, errno });
}

/** Makes calls of node:fs fail, for everything that imports it, until the test is over or `restore` is called. */
function failing(t: TestContext, calls: Partial<Record<keyof typeof fs, NodeJS.ErrnoException>>): () => void {
  const originals = new Map(Object.keys(calls).map((name) => [name, Reflect.get(fs, name)]));
  for (const [name, error] of Object.entries(calls)) {
    const fail = (...args: unknown[]): void => {
      const done = args.at(-1);
      if (typeof done !== 'function') throw error;
      process.nextTick(done, error);
    };
    Reflect.set(fs, name, fail);
  }
  syncBuiltinESMExports();
  const restore = (): void => {
    for (const [name, original] of originals) Reflect.set(fs, name, original);
    syncBuiltinESMExports();
  };
  t.after(restore);
  return restore;
}

test('without hard links a name that cannot be given stays free', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const restore = failing(t, { linkSync: failure('EPERM', -1), renameSync: failure('ENOSPC', -28) });
  const made = archiveTo(join(folder, 'out.zip'), { overwrite: false });
  await assert.rejects(made, pzipError('PZIP_OUTPUT_FAILED', 'the disk is full'));
  restore();
  assert.deepEqual(fs.readdirSync(folder), []);
  await archiveTo(join(folder, 'out.zip'), { overwrite: false });
});

test('a temporary name that cannot be removed once the archive has its own is worth a notice, not a failure', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'out.zip');
  const restore = failing(t, { unlinkSync: failure('EIO', -5) });
  const [notice] = await archiveTo(path, { overwrite: false, strict: true });
  restore();
  assert.equal(notice?.code, 'PZIP_TEMPORARY_FILE');
  assert.ok(isArchive(path));
});

test('a file system that refuses to change modes gets an archive that its owner alone can read, which is said', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'out.zip');
  fs.writeFileSync(path, 'PK');
  fs.chmodSync(path, 0o644);
  failing(t, { fchmodSync: failure('EPERM', -1) });
  const [notice] = await archiveTo(path);
  assert.equal(notice?.code, 'PZIP_OUTPUT_MODE');
  assert.ok(isArchive(path));
});

test('a temporary file that cannot be looked at is removed without a further look', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const restore = failing(t, { fstatSync: failure('EIO', -5), rmSync: failure('EIO', -5) });
  await assert.rejects(
    archiveTo(join(folder, 'out.zip')),
    pzipError('PZIP_OUTPUT_FAILED', 'the disk reports an error'),
  );
  restore();
  assert.deepEqual(fs.readdirSync(folder), []);
});

test('a disk that fails when the process exits says nothing more', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const program = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    import { ZipArchive } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
    const archive = new ZipArchive('out.zip');
    archive.addBuffer('a', 'content');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const fail = () => { throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }); };
    for (const name of ['unlinkSync', 'rmSync', 'lstatSync', 'statSync']) fs[name] = fail;
    syncBuiltinESMExports();
    process.exit(7);`;
  fs.writeFileSync(join(cwd, 'program.mjs'), program);
  const { code, stderr } = await runProcess(process.execPath, ['program.mjs'], { cwd });
  assert.deepEqual([code, stderr], [7, '']);
});

test('an exceeded quota is reported by its error number, for which libuv has no name', async (t) => {
  const folder = await inTemporaryDirectory(t);
  failing(t, { writev: failure('Unknown system error -122', -122) });
  await assert.rejects(archiveTo(join(folder, 'out.zip')), pzipError('PZIP_OUTPUT_FAILED', 'disk quota is used up'));
  assert.match(explainWriteError(failure('Unknown system error -69', -69)), /quota/);
});

test('errors are explained in words, with what to do', () => {
  for (const code of [
    'EFBIG',
    'EIO',
    'EROFS',
    'ENOSPC',
    'ELOOP',
    'EISDIR',
    'ENOTDIR',
    'ETXTBSY',
    'EBUSY',
    'EPIPE',
    'EMFILE',
  ]) {
    assert.ok(!explainWriteError(failure(code, -1000)).includes(code), code);
  }
  assert.match(
    outputFailed('a.zip', failure('EPERM', -1), true).message,
    /^Cannot write 'a.zip': .*replace.*another user/,
  );
  assert.match(explainWriteError(failure('EWHATEVER', -1000)), /as the test wants it/);
});

test('an error of reading is explained with its code and every remedy', () => {
  const explained = explainReadError(failure('EACCES', -13), 'leave it out');
  assert.match(explained, /^permission denied \(EACCES\); grant read permission .*, or leave it out$/);
  assert.equal(explainReadError(failure('EWHATEVER', -1000)), 'the file system refused it (EWHATEVER)');
  assert.equal(explainReadError(new Error('no code')), 'no code');
});

test('a directory that is moved during the run keeps no temporary file, and the message says what has happened', async (t) => {
  if (process.platform !== 'linux') return t.skip('needs Linux, which tells where an open file is');
  const folder = await inTemporaryDirectory(t);
  fs.mkdirSync(join(folder, 'before'));
  const archive = new ZipArchive(join(folder, 'before/out.zip'));
  await archive.addBuffer('a', 'content');
  fs.renameSync(join(folder, 'before'), join(folder, 'after'));
  await assert.rejects(archive.close(), pzipError('PZIP_OUTPUT_FAILED', 'moved its directory'));
  assert.deepEqual(fs.readdirSync(join(folder, 'after')), []);
});

test('a temporary file that another program has removed is what the message names, not a missing directory', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const archive = new ZipArchive(join(folder, 'out.zip'));
  await archive.addBuffer('a', 'content');
  for (const name of temporariesIn(folder)) fs.unlinkSync(join(folder, name));
  await assert.rejects(archive.close(), pzipError('PZIP_OUTPUT_FAILED', 'removed the temporary file'));
});

test('an exception of a listener while the archive is read back is passed on as it is', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const thrown = new Error('the listener is tired');
  const sink = FileSink.open(join(folder, 'out.zip'));
  // What the reading back throws is what its progress listener has thrown.
  await assert.rejects(
    sink.finish(() => Promise.reject(thrown)),
    (error) => error === thrown,
  );
  await sink.discard();
  assert.deepEqual(fs.readdirSync(folder), []);
});
