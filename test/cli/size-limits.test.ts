/** --max-size and --max-unpacked. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPzip } from '../helpers/run-pzip.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { pzip } from './command.js';

/** Twelve files, of which `random-N` does not shrink and `zeros-N` does; the largest ones have the highest numbers. */
function buildSizes(cwd: string): void {
  mkdirSync(join(cwd, 'tree'));
  for (let number = 1; number <= 6; number++) {
    writeFileSync(join(cwd, `tree/random-${number}`), randomBytes(number * 1000));
    writeFileSync(join(cwd, `tree/zeros-${number}`), Buffer.alloc(number * 10_000));
  }
}

test('an archive over --max-size fails, lists the ten largest entries, and leaves the old archive as it is', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildSizes(cwd);
  writeFileSync(join(cwd, 'out.zip'), 'old');
  const before = readdirSync(cwd);
  const { code, stderr } = await runPzip(['-q', '--max-size', '20K', 'out.zip', 'tree'], { cwd });
  assert.equal(code, 1, stderr);
  const [first, ...lines] = stderr.trimEnd().split('\n');
  assert.match(
    first ?? '',
    /^pzip: The archive has 2\d,\d{3} bytes, more than --max-size, 20,480; the largest entry is 'tree\/random-6', 6,000$/,
  );
  assert.equal(lines.length, 10);
  assert.deepEqual(
    lines.slice(0, 6).map((line) => line.trim().split(/\s+/)),
    [6, 5, 4, 3, 2, 1].map((number) => [String(1000 * number), `tree/random-${number}`]),
  );
  assert.equal(readFileSync(join(cwd, 'out.zip'), 'latin1'), 'old');
  assert.deepEqual(readdirSync(cwd), before);
});

test('an archive of exactly --max-size passes, and one byte less fails', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildSizes(cwd);
  await pzip(cwd, ['-q', 'out.zip', 'tree']);
  const { length } = readFileSync(join(cwd, 'out.zip'));
  await pzip(cwd, ['-q', '-T', '--max-size', String(length), 'same.zip', 'tree']);
  const { code, stderr } = await runPzip(['-q', '--max-size', String(length - 1), 'less.zip', 'tree'], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /more than --max-size/);
});

test('content over --max-unpacked fails before anything is compressed, in a dry run as well', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildSizes(cwd);
  for (const args of [[], ['-n'], ['-v']]) {
    const { code, stderr } = await runPzip(['-q', ...args, '--max-unpacked', '230999', 'out.zip', 'tree'], { cwd });
    assert.equal(code, 1, stderr);
    const [first, ...lines] = stderr.trimEnd().split('\n');
    assert.equal(
      first,
      "pzip: The entries have 231,000 bytes unpacked, more than --max-unpacked, 230,999; the largest entry is 'tree/zeros-6', 60,000",
    );
    assert.equal(lines.length, 10);
    assert.equal(lines[0], '         60000  tree/zeros-6');
    assert.deepEqual(readdirSync(cwd), ['tree']);
  }
  await pzip(cwd, ['--max-unpacked', '231000', 'out.zip', 'tree']);
});

test('standard input counts as it arrives, also if the archive goes to standard output', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  for (const output of ['out.zip', '-']) {
    const stdin = Buffer.alloc(3_000_000, 'content');
    const { code, stderr } = await runPzip(['-q', '--max-unpacked', '2M', output, '-'], { cwd, stdin });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^pzip: The entries have .* more than --max-unpacked, 2,097,152; the largest entry is 'stdin', /,
    );
    assert.deepEqual(readdirSync(cwd), []);
  }
});

test('a pipe gets little more than --max-size', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'random'), randomBytes(12_000_000));
  const { code, stderr, stdout } = await runPzip(['-q', '--max-size', '1M', '-', 'random'], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /^pzip: The archive has at least [\d,]+ bytes, more than --max-size, 1,048,576/);
  assert.ok(stdout.length < 4_000_000, `${stdout.length} bytes`);
});

test('pzip merge has both limits', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildSizes(cwd);
  await pzip(cwd, ['-q', 'in.zip', 'tree']);
  for (const args of [
    ['--max-size', '20K'],
    ['--max-unpacked', '200K'],
  ]) {
    const { code, stderr } = await runPzip(['merge', ...args, 'out.zip', 'in.zip'], { cwd });
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^pzip: The (archive|entries) .* more than ${args[0]}, .*\n {8,}\\d+ {2}tree/`));
    assert.equal(stderr.trimEnd().split('\n').length, 11);
  }
});

test('limits of a part, and sizes that are none, are invalid', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildSizes(cwd);
  for (const args of [
    ['--max-size', '1M', '--shard', '1/2'],
    ['--max-size', 'large'],
    ['--max-unpacked', '0'],
  ]) {
    const { code, stderr } = await runPzip([...args, 'out.zip', 'tree'], { cwd });
    assert.equal(code, 2, stderr);
  }
});
