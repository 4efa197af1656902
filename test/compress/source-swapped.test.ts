import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BatchBuilder } from '../../dist/compress/batch-builder.js';
import { Compressor } from '../../dist/compress/compressor.js';
import type { ChunkTask, SelectedFile, TaskFailure } from '../../dist/compress/tasks.js';
import { createEngine } from '../../dist/deflate/create-engine.js';
import { inTemporaryDirectory } from '../helpers/trees.js';

const compressor = new Compressor(createEngine('zlib'));
const CONTENT = Buffer.alloc(100_000, 'the content that was selected ');

/** A file as the selection saw it. */
async function selectedFile(t: TestContext, content: Uint8Array = CONTENT): Promise<SelectedFile> {
  const path = join(await inTemporaryDirectory(t), 'file');
  await writeFile(path, content);
  const { size, mtimeMs, ctimeMs, dev, ino } = await stat(path);
  return { path, size, mtimeMs, ctimeMs, dev, ino, isFollowed: false };
}

/** What either kind of task says of a file that is no longer what was selected. */
function failures(file: SelectedFile): (TaskFailure | undefined)[] {
  const batch = new BatchBuilder();
  const source = { ...file, kind: 'file', name: 'file', mode: 0o100644 } as const;
  batch.add(source, { lastModFileTime: 0, lastModFileDate: 33, unixTime: Number.NaN, level: 6, isMimetype: false });
  const input = { ...file, start: 0, end: file.size, onChange: 'error', isPrimed: true } as const;
  const chunk: ChunkTask = { input, isLast: true, level: 6, output: undefined };
  return [compressor.compressBatch(batch.take('error')).failures[0], compressor.compressChunk(chunk).failure];
}

function assertAll(found: (TaskFailure | undefined)[], code: string, message: RegExp): void {
  for (const failure of found) {
    assert.equal(failure?.code, code);
    assert.match(failure?.message ?? '', message);
  }
}

test('a file that is what it was is read', async (t) => {
  assert.deepEqual(failures(await selectedFile(t)), [undefined, undefined]);
});

test('a file that grew or shrank is detected', async (t) => {
  const grown = await selectedFile(t);
  await writeFile(grown.path, 'more', { flag: 'a' });
  assertAll(failures(grown), 'PZIP_SOURCE_CHANGED', /was 100000 bytes long and is 100004 now/);
  const shrunk = await selectedFile(t);
  await writeFile(shrunk.path, 'less');
  assertAll(failures(shrunk), 'PZIP_SOURCE_CHANGED', /was 100000 bytes long and is 4 now/);
});

test('a file that was rewritten with the same length is detected', async (t) => {
  const file = await selectedFile(t);
  await utimes(file.path, 1, 1);
  assertAll(failures(file), 'PZIP_SOURCE_CHANGED', /modification time/);
});

test('a file that was rewritten and given its old date is detected', async (t) => {
  const file = await selectedFile(t);
  await writeFile(file.path, Buffer.alloc(file.size, 'y'));
  await utimes(file.path, new Date(1), new Date(1));
  const { mtimeMs } = await stat(file.path);
  assertAll(failures({ ...file, mtimeMs }), 'PZIP_SOURCE_CHANGED', /ctime/);
});

test('a replacement by another file of the same length and date is detected', async (t) => {
  const file = await selectedFile(t);
  const other = `${file.path}-other`;
  await writeFile(other, Buffer.alloc(file.size, 'x'));
  await rename(other, file.path);
  await utimes(file.path, file.mtimeMs / 1000, file.mtimeMs / 1000);
  const { mtimeMs } = await stat(file.path);
  assertAll(failures({ ...file, mtimeMs }), 'PZIP_SOURCE_CHANGED', /another file has taken its place/);
  const same = await selectedFile(t);
  assertAll(failures({ ...same, dev: same.dev + 1 }), 'PZIP_SOURCE_CHANGED', /another file has taken its place/);
});

test('a link that replaced the file is not followed unnoticed', async (t) => {
  const file = await selectedFile(t);
  const secret = await selectedFile(t);
  await rm(file.path);
  await symlink(secret.path, file.path);
  assertAll(
    failures({ ...file, mtimeMs: secret.mtimeMs }),
    'PZIP_SOURCE_CHANGED',
    /a symbolic link has taken its place/,
  );
  // Where links are followed, it is the file behind it that counts.
  assertAll(failures({ ...file, isFollowed: true }), 'PZIP_SOURCE_CHANGED', /another file/);
});

test('a FIFO that replaced the file does not block the run', { timeout: 10_000 }, async (t) => {
  const file = await selectedFile(t);
  await rm(file.path);
  execFileSync('mkfifo', [file.path]);
  for (const failure of failures(file)) assert.match(failure?.code ?? '', /PZIP_SOURCE_(CHANGED|UNREADABLE)/);
});

test('a file that is gone is named', async (t) => {
  const file = await selectedFile(t);
  await rm(file.path);
  assertAll(failures(file), 'PZIP_SOURCE_MISSING', /is gone now/);
});
