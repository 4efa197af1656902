import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { after, test } from 'node:test';
import { constants, crc32, deflateRawSync } from 'node:zlib';
import { crc32Combine } from '../../dist/compress/crc32-combine.js';
import { type ArchiveOptions, createPool, type StreamContent, ZipArchive } from '../../dist/index.js';
import { ArchiveWriter } from '../../dist/output/archive-writer.js';
import { FileSink } from '../../dist/output/file/file-sink.js';
import type { EntryPiece, LargeEntry } from '../../dist/output/large-entry.js';
import { NodeStreamSink } from '../../dist/output/stream/stream-sink.js';
import { encodeEntryText } from '../../dist/zip/entry-facts.js';
import { sha256Of } from '../helpers/compare-trees.js';
import { CollectingSink, SlowSink } from '../helpers/failing-sinks.js';
import { checkWithEveryReader } from '../helpers/foreign-readers.js';
import { runProcess } from '../helpers/run-process.js';
import { casesOf, isSlowSuite } from '../helpers/slow-suite.js';
import { inTemporaryDirectory, randomBytes, textOf } from '../helpers/trees.js';
import { assertCleanAnatomy } from '../helpers/zip-anatomy.js';
import { pzipError } from '../select/tree.js';

const MIB = 1024 * 1024;

/** One for all files: starting threads takes longer than most of these archives. */
const pool = createPool({ threads: 2 });
after(() => pool.close());

/** In parts of `length` bytes, in a buffer that is used again for each of them. */
async function* inParts(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  const part = Buffer.alloc(length);
  for (let at = 0; at < bytes.length; at += length) yield part.subarray(0, copy(bytes, at, part));
}

function copy(bytes: Uint8Array, at: number, part: Buffer): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).copy(part, 0, at);
}

async function archiveOf(
  t: Parameters<typeof inTemporaryDirectory>[0],
  add: (archive: ZipArchive) => void,
  options: ArchiveOptions = {},
) {
  const path = join(await inTemporaryDirectory(t), 'archive.zip');
  const archive = new ZipArchive(path, { pool, ...options });
  add(archive);
  await archive.close();
  return { path, bytes: await readFile(path) };
}

const sizes = [0, 1, 32 * 1024, MIB - 1, MIB, MIB + 1, 2 * MIB + 100_000];

test('a stream makes the archive that the same content in memory makes, whatever its length and its parts', async (t) => {
  for (const kind of ['text', 'random'] as const) {
    const contents = sizes.map((size) => (kind === 'text' ? textOf(size, size) : randomBytes(size, size)));
    const fromMemory = await archiveOf(t, (archive) => {
      for (const content of contents) archive.addBuffer(`of ${content.length}`, content);
    });
    for (const part of casesOf([7777, MIB, 5 * MIB], (part) => part < 5 * MIB)) {
      const fromStreams = await archiveOf(t, (archive) => {
        for (const content of contents) archive.addStream(`of ${content.length}`, () => inParts(content, part));
      });
      assert.ok(fromStreams.bytes.equals(fromMemory.bytes), `${kind} in parts of ${part}`);
    }
  }
});

const text = Buffer.from(textOf(MIB + 5, 7));
const kinds: [string, () => StreamContent | Promise<StreamContent>][] = [
  ['a Readable', () => Readable.from([text.subarray(0, 100_000), text.subarray(100_000)])],
  ['a Readable of text', () => Readable.from([text.toString()])],
  ['a ReadableStream', () => new Blob([text]).stream()],
  ['an async generator', () => inParts(text, 50_000)],
  ['a promise of a stream', async () => Readable.from([text])],
];

for (const [kind, open] of kinds) {
  test(`${kind} is read to its end`, async (t) => {
    const { path } = await archiveOf(t, (archive) => archive.addStream('entry', open, { size: text.length }));
    const expected = new Map([['entry', { size: text.length, sha256: sha256Of(text) }]]);
    await checkWithEveryReader(path, expected, { readers: ['yauzl', 'unzip test'] });
  });
}

test('every reader opens what was streamed from end to end, of known and of unknown length', async (t) => {
  const sink = new CollectingSink();
  const archive = new ZipArchive(sink);
  archive.addStream('unknown', () => inParts(text, 100_000));
  archive.addStream('known', () => inParts(text, 100_000), { size: text.length });
  archive.addStream('small', () => Readable.from(['small']));
  archive.addStream('stored', () => inParts(text, 100_000), { store: true });
  await archive.close();
  const path = join(await inTemporaryDirectory(t), 'streamed.zip');
  await writeFile(path, sink.bytes);
  const content = { size: text.length, sha256: sha256Of(text) };
  const expected = new Map([
    ['unknown', content],
    ['known', content],
    ['stored', content],
    ['small', { size: 5, sha256: sha256Of(Buffer.from('small')) }],
  ]);
  // The two that follow the JDK's and libzip's reading of 64-bit data descriptors refuse those of unknown length.
  await checkWithEveryReader(path, expected, { without: ['ziptool consistency'] });
});

test('a stream is opened when its turn comes, and not before the one ahead has ended', async () => {
  const opened: string[] = [];
  const first = new PassThrough();
  const archive = new ZipArchive(new CollectingSink());
  archive.addStream('first', () => {
    opened.push('first');
    return first;
  });
  const second = archive.addStream('second', () => {
    opened.push('second');
    return Readable.from(['2']);
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(opened, ['first']);
  first.end('1');
  await second;
  assert.deepEqual(opened, ['first', 'second']);
  assert.equal((await archive.close()).entryCount, 2);
});

test('what stands before a stream that takes its time is written meanwhile', async () => {
  const sink = new CollectingSink();
  const slow = new PassThrough();
  const archive = new ZipArchive(sink);
  archive.addBuffer('before', 'there already');
  archive.addStream('slow', () => slow);
  while (!sink.bytes.includes('there already')) await new Promise((resolve) => setTimeout(resolve, 5));
  slow.end();
  await archive.close();
});

const wrongSizes: [string, number, number][] = [
  ['shorter', 100, 101],
  ['longer', 100, 99],
  ['empty', 0, 1],
  ['shorter by a MiB', 2 * MIB, 3 * MIB],
  ['longer by a byte, and large', 2 * MIB + 1, 2 * MIB],
];
for (const [what, actual, promised] of wrongSizes) {
  test(`a stream that is ${what} than its size is an error that names it`, async (t) => {
    const folder = await inTemporaryDirectory(t);
    const archive = new ZipArchive(join(folder, 'a.zip'), { pool });
    archive.addStream('wrong', () => inParts(randomBytes(actual, 1), 10_000), { size: promised });
    await assert.rejects(archive.close(), pzipError('PZIP_SIZE_MISMATCH', "'wrong'", `${promised} bytes`));
    await assert.rejects(readFile(join(folder, 'a.zip')));
  });
}

test('an error of a stream is the cause of what close() rejects with, early or late', async () => {
  const cause = new Error('the database went away');
  for (const good of [0, 3 * MIB]) {
    const archive = new ZipArchive(new CollectingSink().on('error', () => {}));
    const added = archive.addStream('rows', async function* () {
      if (good > 0) yield Buffer.alloc(good);
      throw cause;
    });
    const rejection = pzipError('PZIP_SOURCE_UNREADABLE', "'rows'", 'the database went away');
    await assert.rejects(archive.close(), (error: Error) => rejection(error) && error.cause === cause);
    await assert.rejects(added, rejection);
  }
});

test('anything but a stream of bytes is rejected by name', async () => {
  const archive = new ZipArchive(new CollectingSink());
  // @ts-expect-error: a program in JavaScript may do it
  assert.throws(() => archive.addStream('a', Readable.from([])), pzipError('PZIP_USAGE', "'a'", 'function'));
  // @ts-expect-error: a program in JavaScript may do it
  archive.addStream('b', () => 42);
  await assert.rejects(archive.close(), pzipError('PZIP_USAGE', "'b'", '42'));
  const other = new ZipArchive(new CollectingSink());
  other.addStream('c', () => Readable.from([{ an: 'object' }]));
  await assert.rejects(other.close(), pzipError('PZIP_SOURCE_UNREADABLE', "'c'", 'an object'));
});

test('a stream that is being read when the archive fails is released', async () => {
  const stalled = new Readable({ read() {} });
  let isCancelled = false;
  const web = new ReadableStream({
    cancel: () => {
      isCancelled = true;
    },
  });
  for (const stream of [stalled, web]) {
    const abort = new AbortController();
    const archive = new ZipArchive(new CollectingSink(), { signal: abort.signal });
    archive.addStream('stalled', () => stream);
    const closed = archive.close();
    setTimeout(() => abort.abort(new Error('enough')), 20);
    await assert.rejects(closed, /enough/);
  }
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(stalled.destroyed);
  assert.ok(isCancelled);
});

test('however long a stream, no more of it is taken than the memory has room for while the output is slow', async () => {
  const memory = 4 * MIB;
  const sink = new SlowSink(3);
  let given = 0;
  let most = 0;
  const archive = new ZipArchive(sink, { memory, level: 0, pool });
  archive.addStream('large', async function* () {
    const part = randomBytes(256 * 1024, 1);
    for (; given < 16 * MIB; given += part.length) {
      most = Math.max(most, given - sink.bytesTaken);
      yield part;
    }
  });
  await archive.close();
  assert.ok(most <= memory + 3 * MIB, `${most} bytes were held`);
});

test('a stream to a file may be longer than 4 GiB without having said so', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'archive.zip');
  const writer = new ArchiveWriter(FileSink.open(path));
  await writer.writeLarge(entryOf('large', gigabytesOfZeros(4)));
  await writer.finish(Buffer.alloc(0));
  const bytes = await readFile(path);
  assert.equal(bytes.readUInt16LE(4), 45, 'the local header asks for zip64');
  assert.equal(bytes.readUInt16LE(28), 20, 'and has its field');
  const size = 4 * 1024 * MIB + 3;
  assert.equal(assertCleanAnatomy(path, { output: 'file' }).entries[0]?.uncompressedSize, size);
  const { stdout } = await runProcess('7zz', ['l', '-slt', path]);
  assert.match(stdout.toString(), new RegExp(`^Size = ${size}$`, 'm'));
  if (isSlowSuite) await checkWithEveryReader(path, new Map([['large', { size }]]), { readers: ['7zz test'] });
});

test('a stream to a pipe that passes 4 GiB unexpectedly is valid by the directory, and from end to end with a hint', async (t) => {
  const folder = await inTemporaryDirectory(t);
  for (const sizeHint of [undefined, 5 * 1024 * MIB]) {
    const path = join(folder, 'archive.zip');
    const sink = new CollectingSink();
    const writer = new ArchiveWriter(new NodeStreamSink(sink));
    await writer.writeLarge({ ...entryOf('large', gigabytesOfZeros(4)), sizeHint });
    await writer.writeLarge(entryOf('behind', shortPieces()));
    await writer.finish(Buffer.alloc(0));
    await writeFile(path, sink.bytes);
    const [large, behind] = assertCleanAnatomy(path).entries;
    assert.deepEqual([large?.localHasZip64, large?.centralHasZip64], [sizeHint !== undefined, true]);
    assert.deepEqual([behind?.localHasZip64, behind?.centralHasZip64], [false, false]);
    // From a pipe, bsdtar goes by the local header and the descriptor alone, and inflates all of it.
    const commands = sizeHint === undefined ? BY_DIRECTORY : isSlowSuite ? BY_DESCRIPTOR : [];
    for (const command of commands) {
      const { stdout, stderr } = await runProcess('sh', ['-c', `${command} | wc -c`], { cwd: folder });
      assert.equal(Number(stdout.toString()), MIB + 3, `${command}: ${stderr}`);
    }
  }
});

const BY_DIRECTORY = [
  'unzip -p archive.zip behind',
  '7zz x -so archive.zip behind',
  `python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile("archive.zip").read("behind"))'`,
];

const BY_DESCRIPTOR = ['cat archive.zip | bsdtar -xOf - behind'];

function entryOf(name: string, pieces: AsyncIterable<EntryPiece>): LargeEntry {
  return {
    description: {
      ...encodeEntryText(name),
      mode: 0o100644,
      lastModFileTime: 0,
      lastModFileDate: 33,
      unixTime: Number.NaN,
    },
    uncompressedSize: undefined,
    pieces,
    reread: undefined,
    onPieceWritten: () => {},
  };
}

/** A MiB of zeros and three bytes more. */
async function* shortPieces(): AsyncGenerator<EntryPiece> {
  const [zeros, end] = [Buffer.alloc(MIB), Buffer.from('end')];
  for (const [content, isLast] of [
    [zeros, false],
    [end, true],
  ] as const) {
    const finishFlush = isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
    const bytes = new Uint8Array(deflateRawSync(content, { finishFlush }));
    const sum = isLast ? crc32(end, crc32(zeros)) : crc32(zeros);
    yield { bytes, isDeflated: true, isLast, crc32: sum, uncompressedSize: content.length };
  }
}

/** And three bytes that are none. Deflating that much anew would take longer than all other tests here. */
async function* gigabytesOfZeros(count: number): AsyncGenerator<EntryPiece> {
  const zeros = Buffer.alloc(MIB);
  const deflated = deflateRawSync(zeros, { finishFlush: constants.Z_SYNC_FLUSH });
  const bytes = new Uint8Array(Buffer.concat(Array.from({ length: 1024 }, () => deflated)));
  const crcOfZeros = crc32(zeros);
  let crc = 0;
  for (let piece = 0; piece < count * 1024; piece++) {
    crc = crc32Combine(crc, crcOfZeros, MIB);
    if (piece % 1024 === 1023)
      yield { bytes, isDeflated: true, isLast: false, crc32: crc, uncompressedSize: 1024 * MIB };
  }
  const end = Buffer.from('end');
  yield {
    bytes: new Uint8Array(deflateRawSync(end)),
    isDeflated: true,
    isLast: true,
    crc32: crc32Combine(crc, crc32(end), 3),
    uncompressedSize: 3,
  };
}
