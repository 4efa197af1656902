/** --size-of, and the option `sizeOf` of createArchive(). */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createArchive, type PzipWarning } from 'pzip';
import { runPzip } from '../helpers/run-pzip.js';
import { inTemporaryDirectory, randomBytes } from '../helpers/trees.js';
import { pzip, pzipFails } from './command.js';

/** Content that does not shrink, so that compressed sizes are known. */
function write(cwd: string, name: string, size: number): void {
  writeFileSync(join(cwd, name), randomBytes(size, size));
}

async function changedTree(t: TestContext): Promise<string> {
  const cwd = await inTemporaryDirectory(t);
  for (const [name, size] of Object.entries({ a: 1000, b: 2000, c: 3000, d: 4000 })) write(cwd, name, size);
  await pzip(cwd, ['-q', 'out.zip', 'a', 'b', 'c', 'd']);
  write(cwd, 'a', 1500);
  write(cwd, 'b', 1900);
  write(cwd, 'e', 5000);
  return cwd;
}

test('what grew, shrank, was added and removed, against the archive that is replaced', async (t) => {
  const cwd = await changedTree(t);
  const { stderr } = await pzip(cwd, ['--no-progress', '--size-of', 'out.zip', 'out.zip', 'a', 'b', 'c', 'e']);
  const [, ...lines] = stderr.trimEnd().split('\n');
  assert.deepEqual(lines, [
    'compared with out.zip: 10.0 kB → 11.4 kB, +1.4 kB: 1 grown (+500 bytes), 1 shrunk (-100 bytes), ' +
      '1 added (+5.0 kB), 1 removed (-4.0 kB)',
    '       +5.0 kB  e (added)',
    '       -4.0 kB  d (removed)',
    '    +500 bytes  a (1.0 kB → 1.5 kB)',
    '    -100 bytes  b (2.0 kB → 1.9 kB)',
  ]);
  const again = await pzip(cwd, ['--no-progress', '--size-of', 'out.zip', 'out.zip', 'a', 'b', 'c', 'e']);
  assert.match(again.stderr, /\ncompared with out\.zip: 11\.4 kB → 11\.4 kB, every entry has the same size\n$/);
});

test('the result has the changes as data', async (t) => {
  const cwd = await changedTree(t);
  const seen: string[] = [];
  const { sizeChanges } = await createArchive(join(cwd, 'new.zip'), ['a', 'b', 'c', 'e'], {
    cwd,
    sizeOf: join(cwd, 'out.zip'),
    onEntry: ({ name }) => seen.push(name),
  });
  assert.deepEqual(sizeChanges, {
    measure: 'compressed',
    before: 10_000,
    after: 11_400,
    grown: { count: 1, bytes: 500 },
    shrunk: { count: 1, bytes: -100 },
    added: { count: 1, bytes: 5000 },
    removed: { count: 1, bytes: -4000 },
    largest: [
      { name: 'e', before: undefined, after: 5000 },
      { name: 'd', before: 4000, after: undefined },
      { name: 'a', before: 1000, after: 1500 },
      { name: 'b', before: 2000, after: 1900 },
    ],
  });
  assert.deepEqual(seen, ['a', 'b', 'c', 'e']);
});

test('the ten largest changes are listed', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'empty.zip'), Buffer.from('504b0506'.padEnd(44, '0'), 'hex'));
  const entries = Array.from({ length: 15 }, (_, index) => ({
    name: `f${index}`,
    data: randomBytes(100 + index, index),
  }));
  const { sizeChanges } = await createArchive(join(cwd, 'new.zip'), [], { entries, sizeOf: join(cwd, 'empty.zip') });
  assert.equal(sizeChanges?.added.count, 15);
  assert.deepEqual(
    sizeChanges.largest.map(({ after }) => after),
    [114, 113, 112, 111, 110, 109, 108, 107, 106, 105],
  );
});

test('against a manifest with sizes, uncompressed sizes are compared', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'a'), 'a'.repeat(5000));
  const entry = { name: 'a', sha256: '0'.repeat(64), size: 4000 };
  const manifest = { format: 'pzip-manifest', version: 1, entries: [entry, { kind: 'directory', name: 'd' }] };
  writeFileSync(join(cwd, 'old.json'), JSON.stringify(manifest));
  const { stderr } = await pzip(cwd, ['--no-progress', '--size-of', 'old.json', 'out.zip', 'a']);
  assert.match(stderr, /\ncompared with old\.json: 4\.0 kB → 5\.0 kB uncompressed, \+1\.0 kB: 1 grown \(\+1\.0 kB\)\n/);
  delete (entry as { size?: number }).size;
  writeFileSync(join(cwd, 'old.json'), JSON.stringify(manifest));
  const before = readFileSync(join(cwd, 'out.zip'));
  await pzipFails(cwd, ['--size-of', 'old.json', 'out.zip', 'a'], 1, ['its entry \'a\' has no "size"']);
  assert.ok(readFileSync(join(cwd, 'out.zip')).equals(before));
});

test('a report of the earlier archive has its compressed sizes', async (t) => {
  const cwd = await changedTree(t);
  await pzip(cwd, ['-q', '--json', 'old.json', 'old.zip', 'c', 'd']);
  const { stderr } = await pzip(cwd, ['--no-progress', '--size-of', 'old.json', 'out.zip', 'a', 'c']);
  assert.match(stderr, /\ncompared with old\.json: 7\.0 kB → 4\.5 kB, -2\.5 kB: 1 added .*, 1 removed /);
  writeFileSync(join(cwd, 'bad.json'), '{"format":"pzip-report","version":1,"entries":[{"name":"a"}]}');
  await pzipFails(cwd, ['--size-of', 'bad.json', 'out.zip', 'a'], 1, ['its entry 1 has no "name" or no']);
});

test('without an earlier archive there is a notice, and the archive is created', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  write(cwd, 'a', 10);
  const args = ['--strict', '--no-progress', '--size-of', 'out.zip', 'out.zip', 'a'];
  const { stderr } = await pzip(cwd, args);
  assert.match(stderr, /^pzip: Sizes are not compared: there is no 'out\.zip'\n1 entry /);
  const warnings: PzipWarning[] = [];
  const result = await createArchive(join(cwd, 'b.zip'), 'a', {
    cwd,
    sizeOf: 'missing.zip',
    onWarning: (warning) => warnings.push(warning),
  });
  assert.deepEqual(
    [result.warnings, warnings].map(([first]) => first?.code),
    ['PZIP_NOT_COMPARED', 'PZIP_NOT_COMPARED'],
  );
  assert.equal(result.sizeChanges, undefined);
});

test('names of the earlier archive are escaped', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const hostile = '##vso[task.setvariable variable=a]\u001b[2Jb';
  await createArchive(join(cwd, 'old.zip'), [], { entries: { name: hostile, data: 'x' }, portableNames: 'off' });
  write(cwd, 'a', 10);
  const environment = { GITHUB_STEP_SUMMARY: join(cwd, 'summary.md'), GITHUB_OUTPUT: join(cwd, 'output') };
  const { stderr } = await pzip(cwd, ['--ci', 'github', '--size-of', 'old.zip', 'out.zip', 'a'], { env: environment });
  assert.match(stderr, /#\\x23vso\[task\.setvariable variable=a\]\\x1b\[2Jb \(removed\)/);
  const summary = readFileSync(join(cwd, 'summary.md'), 'utf8');
  assert.match(summary, /Changes in size/);
  assert.ok(!summary.includes('##vso') && !summary.includes('\u001b'));
});

test('neither a file that is no archive, nor a part, nor a dry run is compared', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  write(cwd, 'a', 100);
  const cases: readonly (readonly [number, readonly string[]])[] = [
    [1, ['--size-of', 'a', 'out.zip', 'a']],
    [2, ['--size-of', 'a', '-n', 'out.zip', 'a']],
    [2, ['--size-of', 'a', '--shard', '1/2', 'out.zip', 'a']],
  ];
  for (const [expected, args] of cases) {
    const { code, stderr } = await runPzip(args, { cwd });
    assert.equal(code, expected, stderr);
  }
  const creating = createArchive(join(cwd, 'out.zip'), 'a', { cwd, sizeOf: 'a', shard: { index: 1, count: 2 } });
  await assert.rejects(creating, { code: 'PZIP_USAGE' });
});
