/** openArchive() on archives that are damaged, cut off or made to deceive: a PzipError each, in bounded time and memory. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { crc32, deflateRawSync } from 'node:zlib';
import { openArchive, PzipError } from '../../dist/index.js';
import { isSlowSuite } from '../helpers/slow-suite.js';
import { textOf } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';
import { buildArchive, extraField, fields } from './build-archive.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/broken', import.meta.url));

interface Outcome {
  readonly entries: number;
  /** Bytes of content. */
  readonly length: number;
  /** Of the archive or of the first entry that cannot be read. */
  readonly error: PzipError | undefined;
}

/** Everything of the archive is read. Any error but a PzipError is a failure of the test. */
async function readAll(input: string | Uint8Array): Promise<Outcome> {
  let entries = 0;
  let length = 0;
  let error: PzipError | undefined;
  const attempt = async (read: () => Promise<void>): Promise<void> => {
    try {
      await read();
    } catch (reason) {
      if (!(reason instanceof PzipError)) throw reason;
      assert.match(reason.code, /^PZIP_ARCHIVE_(INVALID|UNSUPPORTED)$/, reason.message);
      error ??= reason;
    }
  };
  await attempt(async () => {
    await using archive = await openArchive(input);
    for await (const entry of archive.entries()) {
      entries++;
      const drain = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
        for await (const piece of stream) length += piece.length;
      };
      await attempt(() => drain(entry.content()));
      await attempt(() => drain(entry.raw()));
    }
  });
  return { entries, length, error };
}

/** What makes an archive unreadable, wholly or in part. The others break rules that only matter to some readers. */
const FAULTS: Readonly<Record<string, RegExp>> = {
  'content-ends-early': /at 'deflated.txt': its deflate stream ends after 59 bytes, but the directory says 61/,
  'content-longer-than-said': /it holds 216 bytes, but the directory says 215/,
  'content-past-the-end': /its data ends at 5049, but the directory begins at 56/,
  'content-with-another-crc': /its CRC-32 is 1b401b9d, but the directory says 00000001/,
  'content-without-its-last-block': /its data is not a valid deflate stream \(unexpected end of file\)/,
  'cut-off-in-the-comment': /a record ends in the middle/,
  'descriptor-flag-in-the-directory-only': /crc32 is 0 in its local header/,
  'descriptor-flag-in-the-local-header-only': /no data descriptor .*follows its data/,
  'descriptor-missing': /no data descriptor .*follows its data/,
  'descriptor-with-another-crc': /no data descriptor that matches the directory follows its data/,
  'end-counts-one-too-few': /its directory lists 2 entries, but its end record counts 1/,
  'end-counts-one-too-many': /counts 2 entries, but a directory of 65 bytes cannot hold them/,
  'end-size-too-small': /a record ends in the middle/,
  'local-crc-differs': /crc32 is 1 in its local header/,
  'local-method-differs': /compressionMethod is 0 in its local header, but 8 in the directory/,
  'local-name-differs': /its local header names it 'STORED.txt'/,
  'local-size-differs': /uncompressedSize is 1 in its local header/,
  'method-deflate64': /cannot be read at 'deflated.txt': its compression method is 9/,
  'no-end-record': /it has no end of central directory record/,
  'stored-with-two-sizes': /it holds 7 bytes, but the directory says 8/,
  'zip64-central-masked-but-missing': /its sizes are masked, but it has no zip64 field/,
  'zip64-end-masked-but-missing': /counts 65535 entries/,
  'zip64-local-masked-but-missing': /its sizes are masked, but it has no zip64 field/,
};

test('each broken archive of the fixtures is read, or rejected with what was seen', async () => {
  const names = readdirSync(FIXTURES).map((name) => name.replace('.by-hand.zip', ''));
  assert.deepEqual(
    Object.keys(FAULTS).filter((name) => !names.includes(name)),
    [],
  );
  for (const name of names) {
    const path = join(FIXTURES, `${name}.by-hand.zip`);
    const { error } = await readAll(path);
    assert.match(error?.message ?? 'sound', FAULTS[name] ?? /^sound$/, name);
    if (error === undefined) continue;
    assert.equal(error.path, path);
    assert.equal(typeof error.offset, 'number', name);
    assert.deepEqual((await readAll(readFileSync(path))).error?.offset, error.offset, 'from memory as from a file');
  }
});

const DATA = Buffer.from(textOf(3000, 1));
const SOUND = [
  buildArchive([{ name: 'a', data: Buffer.from('abc') }, { name: 'b', data: DATA, deflate: true }, { name: 'c/' }]),
  buildArchive([{ name: 'a', data: DATA, deflate: true, comment: Buffer.from('c') }], {
    zip64: true,
    extensible: Buffer.alloc(9),
    comment: Buffer.from('comment'),
  }),
  readFileSync(join(FIXTURES, 'nothing-wrong-zip64-descriptor.by-hand.zip')),
];

test('an archive that is cut off anywhere is rejected', async () => {
  for (const sound of SOUND) {
    assert.equal((await readAll(sound)).error, undefined);
    for (let length = 0; length < sound.length; length += 1 + Math.floor(length / 300)) {
      assert.ok((await readAll(sound.subarray(0, length))).error, `${length} of ${sound.length}`);
    }
  }
});

test('random damage gives PzipErrors and nothing else, in bounded memory and without hanging', async () => {
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const interesting = [0, 1, 0x7f, 0x80, 0xff];
  const before = process.memoryUsage().rss;
  for (let round = 0; round < (isSlowSuite ? 100_000 : 1500); round++) {
    const bytes = Buffer.from(SOUND[round % SOUND.length] ?? assert.fail());
    // Most rounds damage the directory and the end records, where every byte matters.
    const from = round % 4 === 0 ? 0 : Math.max(0, bytes.length - 260);
    for (let count = 1 + random(4); count > 0; count--) {
      const at = from + random(bytes.length - from);
      bytes[at] = random(2) === 0 ? random(256) : (interesting[random(interesting.length)] ?? 0);
    }
    const started = performance.now();
    const cut = random(5) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
    const { length } = await readAll(cut);
    assert.ok(length < 50_000, `round ${round}: ${length} bytes of content`);
    assert.ok(performance.now() - started < 5000, `round ${round}`);
  }
  assert.ok(process.memoryUsage().rss - before < 300e6, 'memory is bounded');
});

test('two end records that both reach to the end are rejected, whatever they lead to', async () => {
  const inner = buildArchive([{ name: 'other', data: DATA }]);
  const outer = buildArchive([{ name: 'a' }], { comment: inner });
  await assert.rejects(openArchive(outer), pzipError('PZIP_ARCHIVE_INVALID', 'it can be read in two ways'));
  const empty = buildArchive([{ name: 'a' }], { comment: buildArchive([]) });
  await assert.rejects(openArchive(empty), pzipError('PZIP_ARCHIVE_INVALID', 'it can be read in two ways'));
});

test('an archive cut off behind a stored archive is not taken for that one', async () => {
  const outer = buildArchive([
    { name: 'inner.zip', data: SOUND[0] ?? assert.fail() },
    { name: 'b', data: DATA },
  ]);
  const cut = outer.subarray(0, outer.length - 500);
  await assert.rejects(openArchive(cut), pzipError('PZIP_ARCHIVE_INVALID', 'belongs to an archive inside it'));
});

test('parts of split archives are rejected as such', async () => {
  const part = buildArchive([{ name: 'a' }], { disk: 3 });
  await assert.rejects(openArchive(part), pzipError('PZIP_ARCHIVE_UNSUPPORTED', 'of a split archive'));
});

test('encrypted entries and other methods can be copied, but not read', async () => {
  await using archive = await openArchive(
    buildArchive([
      { name: 'encrypted', data: DATA, flags: 1 },
      { name: 'lzma', data: DATA, method: 14 },
    ]),
  );
  for await (const entry of archive.entries()) {
    const words = entry.name === 'lzma' ? 'its compression method is 14' : 'it is encrypted';
    await assert.rejects(new Response(entry.content()).text(), pzipError('PZIP_ARCHIVE_UNSUPPORTED', words));
    assert.equal((await new Response(entry.raw()).arrayBuffer()).byteLength, DATA.length);
  }
});

test('sizes that an archive claims cost nothing', async () => {
  const huge = 2 ** 52;
  const zip64 = extraField(1, fields([8, huge], [8, huge], [8, 0]));
  const masked = { compressedSize: 0xffffffff, uncompressedSize: 0xffffffff, offset: 0xffffffff };
  const claims = [
    buildArchive([{ name: 'a', data: DATA, extra: zip64, ...masked }]),
    buildArchive([{ name: 'a', data: DATA, deflate: true, uncompressedSize: 0xfffffffe }]),
    buildArchive([{ name: 'a', data: DATA, compressedSize: 0xfffffffe, uncompressedSize: 0xfffffffe }]),
    buildArchive([{ name: 'a', data: DATA, offset: 0xfffffff0 }]),
    buildArchive([{ name: 'a', data: DATA }], { count: 2 ** 50, zip64: true }),
    buildArchive([{ name: 'a', data: DATA }], { offsetShift: 2 ** 40, zip64: true }),
  ];
  for (const [index, claim] of claims.entries()) {
    const before = process.memoryUsage();
    assert.ok((await readAll(claim)).error, `claim ${index}`);
    const after = process.memoryUsage();
    assert.ok(after.rss + after.arrayBuffers - before.rss - before.arrayBuffers < 20e6, `claim ${index}`);
  }
});

test('a deflate stream that inflates to more than its entry says is left at once', async () => {
  const bomb = deflateRawSync(Buffer.alloc(200_000_000));
  for (const uncompressedSize of [10, 2_000_000]) {
    const archive = buildArchive([
      { name: 'bomb', data: bomb, method: 8, crc: crc32(Buffer.alloc(uncompressedSize)), uncompressedSize },
    ]);
    await using opened = await openArchive(archive);
    for await (const entry of opened.entries()) {
      let length = 0;
      const read = async (): Promise<void> => {
        for await (const piece of entry.content()) length += piece.length;
      };
      await assert.rejects(read, pzipError('PZIP_ARCHIVE_INVALID', `more than the ${uncompressedSize} bytes`));
      assert.ok(length <= uncompressedSize);
    }
  }
});

test('large content is streamed, and a reader that stops early leaves nothing behind', async () => {
  const data = Buffer.alloc(100_000_000, textOf(10_000, 2));
  const archive = buildArchive([
    { name: 'large', data, deflate: true },
    { name: 'stored', data: data.subarray(0, 5_000_000) },
  ]);
  const before = process.memoryUsage();
  await using opened = await openArchive(archive);
  for await (const entry of opened.entries()) {
    let length = 0;
    for await (const piece of entry.content()) {
      length += piece.length;
      assert.ok(process.memoryUsage().arrayBuffers - before.arrayBuffers < 60e6);
    }
    assert.equal(length, entry.uncompressedSize);
    for await (const piece of entry.content()) {
      assert.ok(piece.length > 0);
      break;
    }
  }
});

test('a directory of many blocks is listed in flat memory', async () => {
  const parts = Array.from({ length: 50_000 }, (_, index) => ({ name: `folder/of/many/entries/${index}` }));
  const archive = buildArchive(parts, { zip64: true });
  parts.length = 0;
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  await using opened = await openArchive(archive);
  let count = 0;
  let most = 0;
  for await (const { name } of opened.entries()) {
    if (++count % 10_000 === 0) {
      collectGarbage();
      most = Math.max(most, process.memoryUsage().heapUsed - before);
    }
    assert.ok(name.endsWith(`/${count - 1}`));
  }
  assert.equal(count, 50_000);
  assert.ok(most < 10e6, `${most} bytes`);
});
