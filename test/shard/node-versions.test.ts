/**
 * Parts that different versions of Node create. PZIP_NODES lists their binaries, separated by colons, as .ci/run downloads
 * them.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runProcess } from '../helpers/run-process.js';
import { PZIP } from '../helpers/run-pzip.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';

const OTHERS = (process.env.PZIP_NODES ?? '').split(':').filter((path) => path !== '');
const NODES = [process.execPath, ...OTHERS];
const skip = OTHERS.length === 0 && 'PZIP_NODES lists no other versions of Node';

async function run(node: string, args: readonly string[], cwd: string): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await runProcess(node, [PZIP, ...args, '-q'], { cwd });
  return { code: code ?? -1, stderr: stderr.toString() };
}

/** Small files, and one that is cut between all parts. */
async function makeTree(t: TestContext): Promise<string> {
  const folder = await inTemporaryDirectory(t);
  mkdirSync(join(folder, 'tree'));
  for (let index = 0; index < 30; index++) writeFileSync(join(folder, 'tree', `${index}`), textOf(20_000, index));
  const large = Buffer.concat([Buffer.from(textOf(4_000_000, 3)), randomBytes(2_500_000)]);
  writeFileSync(join(folder, 'tree', 'large'), large);
  return folder;
}

/** Each part by another version of Node, on another number of threads. */
async function createParts(folder: string, options: readonly string[]): Promise<string[]> {
  const parts = NODES.map((_, index) => `part-${index + 1}.zip`);
  for (const [index, node] of NODES.entries()) {
    const shard = `${index + 1}/${NODES.length}`;
    const args = [...options, '--threads', `${index % 3}`, '--shard', shard, `part-${index + 1}.zip`, 'tree'];
    const { code, stderr } = await run(node, args, folder);
    assert.deepEqual([code, stderr], [0, ''], node);
  }
  return parts;
}

test('parts of different versions of Node are merged by each to the bytes of one machine', { skip }, async (t) => {
  const folder = await makeTree(t);
  const parts = await createParts(folder, []);
  assert.equal((await run(process.execPath, ['whole.zip', 'tree'], folder)).code, 0);
  const whole = readFileSync(join(folder, 'whole.zip'));
  for (const node of NODES) {
    const { code, stderr } = await run(node, ['merge', 'merged.zip', ...parts], folder);
    assert.deepEqual([code, stderr], [0, ''], node);
    assert.ok(readFileSync(join(folder, 'merged.zip')).equals(whole), node);
  }
});

test('parts of different versions of zlib are rejected', { skip }, async (t) => {
  const versions = new Set<string>();
  for (const node of NODES) {
    const { stdout } = await runProcess(node, ['-p', 'process.versions.zlib']);
    versions.add(stdout.toString());
  }
  if (versions.size === 1) {
    t.skip('all have the same zlib');
    return;
  }
  const folder = await makeTree(t);
  const parts = await createParts(folder, ['--engine', 'zlib']);
  const { code, stderr } = await run(process.execPath, ['merge', 'merged.zip', ...parts], folder);
  assert.notEqual(code, 0);
  assert.match(stderr, /engine=zlib/);
});
