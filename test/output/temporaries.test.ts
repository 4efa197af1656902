/** Temporary files: what they are called, whose they are, and that they go away and never go in. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, linkSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { isAbandonedBy, isTemporaryName, ownerState, temporaryName } from '../../dist/common/temporary-files.js';
import { createArchive, preview, ZipArchive } from '../../dist/index.js';
import { PZIP, runPzip } from '../helpers/run-pzip.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { select } from '../select/tree.js';
import { archiveTo, needsRoot, STRANGER, temporariesIn } from './place.js';

const API = new URL('../../dist/index.js', import.meta.url).href;

function needsOwners(t: TestContext): boolean {
  const isKnown = temporaryName('out.zip').includes('-');
  if (!isKnown) t.skip('needs Linux and its /proc, where it can be told whether a run is alive');
  return !isKnown;
}

/** A run of the command that waits for its input; its temporary file is there. */
async function waitingRun(t: TestContext, cwd: string, archive: string): Promise<{ kill: () => Promise<void> }> {
  const child = spawn(process.execPath, [PZIP, '-q', archive, '-'], { cwd, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = (): Promise<void> => {
    child.kill('SIGKILL');
    return ended;
  };
  t.after(kill);
  for (let i = 0; i < 200 && !temporariesIn(cwd).some((name) => name.startsWith(`.${archive}.`)); i++) await delay(50);
  return { kill };
}

test('a name holds the archive, the owner and chance, and is no longer than file systems take', () => {
  for (const name of ['out.zip', 'a', 'ä'.repeat(127), '😀'.repeat(63), 'x'.repeat(255)]) {
    const temporary = temporaryName(name);
    assert.match(temporary, /^\..+\.[0-9a-f]{12}\.pzip-tmp$/u);
    assert.ok(Buffer.byteLength(temporary) <= 255);
    assert.equal(Buffer.from(temporary).toString(), temporary, 'no character is cut in two');
    assert.ok(isTemporaryName(temporary));
  }
  assert.ok(isTemporaryName('.out.zip.0123456789ab.pzip-tmp'), 'of a version before this one');
  for (const name of [
    'out.zip.0123456789ab.pzip-tmp',
    '.out.zip.0123456789AB.pzip-tmp',
    '..pzip-tmp',
    '.x.12.pzip-tmp',
  ]) {
    assert.ok(!isTemporaryName(name), name);
  }
});

test('an owner is dead only where that is certain', (t) => {
  if (needsOwners(t)) return;
  const own = temporaryName('out.zip');
  assert.equal(ownerState(own), 'alive');
  const [, thread = '', start = '', host = ''] = /\.([0-9a-z]+)-([0-9a-z]+)-([0-9a-z]+)\./.exec(own) ?? [];
  const named = (owner: string): string => `.out.zip.${owner}.0123456789ab.pzip-tmp`;
  assert.equal(ownerState(named(`${thread}-${start}0-${host}`)), 'dead', 'its number belongs to a later process');
  assert.equal(ownerState(named(`2hwcf-${start}-${host}`)), 'dead');
  assert.equal(ownerState(named(`1-${start}-${host}`)), 'dead', 'number 1 is another process');
  assert.equal(ownerState(named(`2hwcf-${start}-${host.slice(0, -1)}`)), 'unknown', 'another host, boot or container');
  assert.equal(ownerState('.out.zip.0123456789ab.pzip-tmp'), 'unknown');
  const dead = named(`2hwcf-${start}-${host}`);
  assert.ok(isAbandonedBy(dead, 'out.zip'));
  assert.ok(!isAbandonedBy(dead, 'zip') && !isAbandonedBy(dead, 'out') && !isAbandonedBy(dead, 'other.zip'));
});

test('what a killed run has left is removed by the next run to the same archive, and by no other', async (t) => {
  if (needsOwners(t)) return;
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'input'), 'content');
  const killed = await waitingRun(t, cwd, 'out.zip');
  const alive = await waitingRun(t, cwd, 'other.zip');
  await killed.kill();
  const left = temporariesIn(cwd).find((name) => name.startsWith('.out.zip.'));
  assert.ok(left !== undefined);
  await createArchive(join(cwd, 'third.zip'), 'input', { cwd });
  assert.ok(temporariesIn(cwd).length === 2, 'neither is of third.zip');
  const sameTarget = await waitingRun(t, cwd, 'out.zip');
  for (let i = 0; i < 100 && temporariesIn(cwd).includes(left); i++) await delay(20);
  assert.ok(!temporariesIn(cwd).includes(left));
  await archiveTo(join(cwd, 'out.zip'));
  assert.equal(temporariesIn(cwd).length, 2, 'those of runs that are alive stay');
  await alive.kill();
  await sameTarget.kill();
  for (const name of ['out.zip', 'other.zip']) await archiveTo(join(cwd, name));
  assert.deepEqual(readdirSync(cwd).sort(), ['input', 'other.zip', 'out.zip', 'third.zip']);
});

test('what a thread has left that was ended in the middle is removed, though its process lives', async (t) => {
  if (needsOwners(t)) return;
  const cwd = await inTemporaryDirectory(t);
  const path = join(cwd, 'out.zip');
  const program = `
    import(${JSON.stringify(API)}).then(({ ZipArchive }) => {
      const archive = new ZipArchive(${JSON.stringify(path)});
      archive.addStream('never', async function* () { await new Promise((resolve) => setInterval(resolve, 1e6)); });
    });`;
  const worker = new Worker(program, { eval: true });
  for (let i = 0; i < 200 && temporariesIn(cwd).length === 0; i++) await delay(20);
  await archiveTo(path);
  assert.equal(temporariesIn(cwd).length, 1, 'the thread is alive');
  await worker.terminate();
  await archiveTo(path);
  assert.deepEqual(readdirSync(cwd), ['out.zip']);
});

test('of the files of dead runs, only own regular files with no other name are removed', async (t) => {
  if (needsOwners(t)) return;
  const cwd = await inTemporaryDirectory(t);
  const own = temporaryName('out.zip');
  const names = ['aaa', 'bbb', 'ccc', 'ddd', 'eee'].map((part) => {
    return own.replace(/\.[0-9a-z]+-/, '.2hwcf-').replace(/[0-9a-f]{12}\./, `${part.repeat(4)}.`);
  });
  const [file = '', link = '', directory = '', linked = '', foreign = ''] = names;
  writeFileSync(join(cwd, 'precious'), 'precious');
  writeFileSync(join(cwd, file), '');
  symlinkSync('precious', join(cwd, link));
  mkdirSync(join(cwd, directory));
  linkSync(join(cwd, 'precious'), join(cwd, linked));
  writeFileSync(join(cwd, foreign), '');
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) chownSync(join(cwd, foreign), STRANGER, STRANGER);
  await archiveTo(join(cwd, 'out.zip'));
  const kept = ['out.zip', 'precious', link, directory, linked, ...(isRoot ? [foreign] : [])];
  assert.deepEqual(readdirSync(cwd).sort(), kept.sort());
  assert.equal(readlinkSync(join(cwd, link)), 'precious');
});

test('temporary files are left out of walks, patterns, lists and inputs under every policy, with one message', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const left = ['.out.zip.0123456789ab.pzip-tmp', '.b.zip.ba9876543210.pzip-tmp'];
  mkdirSync(join(cwd, 'd'));
  for (const name of left) writeFileSync(join(cwd, 'd', name), 'half an archive');
  writeFileSync(join(cwd, 'd/x'), '');
  writeFileSync(join(cwd, 'd/notes.pzip-tmp'), '');
  mkdirSync(join(cwd, 'd/.dir.0123456789ab.pzip-tmp'));
  symlinkSync('d', join(cwd, 'link'));
  const listed = left.map((name) => `d/${name}`);
  const cases: [inputs: string[], options: object][] = [
    [['d'], {}],
    [['d'], { symlinks: 'follow', directoryEntries: false }],
    [['d/*', 'd/.*'], {}],
    [[...listed, 'd/x'], {}],
    [[], { filesFrom: [...listed, 'd/x'] }],
    [['link/'], { symlinks: 'follow' }],
  ];
  for (const [inputs, options] of cases) {
    const { names, warnings } = await select(inputs, { cwd, ...options });
    const what = JSON.stringify([inputs, options]);
    assert.deepEqual(
      names.filter((name) => /[0-9]\.pzip-tmp$/.test(name)),
      [],
      what,
    );
    assert.ok(
      names.some((name) => name.endsWith('/x')),
      what,
    );
    const told = warnings.filter(({ code }) => code === 'PZIP_TEMPORARY_FILE');
    assert.equal(told.length, 1, what);
    assert.match(told[0]?.message ?? '', /delete it/);
  }
  const { names } = await select(['d'], { cwd });
  assert.ok(names.includes('d/notes.pzip-tmp') && names.includes('d/.dir.0123456789ab.pzip-tmp/'));
  const ignored = await select(['d'], { cwd, exclude: ['.*.pzip-tmp'] });
  assert.ok(
    !ignored.warnings.some(({ code }) => code === 'PZIP_TEMPORARY_FILE'),
    'who leaves it out himself hears nothing',
  );
});

test('a link that leads to a temporary file does not bring it in where links are followed', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, '.out.zip.0123456789ab.pzip-tmp'), 'half an archive');
  mkdirSync(join(cwd, 'd'));
  symlinkSync('../.out.zip.0123456789ab.pzip-tmp', join(cwd, 'd/innocent'));
  writeFileSync(join(cwd, 'd/x'), '');
  for (const inputs of [['d'], ['d/*'], ['d/innocent', 'd/x']]) {
    const { names } = await select(inputs, { cwd, symlinks: 'follow' });
    assert.deepEqual(
      names.filter((name) => name !== 'd/'),
      ['d/x'],
      String(inputs),
    );
  }
});

test("two runs in one tree neither fail, nor archive each other's files, nor print anything", async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'input'), 'content');
  const first = await waitingRun(t, cwd, 'a.zip');
  const { code, stderr } = await runPzip(['--strict', 'b.zip', '.'], { cwd });
  assert.equal(code, 0, stderr);
  assert.equal(stderr.trim().split('\n').length, 1, stderr);
  await first.kill();
  assert.deepEqual(execFileSync('unzip', ['-Z1', 'b.zip'], { cwd }).toString(), 'input\n');
  const previewed: string[] = [];
  for await (const { name } of preview('.', { cwd, output: 'c.zip' })) previewed.push(name);
  assert.deepEqual(previewed, ['b.zip', 'input']);
});

test('two archives of one name that one program makes at once do not remove each other', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'out.zip');
  const archives = [1, 2, 3].map((number) => {
    const archive = new ZipArchive(path);
    archive.addBuffer('entry', `${number}`);
    return archive.close();
  });
  assert.equal((await Promise.all(archives)).length, 3);
});

test("a killed run's temporary in a container's namespace is not removed from outside, where its number means nothing", async (t) => {
  if (needsRoot(t) || needsOwners(t)) return;
  const cwd = await inTemporaryDirectory(t);
  const script = '(sleep 60 | "$0" "$1" -q out.zip -) & sleep 1.5; kill -9 $(jobs -p) 2>/dev/null; exit 0';
  try {
    const args = ['-p', '-f', '--mount-proc', 'bash', '-c', script, process.execPath, PZIP];
    execFileSync('unshare', args, { cwd, stdio: 'ignore' });
  } catch {
    return t.skip('no PID namespace can be made');
  }
  const left = temporariesIn(cwd);
  assert.equal(left.length, 1);
  assert.equal(ownerState(left[0] ?? ''), 'unknown');
  await archiveTo(join(cwd, 'out.zip'));
  assert.deepEqual(temporariesIn(cwd), left);
});
