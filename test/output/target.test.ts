/** Which file an archive's path stands for, and which are not written to. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createArchive, preview } from '../../dist/index.js';
import { isFile } from '../../dist/output/file/identity.js';
import { PZIP, runPzip } from '../helpers/run-pzip.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';
import {
  archiveTo,
  giveToStranger,
  isArchive,
  needsRoot,
  placeWithSharedFolder,
  runWithMounts,
  STRANGER,
  temporariesIn,
} from './place.js';

test("another user's link in a shared directory is not followed, whatever its target", async (t) => {
  if (needsRoot(t)) return;
  const folder = await placeWithSharedFolder(t);
  const sticky = join(folder, 'sticky');
  writeFileSync(join(folder, 'victim.zip'), 'PK precious');
  symlinkSync('../victim.zip', join(sticky, 'out.zip'));
  symlinkSync('../new.zip', join(sticky, 'dangling.zip'));
  symlinkSync('sticky/out.zip', join(folder, 'second-hop.zip'));
  mkdirSync(join(folder, 'private'));
  symlinkSync('../private', join(sticky, 'directory'));
  giveToStranger(...['out.zip', 'dangling.zip', 'directory'].map((name) => join(sticky, name)));
  const places = ['sticky/out.zip', 'sticky/dangling.zip', 'second-hop.zip', 'sticky/directory/out.zip'];
  for (const place of places) {
    await assert.rejects(
      archiveTo(join(folder, place)),
      pzipError('PZIP_OUTPUT_FAILED', 'link', 'another user'),
      place,
    );
  }
  assert.equal(readFileSync(join(folder, 'victim.zip'), 'utf8'), 'PK precious');
  assert.deepEqual(readdirSync(folder).sort(), ['private', 'second-hop.zip', 'sticky', 'victim.zip']);
  assert.deepEqual(readdirSync(join(folder, 'private')), []);
});

test("one's own link in a shared directory, that of the directory's owner and any link elsewhere are followed", async (t) => {
  if (needsRoot(t)) return;
  const folder = await placeWithSharedFolder(t);
  mkdirSync(join(folder, 'closed'));
  mkdirSync(join(folder, 'theirs'), { mode: 0o755 });
  execFileSync('chmod', ['1777', join(folder, 'theirs')]);
  for (const place of ['sticky', 'closed', 'theirs']) symlinkSync(`../${place}.zip`, join(folder, place, 'out.zip'));
  giveToStranger(join(folder, 'closed/out.zip'), join(folder, 'theirs/out.zip'), join(folder, 'theirs'));
  for (const place of ['sticky', 'closed', 'theirs']) {
    await archiveTo(join(folder, place, 'out.zip'));
    assert.ok(isArchive(join(folder, `${place}.zip`)), place);
    assert.ok(lstatSync(join(folder, place, 'out.zip')).isSymbolicLink());
  }
});

test('the command replaces the target of a link only if it is an archive', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'profile'), 'precious');
  writeFileSync(join(cwd, 'input'), 'content');
  symlinkSync('profile', join(cwd, 'out.zip'));
  symlinkSync('startup.sh', join(cwd, 'dangling.zip'));
  for (const archive of ['out.zip', 'dangling.zip']) {
    const { code, stderr } = await runPzip(['-q', archive, 'input'], { cwd });
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      archive === 'out.zip' ? /profile, which exists and is not an archive/ : /startup\.sh.*does not exist/,
    );
  }
  assert.equal(readFileSync(join(cwd, 'profile'), 'utf8'), 'precious');
  assert.ok(!existsSync(join(cwd, 'startup.sh')));
});

test('without replacing, an existing file, dangling link or named pipe keeps its name', async (t) => {
  const folder = await inTemporaryDirectory(t);
  writeFileSync(join(folder, 'file'), '');
  symlinkSync('elsewhere', join(folder, 'link'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  for (const name of ['file', 'link', 'pipe']) {
    await assert.rejects(archiveTo(join(folder, name), { overwrite: false }), pzipError('PZIP_OUTPUT_EXISTS', name));
  }
  assert.deepEqual(readdirSync(folder).sort(), ['file', 'link', 'pipe']);
});

test("neither another user's named pipe nor a socket is written to", async (t) => {
  if (needsRoot(t)) return;
  const folder = await placeWithSharedFolder(t);
  const path = join(folder, 'sticky/out.zip');
  execFileSync('mkfifo', ['-m', '666', path]);
  giveToStranger(path);
  const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await delay(50);
  await assert.rejects(archiveTo(path), pzipError('PZIP_OUTPUT_FAILED', 'named pipe', 'another user'));
  reader.kill();
  assert.equal((await buffer(reader.stdout)).length, 0);
  const server = createServer().listen(join(folder, 'socket'));
  t.after(() => server.close());
  await once(server, 'listening');
  for (const owner of [0, STRANGER]) {
    lchownSync(join(folder, 'socket'), owner, owner);
    await assert.rejects(archiveTo(join(folder, 'socket')), pzipError('PZIP_OUTPUT_FAILED', 'it is a socket'));
  }
});

test('a named pipe waits for a reader that comes late, and for none longer than the archive is wanted', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const made = archiveTo(path);
  await delay(150);
  const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [bytes] = await Promise.all([buffer(reader.stdout), made]);
  assert.equal(bytes.subarray(0, 2).toString(), 'PK');
  assert.equal(bytes.subarray(-22, -20).toString(), 'PK');

  const reason = new Error('changed my mind');
  await assert.rejects(archiveTo(path, { signal: AbortSignal.any([abortedAfter(100, reason)]) }), reason);
});

function abortedAfter(milliseconds: number, reason: Error): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), milliseconds);
  return controller.signal;
}

test('a large archive goes through a named pipe whole, and a reader that leaves ends it', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  execFileSync('mkfifo', [join(cwd, 'pipe')]);
  writeFileSync(join(cwd, 'input'), Buffer.alloc(9_000_000, 'some text to compress, '));
  const reader = spawn('sh', ['-c', 'sleep 0.2; cat pipe > copy.zip'], { cwd, stdio: 'ignore' });
  await createArchive(join(cwd, 'pipe'), 'input', { cwd, level: 0 });
  if (reader.exitCode === null) await new Promise((resolve) => reader.once('exit', resolve));
  execFileSync('unzip', ['-tqq', 'copy.zip'], { cwd });
  spawn('head', ['-c', '10', 'pipe'], { cwd, stdio: 'ignore' });
  const made = createArchive(join(cwd, 'pipe'), 'input', { cwd, level: 0 });
  await assert.rejects(made, pzipError('PZIP_OUTPUT_FAILED', 'pipe', 'closed the pipe'));
});

test('reading back is rejected before a named pipe is opened', async (t) => {
  const folder = await inTemporaryDirectory(t);
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await assert.rejects(archiveTo(join(folder, 'pipe'), { verify: true }), pzipError('PZIP_USAGE', 'read back'));
});

test('devices and descriptors take an archive by their path', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'input'), 'content');
  await archiveTo('/dev/null');
  await assert.rejects(archiveTo('/dev/full'), pzipError('PZIP_OUTPUT_FAILED', '/dev/full', 'the disk is full'));
  execFileSync('sh', ['-c', '"$0" "$1" -q /dev/stdout input | cat > piped.zip', process.execPath, PZIP], { cwd });
  assert.ok(isArchive(join(cwd, 'piped.zip')));
});

test('a missing directory, a file with a trailing slash and an inaccessible link are errors', async (t) => {
  const folder = await placeWithSharedFolder(t);
  writeFileSync(join(folder, 'file.zip'), 'PK');
  await assert.rejects(archiveTo(join(folder, 'new/')), pzipError('PZIP_OUTPUT_FAILED', 'names a directory'));
  await assert.rejects(archiveTo(join(folder, 'file.zip/')), pzipError('PZIP_OUTPUT_FAILED', 'not a directory'));
  await assert.rejects(archiveTo(join(folder, 'file.zip/x.zip')), pzipError('PZIP_OUTPUT_FAILED', 'is a file'));
  assert.deepEqual(readdirSync(folder).sort(), ['file.zip', 'sticky']);
});

test('an archive that is a mount point is rejected before the work, with the reason', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const script = `
    echo content > input; echo host > 'host file'; : > 'out file.zip'
    mount --bind 'host file' 'out file.zip' || { echo left out: no bind mount can be made; exit; }
    $NODE $PZIP -q 'out file.zip' input; code=$?
    $NODE $PZIP -q 'host file' input || true
    cat 'out file.zip'; umount 'out file.zip'; exit $code`;
  const outcome = runWithMounts(t, cwd, script, PZIP);
  if (outcome === undefined) return;
  assert.equal(outcome.code, 1);
  assert.match(outcome.output, /is a mount point.*mount the directory/);
  assert.match(outcome.output, /^host$/m);
  assert.deepEqual(temporariesIn(cwd), []);
});

test('files whose inode numbers agree but for rounding are not taken for the archive, by the command and its list', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const script = `
    mkdir low top merged; mount -t tmpfs none top || { echo left out: no tmpfs can be mounted; exit; }
    mkdir top/up top/work; for i in $(seq 1 20); do echo $i > low/f$i; done
    (cd low && $NODE $PZIP -q out.zip f1 && ln out.zip other.zip)
    mount -t overlay overlay -o lowerdir=low,upperdir=top/up,workdir=top/work,xino=on merged 2> /dev/null ||
      { umount top; echo left out: overlayfs with xino cannot be mounted; exit; }
    cd merged; number=$(stat -c %i f1)
    echo "listed $($NODE $PZIP -qn out.zip . | grep -c f)"
    $NODE $PZIP -q out.zip . && echo "packed $(unzip -Z1 out.zip | grep -c f)"
    cd ..; umount merged top; ((\${#number} > 16)) || echo left out: the inode numbers are small here`;
  const outcome = runWithMounts(t, cwd, script, PZIP);
  if (outcome === undefined) return;
  assert.match(outcome.output, /^listed 20$/m);
  assert.match(outcome.output, /^packed 20$/m);
});

test('rounded numbers are asked for again, and others are not', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const path = join(folder, 'file');
  writeFileSync(path, '');
  const large = 2n ** 63n + 1n;
  assert.ok(!isFile({ dev: 1n, ino: large }, { dev: 1, ino: Number(large) }, path), 'the file there is another one');
  assert.ok(isFile({ dev: 1n, ino: 2n }, { dev: 1, ino: 2 }, '/nowhere'));
  assert.ok(!isFile({ dev: 1n, ino: 2n }, { dev: 1, ino: 3 }, '/nowhere'));
});

test('the old archive under another name is left out with a notice', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'input'), 'content');
  await archiveTo(join(cwd, 'out.zip'));
  linkSync(join(cwd, 'out.zip'), join(cwd, 'backup.zip'));
  const codes: string[] = [];
  await createArchive(join(cwd, 'out.zip'), '.', { cwd, onWarning: ({ code, path }) => codes.push(`${code} ${path}`) });
  assert.deepEqual(codes, [`PZIP_OUTPUT_LINKED ${join(cwd, 'backup.zip')}`]);
  const names: string[] = [];
  for await (const { name } of preview('.', { cwd, output: join(cwd, 'out.zip') })) names.push(name);
  assert.deepEqual(names, ['backup.zip', 'input']);
});
