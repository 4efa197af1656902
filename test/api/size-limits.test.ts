/** maxSize and maxUnpacked. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { createArchive, PzipError, preview, ZipArchive } from 'pzip';
import { inTemporaryDirectory } from '../helpers/trees.js';

function isTooLarge(error: unknown): error is PzipError {
  return error instanceof PzipError && error.code === 'PZIP_TOO_LARGE';
}

test('entries that are added one by one count', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'out.zip');
  const archive = new ZipArchive(path, { maxUnpacked: 5000 });
  const adding = [archive.addBuffer('a', Buffer.alloc(3000)), archive.addBuffer('b', Buffer.alloc(2001))];
  await assert.rejects(archive.close(), (error) => {
    assert.ok(isTooLarge(error));
    assert.deepEqual(error.largest, [
      { name: 'a', size: 3000 },
      { name: 'b', size: 2001 },
    ]);
    return true;
  });
  await Promise.allSettled(adding);
  assert.ok(!existsSync(path));
});

test('streams of unknown length count as one entry each', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'out.zip');
  const archive = new ZipArchive(path, { maxUnpacked: 100_000 });
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.alloc(30_000);
  }
  void archive.addStream('endless', pieces);
  await assert.rejects(archive.close(), (error) => {
    assert.ok(isTooLarge(error));
    assert.deepEqual(error.largest, [{ name: 'endless', size: 120_000 }]);
    return true;
  });
});

test('a stream of the caller is ended with the error', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'a.txt'), 'a'.repeat(1000));
  writeFileSync(join(cwd, 'b.txt'), 'b');
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const ended = once(output, 'error');
  await assert.rejects(createArchive(output, '*.txt', { cwd, maxSize: 150 }), isTooLarge);
  assert.ok(isTooLarge((await ended)[0]));
});

test('a file that is longer than its size counts in full', { skip: process.platform !== 'linux' }, async (t) => {
  const path = join(await inTemporaryDirectory(t), 'out.zip');
  const archive = new ZipArchive(path, { maxUnpacked: 10 });
  // stat(2) gives it 0 bytes.
  void archive.addFile('version', '/proc/version');
  await assert.rejects(archive.close(), isTooLarge);
  assert.ok(!existsSync(path));
});

test('a preview fails after its last entry', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  for (const name of ['a', 'b']) writeFileSync(join(cwd, name), 'four');
  const names: string[] = [];
  await assert.rejects(async () => {
    for await (const { name } of preview('*', { cwd, maxUnpacked: 7 })) names.push(name);
  }, isTooLarge);
  assert.deepEqual(names, ['a', 'b']);
});

test('a part has no limits', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'a'), 'a');
  await assert.rejects(createArchive(join(cwd, 'out.zip'), 'a', { cwd, maxSize: 9, shard: { index: 1, count: 2 } }), {
    code: 'PZIP_USAGE',
  });
});
