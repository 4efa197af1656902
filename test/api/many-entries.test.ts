import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createArchive, ZipArchive } from '../../dist/index.js';
import { NameRegistry } from '../../dist/select/names/name-registry.js';
import { CollectingSink } from '../helpers/failing-sinks.js';
import { runProcess } from '../helpers/run-process.js';
import { isSlowSuite } from '../helpers/slow-suite.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';

const INDEX = new URL('../../dist/index.js', import.meta.url).href;

/** As many as are done in seconds; with 1,000,000 the peaks were 170 MB on Node 20, 239 on 24. */
const COUNT = isSlowSuite ? 200_000 : 100_000;

test('many small entries take little more memory than a tenth as many', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { ZipArchive } from ${JSON.stringify(INDEX)};
    // V8 lets the part of the heap for what is young grow as long as there is work, each version in its own way.
    const young = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size;
    const taken = [];
    async function* entries() {
      for (let index = 0; index < ${COUNT}; index++) {
        if (index % ${COUNT / 10} === 0) taken.push(process.memoryUsage.rss() - young());
        yield { name: \`folder-\${index % 1000}/${'name-'.repeat(20)}\${index}.json\`, data: '{"id":' + index + ',"text":"a small record"}' };
      }
    }
    const archive = new ZipArchive('out.zip', { level: 1, threads: 2 });
    await archive.addEntries(entries());
    const { entryCount: count } = await archive.close();
    const growth = Math.max(...taken.slice(2)) - taken[2];
    console.log(JSON.stringify({ count, growth, peak: process.resourceUsage().maxRSS * 1024 }));`;
  const { stdout, stderr } = await runProcess(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
  });
  assert.equal(stderr, '');
  const { count, growth, peak } = JSON.parse(stdout.toString());
  assert.equal(count, COUNT);
  // Seen: 143 MB on Node 20, 149 on 22, 166 on 24, 150 on 26.
  assert.ok(peak < 230e6, `a peak of ${peak} bytes`);
  // Seen: 10 to 17 MB, of which the names are 2.
  assert.ok(growth < 40e6, `${growth} bytes more than at the beginning`);
  const listed = await runProcess('unzip', ['-Z1', join(folder, 'out.zip')]);
  assert.equal(listed.stdout.toString().trimEnd().split('\n').length, COUNT);
  assert.deepEqual(await readdir(folder), ['out.zip']);
});

test('a fault in one of many entries names the entry, and its producer is released', async () => {
  let isLetGo = false;
  const archive = new ZipArchive(new CollectingSink());
  void archive.addEntries(
    (async function* () {
      try {
        yield { name: 'a', data: 'a' };
        yield { name: 'a/../b', data: 'b' };
      } finally {
        isLetGo = true;
      }
    })(),
  );
  await assert.rejects(archive.close(), pzipError('PZIP_NAME_INVALID', "'a/../b'"));
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(isLetGo);
});

test('an entry with no content field, or with two, is rejected by name', async () => {
  for (const [entry, words] of [
    [{ name: 'a' }, 'none of them'],
    [{ name: 'a', data: '', path: 'x' }, 'path and data'],
    [{ name: 'a', directory: false }, 'directory'],
  ] as const) {
    const archive = new ZipArchive(new CollectingSink());
    // @ts-expect-error: a program in JavaScript may do it
    void archive.addEntries([entry]);
    await assert.rejects(archive.close(), pzipError('PZIP_USAGE', "'a'", words));
  }
});

test('duplicates are detected across all add methods', async () => {
  const add = (...names: string[]) => {
    const registry = new NameRegistry();
    for (const name of names) registry.add(name);
  };
  assert.throws(() => add('a', 'a'), pzipError('PZIP_NAME_DUPLICATE', "'a'"));
  assert.throws(() => add('d/', 'd/'), pzipError('PZIP_NAME_DUPLICATE', "'d/'"));
  assert.throws(() => add('a', 'a/b'), pzipError('PZIP_NAME_CONFLICT', "'a'", "'a/'"));
  assert.throws(() => add('a/b/c', 'a/b'), pzipError('PZIP_NAME_CONFLICT', "'a/b'"));
  assert.throws(() => add('a/b', 'a/b/c/d/e'), pzipError('PZIP_NAME_CONFLICT', "'a/b'"));
  assert.throws(() => add('a/', 'a'), pzipError('PZIP_NAME_CONFLICT', "'a'"));
  assert.throws(() => add('a', 'a/'), pzipError('PZIP_NAME_CONFLICT', "'a'"));
  add('a/b', 'a/', 'a/c', 'ab', 'a/b2/', 'A', 'b/a', '\ud83d\udd17', '\u00e9', 'e\u0301');

  const registry = new NameRegistry();
  for (let index = 0; index < 100_000; index++) registry.add(`${index % 300}/${index}`);
  for (const index of [0, 17, 99_999]) {
    assert.throws(() => registry.add(`${index % 300}/${index}`), pzipError('PZIP_NAME_DUPLICATE'));
  }
  assert.throws(() => registry.add('299'), pzipError('PZIP_NAME_CONFLICT'));
});

test('a rejected name stays free', async () => {
  const archive = new ZipArchive(new CollectingSink());
  archive.addBuffer('file', 'x');
  assert.throws(() => archive.addBuffer('file/in/it', 'x'), pzipError('PZIP_NAME_CONFLICT'));
  assert.throws(
    () => archive.addBuffer('late', 'x', { mtime: new Date(Number.NaN) }),
    pzipError('PZIP_USAGE', "'late'"),
  );
  assert.throws(
    () => archive.addBuffer('late', 'x', { comment: 'x'.repeat(70_000) }),
    pzipError('PZIP_COMMENT_INVALID'),
  );
  // @ts-expect-error: a program in JavaScript may do it
  assert.throws(() => archive.addBuffer('late', 'x', { level: 11 }), pzipError('PZIP_USAGE', "'late'", '11'));
  // @ts-expect-error: a program in JavaScript may do it
  assert.throws(() => archive.addBuffer('late', 42), pzipError('PZIP_USAGE', "'late'", '42'));
  archive.addBuffer('late', 'x');
  assert.equal((await archive.close()).entryCount, 2);
});

test('addGlob() detects duplicates of names that were added before', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const archive = new ZipArchive(join(folder, 'out.zip'));
  archive.addBuffer('dist/index.js', 'mine');
  void archive.addGlob('index.js', { cwd: new URL('../../dist', import.meta.url).pathname, prefix: 'dist' });
  await assert.rejects(archive.close(), pzipError('PZIP_NAME_DUPLICATE', "'dist/index.js'"));
  await assert.rejects(createArchive(join(folder, 'out.zip'), 'no-such-*'), pzipError('PZIP_NOTHING_MATCHED'));
});
