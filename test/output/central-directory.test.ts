import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CentralDirectory } from '../../dist/output/central-directory.js';
import { FileSink } from '../../dist/output/file/file-sink.js';
import type { Scratch } from '../../dist/output/sink.js';
import { inTemporaryDirectory, randomBytes } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';

/** Some 14 MB, in headers of all lengths up to one that is longer than a block. */
const HEADERS = Array.from({ length: 14_000 }, (_, index) =>
  randomBytes(index === 9000 ? 1_200_000 : index % 2000, index),
);

async function contentOf(directory: CentralDirectory): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for await (const block of directory.blocks()) blocks.push(Buffer.from(block));
  return Buffer.concat(blocks);
}

async function fill(directory: CentralDirectory): Promise<void> {
  for (const header of HEADERS) await directory.add(header);
}

test('a central directory returns its headers from memory and from a scratch file', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const whole = Buffer.concat(HEADERS);
  const inMemory = new CentralDirectory();
  await fill(inMemory);
  assert.equal(inMemory.size, whole.length);
  assert.equal(inMemory.entryCount, HEADERS.length);
  assert.ok((await contentOf(inMemory)).equals(whole));

  const sink = FileSink.open(join(folder, 'out.zip'));
  let asked = 0;
  const putAside = new CentralDirectory(() => {
    asked++;
    return sink.openScratch();
  });
  await fill(putAside);
  assert.equal(asked, 1);
  assert.ok((await contentOf(putAside)).equals(whole));
  assert.equal((await readdir(folder)).length, 1, 'the second file has no name');
  await sink.discard();
  assert.deepEqual(await readdir(folder), []);
});

test('a small directory asks for no file', async () => {
  const directory = new CentralDirectory(() => assert.fail('asked for a file'));
  for (const header of HEADERS.slice(0, 2000)) await directory.add(header);
  assert.ok((await contentOf(directory)).equals(Buffer.concat(HEADERS.slice(0, 2000))));
});

test('errors of the scratch file are reported', async () => {
  const broken: Scratch = {
    write: () => Promise.reject(new Error('disk full')),
    read: () => Promise.reject(new Error('not there')),
  };
  await assert.rejects(fill(new CentralDirectory(async () => broken)), /disk full/);
});

test('without a place for a scratch file, the central directory stays in memory', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const sink = FileSink.open(join(folder, 'out.zip'));
  const { rename } = await import('node:fs/promises');
  await rename(folder, `${folder}-moved`);
  try {
    assert.equal(await sink.openScratch(), undefined);
  } finally {
    await rename(`${folder}-moved`, folder);
    await sink.discard();
  }
});

test('a scratch file that cannot be read says which archive it was for', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const sink = FileSink.open(join(folder, 'out.zip'));
  const scratch = await sink.openScratch();
  await scratch?.write(0, Buffer.from('abc'));
  await assert.rejects(async () => scratch?.read(0, Buffer.alloc(4)), pzipError('PZIP_OUTPUT_FAILED', 'out.zip'));
  await sink.discard();
});
