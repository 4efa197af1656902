/** content() of openArchive(): what it costs the caller's thread and memory, whatever the entry's size, and what it rejects. */
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { type ArchivedEntry, openArchive } from '../../dist/index.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';
import { buildArchive, type PartOptions } from './build-archive.js';

const SLICE = String(textOf(64_000, 3));

function entry(name: string, length: number, options: Partial<PartOptions> = {}): PartOptions {
  return { name, data: Buffer.from(SLICE.repeat(Math.ceil(length / SLICE.length)).slice(0, length)), ...options };
}

/** 8 MB each: entries that are inflated in place, on a thread in one call, and as a stream; and stored ones. */
const SHAPES: Record<string, readonly PartOptions[]> = {
  'of 40 kB': Array.from({ length: 200 }, (_, index) => entry(`${index}`, 40_000, { deflate: true })),
  'of 1 MB': Array.from({ length: 8 }, (_, index) => entry(`${index}`, 1_000_000, { deflate: true })),
  'of 8 MB': [entry('large', 8_000_000, { deflate: true })],
  'of 8 MB, stored': [entry('large', 8_000_000)],
};

async function readAll(input: string | Buffer): Promise<number> {
  await using archive = await openArchive(input);
  let length = 0;
  for await (const found of archive.entries()) for await (const piece of found.content()) length += piece.length;
  return length;
}

/** The longest time in milliseconds between two turns of the event loop while `work` runs. */
async function longestStretch(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let isRunning = true;
  const turn = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (isRunning) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  turn();
  isRunning = false;
  return longest;
}

for (const [shape, parts] of Object.entries(SHAPES)) {
  test(`the event loop runs while 32 MB in entries ${shape} are read from memory`, async () => {
    const bytes = buildArchive(parts);
    // On a busy machine, the process itself may have to wait: the best of three runs counts.
    const stretches: number[] = [];
    while (stretches.length < 3 && Math.min(...stretches) > 100) {
      const stretch = await longestStretch(async () => {
        for (let time = 0; time < 4; time++) assert.equal(await readAll(bytes), 8_000_000);
      });
      stretches.push(Math.round(stretch));
    }
    assert.ok(Math.min(...stretches) <= 100, `${stretches} ms`);
  });
}

test('content of up to 64 KiB is inflated in place, larger content on a thread', async () => {
  async function turnsFor(length: number): Promise<number> {
    let turns = 0;
    let isRunning = true;
    const turn = (): void => {
      turns++;
      if (isRunning) setImmediate(turn);
    };
    setImmediate(turn);
    assert.equal(await readAll(buildArchive([entry('a', length, { deflate: true })])), length);
    isRunning = false;
    return turns;
  }
  const inPlace: number[] = [];
  // A reader that has not yielded for 20 ms does so, on a busy machine also here.
  for (let time = 0; time < 5; time++) inPlace.push(await turnsFor(64 * 1024));
  assert.equal(Math.min(...inPlace), 0);
  for (const length of [64 * 1024 + 1, 1024 * 1024, 1024 * 1024 + 1])
    assert.ok((await turnsFor(length)) > 0, `${length}`);
});

async function firstEntry(
  input: string | Buffer,
  t: { after(close: () => Promise<void>): void },
): Promise<ArchivedEntry> {
  const archive = await openArchive(input);
  t.after(() => archive.close());
  for await (const found of archive.entries()) return found;
  throw new Error('no entries');
}

test('a reader that pauses holds a piece of the content, not all of it', async (t) => {
  const bytes = buildArchive([{ name: 'zeros', data: Buffer.alloc(100_000_000), deflate: true }]);
  const found = await firstEntry(bytes, t);
  let length = 0;
  let peak = 0;
  const before = process.memoryUsage().arrayBuffers;
  for await (const piece of found.content()) {
    length += piece.length;
    peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    if (length % 10_000_000 < piece.length) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(length, 100_000_000);
  assert.ok(peak < 64e6, `${peak} bytes`);
});

test('an iteration that ends early frees the inflater, and the file can be closed', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'a.zip');
  writeFileSync(path, buildArchive([entry('large', 4_000_000, { deflate: true })]));
  const openFiles = (): number => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);
  const before = openFiles();
  const archive = await openArchive(path);
  for await (const found of archive.entries()) {
    for (let time = 0; time < 100; time++) {
      for await (const piece of found.content()) {
        assert.ok(piece.length > 0);
        break;
      }
      const reader = found.content().getReader();
      await Promise.all([reader.read(), reader.cancel()]);
    }
    assert.ok(!process.getActiveResourcesInfo().some((name) => /zlib/i.test(name)));
  }
  await archive.close();
  assert.equal(openFiles(), before);
});

test('entries read at the same time have their own content', async () => {
  const parts = [1, 70_000, 900_000, 3_000_000].map((length) => entry(`${length}`, length, { deflate: true }));
  await using archive = await openArchive(buildArchive(parts));
  const contents: Promise<string>[] = [];
  for await (const found of archive.entries()) contents.push(new Response(found.content()).text());
  assert.deepEqual(
    await Promise.all(contents),
    parts.map(({ data }) => String(data)),
  );
});

const LENGTHS = { 'in place': 10_000, 'on a thread': 500_000, 'as a stream': 3_000_000 };

/** What headers that do not fit the data cause: the options of the entry, and words of the error. */
const FAULTS: Record<string, readonly [(data: Buffer) => Partial<PartOptions>, string]> = {
  'a wrong CRC-32': [(data) => ({ crc: crc32(data) ^ 1 }), 'its CRC-32 is '],
  'content that is too long': [({ length }) => ({ uncompressedSize: length - 7000 }), 'bytes that the directory says'],
  'content that is too short': [({ length }) => ({ uncompressedSize: length + 1 }), ' bytes, but the directory says '],
};

for (const [where, length] of Object.entries(LENGTHS)) {
  for (const [fault, [options, message]] of Object.entries(FAULTS)) {
    test(`${fault} fails content() that is inflated ${where}`, async () => {
      const part = entry('a', length, { deflate: true });
      const bytes = buildArchive([{ ...part, ...options(part.data ?? Buffer.alloc(0)) }]);
      await assert.rejects(readAll(bytes), pzipError('PZIP_ARCHIVE_INVALID', message));
    });
  }

  test(`a damaged deflate stream fails content() that is inflated ${where}`, async () => {
    const bytes = buildArchive([entry('a', length, { deflate: true })]);
    bytes.fill(0xff, 31, 60);
    await assert.rejects(readAll(bytes), pzipError('PZIP_ARCHIVE_INVALID', 'its data is not a valid deflate stream ('));
  });
}
