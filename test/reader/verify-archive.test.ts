import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { type ArchiveOptions, type Progress, ZipArchive } from '../../dist/index.js';
import { isSlowSuite } from '../helpers/slow-suite.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';

async function archiveOf(path: string, count: number, options: ArchiveOptions): Promise<number> {
  const archive = new ZipArchive(path, options);
  for (let i = 0; i < count; i++) archive.addBuffer(`entry-${i}`, `content ${i}`);
  return (await archive.close()).entryCount;
}

// limits.test.ts reads as many by other readers.
test('an archive of more entries than 16 bits count reads back', { skip: !isSlowSuite }, async (t) => {
  const folder = await inTemporaryDirectory(t);
  const count = 65_535; // the first that is masked
  assert.equal(await archiveOf(join(folder, 'out.zip'), count, { verify: true }), count);
});

test('reading back changes nothing in the archive, whatever the number of threads', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const digests = new Set<string>();
  for (const options of [{}, { verify: true, threads: 1 }, { verify: true, threads: 3 }]) {
    const archive = new ZipArchive(join(folder, 'out.zip'), options);
    for (let i = 0; i < 5; i++) archive.addBuffer(`${i}`, textOf(400_000 * i, i));
    await archive.close();
    digests.add(
      createHash('sha256')
        .update(readFileSync(join(folder, 'out.zip')))
        .digest('hex'),
    );
  }
  assert.equal(digests.size, 1);
});

test('progress tells of reading back, up to the last byte before the directory', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const seen: Progress[] = [];
  await archiveOf(join(folder, 'out.zip'), 300, { verify: true, onProgress: (progress) => seen.push(progress) });
  const last = seen.at(-1);
  assert.equal(last?.phase, 'done');
  const directory = readFileSync(join(folder, 'out.zip')).indexOf('PK\x01\x02');
  assert.equal(last.bytesVerified, directory);
});

test('an archive that goes to a stream cannot be read back, and says so', async () => {
  const archive = new ZipArchive(new PassThrough().resume(), { verify: true });
  archive.addBuffer('a', 'b');
  await assert.rejects(archive.close(), { code: 'PZIP_USAGE' });
});

test('an abort while it is read back leaves nothing', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const controller = new AbortController();
  const archive = new ZipArchive(join(folder, 'out.zip'), {
    verify: true,
    level: 1,
    signal: controller.signal,
    onProgress: ({ phase }) => {
      if (phase === 'finishing') controller.abort(new Error('enough'));
    },
  });
  const content = textOf(900_000, 1);
  for (let i = 0; i < 40; i++) archive.addBuffer(`${i}`, content);
  await assert.rejects(archive.close(), /enough/);
  assert.deepEqual(readdirSync(folder), []);
});

test('what a listener throws while it is read back is what close() rejects with', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const error = new Error('listener');
  const onProgress = ({ phase, bytesVerified }: Progress): void => {
    if (phase === 'verifying' && bytesVerified > 0) throw error;
  };
  const archive = new ZipArchive(join(folder, 'out.zip'), { verify: true, threads: 2, level: 1, onProgress });
  // Long enough that progress is told more than ten times a second.
  const content = textOf(1_000_000, 1);
  for (let index = 0; index < 120; index++) archive.addBuffer(`${index}`, content);
  await assert.rejects(archive.close(), (reason) => reason === error);
  assert.deepEqual(readdirSync(folder), []);
});
