/** `--from`, `--on-duplicate` and `pzip merge`, as a user types them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { test } from 'node:test';
import { PZIP, runPzip, startPzip } from '../helpers/run-pzip.js';
import { isSlowSuite } from '../helpers/slow-suite.js';
import { makeTree, randomBytes } from '../helpers/trees.js';
import { namesIn, pzip } from './command.js';

async function makes(cwd: string, ...args: string[]): Promise<void> {
  await pzip(cwd, args);
}

/** @returns the one line that it says */
async function fails(cwd: string, code: number, ...args: string[]): Promise<string> {
  const outcome = await runPzip(args, { cwd });
  assert.equal(outcome.code, code, outcome.stderr);
  assert.match(outcome.stderr, /^pzip: .+\n$/, 'one line');
  return outcome.stderr;
}

test('entries are deleted, renamed and replaced in an archive, which stays as it was after an error', async (t) => {
  const cwd = makeTree(t, { 'dist/app.js': 'one', 'dist/app.js.map': 'map' });
  await makes(cwd, 'site.zip', 'dist');
  await makes(cwd, 'site.zip', '--from', 'site.zip', '-x', '*.map');
  assert.deepEqual(namesIn(cwd, 'site.zip'), ['dist/', 'dist/app.js']);
  await makes(cwd, 'site.zip', '--from', 'site.zip', '--rename', 'dist/**=public/**');
  assert.deepEqual(namesIn(cwd, 'site.zip'), ['public/', 'public/app.js']);
  await makes(cwd, 'site.zip', '--from=site.zip', '--on-duplicate', 'last', 'dist');
  assert.deepEqual(namesIn(cwd, 'site.zip'), ['dist/', 'dist/app.js', 'dist/app.js.map', 'public/', 'public/app.js']);
  const before = readFileSync(join(cwd, 'site.zip'));
  const message = await fails(cwd, 1, 'site.zip', '--from', 'site.zip', 'dist');
  assert.match(message, /'dist\/app\.js'.*'site\.zip'.*--on-duplicate/);
  assert.match(await fails(cwd, 1, 'site.zip', '--from', 'none.zip'), /'none\.zip' does not exist/);
  assert.match(await fails(cwd, 1, 'site.zip', '--from', 'dist/app.js'), /'dist\/app\.js' is invalid/);
  assert.match(await fails(cwd, 2, 'site.zip', '--from', 'site.zip', '--on-duplicate', 'newest'), /error, first, last/);
  assert.ok(readFileSync(join(cwd, 'site.zip')).equals(before));
});

test('nothing left of an archive is an error that names it', async (t) => {
  const cwd = makeTree(t, { a: '' });
  await makes(cwd, 'a.zip', 'a');
  assert.match(await fails(cwd, 1, 'b.zip', '--from', 'a.zip', '-x', 'a'), /'a\.zip' came out empty.*ignored/);
});

test('pzip merge writes to a file and to a pipe, and names what clashes', async (t) => {
  const cwd = makeTree(t, { a: '1', b: '2', c: '3' });
  await makes(cwd, 'x.zip', 'c', 'a');
  await makes(cwd, 'y.zip', 'b');
  await makes(cwd, 'merge', 'm.zip', 'y.zip', 'x.zip', '-T', '-c', 'merged');
  assert.deepEqual(namesIn(cwd, 'm.zip'), ['b', 'a', 'c']);
  const { code, stdout } = await startPzip(['merge', '-', 'y.zip', 'x.zip', '-c', 'merged'], { cwd });
  assert.equal(code, 0);
  assert.ok(stdout.equals(readFileSync(join(cwd, 'm.zip'))));
  assert.match(await fails(cwd, 1, 'merge', 'm.zip', 'x.zip', 'x.zip'), /'a'.*'x\.zip'.*--on-duplicate/);
  assert.match(await fails(cwd, 1, 'merge', '--no-clobber', 'm.zip', 'x.zip'), /m\.zip/);
  assert.match(await fails(cwd, 2, 'merge', 'm.zip'), /pzip merge out\.zip a\.zip b\.zip/);
  assert.match(await fails(cwd, 2, 'merge', '-T', '-', 'x.zip'), /-T cannot be used when writing to stdout/);
  writeFileSync(join(cwd, 'cut.zip'), readFileSync(join(cwd, 'x.zip')).subarray(0, 60));
  assert.match(await fails(cwd, 1, 'merge', 'm.zip', 'cut.zip'), /'cut\.zip' is invalid/);
  assert.deepEqual(namesIn(cwd, 'm.zip'), ['b', 'a', 'c']);
});

test('killed at any instant, an update of an archive leaves the old archive or the complete new one', async (t) => {
  const cwd = makeTree(t, {});
  mkdirSync(join(cwd, 'tree'));
  for (let index = 0; index < 300; index++) writeFileSync(join(cwd, `tree/${index}`), randomBytes(20_000, index));
  await makes(cwd, 'old.zip', 'tree', '-0');
  const started = performance.now();
  await startPzip(['-q', 'new.zip', '--from', 'old.zip', '--prefix', 'new'], { cwd });
  const duration = performance.now() - started;
  const [old, complete] = [readFileSync(join(cwd, 'old.zip')), readFileSync(join(cwd, 'new.zip'))];
  const random = seeded(7);
  const seen = new Set<string>();
  for (let run = 0; run < (isSlowSuite ? 300 : 10); run++) {
    writeFileSync(join(cwd, 'site.zip'), old);
    const process = spawn(execPath, [PZIP, '-q', 'site.zip', '--from', 'site.zip', '--prefix', 'new'], { cwd });
    setTimeout(() => process.kill('SIGKILL'), 2.5 * duration * random());
    await once(process, 'exit');
    const found = readFileSync(join(cwd, 'site.zip'));
    assert.ok(found.equals(old) || found.equals(complete), `run ${run}`);
    seen.add(found.equals(old) ? 'old' : 'new');
  }
  t.diagnostic(`found ${[...seen].sort().join(' and ')}`);
  if (isSlowSuite) assert.equal(seen.size, 2);
});

/** Numbers from 0 to 1 that are the same in every run: a linear congruential generator. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
