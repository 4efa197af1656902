/** A content that is met again is compressed once, and no archive shows it. */
import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { EqualContent } from '../../dist/compress/equal-content.js';
import { createEngine } from '../../dist/deflate/create-engine.js';
import { MAX_DICTIONARY_LENGTH } from '../../dist/deflate/engine.js';
import { createArchive, createPool, openArchive, ZipArchive } from '../../dist/index.js';
import { WrittenContents } from '../../dist/reuse/written-contents.js';
import { CollectingSink } from '../helpers/failing-sinks.js';
import { inTemporaryDirectory, randomBytes, textOf } from '../helpers/trees.js';

const MIB = 1024 * 1024;
const engine = createEngine('wasm');

/** Bytes of the samples by which incompressible data is recognized. */
const SAMPLE = 4096;

/** How often the calling thread's engine compresses, without samples. */
async function countDeflates(t: TestContext, work: () => Promise<unknown>): Promise<number> {
  const { mock } = t.mock.method(engine, 'deflate');
  await work();
  mock.restore();
  return mock.calls.filter(({ arguments: [, length] }) => length !== SAMPLE).length;
}

async function treeOf(t: TestContext, files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const folder = await inTemporaryDirectory(t);
  await mkdir(join(folder, 'tree'));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, 'tree', name), bytes);
  return folder;
}

const text = Buffer.from(textOf(40_000, 1));
const long = Buffer.from(textOf(3 * MIB + 5000, 2));

test('equal files are compressed once: in one batch, later, and chunk by chunk', async (t) => {
  const folder = await treeOf(t, {
    a: text,
    b: text,
    c: randomBytes(4000, 1),
    d: long,
    e: Buffer.from(textOf(MIB - 100, 3)),
    f: long,
    g: text,
    h: Buffer.concat([long, Buffer.from('more')]),
  });
  const make = () => createArchive(join(folder, 'out.zip'), 'tree', { cwd: folder, threads: 0 });
  // The text, the random bytes, four chunks, the other text; of `h` the last chunk.
  assert.equal(await countDeflates(t, make), 1 + 1 + 4 + 1 + 1);
});

test('equal files of a stream are compressed once if the first was met not long ago', async (t) => {
  const sink = new CollectingSink();
  const make = async () => {
    const archive = new ZipArchive(sink, { threads: 0 });
    for (let index = 0; index < 20; index++) archive.addBuffer(`${index}`, text);
    archive.addBuffer('other level', text, { level: 9 });
    await archive.close();
  };
  assert.equal(await countDeflates(t, make), 2);
});

test('level 1, and content of less than 2 KiB, is compressed each time', async (t) => {
  const make = async () => {
    const archive = new ZipArchive(new CollectingSink(), { threads: 0 });
    for (let index = 0; index < 3; index++) archive.addBuffer(`a${index}`, text, { level: 1 });
    for (let index = 0; index < 3; index++) archive.addBuffer(`b${index}`, text.subarray(0, 2000));
    await archive.close();
  };
  assert.equal(await countDeflates(t, make), 6);
});

test('each entry of an archive with equal files has the data that it has alone', async (t) => {
  const files: Record<string, Buffer> = {};
  for (let index = 0; index < 45; index++) {
    const kind = index % 5;
    const length = [3000, 20_000, 200_000, MIB + 70_000, 9000][kind] ?? 0;
    // The same text again and again, from one of three seeds; every fifth file does not shrink.
    const content = kind === 4 ? randomBytes(length, index % 3) : textOf(length, index % 3);
    files[`${String(index).padStart(3, '0')}`] = Buffer.from(content);
  }
  const folder = await treeOf(t, files);
  for (const options of [{ level: 6, threads: 2 }, { engine: 'zlib' }] as const) {
    const path = join(folder, 'out.zip');
    await createArchive(path, 'tree', { ...options, cwd: folder, reproducible: true });
    const sink = new CollectingSink();
    await createArchive(sink, 'tree', { ...options, cwd: folder, reproducible: true });
    await using archive = await openArchive(path);
    await using streamed = await openArchive(sink.bytes);
    const alone = new Map<string, Buffer>();
    for await (const entry of archive.entries()) {
      const content = files[entry.name.slice('tree/'.length)];
      if (content === undefined) continue;
      const key = content.toString('latin1', 0, 40) + content.length;
      if (!alone.has(key)) alone.set(key, await dataAlone(content, options));
      assert.ok((await joined(entry.raw())).equals(alone.get(key) ?? Buffer.alloc(0)), `${entry.name} in a file`);
    }
    for await (const entry of streamed.entries()) {
      const content = files[entry.name.slice('tree/'.length)];
      if (content === undefined) continue;
      const key = content.toString('latin1', 0, 40) + content.length;
      assert.ok((await joined(entry.raw())).equals(alone.get(key) ?? Buffer.alloc(0)), `${entry.name} in a stream`);
    }
  }
});

async function dataAlone(content: Buffer, options: object): Promise<Buffer> {
  const sink = new CollectingSink();
  const archive = new ZipArchive(sink, options);
  archive.addBuffer('a', content);
  await archive.close();
  await using opened = await openArchive(sink.bytes);
  for await (const entry of opened.entries()) return await joined(entry.raw());
  throw new Error('an archive without entries');
}

async function joined(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(Uint8Array.from(part));
  return Buffer.concat(all);
}

/** Compresses the data, records it in an archive's file and looks for it again. */
async function written(t: TestContext, change: (path: string, data: Buffer) => void): Promise<Uint8Array | undefined> {
  const path = join(await inTemporaryDirectory(t), 'archive');
  const first = new EqualContent(engine, 0);
  engine.input.set(text);
  first.find(0, text.length, crc32(text), { isLast: true, level: 6 });
  const key = first.takeKey();
  assert.ok(key);
  const data = Buffer.from(engine.deflate(0, text.length, true, 6));
  writeFileSync(path, Buffer.concat([Buffer.from('header'), data]));
  const descriptor = openSync(path, 'r');
  t.after(() => closeSync(descriptor));
  const contents = WrittenContents.of(descriptor);
  assert.ok(contents);
  contents.addPiece(key, data.length, 'header'.length);
  change(path, data);
  const found = new EqualContent(engine, 0).find(0, text.length, crc32(text), {
    isLast: true,
    level: 6,
    written: contents.task,
  });
  return found?.deflated;
}

test('what has been written is read from the archive’s file', async (t) => {
  assert.ok(await written(t, () => {}));
});

test('data that has been moved, changed or cut off in the file is not taken', async (t) => {
  const cut = (path: string, data: Buffer) => writeFileSync(path, data.subarray(0, 100));
  const moved = (path: string, data: Buffer) =>
    writeFileSync(path, Buffer.concat([Buffer.from('longer header'), data]));
  const changed = (path: string) => {
    const descriptor = openSync(path, 'r+');
    writeSync(descriptor, Buffer.from([0x55, 0x55]), 0, 2, 300);
    closeSync(descriptor);
  };
  for (const change of [cut, moved, changed]) assert.equal(await written(t, change), undefined, change.name);
});

test('a chunk with another dictionary is compressed, even if the content does not show it', () => {
  const equal = new EqualContent(engine, MIB);
  const random = randomBytes(5000, 7);
  const data = Buffer.concat([random, random]);
  const piece = { isLast: false, level: 6 };
  const look = (dictionary: Buffer) => {
    engine.input.set(Buffer.concat([dictionary, data]));
    return equal.find(dictionary.length, data.length, crc32(data), piece);
  };
  const one = Buffer.alloc(MAX_DICTIONARY_LENGTH, 'one dictionary');
  const two = Buffer.alloc(MAX_DICTIONARY_LENGTH, 'another one');
  assert.equal(look(one), undefined);
  equal.remember(engine.deflate(one.length, data.length, false, 6));
  assert.equal(look(two), undefined);
  assert.ok(look(one));
});

test('the ring forgets the oldest data, and never gives other data in its place', () => {
  const length = 64 * 1024;
  const equal = new EqualContent(engine, length);
  const contents = Array.from({ length: 40 }, (_, seed) => Buffer.from(textOf(20_000, seed)));
  const piece = { isLast: true, level: 6 };
  const look = (content: Buffer) => {
    engine.input.set(content);
    return equal.find(0, content.length, crc32(content), piece);
  };
  for (const content of contents) {
    assert.equal(look(content), undefined);
    equal.remember(engine.deflate(0, content.length, true, 6).slice());
  }
  const found = contents.map((content) => look(content) !== undefined);
  assert.deepEqual([found[0], found.at(-1)], [false, true]);
});

test('equal files of two archives of a pool give the archives that they give alone', async (t) => {
  const folder = await treeOf(t, { a: text, b: long, c: text });
  await using pool = createPool({ threads: 1 });
  const make = async (name: string, options: object) => {
    await createArchive(join(folder, name), 'tree', { cwd: folder, reproducible: true, ...options });
    return readFile(join(folder, name));
  };
  const alone = await make('alone.zip', { threads: 0 });
  assert.ok(alone.equals(await make('1.zip', { pool })));
  assert.ok(alone.equals(await make('2.zip', { pool })));
});
