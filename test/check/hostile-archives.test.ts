/** checkArchive() on archives that are made to take long, to take memory or to fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { isSlowSuite } from '../helpers/slow-suite.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { archive, MAX32, type Part, zip64Field } from '../helpers/zip-parts.js';
import { findingsOf } from './findings.js';
import { checkMutated, copyMutated, mergeMutatedParts } from './mutations.js';

test('random damage gives findings, in bounded time and memory', async () => {
  const before = process.memoryUsage().rss;
  for (let seed = 1; seed <= (isSlowSuite ? 200_000 : 300); seed++) await checkMutated(seed);
  assert.ok(process.memoryUsage().rss - before < 300e6);
});

test('random damage is copied, merged and compared, or rejected, in bounded time and memory', async (t) => {
  const folder = await inTemporaryDirectory(t);
  for (let seed = 1; seed <= (isSlowSuite ? 50_000 : 50); seed++) await copyMutated(seed, folder);
});

test('a damaged part is rejected, or merged to what can be read', async (t) => {
  const folder = await inTemporaryDirectory(t);
  for (let seed = 1; seed <= (isSlowSuite ? 10_000 : 20); seed++) await mergeMutatedParts(seed, folder);
});

test('a thousand entries that share one stream of deflate are not inflated', async () => {
  const piece = deflateRawSync(Buffer.alloc(2 ** 20), { finishFlush: constants.Z_SYNC_FLUSH });
  const zeros = Buffer.concat([...Array<Buffer>(100).fill(piece), deflateRawSync(Buffer.alloc(0))]);
  const sums = { crc: 0, csize: zeros.length, usize: 100 * 2 ** 20 };
  const first: Part = { name: '0', compressed: zeros, data: Buffer.alloc(0), ...sums };
  const others = Array.from(
    { length: 1000 },
    (_, index): Part => ({ ...first, name: `${index + 1}`, isListedOnly: true, offset: 0 }),
  );
  const started = performance.now();
  const found = await findingsOf(archive([first, ...others]), { threads: 0 });
  assert.equal(found.filter(({ rule }) => rule === 'overlap').length, 1001);
  assert.ok(performance.now() - started < 10_000);
});

test('what an archive claims is not allocated', async () => {
  const huge = 2 ** 50;
  const before = process.memoryUsage();
  const claims = [
    archive([{ name: 'a', usize: MAX32 - 1 }]),
    archive([{ name: 'a', csize: MAX32 - 1, usize: MAX32 - 1 }]),
    archive([
      { name: 'a', central: { csize: MAX32, usize: MAX32, extra: zip64Field(huge, huge, huge) }, offset: MAX32 },
    ]),
    archive([{ name: 'a' }], { zip64: { count: huge } }),
    archive([{ name: 'a' }], { sizeOff: 2 ** 31 }),
  ];
  for (const claim of claims)
    assert.ok((await findingsOf(claim, { threads: 0 })).some(({ severity }) => severity === 'error'));
  const after = process.memoryUsage();
  assert.ok(after.rss + after.arrayBuffers - before.rss - before.arrayBuffers < 50e6);
});

test('a name of very many components takes time in proportion to its length', async () => {
  const names = Array.from({ length: 50 }, (_, index) => 'A/'.repeat(30_000) + index);
  const started = performance.now();
  await findingsOf(archive(names.map((name) => ({ name, method: 0, data: Buffer.alloc(0) }))), { threads: 0 });
  assert.ok(performance.now() - started < 20_000, `${performance.now() - started} ms`);
});
