import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, lstat, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { createArchive, type PzipError, ZipArchive } from '../../dist/index.js';
import { OpenFile } from '../../dist/output/file/open-file.js';

import { readWithYauzl } from '../helpers/foreign-readers.js';
import { runProcess } from '../helpers/run-process.js';
import { PZIP } from '../helpers/run-pzip.js';
import { buildTree, inTemporaryDirectory, randomBytes, textOf } from '../helpers/trees.js';

const MIB = 1024 * 1024;

test('a stream may keep every buffer it is given', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const kept: Uint8Array[] = [];
  const keeping = new Writable({
    write(bytes, _encoding, callback) {
      kept.push(bytes);
      callback();
    },
  });
  const archive = new ZipArchive(keeping);
  for (let i = 0; i < 4; i++) archive.addBuffer(`${i}`, textOf(7 * MIB, i));
  const { bytesWritten } = await archive.close();
  const whole = Buffer.concat(kept);
  assert.equal(whole.length, bytesWritten);
  await writeFile(join(folder, 'kept.zip'), whole);
  assert.equal((await readWithYauzl(join(folder, 'kept.zip'))).length, 4);
});

test('what is piped on slowly arrives whole', async () => {
  const through = new PassThrough();
  const archive = new ZipArchive(through);
  const received = buffer(through);
  for (let i = 0; i < 3; i++) archive.addBuffer(`${i}`, randomBytes(3 * MIB, i));
  const { bytesWritten } = await archive.close();
  assert.equal((await received).length, bytesWritten);
});

test('a stream that fails at its very end makes close() reject', async () => {
  const failure = new Error('the upload could not be completed');
  const failing = new Writable({
    write: (_bytes, _encoding, callback) => callback(),
    final: (callback) => callback(failure),
  });
  const archive = new ZipArchive(failing);
  archive.addBuffer('a', 'content');
  await assert.rejects(archive.close(), failure);
});

test('an archive that the shell puts into a file of its own input does not go into itself', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), new Map([['a', { kind: 'file', data: () => textOf(3 * MIB, 1) }]]));
  const shell = 'exec "$0" "$1" -q - . > tree/out.zip';
  const { code, stderr } = await runProcess('/bin/sh', ['-c', shell, process.execPath, PZIP], { cwd });
  assert.equal(stderr, '');
  assert.equal(code, 0);
  const names = (await readWithYauzl(join(cwd, 'tree/out.zip'))).map(({ name }) => name);
  assert.deepEqual(names, ['tree/', 'tree/a']);
});

test('the archive that is replaced leaves its permissions, whatever the umask', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const path = join(folder, 'out.zip');
  await writeFile(path, 'old');
  await chmod(path, 0o664);
  const umask = process.umask(0o077);
  t.after(() => process.umask(umask));
  await writeFile(join(folder, 'input'), 'content');
  await createArchive(path, 'input', { cwd: folder });
  assert.equal((await stat(path)).mode & 0o777, 0o664);
});

test('a link stays a link: where it leads, there the archive is, whether or not something was there', async (t) => {
  const folder = await inTemporaryDirectory(t);
  await symlink('target.zip', join(folder, 'link.zip'));
  for (let round = 0; round < 2; round++) {
    const archive = new ZipArchive(join(folder, 'link.zip'));
    archive.addBuffer('a', `${round}`);
    await archive.close();
    assert.equal(await readlink(join(folder, 'link.zip')), 'target.zip');
    assert.ok((await lstat(join(folder, 'target.zip'))).isFile());
  }
  assert.deepEqual((await readdir(folder)).sort(), ['link.zip', 'target.zip']);
});

test('a symbolic link to itself is rejected as the output, with a message that says so', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  await symlink('b.zip', join(cwd, 'a.zip'));
  await symlink('a.zip', join(cwd, 'b.zip'));
  await assert.rejects(createArchive(join(cwd, 'a.zip'), 'x', { cwd }), (error: PzipError) => {
    return (
      error.code === 'PZIP_OUTPUT_FAILED' && /a\.zip.: it is a symbolic link that leads to itself/.test(error.message)
    );
  });
  assert.deepEqual((await readdir(cwd)).sort(), ['a.zip', 'b.zip']);
});

test('a file that was closed takes nothing more, whose number may be another one then', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const first = OpenFile.create(join(folder, 'first'), 0o600);
  const writing = first.write(Buffer.from('before'), 0);
  const closing = first.close();
  const late = [first.write(Buffer.from('late'), 0), first.writeSome([Buffer.from('late')], 0), first.truncate(1)];
  for (const promise of late) await assert.rejects(promise, /closed/);
  await Promise.all([writing, closing]);
  const second = OpenFile.create(join(folder, 'second'), 0o600);
  await second.write(Buffer.from('second'), 0);
  await assert.rejects(first.truncate(0), /closed/);
  await assert.rejects(first.read(Buffer.alloc(1), 0), /closed/);
  await second.close();
  assert.equal(await readFile(join(folder, 'first'), 'utf8'), 'before');
  assert.equal(await readFile(join(folder, 'second'), 'utf8'), 'second');
});

test('entries without a date are the same in every time zone', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const program = `
    import { ZipArchive } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
    const archive = new ZipArchive(process.argv[1]);
    archive.addBuffer('a', 'content');
    archive.addDirectory('d');
    await archive.close();
  `;
  const archives: Buffer[] = [];
  for (const TZ of ['UTC', 'Asia/Tokyo', 'America/Los_Angeles']) {
    const path = join(folder, 'out.zip');
    execFileSync(process.execPath, ['--input-type=module', '-e', program, path], { env: { ...process.env, TZ } });
    archives.push(await readFile(path));
  }
  for (const archive of archives) assert.deepEqual(archive, archives[0]);
});

test('threads whose engine cannot run leave the work to the calling thread', { timeout: 20_000 }, async (t) => {
  const folder = await inTemporaryDirectory(t);
  const program = `
    import { ZipArchive } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
    const onWarning = ({ code }) => console.log(code);
    const archive = new ZipArchive(process.argv[2], { engine: 'wasm', onWarning });
    archive.addBuffer('a', Buffer.alloc(5_000_000, 'text'));
    const { threads, engine } = await archive.close();
    console.log(threads, engine);
  `;
  // The engine is there when the archive asks for it, and not when a thread does.
  const module = `data:text/javascript,${encodeURIComponent(`
    import { isMainThread } from 'node:worker_threads';
    if (!isMainThread) delete globalThis.WebAssembly;`)}`;
  await writeFile(join(folder, 'program.mjs'), program);
  const args = ['--import', module, join(folder, 'program.mjs'), join(folder, 'out.zip')];
  const { stdout } = await runProcess(process.execPath, args, { timeout: 15_000 });
  assert.equal(stdout.toString(), 'PZIP_FEWER_THREADS\n0 wasm\n');
  assert.deepEqual((await readdir(folder)).sort(), ['out.zip', 'program.mjs']);
});

test('a module given to Node on its command line can use threads', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const program = `
    import { ZipArchive } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
    const archive = new ZipArchive('out.zip');
    archive.addBuffer('a', Buffer.alloc(5_000_000, 'text'));
    console.log((await archive.close()).threads > 0);
  `;
  const { stdout, stderr } = await runProcess(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
  });
  assert.deepEqual([stdout.toString(), stderr], ['true\n', '']);
});

test('large stored entries are counted as stored', async (t) => {
  const archive = new ZipArchive(join(await inTemporaryDirectory(t), 'out.zip'));
  archive.addBuffer('large', randomBytes(3 * MIB, 1));
  archive.addBuffer('small', randomBytes(300, 2));
  assert.equal((await archive.close()).storedCount, 2);
});

test('every add*() promise is settled when the archive fails', { timeout: 10_000 }, async (t) => {
  const archive = new ZipArchive(join(await inTemporaryDirectory(t), 'out.zip'));
  const added = [archive.addFile('a', '/does/not/exist'), archive.addBuffer('b', 'b'), archive.addBuffer('c', 'c')];
  const isMissing = (error: PzipError) => error.code === 'PZIP_SOURCE_MISSING';
  await assert.rejects(archive.close(), isMissing);
  for (const promise of added) await assert.rejects(promise, isMissing);
});
