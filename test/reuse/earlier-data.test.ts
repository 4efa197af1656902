/** Compressed data of an earlier archive is copied only if it is what a reader would inflate to the content. */
import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { constants, crc32, deflateRawSync } from 'node:zlib';
import { createEngine } from '../../dist/deflate/create-engine.js';
import { type ChunkContent, EarlierData } from '../../dist/reuse/earlier-data.js';
import { IndexBuilder } from '../../dist/reuse/index-builder.js';
import { chunkHash, IS_STORED, lengthAndFlags, MAX_PROBES } from '../../dist/reuse/reuse-task.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';

const LEVEL = 6;
const before = Buffer.from(textOf(32 * 1024, 1));
const data = Buffer.from(textOf(50_000, 2));

interface Row {
  /** As they are in the archive. */
  readonly bytes: Buffer;
  readonly isLast?: boolean;
  readonly hasDictionary?: boolean;
  readonly isStored?: boolean;
  /** Bytes that the row says there are. */
  readonly dataLength?: number;
}

/** Looks for `data` in an archive whose only row describes `bytes`. */
async function find(t: TestContext, row: Row, provesContent = true): Promise<Buffer | 'stored' | undefined> {
  const { bytes, isLast = true, hasDictionary = false, isStored = false } = row;
  const path = join(await inTemporaryDirectory(t), 'archive');
  writeFileSync(path, Buffer.concat([Buffer.from('before'), bytes]));
  const descriptor = openSync(path, 'r');
  t.after(() => closeSync(descriptor));
  const builder = new IndexBuilder(1, undefined);
  builder.addChunk({
    crc32: crc32(data),
    dictionaryCrc32: hasDictionary ? crc32(before) : 0,
    lengthAndFlags: (lengthAndFlags(data.length, hasDictionary, isLast, LEVEL) | (isStored ? IS_STORED : 0)) >>> 0,
    position: 'before'.length,
    dataLength: row.dataLength ?? bytes.length,
    dataCrc32: crc32(bytes),
  });
  const engine = createEngine('wasm');
  engine.input.set(hasDictionary ? Buffer.concat([before, data]) : data);
  const content: ChunkContent = {
    dictionaryLength: hasDictionary ? before.length : 0,
    dataLength: data.length,
    crc32: crc32(data),
    dictionaryCrc32: hasDictionary ? crc32(before) : undefined,
    isLast,
    level: LEVEL,
  };
  const found = new EarlierData({ descriptor, ...builder.tables }, engine, provesContent).find(content);
  if (found === undefined) return undefined;
  return found.deflated === undefined ? 'stored' : Buffer.from(found.deflated);
}

const whole = deflateRawSync(data);
const synced = deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH });
const primed = deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, dictionary: before });

test('data that inflates to the content is found', async (t) => {
  assert.deepEqual(await find(t, { bytes: whole }), whole);
  assert.deepEqual(await find(t, { bytes: synced, isLast: false }), synced);
  assert.deepEqual(await find(t, { bytes: primed, isLast: false, hasDictionary: true }), primed);
  assert.equal(await find(t, { bytes: data, isStored: true }), 'stored');
});

test('data that ends the stream is not taken for a chunk with others behind it', async (t) => {
  assert.equal(await find(t, { bytes: whole, isLast: false }), undefined);
  // Not even if the end that is expected there follows.
  const bytes = Buffer.concat([whole, Buffer.from([0, 0, 0, 0xff, 0xff])]);
  assert.equal(await find(t, { bytes, isLast: false }), undefined);
});

test('data that does not end at the boundary of a block and a byte is not taken for a chunk', async (t) => {
  assert.equal(await find(t, { bytes: synced.subarray(0, -5), isLast: false }), undefined);
  assert.equal(await find(t, { bytes: synced.subarray(0, -1), isLast: false }), undefined);
  const partial = deflateRawSync(data, { finishFlush: constants.Z_PARTIAL_FLUSH });
  assert.equal(await find(t, { bytes: partial, isLast: false }), undefined);
  // A stored block whose content is not there yet.
  const open = Buffer.concat([synced, Buffer.from([0, 13, 0, 0xf2, 0xff])]);
  assert.equal(await find(t, { bytes: open, isLast: false }), undefined);
});

test('data with bytes behind its end, or that has no end, is not taken for an entry', async (t) => {
  assert.equal(await find(t, { bytes: Buffer.concat([whole, Buffer.from('x')]) }), undefined);
  assert.equal(await find(t, { bytes: whole.subarray(0, -1) }), undefined);
  assert.equal(await find(t, { bytes: synced }), undefined);
});

test('data of other content is not taken', async (t) => {
  const other = Buffer.from(data);
  other[25_000] = (other[25_000] ?? 0) ^ 1;
  assert.equal(await find(t, { bytes: deflateRawSync(other) }), undefined);
  assert.equal(await find(t, { bytes: other, isStored: true }), undefined);
  assert.equal(await find(t, { bytes: deflateRawSync(Buffer.concat([data, data])) }), undefined);
  assert.equal(await find(t, { bytes: Buffer.alloc(100, 0x55) }), undefined);
});

test('a place behind the end of the archive is no error', async (t) => {
  assert.equal(await find(t, { bytes: whole, dataLength: whole.length + 1 }), undefined);
  assert.equal(await find(t, { bytes: whole, dataLength: 2 ** 31 }, false), undefined);
});

test('a table that was made so that searches are long does not make them long', () => {
  const count = 20_000;
  const length = 1000;
  const builder = new IndexBuilder(count, undefined);
  const mask = builder.tables.slots.length - 1;
  const start = performance.now();
  let added = 0;
  for (let crc = 0; added < count; crc++) {
    if ((chunkHash(crc, length) & mask) > 256) continue;
    added++;
    const flags = lengthAndFlags(length, false, true, LEVEL);
    builder.addChunk({
      crc32: crc,
      dictionaryCrc32: 0,
      lengthAndFlags: flags,
      position: 0,
      dataLength: 1,
      dataCrc32: 0,
    });
  }
  const used = builder.tables.slots.reduce((total, slot) => total + (slot === 0 ? 0 : 1), 0);
  assert.ok(used <= 257 + MAX_PROBES, `${used} slots`);
  assert.ok(performance.now() - start < 20_000);
});
