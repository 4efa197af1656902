import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BATCH_CAPACITY, BatchBuilder } from '../../dist/compress/batch-builder.js';
import { BatchReader } from '../../dist/compress/batch-reader.js';
import type { BatchTask } from '../../dist/compress/tasks.js';

const PLAN = { lastModFileTime: 1, lastModFileDate: 33, unixTime: -7, level: 6, isMimetype: false };
const FACTS = { mode: 0o100644, mtimeMs: 0 };

test('the entries of a batch come out as they went in', () => {
  const batch = new BatchBuilder();
  const ino = Number.MAX_SAFE_INTEGER;
  const file = {
    path: '/tmp/\u00e9 \ud800',
    size: 5,
    mtimeMs: 1234.567,
    dev: 66306,
    ino,
    ctimeMs: 0,
    isFollowed: false,
  };
  for (let round = 0; round < 2; round++) {
    batch.add(
      { ...FACTS, kind: 'bytes', name: 'na\u00efve', bytes: Buffer.from('content'), comment: '\u{1f517}' },
      PLAN,
    );
    batch.add({ ...FACTS, ...file, kind: 'file', name: 'file' }, { ...PLAN, unixTime: Number.NaN });
    batch.add({ ...FACTS, kind: 'directory', name: 'd/', mode: 0o040755 }, { ...PLAN, level: 0 });
    batch.add({ ...FACTS, kind: 'symlink', name: 'l', target: Buffer.from('to') }, { ...PLAN, level: 0 });
    assert.equal(batch.count, 4);
    assert.equal(batch.contentLength, 14);
    const task = batch.take('error');
    assert.equal(batch.count, 0);
    const common = { lastModFileTime: 1, lastModFileDate: 33, mode: 0o100644, comment: '' };
    assert.deepEqual(entriesOf(task), [
      {
        ...common,
        name: 'na\u00efve',
        comment: '\u{1f517}',
        unixTime: -7,
        level: 6,
        isContent: true,
        content: 'content',
      },
      { ...common, name: 'file', unixTime: Number.NaN, level: 6, isContent: true, content: file },
      { ...common, name: 'd/', mode: 0o040755, unixTime: -7, level: 0, isContent: false, content: '' },
      { ...common, name: 'l', unixTime: -7, level: 0, isContent: false, content: 'to' },
    ]);
    assert.ok(task.longestOutput >= 4 * 39 + 5 + 9);
  }
});

test('a full batch of the longest names fits', () => {
  const batch = new BatchBuilder();
  const name = '\u20ac'.repeat(20_000);
  for (let index = 0; index < BATCH_CAPACITY; index++)
    batch.add({ ...FACTS, kind: 'bytes', name, bytes: Buffer.from('x') }, PLAN);
  const names = entriesOf(batch.take('error')).map((entry) => Buffer.byteLength(entry.name));
  assert.deepEqual(new Set(names), new Set([60_000]));
  assert.equal(names.length, BATCH_CAPACITY);
});

function entriesOf(task: BatchTask) {
  const reader = new BatchReader(task);
  const entries = [];
  while (reader.next()) {
    const { packed, facts, contentStart, path, size, mtimeMs, ctimeMs, dev, ino, isFollowed } = reader;
    const { name, level, isContent } = reader;
    const { nameStart, nameLength, commentLength, mode, lastModFileTime, lastModFileDate, unixTime } = facts;
    const text = (start: number, length: number): string =>
      Buffer.from(packed.subarray(start, start + length)).toString();
    entries.push({
      name,
      comment: text(nameStart + nameLength, commentLength),
      content: path === undefined ? text(contentStart, size) : { path, size, mtimeMs, ctimeMs, dev, ino, isFollowed },
      mode,
      lastModFileTime,
      lastModFileDate,
      unixTime,
      level,
      isContent,
    });
  }
  return entries;
}
