import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, unlinkSync } from 'node:fs';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ArchiveOptions, type ArchiveOutput, type ArchiveResult, ZipArchive } from '../../dist/index.js';
import { CollectingSink } from '../helpers/failing-sinks.js';
import { runProcess } from '../helpers/run-process.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';

/** Long enough to be at work for a while at one chunk after the other. */
const LENGTH = 512 * 1024 * 1024;

/** An archive of three files, of which the long one in the middle disappears when some of it has been read. */
async function archiveLosing(t: TestContext, output: ArchiveOutput, options: ArchiveOptions): Promise<ArchiveResult> {
  const folder = await inTemporaryDirectory(t);
  const path = join(folder, 'long');
  await writeFile(path, '');
  await truncate(path, LENGTH);
  const archive = new ZipArchive(output, {
    ...options,
    level: 1,
    // Less than a chunk: each is read when the one before has been written.
    memory: 1,
    onProgress: ({ bytesRead }) => {
      if (bytesRead > 1000 && existsSync(path)) unlinkSync(path);
    },
  });
  archive.addBuffer('before', 'b');
  archive.addFile('long', path);
  archive.addBuffer('after', 'a');
  try {
    return await archive.close();
  } finally {
    assert.ok(!existsSync(path), 'it was gone before the end');
  }
}

test('a long file that disappears while it is read is skipped without a trace where the archive is a file', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const out = join(folder, 'out.zip');
  const warnings: string[] = [];
  const { entryCount, skippedCount, bytesRead, bytesWritten, sha256 } = await archiveLosing(t, out, {
    skipUnreadable: true,
    sha256: true,
    onWarning: ({ code }) => warnings.push(code),
  });
  assert.deepEqual({ entryCount, skippedCount, bytesRead }, { entryCount: 2, skippedCount: 1, bytesRead: 2 });
  assert.deepEqual(warnings, ['PZIP_SOURCE_SKIPPED']);
  const { code } = await runProcess('unzip', ['-t', out]);
  assert.equal(code, 0);

  const without = new CollectingSink();
  const archive = new ZipArchive(without, { level: 1 });
  archive.addBuffer('before', 'b');
  archive.addBuffer('after', 'a');
  await archive.close();
  assert.ok((await readFile(out)).equals(without.bytes));
  assert.equal(bytesWritten, without.bytes.length);
  assert.equal(sha256, createHash('sha256').update(without.bytes).digest('hex'));
});

test('in a stream, or without skipUnreadable, it is an error', async (t) => {
  const folder = await inTemporaryDirectory(t);
  await assert.rejects(
    archiveLosing(t, new CollectingSink(), { skipUnreadable: true }),
    pzipError('PZIP_SOURCE_MISSING', 'long'),
  );
  await assert.rejects(archiveLosing(t, join(folder, 'out.zip'), {}), pzipError('PZIP_SOURCE_MISSING', 'long'));
});
