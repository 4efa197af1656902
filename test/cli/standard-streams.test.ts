/** Standard input and output, whatever they are: read, written, or refused; never an empty entry or a black hole. */
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ProcessOutcome, runProcess } from '../helpers/run-process.js';
import { PZIP } from '../helpers/run-pzip.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';

/** Runs a command line of bash in which `pzip` is the command. */
function shell(cwd: string, line: string): Promise<ProcessOutcome> {
  return runProcess('bash', ['-c', `pzip() { "$NODE" "$PZIP" "$@"; }; ${line}`], {
    cwd,
    env: { ...process.env, NODE: process.execPath, PZIP },
    timeout: 60_000,
  });
}

async function aFolder(t: TestContext): Promise<string> {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'a'), textOf(100_000, 1));
  return cwd;
}

/** A block device of a file's content. */
async function loopDevice(t: TestContext, path: string): Promise<string | undefined> {
  const { code, stdout } = await runProcess('losetup', ['-f', '--show', path]).catch(() => ({ code: 1, stdout: '' }));
  if (code !== 0) return undefined;
  const device = stdout.toString().trim();
  t.after(() => runProcess('losetup', ['-d', device]));
  return device;
}

test('a block device as standard input goes in with its content', async (t) => {
  const cwd = await aFolder(t);
  const content = Buffer.from(textOf(2_097_152, 2));
  writeFileSync(join(cwd, 'image'), content);
  const device = await loopDevice(t, join(cwd, 'image'));
  if (device === undefined) return t.skip('needs root and a loop device');
  const made = await shell(cwd, `pzip -q --stdin-name disk.img out.zip - < ${device}`);
  assert.deepEqual([made.code, made.stderr], [0, '']);
  const { stdout } = await runProcess('unzip', ['-p', 'out.zip', 'disk.img'], { cwd });
  assert.ok(stdout.equals(content));
});

test('a block device as standard input may be a list', async (t) => {
  const cwd = await aFolder(t);
  const list = Buffer.alloc(4096, '\n');
  list.write('a\n');
  writeFileSync(join(cwd, 'image'), list);
  const device = await loopDevice(t, join(cwd, 'image'));
  if (device === undefined) return t.skip('needs root and a loop device');
  const made = await shell(cwd, `pzip -q --files-from - out.zip < ${device} && unzip -Z1 out.zip`);
  assert.deepEqual([made.code, made.stdout.toString()], [0, 'a\n']);
});

test('a block device as standard output gets the archive', async (t) => {
  const cwd = await aFolder(t);
  writeFileSync(join(cwd, 'image'), Buffer.alloc(1_048_576));
  const device = await loopDevice(t, join(cwd, 'image'));
  if (device === undefined) return t.skip('needs root and a loop device');
  const made = await shell(cwd, `pzip -q --reproducible - a > ${device}; pzip -q --reproducible - a > out.zip`);
  assert.deepEqual([made.code, made.stderr], [0, '']);
  const archive = readFileSync(join(cwd, 'out.zip'));
  const start = Buffer.alloc(archive.length);
  const descriptor = openSync(device, 'r');
  readSync(descriptor, start, 0, start.length, 0);
  closeSync(descriptor);
  assert.ok(start.equals(archive));
});

const CLOSED = /^pzip: standard (?:input|output) is closed; redirect it/;
const DIRECTORY = /^pzip: standard (?:input|output) is a directory; redirect it/;

for (const [line, code, message] of [
  ['pzip out.zip - < .', 2, DIRECTORY],
  ['pzip --files-from - out.zip < .', 2, DIRECTORY],
  ['pzip - a 1< .', 2, DIRECTORY],
  ['pzip out.zip - <&-', 2, CLOSED],
  ['pzip --files-from - out.zip <&-', 2, CLOSED],
  ['pzip - a >&-', 2, CLOSED],
  ['pzip - a 1< /dev/null', 1, /^pzip: Cannot write standard output: it is not open for writing\n$/],
  ['pzip - a > /dev/full', 1, /^pzip: the archive cannot be written: the disk is full/],
  ['ulimit -f 1; pzip -0 - a > out.zip', 1, /^pzip: Cannot write standard output: .* a limit set for this process/],
  ['pzip -n out.zip a > /dev/full', 1, /^pzip: the list cannot be written: the disk is full/],
  ['pzip -n - a > /dev/full', 1, /^pzip: the list cannot be written: the disk is full/],
  ['pzip --help > /dev/full', 1, /^pzip: the text cannot be written: the disk is full/],
  ['pzip --version > /dev/full', 1, /^pzip: the text cannot be written: the disk is full/],
  ['pzip completion bash > /dev/full', 1, /^pzip: the text cannot be written: the disk is full/],
] as const) {
  test(`\`${line}\` fails with one line`, { skip: process.platform !== 'linux' }, async (t) => {
    const cwd = await aFolder(t);
    const outcome = await shell(cwd, line);
    assert.equal(outcome.code, code, outcome.stderr);
    assert.match(outcome.stderr, message);
    assert.match(outcome.stderr, /^[^\n]*\n$/);
  });
}

for (const line of [
  'pzip -q - a > /dev/null',
  'pzip -q out.zip - < /dev/null',
  'pzip -q out.zip a <&-',
  'pzip -q out.zip a >&-',
  'pzip -q out.zip a 2>&-',
  'pzip out.zip a 2> /dev/full',
  'pzip --version <> /dev/null 1>&0',
  'set -o pipefail; pzip --help | head -1',
  'set -o pipefail; pzip -n out.zip a | head -c 1',
]) {
  test(`\`${line}\` succeeds`, async (t) => {
    const { code, stderr } = await shell(await aFolder(t), line);
    assert.equal(code, 0, stderr);
  });
}
