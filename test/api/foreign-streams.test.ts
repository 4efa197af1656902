/** Streams of other libraries, and streams that middleware has changed, as output and as content. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Readable, Stream, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { createPool, type StreamContent, ZipArchive } from '../../dist/index.js';
import { CollectingSink } from '../helpers/failing-sinks.js';
import { inTemporaryDirectory, randomBytes } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';

/** Untyped: few of these packages have types. */
const load = createRequire(import.meta.url);
const MIB = 1024 * 1024;

/** More than any buffer on the way, of two kinds: batches and chunks. */
const LARGE = randomBytes(3 * MIB, 1);

function addAll(archive: ZipArchive): void {
  for (let index = 0; index < 300; index++) archive.addBuffer(`small/${index}`, `content ${index}`);
  archive.addBuffer('large', LARGE);
}

const pool = createPool({ threads: 2 });
after(() => pool.close());

/** What every stream gets. */
function expected(): Promise<Buffer> {
  whole ??= makeWhole();
  return whole;
}
let whole: Promise<Buffer> | undefined;

async function makeWhole(): Promise<Buffer> {
  const sink = new CollectingSink();
  const archive = new ZipArchive(sink, { pool });
  addAll(archive);
  await archive.close();
  return sink.bytes;
}

type EventStream = NodeJS.ReadableStream;

/** What a stream that is written to and read gives. */
async function collect(stream: EventStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  await new Promise<void>((resolve, reject) => {
    stream.on('data', (chunk) => chunks.push(Buffer.from(chunk)));
    stream.on('end', () => resolve());
    stream.on('error', (error) => reject(error));
  });
  return Buffer.concat(chunks);
}

for (const library of ['readable-stream-2', 'readable-stream-3', 'streamx', 'minipass']) {
  const make = (): NodeJS.WritableStream & EventStream => {
    const loaded = load(library);
    return library === 'minipass' ? new loaded.Minipass() : new loaded.PassThrough();
  };

  test(`a stream of ${library} that is read takes the archive`, async () => {
    const stream = make();
    const collected = collect(stream);
    const archive = new ZipArchive(stream, { pool });
    addAll(archive);
    assert.equal((await archive.close()).entryCount, 301);
    assert.ok((await collected).equals(await expected()));
  });

  test(`a stream of ${library} that is destroyed fails the archive`, async (t) => {
    const stream = make();
    stream.on('error', () => {});
    const archive = new ZipArchive(stream, { pool });
    addAll(archive);
    setTimeout(() => (stream as unknown as Writable).destroy(), 20);
    // The watch for a stream that is destroyed silently keeps no process alive, and neither does an idle pool.
    const alive = setInterval(() => {}, 1000);
    t.after(() => clearInterval(alive));
    await assert.rejects(archive.close());
  });

  test(`a stream of ${library} is content, and not a second time`, async (t) => {
    const folder = await inTemporaryDirectory(t);
    const stream = make();
    const bytes = Buffer.from(LARGE);
    for (let at = 0; at < bytes.length; at += 100_000) stream.write(bytes.subarray(at, at + 100_000));
    stream.end();
    const archive = new ZipArchive(join(folder, 'a.zip'), { level: 0 });
    archive.addStream('large', () => stream as StreamContent);
    assert.equal((await archive.close()).bytesRead, LARGE.length);
    assert.ok((await readFile(join(folder, 'a.zip'))).includes(bytes));
    const again = new ZipArchive(join(folder, 'b.zip'));
    again.addStream('large', () => stream as StreamContent);
    await assert.rejects(again.close(), pzipError('PZIP_SOURCE_UNREADABLE', "'large'"));
  });
}

for (const library of ['readable-stream-2', 'readable-stream-3', 'streamx']) {
  test(`a Writable of ${library} takes the archive, and its error is what close() rejects with`, async () => {
    const { Writable: Sink } = load(library);
    const chunks: Uint8Array[] = [];
    const collecting = new Sink({
      write(chunk: Uint8Array, ...rest: ((error?: Error | null) => void)[]) {
        chunks.push(Buffer.from(chunk));
        rest.at(-1)?.(null);
      },
    });
    const archive = new ZipArchive(collecting, { pool });
    addAll(archive);
    await archive.close();
    assert.ok(Buffer.concat(chunks).equals(await expected()));

    const failure = new Error('the disk is full');
    const failing = new Sink({
      write(_chunk: Uint8Array, ...rest: ((error?: Error | null) => void)[]) {
        rest.at(-1)?.(failure);
      },
    });
    const failed = new ZipArchive(
      failing.on('error', () => {}),
      { pool },
    );
    addAll(failed);
    await assert.rejects(failed.close(), (error) => error === failure);
  });
}

test('a stream of the first kind, which has write() and end() and little else, takes the archive', async () => {
  const stream = new Stream() as Stream & { write(chunk: Buffer): unknown; end(): void };
  const chunks: Buffer[] = [];
  stream.write = (chunk) => void chunks.push(Buffer.from(chunk));
  stream.end = () => void setImmediate(() => stream.emit('close'));
  const archive = new ZipArchive(stream as unknown as NodeJS.WritableStream, { pool });
  addAll(archive);
  await archive.close();
  assert.ok(Buffer.concat(chunks).equals(await expected()));
});

/** @returns the body that a client gets, and what became of close() */
async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Buffer> {
  const server = http.createServer(handle as RequestListener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return Buffer.from(await response.arrayBuffer());
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

const MIDDLEWARE: Readonly<Record<string, () => Middleware>> = {
  'express-session': () =>
    load('express-session')({ secret: 'x', resave: true, saveUninitialized: true, store: undefined }),
  compression: () => load('compression')({ threshold: 0 }),
};

for (const [name, make] of Object.entries(MIDDLEWARE)) {
  for (const type of ['application/zip', 'text/plain', 'application/octet-stream']) {
    test(`a response behind ${name} delivers the whole archive as ${type}`, { timeout: 60_000 }, async (t) => {
      t.mock.method(console, 'warn', () => {}); // express-session warns of its store
      const middleware = make();
      let closed: Promise<unknown> | undefined;
      const body = await serve((request, response) => {
        Object.assign(request, { originalUrl: request.url });
        middleware(request, response, () => {
          response.setHeader('content-type', type);
          const archive = new ZipArchive(response, { pool });
          addAll(archive);
          closed = archive.close();
        });
      });
      await closed;
      assert.ok(body.equals(await expected()));
    });
  }
}

test('a FileHandle is rejected with what to pass instead, which works', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'a.zip');
  const handle = await open(path, 'w');
  assert.throws(
    () => new ZipArchive(handle as unknown as Writable),
    pzipError('PZIP_USAGE', 'FileHandle', 'createWriteStream()'),
  );
  const archive = new ZipArchive(handle.createWriteStream(), { pool });
  addAll(archive);
  await archive.close();
  assert.ok((await readFile(path)).equals(await expected()));
});

test('no buffer that a stream was given is used again, however late the stream reads it', async () => {
  const kept: { chunk: Uint8Array; copy: Buffer }[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      kept.push({ chunk, copy: Buffer.from(chunk) });
      done();
    },
  });
  const archive = new ZipArchive(stream, { level: 0, memory: 4 * MIB });
  for (let index = 0; index < 8; index++) archive.addBuffer(`${index}`, randomBytes(2 * MIB, index));
  await archive.close();
  for (const { chunk, copy } of kept) assert.ok(copy.equals(chunk));
});

test('a stream that has ended, failed or closed before the archive begins is an error at once', async () => {
  const ended = new PassThrough();
  ended.end();
  const destroyed = new PassThrough();
  destroyed.destroy();
  const errored = new PassThrough().on('error', () => {});
  errored.destroy(new Error('gone'));
  const file = createWriteStream('/dev/null');
  await once(file.end(), 'close');
  for (const stream of [ended, destroyed, errored, file]) {
    const archive = new ZipArchive(stream);
    archive.addBuffer('a', 'x');
    await assert.rejects(archive.close(), pzipError('PZIP_OUTPUT_FAILED', 'already'));
  }
});

test('something else that ends the output stream fails the archive', async () => {
  const stream = new CollectingSink();
  const archive = new ZipArchive(stream);
  archive.addStream('slow', async function* () {
    yield 'x';
    stream.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    yield 'y';
  });
  await assert.rejects(archive.close(), pzipError('PZIP_OUTPUT_FAILED', 'closed before'));
});

test('a WritableStream that is closed, errored or locked is an error in words', async () => {
  const closed = new WritableStream<Uint8Array>();
  await closed.close();
  const locked = new WritableStream<Uint8Array>();
  locked.getWriter();
  const errored = new WritableStream<Uint8Array>({ start: (controller) => controller.error(new Error('gone')) });
  for (const [stream, check] of [
    [closed, pzipError('PZIP_OUTPUT_FAILED', 'closed')],
    [locked, pzipError('PZIP_OUTPUT_FAILED', 'locked')],
    [errored, (error: Error) => error.message === 'gone'],
  ] as const) {
    const archive = new ZipArchive(stream);
    archive.addBuffer('a', 'x');
    await assert.rejects(archive.close(), check);
  }
});

test('a WritableStream of another realm takes the archive', async () => {
  const chunks: Uint8Array[] = [];
  const inner = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(Buffer.from(chunk)) });
  const foreign = runInNewContext(
    '({ get locked() { return inner.locked }, getWriter() { return inner.getWriter() } })',
    {
      inner,
    },
  );
  const archive = new ZipArchive(foreign, { pool });
  addAll(archive);
  await archive.close();
  assert.ok(Buffer.concat(chunks).equals(await expected()));
});

test('Readable.from(archive) is a stream of the archive', async () => {
  const archive = new ZipArchive({ pool });
  addAll(archive);
  const closed = archive.close();
  assert.ok((await buffer(Readable.from(archive))).equals(await expected()));
  await closed;
});
