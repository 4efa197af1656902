/** Mode, owner and access control list of an archive that replaces a file. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs, { chmodSync, chownSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryName } from '../../dist/common/temporary-files.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { archiveTo, needsRoot, placeWithSharedFolder, STRANGER } from './place.js';

function withUmask(t: TestContext, umask: number): void {
  const before = process.umask(umask);
  t.after(() => process.umask(before));
}

function put(path: string, mode: number, owner?: number): void {
  writeFileSync(path, 'PK');
  chmodSync(path, mode);
  if (owner !== undefined) chownSync(path, owner, owner);
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o7777;
}

test("from a stranger's file in a shared directory, neither the owner nor a wider mode is copied", async (t) => {
  if (needsRoot(t)) return;
  const folder = await placeWithSharedFolder(t);
  const path = join(folder, 'sticky/out.zip');
  for (const [umask, expected] of [
    [0o077, 0o600],
    [0o022, 0o644],
  ] as const) {
    put(path, 0o666, STRANGER);
    withUmask(t, umask);
    await archiveTo(path);
    assert.equal(modeOf(path), expected);
    assert.equal(statSync(path).uid, 0);
  }
  put(path, 0o400, STRANGER);
  const [warning] = await archiveTo(path);
  assert.equal(modeOf(path), 0o400, 'a narrower mode stays');
  assert.equal(warning, undefined);
});

test('an archive that replaces a file is private until it gets the mode of that file', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'out.zip');
  put(path, 0o644);
  withUmask(t, 0);
  const modes: number[] = [];
  const { fchmodSync } = fs;
  t.after(() => {
    fs.fchmodSync = fchmodSync;
    syncBuiltinESMExports();
  });
  fs.fchmodSync = (descriptor, mode) => {
    modes.push(fs.fstatSync(descriptor).mode & 0o777);
    fchmodSync(descriptor, mode);
  };
  syncBuiltinESMExports();
  await archiveTo(path);
  assert.deepEqual([modes, modeOf(path)], [[0o600], 0o644]);
});

test('a file or a link at the name of the temporary file is not written to', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const { random } = Math;
  t.after(() => {
    Math.random = random;
  });
  for (const plant of [fs.linkSync, fs.symlinkSync]) {
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'precious');
    Math.random = () => 0.5;
    const planted = join(folder, temporaryName('out.zip'));
    plant(victim, planted);
    let calls = 0;
    Math.random = () => (calls++ === 0 ? 0.5 : random());
    await archiveTo(join(folder, 'out.zip'));
    assert.ok(calls > 1, 'the name was tried');
    assert.equal(readFileSync(victim, 'utf8'), 'precious');
    rmSync(planted);
  }
});

test('a second name of our own wide file, which a stranger may have made, does not hand its mode on', async (t) => {
  if (needsRoot(t)) return;
  const folder = await placeWithSharedFolder(t);
  chownSync(join(folder, 'sticky'), STRANGER, STRANGER);
  put(join(folder, 'wide'), 0o666);
  linkSync(join(folder, 'wide'), join(folder, 'sticky/out.zip'));
  withUmask(t, 0o077);
  const [warning] = await archiveTo(join(folder, 'sticky/out.zip'));
  assert.equal(modeOf(join(folder, 'sticky/out.zip')), 0o600);
  assert.equal(warning?.code, 'PZIP_OUTPUT_MODE');
  assert.match(warning.message, /mode 0600.*0666/);
});

test('root keeps the owner and the group where the owner of the directory, or only root, can have put the file', async (t) => {
  if (needsRoot(t)) return;
  const folder = await placeWithSharedFolder(t);
  mkdirSync(join(folder, 'theirs'));
  chownSync(join(folder, 'theirs'), STRANGER, STRANGER);
  chmodSync(join(folder, 'theirs'), 0o777);
  for (const path of [join(folder, 'theirs/out.zip'), join(folder, 'out.zip')]) {
    put(path, 0o640, STRANGER);
    await archiveTo(path);
    const { uid, gid } = statSync(path);
    assert.deepEqual([uid, gid, modeOf(path)], [STRANGER, STRANGER, 0o640]);
  }
});

test('setuid, setgid and sticky bits of the old archive are dropped', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'out.zip');
  put(path, 0o7755);
  await archiveTo(path);
  assert.equal(modeOf(path), 0o755);
});

test('an access control list is copied, so that its mask does not become the permissions of the group', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const path = join(folder, 'out.zip');
  put(path, 0o660);
  const list = ['-m', `u:${STRANGER}:rw-,g::---,m::rw-`, path];
  const { error, status } = spawnSync('setfacl', list);
  if (error !== undefined || status !== 0) return t.skip('needs setfacl, and a file system with access control lists');
  const before = execFileSync('getfacl', ['-cnp', path]).toString();
  assert.equal(modeOf(path), 0o660);
  await archiveTo(path);
  assert.equal(execFileSync('getfacl', ['-cnp', path]).toString(), before);
  const search = process.env.PATH;
  process.env.PATH = folder;
  t.after(() => {
    process.env.PATH = search;
  });
  await archiveTo(path);
  assert.equal(modeOf(path), 0o600, 'without cp(1), the group gets nothing');
});
