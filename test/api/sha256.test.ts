/** The option `sha256`: the digest is that of the archive's bytes, for all kinds of entries and outputs. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createArchive, createPool, ZipArchive } from '../../dist/index.js';
import { buildTree, everyKindOfEntry, inTemporaryDirectory, randomBytes, textOf } from '../helpers/trees.js';

const MIB = 1024 * 1024;
const pool = createPool({ threads: 2 });
after(() => pool.close());

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

test('large entries are hashed as they are when they are complete', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), everyKindOfEntry());
  writeFileSync(join(cwd, 'tree/text'), textOf(3.5 * MIB, 1));
  // Stored first, then a deflate stream: what was written is moved.
  writeFileSync(join(cwd, 'tree/turns'), Buffer.concat([randomBytes(2.5 * MIB, 2), textOf(2 * MIB, 3)]));
  writeFileSync(join(cwd, 'tree/noise'), randomBytes(2.1 * MIB, 4));
  const output = join(cwd, 'out.zip');
  for (const verify of [false, true]) {
    const url = pathToFileURL(join(cwd, 'sums'));
    const options = { cwd, pool, verify, sha256: url, listEntries: true, portableNames: 'off' } as const;
    const { sha256: digest, entries = [] } = await createArchive(output, ['tree'], options);
    assert.equal(digest, sha256(readFileSync(output)));
    assert.equal(readFileSync(url, 'utf8'), `${digest}  out.zip\n`);
    assert.ok(!entries.some(({ name }) => name === 'sums'));
  }
});

test('a stream is hashed as it is written', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'large'), textOf(2.5 * MIB, 1));
  writeFileSync(join(cwd, 'small'), 'content');
  const stream = new PassThrough();
  const [written, result] = await Promise.all([
    buffer(stream),
    createArchive(stream, ['large', 'small'], { cwd, pool, sha256: true }),
  ]);
  assert.equal(result.sha256, sha256(written));
  const read = new ZipArchive({ pool, sha256: true });
  read.addBuffer('name', 'content').catch(() => {});
  const [bytes, { sha256: digest }] = await Promise.all([buffer(read.readable), read.close()]);
  assert.equal(digest, sha256(bytes));
});

test('without the option there is no digest, and other values are errors', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'a'), '');
  for (const sha256 of [false, undefined]) {
    assert.ok(!('sha256' in (await createArchive(join(cwd, 'out.zip'), ['a'], { cwd, pool, sha256 }))));
  }
  await assert.rejects(createArchive(join(cwd, 'out.zip'), ['a'], { cwd, sha256: 1 as unknown as true }), {
    code: 'PZIP_USAGE',
    message: '`sha256` must be true, false, a path or a file: URL (got 1)',
  });
});
