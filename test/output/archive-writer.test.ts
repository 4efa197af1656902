import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { constants, crc32, deflateRawSync } from 'node:zlib';
import type { WrittenEntry } from '../../dist/common/entry.js';
import { ArchiveDigest } from '../../dist/output/archive-digest.js';
import { ArchiveWriter } from '../../dist/output/archive-writer.js';
import { FileSink } from '../../dist/output/file/file-sink.js';
import type { EntryPiece, LargeEntry } from '../../dist/output/large-entry.js';
import { NodeStreamSink } from '../../dist/output/stream/stream-sink.js';
import { encodeEntryText } from '../../dist/zip/entry-facts.js';
import { CollectingSink } from '../helpers/failing-sinks.js';
import { checkWithEveryReader } from '../helpers/foreign-readers.js';
import { randomBytes, textOf } from '../helpers/trees.js';

const KIB = 1024;

/** Every archive goes here, for the last test to open them all with one start of each reader. */
const folder = mkdtempSync(join(tmpdir(), 'pzip-writer-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const archives = new Map<string, { readonly size: number; readonly sha256: string }>();

/** Pieces as a worker gives them, from a plan that says of each what it holds and whether it was deflated. */
function largeEntry(plan: readonly { data: Uint8Array; isDeflated: boolean }[]): LargeEntry & { data: Buffer } {
  const data = Buffer.concat(plan.map((piece) => piece.data));
  async function* pieces(): AsyncGenerator<EntryPiece> {
    let crc = 0;
    for (const [index, piece] of plan.entries()) {
      const isLast = index === plan.length - 1;
      crc = crc32(piece.data, crc);
      const finishFlush = isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
      const bytes = new Uint8Array(piece.isDeflated ? deflateRawSync(piece.data, { finishFlush }) : piece.data);
      yield { bytes, isDeflated: piece.isDeflated, isLast, crc32: crc, uncompressedSize: piece.data.length };
    }
  }
  return {
    description: {
      ...encodeEntryText('entry'),
      mode: 0o100644,
      lastModFileTime: 0,
      lastModFileDate: 33,
      unixTime: 315532800,
    },
    uncompressedSize: data.length,
    data,
    pieces: pieces(),
    async *reread(expectedCrc32: number) {
      yield data.subarray(0, 1000);
      yield data.subarray(1000);
      return expectedCrc32;
    },
    onPieceWritten: () => {},
  };
}

const random = (length: number, seed: number) => ({ data: randomBytes(length, seed), isDeflated: false });
const text = (length: number, seed: number) => ({ data: textOf(length, seed), isDeflated: true });
/** Deflated although that saves next to nothing: less than the framing of the incompressible pieces beside it costs. */
const barelyWorth = { data: Buffer.concat([randomBytes(200, 5), Buffer.alloc(40)]), isDeflated: true };

/** Both forms that a piece can have, in every order; what the entry has to be in a file and in a stream. */
const cases = [
  { name: 'nothing but stored pieces', plan: [random(200 * KIB, 1), random(70 * KIB, 2)], inFile: 'store' },
  { name: 'nothing but deflated pieces', plan: [text(200 * KIB, 1), text(70 * KIB, 2)], inFile: 'deflate' },
  { name: 'deflated, then stored', plan: [text(200 * KIB, 1), random(70 * KIB, 2)], inFile: 'deflate' },
  { name: 'stored, then deflated', plan: [random(200 * KIB, 1), text(70 * KIB, 2)], inFile: 'deflate' },
  {
    name: 'stored pieces of several lengths, then deflated, then stored',
    plan: [random(65_535, 1), random(65_536, 2), random(131_071, 3), random(1, 4), text(90 * KIB, 5), random(9, 6)],
    inFile: 'deflate',
  },
  {
    name: 'a little that shrank among much that did not',
    plan: [random(1024 * KIB, 1), barelyWorth, random(1024 * KIB, 2), random(512 * KIB, 3)],
    inFile: 'store',
  },
] as const;

for (const { name, plan, inFile } of cases) {
  test(`an entry of ${name} is ${inFile}d in a file`, async () => {
    const { entry, written } = await writeToFile(`${name} in a file`, plan);
    assert.equal(written.method, inFile);
    assert.ok(written.compressedSize <= entry.data.length);
  });

  test(`an entry of ${name} is deflated in a stream`, async () => {
    const entry = largeEntry(plan);
    const collected = new CollectingSink();
    const methods: unknown[] = [];
    const writer = new ArchiveWriter(new NodeStreamSink(collected), ({ method }) => methods.push(method));
    await writer.writeLarge(entry);
    await writer.finish(Buffer.alloc(0));
    assert.deepEqual(methods, ['deflate']);
    await writeFile(expectReadable(`${name} in a stream`, entry.data), collected.bytes);
  });
}

test('every reader finds the entry and its content in each of these archives', async () => {
  assert.equal(archives.size, 2 * cases.length);
  await checkWithEveryReader([...archives.keys()], (archive) => {
    return new Map([['entry', { type: 'file', ...archives.get(archive) }]]);
  });
});

test('an entry that is stored after all leaves nothing of its first form behind', async () => {
  const { entry, archive } = await writeToFile('stored after all', cases[5].plan);
  const { length } = await readFile(archive);
  const recordsOnly = length - entry.data.length;
  assert.ok(recordsOnly < 300, `${recordsOnly} bytes besides the data`);
});

async function writeToFile(name: string, plan: Parameters<typeof largeEntry>[0]) {
  const entry = largeEntry(plan);
  const archive = expectReadable(name, entry.data);
  const entries: WrittenEntry[] = [];
  const digest = new ArchiveDigest();
  const writer = new ArchiveWriter(FileSink.open(archive), (written) => entries.push(written), { digest });
  await writer.writeLarge(entry);
  await writer.finish(Buffer.alloc(0));
  assert.equal(
    digest.digest(),
    createHash('sha256')
      .update(await readFile(archive))
      .digest('hex'),
  );
  const [written] = entries;
  assert.ok(written);
  return { entry, archive, written };
}

/** @returns the path at which the archive is to be written */
function expectReadable(name: string, data: Uint8Array): string {
  const archive = join(folder, `${name}.zip`);
  archives.set(archive, { size: data.length, sha256: createHash('sha256').update(data).digest('hex') });
  return archive;
}
