import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { crc32, deflateRawSync } from 'node:zlib';
import { verifyArchive } from '../../dist/check/verify-archive.js';
import { PzipError } from '../../dist/common/errors.js';
import verify from '../../dist/reader/read-back.js';
import { encodeCentralDirectoryHeader, encodeEndOfArchive, encodeLocalFileHeader } from '../../dist/zip/records.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';
import { decideEntryHeader, type EntryFacts, entryFacts } from '../zip/facts.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/broken', import.meta.url));

/** What is wrong with it, in the verifier's words; undefined where it is sound. */
async function faultOf(path: string, entryCount: number): Promise<string | undefined> {
  try {
    const options = { run: verify, concurrency: 1, checkpoint: () => {}, onVerified: () => {} };
    await verifyArchive(path, { entryCount, commentLength: 0 }, options);
    return undefined;
  } catch (error) {
    if (!(error instanceof PzipError)) throw error;
    assert.equal(error.code, 'PZIP_VERIFY_FAILED');
    return error.message;
  }
}

interface Part {
  readonly name: string;
  readonly data: Buffer;
  /** Bytes of the deflate stream, and behind it. @default stored */
  readonly deflated?: Buffer;
  /** What its headers say in place of the truth. */
  readonly said?: Partial<EntryFacts>;
  /** Bytes that nothing accounts for, behind it. */
  readonly hole?: number;
}

/** An archive by pzip's own encoders, with whatever is to be wrong. Holes stay holes. */
function write(path: string, parts: readonly Part[]): void {
  const file = openSync(path, 'w');
  const headers: Buffer[] = [];
  let offset = 0;
  for (const { name, data, deflated, said, hole = 0 } of parts) {
    const content = deflated ?? data;
    const header = decideEntryHeader({
      ...entryFacts({ fileName: Buffer.from(name), compressionMethod: deflated === undefined ? 0 : 8 }),
      crc32: crc32(data),
      compressedSize: content.length,
      uncompressedSize: data.length,
      relativeOffsetOfLocalHeader: offset,
      ...said,
    });
    headers.push(encodeCentralDirectoryHeader(header));
    const bytes = Buffer.concat([encodeLocalFileHeader(header), content]);
    writeSync(file, bytes, 0, bytes.length, offset);
    offset += bytes.length + hole;
  }
  const directory = Buffer.concat(headers);
  const end = encodeEndOfArchive({
    totalNumberOfEntries: parts.length,
    sizeOfCentralDirectory: directory.length,
    offsetOfStartOfCentralDirectory: offset,
    zipFileComment: Buffer.alloc(0),
  });
  const last = Buffer.concat([directory, end]);
  writeSync(file, last, 0, last.length, offset);
  closeSync(file);
}

const RAW_WORDS = /ERR_|Cannot create a Buffer|out of range|offset|Received/;

test('content that differs from its headers is rejected with a message about the archive', async () => {
  const names = readdirSync(FIXTURES).filter((name) => name.startsWith('content-'));
  assert.ok(names.length >= 5);
  for (const name of names) {
    const path = join(FIXTURES, name);
    const count = readFileSync(path).readUInt16LE(readFileSync(path).length - 22 + 10);
    const fault = await faultOf(path, count);
    assert.match(fault ?? 'nothing', /^Verification of the new archive failed/, name);
    assert.doesNotMatch(fault ?? '', RAW_WORDS, name);
  }
});

test('bytes behind the end of a deflate stream are rejected, in small entries and in large ones', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'o.zip');
  for (const length of [1000, 3_000_000]) {
    const data = Buffer.from(textOf(length, 1));
    const stream = deflateRawSync(data);
    write(path, [{ name: 'sound', data, deflated: stream }]);
    assert.equal(await faultOf(path, 1), undefined);
    for (const junk of ['J', 'JUNK'.repeat(100), '\x03\0', 'x'.repeat(600_000)]) {
      write(path, [
        { name: 'before', data },
        { name: 'broken', data, deflated: Buffer.concat([stream, Buffer.from(junk)]) },
        { name: 'behind', data },
      ]);
      const words = `at 'broken': its deflate stream ends after ${stream.length} bytes`;
      assert.ok((await faultOf(path, 3))?.includes(words), `${length}: ${await faultOf(path, 3)}`);
    }
  }
});

test('wrong sizes and fields are reported with a message about the archive', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'o.zip');
  for (const length of [5000, 3_000_000]) await tellsFaults(path, length);
});

async function tellsFaults(path: string, length: number): Promise<void> {
  const data = Buffer.from(textOf(length, 1));
  const deflated = deflateRawSync(data);
  const cases: readonly (readonly [Partial<EntryFacts>, RegExp])[] = [
    [{ uncompressedSize: length / 2 }, /it holds (more than the )?\d+ bytes(,| that) .*the directory says/],
    [{ uncompressedSize: length + 1 }, /it holds \d+ bytes, but the directory says \d+1/],
    [{ compressedSize: deflated.length - 5 }, /its data ends at \d+, but the next record begins at \d+/],
    [{ crc32: 1 }, /its CRC-32 is [0-9a-f]{8}, but the directory says 00000001/],
  ];
  for (const [said, words] of cases) {
    write(path, [{ name: 'a', data, deflated, said }]);
    const fault = (await faultOf(path, 1)) ?? 'nothing';
    assert.match(fault, words);
    assert.doesNotMatch(fault, RAW_WORDS);
  }
  write(path, [{ name: 'a', data, deflated: Buffer.from(deflated).fill(0xff, 0, 5) }]);
  assert.match((await faultOf(path, 1)) ?? 'nothing', /its data is not a valid deflate stream/);
}

test('an archive that is cut off anywhere, or has a byte of it changed, is a fault in words about the archive', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'o.zip');
  write(path, [
    { name: 'a', data: Buffer.from('abc') },
    { name: 'b', data: Buffer.from('x'.repeat(99)), deflated: deflateRawSync('x'.repeat(99)) },
  ]);
  const sound = readFileSync(path);
  for (let at = 0; at < sound.length; at++) {
    writeFileSync(path, sound.subarray(0, at));
    assert.doesNotMatch((await faultOf(path, 2)) ?? assert.fail(`cut off at ${at}`), RAW_WORDS);
    for (const flipped of [0x01, 0xff]) {
      const bytes = Buffer.from(sound);
      bytes[at] = (bytes[at] ?? 0) ^ flipped;
      writeFileSync(path, bytes);
      // What stands in one header only, such as the mode, may be anything.
      assert.doesNotMatch((await faultOf(path, 2)) ?? '', RAW_WORDS, `byte ${at}`);
    }
  }
});

test('a hole between entries is rejected without reading it, whatever its length', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'o.zip');
  const data = Buffer.from('x');
  for (const hole of [1, 200_000, 100 * 1024 * 1024, 3 * 1024 ** 3]) {
    const before = process.memoryUsage().rss;
    write(path, [
      { name: 'a', data, hole },
      { name: 'b', data },
    ]);
    assert.match(
      (await faultOf(path, 2)) ?? 'nothing',
      /at 'a': its data ends at \d+.*, but the next record begins at \d+/,
    );
    write(path, [
      { name: 'a', data },
      { name: 'b', data, hole },
    ]);
    assert.match(
      (await faultOf(path, 2)) ?? 'nothing',
      /at 'b': its data ends at \d+.*, but the next record begins at \d+/,
    );
    assert.ok(process.memoryUsage().rss - before < 60e6, 'memory does not grow with the hole');
  }
});
