/** Streams as content that are not what they seem: read before, shared, cut in odd places, without end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { type StreamContent, ZipArchive } from '../../dist/index.js';
import { CollectingSink } from '../helpers/failing-sinks.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';

async function file(t: TestContext): Promise<string> {
  const path = join(await inTemporaryDirectory(t), 'in');
  await writeFile(path, 'x'.repeat(5000));
  return path;
}

async function archiveOf(...streams: (() => unknown)[]): Promise<number[]> {
  const archive = new ZipArchive(
    new CollectingSink().on('error', () => {}),
    { listEntries: true },
  );
  for (const [index, stream] of streams.entries()) archive.addStream(`e${index}`, stream as () => StreamContent);
  return ((await archive.close()).entries ?? []).map(({ uncompressedSize }) => uncompressedSize);
}

/** Each gives a stream that something has read from, or that is closed. */
const USED: Readonly<Record<string, (path: string) => unknown>> = {
  'a Readable that was read to its end': async (path) => {
    const stream = createReadStream(path);
    for await (const _ of stream);
    return stream;
  },
  'a Readable of which a listener has taken a chunk': async (path) => {
    const stream = createReadStream(path, { highWaterMark: 1000 });
    await once(stream, 'data');
    stream.pause();
    return stream;
  },
  'a Readable of which read() has taken some bytes': async (path) => {
    const stream = createReadStream(path);
    await once(stream, 'readable');
    stream.read(10);
    return stream;
  },
  'a Readable that was drained by resume()': async (path) => {
    const stream = createReadStream(path).resume();
    await once(stream, 'end');
    return stream;
  },
  'a Readable that was destroyed': (path) => createReadStream(path).destroy(),
  'a Readable that has failed': () => {
    const stream = new PassThrough().on('error', () => {});
    return stream.destroy(new Error('gone'));
  },
  'a web stream that is locked': () => {
    const stream = new Blob(['x']).stream();
    stream.getReader();
    return stream;
  },
  'a web stream that was read and let go': async () => {
    const stream = new Blob(['x']).stream();
    const reader = stream.getReader();
    await reader.read();
    reader.releaseLock();
    return stream;
  },
  'the body of a Response that was used': async () => {
    const response = new Response('some text');
    await response.text();
    return response.body;
  },
};

for (const [what, make] of Object.entries(USED)) {
  test(`${what} is rejected by the entry's name`, async (t) => {
    const stream = await make(await file(t));
    await assert.rejects(
      archiveOf(() => stream),
      pzipError('PZIP_SOURCE_UNREADABLE', "'e0'"),
    );
  });
}

test('one stream for two entries fails the archive', async (t) => {
  const path = await file(t);
  const shared: unknown[] = [
    createReadStream(path),
    new PassThrough().end(),
    new Blob(['x']).stream(),
    (async function* () {
      yield 'x';
    })(),
  ];
  for (const stream of shared) {
    await assert.rejects(
      archiveOf(
        () => stream,
        () => stream,
      ),
      pzipError('PZIP_SOURCE_UNREADABLE', "'e1'"),
    );
  }
});

test('an iterable that can be iterated again may be several entries', async () => {
  const iterable = {
    async *[Symbol.asyncIterator]() {
      yield 'abc';
    },
  };
  assert.deepEqual(
    await archiveOf(
      () => iterable,
      () => iterable,
    ),
    [3, 3],
  );
});

test('a character that two pieces of text share stays whole', async (t) => {
  const text = 'x😀y😀'.repeat(3);
  for (const length of [1, 2, 3]) {
    const path = join(await inTemporaryDirectory(t), 'a.zip');
    const archive = new ZipArchive(path, { level: 0 });
    archive.addStream('a', async function* () {
      for (let at = 0; at < text.length; at += length) {
        yield text.slice(at, at + length);
        yield '';
      }
    });
    await archive.close();
    assert.ok((await readFile(path)).includes(text), `in pieces of ${length}`);
  }
});

test('half of a character in a stream is an error with the entry’s name', async () => {
  for (const pieces of [['x\ud83d'], ['\ud83d', 'y'], ['\ude00'], ['x\ud83d', Buffer.from('y')], ['a\ud83db']]) {
    await assert.rejects(
      archiveOf(() => Readable.from(pieces)),
      pzipError('PZIP_SOURCE_UNREADABLE', "'e0'", 'surrogate'),
    );
  }
});

test('bytes in any form are content, of another realm too', async () => {
  const foreign = runInNewContext(
    '[new Uint8Array(2), new ArrayBuffer(3), new DataView(new ArrayBuffer(4)), new Uint16Array(2)]',
  );
  assert.deepEqual(await archiveOf(() => Readable.from(foreign)), [13]);
});

test('what an iterator of a caller gives wrongly is an error with the entry’s name', async () => {
  const iterator = (next: () => unknown) => ({ [Symbol.asyncIterator]: () => ({ next }) });
  for (const stream of [
    iterator(() => undefined),
    iterator(() => 5),
    iterator(() => Promise.resolve(null)),
    iterator(() => ({ value: 5 })),
    iterator(() => ({ value: null, done: false })),
    iterator(() => {
      throw new Error('no');
    }),
    { [Symbol.asyncIterator]: () => undefined },
    Readable.from([{ an: 'object' }]),
  ]) {
    await assert.rejects(
      archiveOf(() => stream),
      pzipError('PZIP_SOURCE_UNREADABLE', "'e0'"),
    );
  }
  for (const content of [5, null, undefined, 'text', [], {}, new Blob(['x'])]) {
    await assert.rejects(
      archiveOf(() => content),
      pzipError('PZIP_USAGE', "'e0'"),
    );
  }
});

test('a stream of empty chunks without end can be aborted', { timeout: 30_000 }, async () => {
  for (const chunk of [new Uint8Array(0), '']) {
    const abort = new AbortController();
    const archive = new ZipArchive(
      new CollectingSink().on('error', () => {}),
      { signal: abort.signal },
    );
    archive.addStream('endless', async function* () {
      for (;;) yield chunk;
    });
    setTimeout(() => abort.abort(new Error('enough')), 20);
    await assert.rejects(archive.close(), /enough/);
  }
});

test('an error in letting go of an iterable does not take the place of the first one', async () => {
  for (const answer of [
    () => {
      throw new Error('from return()');
    },
    () => Promise.reject(new Error('from return()')),
    () => 5,
  ]) {
    const entries = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: { name: '../x', data: '' } }),
        return: answer,
      }),
    };
    const archive = new ZipArchive(new CollectingSink().on('error', () => {}));
    void archive.addEntries(entries as unknown as AsyncIterable<{ name: string; data: string }>);
    await assert.rejects(archive.close(), pzipError('PZIP_NAME_INVALID'));
  }
});

test('a stream that is opened only after the archive has failed is let go', async () => {
  const stream = new Readable({ read() {} });
  const abort = new AbortController();
  const archive = new ZipArchive(
    new CollectingSink().on('error', () => {}),
    { signal: abort.signal },
  );
  archive.addStream('late', async () => {
    abort.abort(new Error('enough'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    return stream;
  });
  await assert.rejects(archive.close(), /enough/);
  if (!stream.destroyed) await new Promise<void>((resolve) => stream.once('close', resolve));
  assert.ok(stream.destroyed);
});
