/** `pzip diff`: lines, JSON and exit codes. */
import assert from 'node:assert/strict';
import { mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runPzip } from '../helpers/run-pzip.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { buildArchive } from '../reader/build-archive.js';

interface Outcome {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

async function diff(cwd: string, ...args: string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await runPzip(['diff', ...args], { cwd });
  return { code, lines: stdout.toString().split('\n').slice(0, -1), stderr };
}

async function changedSite(t: TestContext): Promise<string> {
  const cwd = await inTemporaryDirectory(t);
  mkdirSync(join(cwd, 'dist'));
  for (const name of ['a', 'b', 'c']) writeFileSync(join(cwd, 'dist', name), name);
  const { code } = await runPzip(['-q', 'site.zip', 'dist/'], { cwd });
  assert.equal(code, 0);
  return cwd;
}

test('pzip diff prints nothing but a summary for equal sides, and exits with 0', async (t) => {
  const cwd = await changedSite(t);
  assert.deepEqual(await diff(cwd, 'site.zip', 'dist/'), { code: 0, lines: [], stderr: '4 entries equal\n' });
  assert.deepEqual(await diff(cwd, '-q', 'site.zip', 'dist/'), { code: 0, lines: [], stderr: '' });
});

test('pzip diff prints a line a difference, and exits with 1', async (t) => {
  const cwd = await changedSite(t);
  writeFileSync(join(cwd, 'dist/a'), 'A', { mode: 0o755 });
  unlinkSync(join(cwd, 'dist/b'));
  writeFileSync(join(cwd, 'dist/b'), 'b', { mode: 0o600 });
  unlinkSync(join(cwd, 'dist/c'));
  writeFileSync(join(cwd, 'dist/d'), '');
  const { code, lines, stderr } = await diff(cwd, 'site.zip', 'dist/');
  assert.deepEqual(lines, ['~ dist/a (content)', '~ dist/b (mode 0644 → 0600)', '- dist/c', '+ dist/d']);
  assert.deepEqual([code, stderr], [1, '1 entry equal, 1 added, 1 removed, 2 changed\n']);
  assert.deepEqual(await diff(cwd, '--quiet', 'site.zip', 'dist/'), { code: 1, lines: [], stderr: '' });
  const json = (await diff(cwd, '--json', 'site.zip', 'dist/')).lines.map((line) => JSON.parse(line));
  assert.deepEqual(json[0], { a: 'site.zip', b: 'dist/' });
  assert.deepEqual(json[2].differs, ['mode']);
  assert.deepEqual([json[2].a.mode, json[2].b.mode, json[3].change, json[3].b], ['0644', '0600', 'removed', undefined]);
  assert.deepEqual(json.at(-1), { totals: { added: 1, removed: 1, changed: 2, failed: 0, equal: 1 } });
});

test('what cannot be compared is an error line, and exit code 2, whatever else differs', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const data = Buffer.from('data');
  writeFileSync(join(cwd, 'a.zip'), buildArchive([{ name: 'x', data, crc: 5 }, { name: 'y' }]));
  writeFileSync(join(cwd, 'b.zip'), buildArchive([{ name: 'x', data, crc: 5, deflate: true }]));
  const { code, lines, stderr } = await diff(cwd, 'a.zip', 'b.zip');
  assert.deepEqual([code, lines], [2, ['- y']]);
  assert.match(
    stderr,
    /^pzip: The archive '.*\.zip' is invalid at 'x': its CRC-32 is .*\n0 entries equal, 1 removed, 1 not compared\n$/,
  );
});

test('names and times in the list cannot act on a terminal or command a CI', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(
    join(cwd, 'a.zip'),
    buildArchive([{ name: 'a\x1b[2Jb' }, { name: '::error::x' }, { name: 'd', date: 0 }]),
  );
  writeFileSync(join(cwd, 'b.zip'), buildArchive([{ name: 'd', date: 0xffff }]));
  const { code, lines } = await diff(cwd, '--times', 'a.zip', 'b.zip');
  assert.equal(code, 1);
  assert.ok(!lines.join('\n').includes('\x1b'), JSON.stringify(lines));
  for (const line of lines) assert.match(line, /^[-+~] [^:]/);
});

test('a wrong command line, and what is missing, are one line and exit code 2', async (t) => {
  const cwd = await changedSite(t);
  for (const [args, message] of [
    [[], /compares two/],
    [['site.zip'], /compares two/],
    [['site.zip', 'dist', 'dist'], /compares two/],
    [['--all', 'site.zip', 'dist'], /unknown option '--all'/],
    [['--check', 'sum', 'site.zip', 'dist'], /Allowed choices are content, crc/],
    [['--strip-components', '-1', 'site.zip', 'dist'], /strip-components/],
    [['--strip-components=x', 'site.zip', 'dist'], /whole number/],
    [['none.zip', 'dist'], /^pzip: 'none\.zip' does not exist/],
    [['dist', './none'], /^pzip: '\.\/none' does not exist/],
    [['dist/a', 'dist'], /not a ZIP archive, a directory or a manifest/],
  ] as const) {
    const { code, lines, stderr } = await diff(cwd, ...args);
    assert.deepEqual([code, lines], [2, []], stderr);
    assert.match(stderr, message);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  }
});

test('pzip diff --help explains itself', async () => {
  const { code, lines } = await diff('.', '--help');
  assert.equal(code, 0);
  assert.match(lines[0] ?? '', /^Usage: pzip diff/);
  for (const line of lines) assert.ok(line.length <= 80, line);
});
