import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createPool, ZipArchive } from '../../dist/index.js';
import { sha256Of } from '../helpers/compare-trees.js';
import { CollectingSink, FailingSink, SlowSink, StallingSink } from '../helpers/failing-sinks.js';
import { checkWithEveryReader } from '../helpers/foreign-readers.js';
import { inTemporaryDirectory, randomBytes, textOf } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';

const MIB = 1024 * 1024;
const contents = new Map([
  ['small', textOf(1000, 1)],
  ['text', textOf(MIB + 1, 2)],
  ['random', randomBytes(2 * MIB + 1, 3)],
  ...Array.from({ length: 40 }, (_, index): [string, Uint8Array] => [`many/${index}`, textOf(10_000, index)]),
]);

/** One for most tests: starting threads takes longer than their archives. */
const pool = createPool({ threads: 2 });
after(() => pool.close());

function addAll(archive: ZipArchive): void {
  for (const [name, content] of contents) archive.addBuffer(name, content);
}

async function assertComplete(t: TestContext, bytes: Uint8Array): Promise<void> {
  const path = join(await inTemporaryDirectory(t), 'archive.zip');
  await writeFile(path, bytes);
  const expected = new Map([...contents].map(([name, content]) => [name, { sha256: sha256Of(content) }]));
  await checkWithEveryReader(path, expected, { readers: ['yauzl', 'unzip test', 'bsdtar pipe'] });
}

test('an archive without an output is read from it, in a loop', async (t) => {
  const archive = new ZipArchive();
  addAll(archive);
  const closed = archive.close();
  const chunks: Uint8Array[] = [];
  for await (const bytes of archive) chunks.push(bytes);
  await assertComplete(t, Buffer.concat(chunks));
  assert.equal((await closed).bytesWritten, Buffer.concat(chunks).length);
});

test('an archive without an output is the body of a Response', async (t) => {
  const archive = new ZipArchive({ level: 1, pool });
  addAll(archive);
  void archive.close();
  const response = new Response(archive.readable, { headers: { 'content-type': 'application/zip' } });
  await assertComplete(t, new Uint8Array(await response.arrayBuffer()));
});

test('a reader may transfer the buffers that it receives', async () => {
  const archive = new ZipArchive({ memory: 4 * MIB, pool });
  addAll(archive);
  const closed = archive.close();
  let length = 0;
  for await (const bytes of archive) {
    length += bytes.length;
    structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] });
  }
  assert.equal((await closed).bytesWritten, length);
});

test('nothing is read ahead of a reader that takes its time', async () => {
  const archive = new ZipArchive({ memory: 2 * MIB, level: 0, pool });
  let pulled = 0;
  void archive.addEntries(
    (async function* () {
      for (; pulled < 60; pulled++) yield { name: `${pulled}`, data: randomBytes(MIB, pulled) };
    })(),
  );
  const closed = archive.close();
  const reader = archive.readable.getReader();
  await reader.read();
  await sleep(200);
  assert.ok(pulled < 10, `${pulled} entries were taken`);
  reader.releaseLock();
  for await (const _ of archive);
  assert.equal((await closed).entryCount, 60);
});

test('leaving the loop stops everything, and close() rejects', async () => {
  const archive = new ZipArchive();
  addAll(archive);
  const closed = archive.close();
  for await (const _ of archive) break;
  await assert.rejects(closed, pzipError('PZIP_OUTPUT_FAILED', 'cancelled'));
});

test('a failure errors the readable stream', async () => {
  const archive = new ZipArchive();
  archive.addFile('missing', '/does/not/exist');
  void archive.close();
  await assert.rejects(new Response(archive.readable).text(), pzipError('PZIP_SOURCE_MISSING', '/does/not/exist'));
});

test('an archive with an output has no readable, and none goes to what is no output', () => {
  assert.throws(() => new ZipArchive(new CollectingSink()).readable, pzipError('PZIP_USAGE'));
  // @ts-expect-error: a program in JavaScript may do it
  assert.throws(() => new ZipArchive(42), pzipError('PZIP_USAGE', '42'));
});

test('a file URL is a path', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const archive = new ZipArchive(pathToFileURL(join(folder, 'a b.zip')), { pool });
  addAll(archive);
  await archive.close();
  assert.deepEqual(await readdir(folder), ['a b.zip']);
});

test('a Writable that keeps what it is given keeps it whole', async (t) => {
  const through = new PassThrough({ highWaterMark: 64 * MIB });
  const archive = new ZipArchive(through, { pool });
  addAll(archive);
  await archive.close();
  await assertComplete(t, await buffer(through));
});

test('a web WritableStream gets all of it, and is closed', async (t) => {
  const chunks: Uint8Array[] = [];
  let isClosed = false;
  const stream = new WritableStream<Uint8Array>({
    write: (bytes) => void chunks.push(bytes),
    close: () => {
      isClosed = true;
    },
  });
  const archive = new ZipArchive(stream, { pool });
  addAll(archive);
  await archive.close();
  assert.ok(isClosed);
  await assertComplete(t, Buffer.concat(chunks));
});

test('the error of a sink that dies is what close() rejects with, at whatever write', async () => {
  for (const failAt of [1, 2, 4]) {
    const error = new Error(`write ${failAt}`);
    const archive = new ZipArchive(
      new FailingSink(failAt, error).on('error', () => {}),
      { pool },
    );
    addAll(archive);
    await assert.rejects(archive.close(), (reason) => reason === error);
  }
});

test('the error of a web stream that dies is what close() rejects with', async () => {
  const error = new Error('no more');
  const stream = new WritableStream({
    write: () => {
      throw error;
    },
  });
  const archive = new ZipArchive(stream, { pool });
  addAll(archive);
  await assert.rejects(archive.close(), (reason) => reason === error);
});

test('a sink that dies while nothing is written ends the wait for a source', async () => {
  const sink = new CollectingSink();
  const source = new PassThrough();
  const archive = new ZipArchive(sink);
  archive.addStream('never', () => source);
  const closed = archive.close();
  await sleep(30);
  sink.destroy();
  await assert.rejects(closed, pzipError('PZIP_OUTPUT_FAILED', 'closed before'));
  assert.ok(source.destroyed);
});

test('a download that is broken off ends the archive', async (t) => {
  const outcome = deferred();
  const server = createServer((_, response) => {
    const archive = new ZipArchive(response);
    archive.addStream('endless', async function* () {
      for (;;) yield randomBytes(MIB, 1);
    });
    archive.close().catch(outcome.resolve);
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, resolve));
  get({ port: (server.address() as AddressInfo).port }, (response) => {
    response.once('data', () => response.destroy());
  });
  assert.ok((await outcome.promise) instanceof Error);
});

function deferred() {
  let resolve: (value: unknown) => void = () => {};
  const promise = new Promise<unknown>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

for (const [kind, stall] of [
  ['a Writable', () => new StallingSink(1)],
  ['a web stream', () => new WritableStream({ write: () => new Promise<void>(() => {}) })],
] as const) {
  test(`${kind} that stalls does not hold up an abort`, async () => {
    const abort = new AbortController();
    const archive = new ZipArchive(stall(), { signal: abort.signal });
    addAll(archive);
    const closed = archive.close();
    setTimeout(() => abort.abort('stop'), 100);
    const before = performance.now();
    await assert.rejects(closed, (reason) => reason === 'stop');
    assert.ok(performance.now() - before < 1500);
  });
}

test('a slow Writable holds back who awaits add*', async () => {
  const sink = new SlowSink(20);
  const archive = new ZipArchive(sink, { memory: 3 * MIB, level: 0, pool });
  let added = 0;
  for (let index = 0; index < 20; index++) {
    await archive.addBuffer(`${index}`, randomBytes(MIB, index));
    added += MIB;
    assert.ok(added - sink.bytesTaken <= 6 * MIB, `${added - sink.bytesTaken} bytes ahead`);
  }
  await archive.close();
});

test('a locked web stream and an ended Writable are rejected by close()', async () => {
  const locked = new WritableStream();
  locked.getWriter();
  await assert.rejects(new ZipArchive(locked).close(), pzipError('PZIP_OUTPUT_FAILED', 'locked'));
  const ended = new CollectingSink();
  ended.end();
  await new Promise((resolve) => ended.on('close', resolve));
  await assert.rejects(new ZipArchive(ended).close());
});

test('a Writable that throws is one that failed', async () => {
  const error = new Error('thrown');
  const sink = new Writable({
    write() {
      throw error;
    },
  });
  const archive = new ZipArchive(sink);
  addAll(archive);
  await assert.rejects(archive.close(), (reason) => reason === error);
});
