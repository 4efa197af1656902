import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BATCH_CAPACITY, BatchBuilder, longestOutput, readBatch } from '../../dist/compress/batch.js';

const PLAN = { lastModFileTime: 1, lastModFileDate: 33, unixTime: -7, level: 6 };
const FACTS = { mode: 0o100644, mtimeMs: 0 };

test('the entries of a batch come out as they went in', () => {
  const batch = new BatchBuilder();
  const ino = Number.MAX_SAFE_INTEGER;
  const file = { path: '/tmp/\u00e9 \ud800', size: 5, mtimeMs: 1234.567, dev: 66306, ino };
  for (let round = 0; round < 2; round++) {
    batch.add(
      { ...FACTS, kind: 'bytes', name: 'na\u00efve', bytes: Buffer.from('content'), comment: '\u{1f517}' },
      PLAN,
    );
    batch.add({ ...FACTS, ...file, kind: 'file', name: 'file' }, { ...PLAN, unixTime: undefined });
    batch.add({ ...FACTS, kind: 'directory', name: 'd/', mode: 0o040755 }, { ...PLAN, level: 0 });
    batch.add({ ...FACTS, kind: 'symlink', name: 'l', target: Buffer.from('to') }, { ...PLAN, level: 0 });
    assert.equal(batch.count, 4);
    assert.equal(batch.contentLength, 14);
    const task = batch.take();
    assert.equal(batch.count, 0);
    const entries = [...readBatch(task)].map(({ fileName, fileComment, content, ...facts }) => ({
      ...facts,
      name: Buffer.from(fileName).toString(),
      comment: Buffer.from(fileComment).toString(),
      content: 'path' in content ? content : Buffer.from(content.bytes).toString(),
    }));
    const facts = { lastModFileTime: 1, lastModFileDate: 33, mode: 0o100644, comment: '' };
    assert.deepEqual(entries, [
      {
        ...facts,
        name: 'na\u00efve',
        comment: '\u{1f517}',
        unixTime: -7,
        level: 6,
        isContent: true,
        content: 'content',
      },
      { ...facts, name: 'file', unixTime: undefined, level: 6, isContent: true, content: file },
      { ...facts, name: 'd/', mode: 0o040755, unixTime: -7, level: 0, isContent: false, content: '' },
      { ...facts, name: 'l', unixTime: -7, level: 0, isContent: false, content: 'to' },
    ]);
    assert.ok(longestOutput(task) >= 4 * 39 + 4 + 14 + 8);
  }
});

test('a full batch of the longest names fits', () => {
  const batch = new BatchBuilder();
  const name = '\u20ac'.repeat(20_000);
  for (let index = 0; index < BATCH_CAPACITY; index++)
    batch.add({ ...FACTS, kind: 'bytes', name, bytes: Buffer.from('x') }, PLAN);
  const names = [...readBatch(batch.take())].map(({ fileName }) => fileName.length);
  assert.deepEqual(new Set(names), new Set([60_000]));
  assert.equal(names.length, BATCH_CAPACITY);
});
