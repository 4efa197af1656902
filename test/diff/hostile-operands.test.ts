/** Archives and manifests with bytes exchanged: a verdict or a PzipError, and nothing else. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createArchive, diffArchives, PzipError } from '../../dist/index.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';
import { buildArchive } from '../reader/build-archive.js';

const HASH = 'ab'.repeat(32);
const ENTRIES = [
  { name: 'a', sha256: HASH, mode: '0644', size: 9 },
  { kind: 'symlink', name: 'l', target: 'a' },
];

test('an operand with some bytes exchanged is compared, or rejected with a PzipError', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  mkdirSync(join(cwd, 'tree'));
  for (const name of ['a', 'b', 'c']) writeFileSync(join(cwd, 'tree', name), textOf(1000, name.charCodeAt(0)));
  await createArchive(join(cwd, 'good.zip'), '.', { cwd: join(cwd, 'tree') });
  const data = Buffer.from(textOf(1000, 97));
  const operands = [
    buildArchive([
      { name: 'c', data, deflate: true },
      { name: 'a', data },
      { name: 'a/', data: Buffer.alloc(0) },
    ]),
    buildArchive([{ name: 'a', data, deflate: true }], { zip64: true }),
    Buffer.from(JSON.stringify({ format: 'pzip-manifest', version: 1, entries: ENTRIES })),
    Buffer.from(`${HASH}  a\n\\${HASH} *b\\n\nSHA256 (c) = ${HASH}\n`),
  ];
  let seed = 11;
  const draw = (limit: number): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return (seed >> 8) % limit;
  };
  for (let round = 0; round < 400; round++) {
    const bytes = Buffer.from(operands[round % operands.length] ?? []);
    for (let count = draw(4); count >= 0; count--)
      bytes[draw(bytes.length)] = draw(3) === 0 ? 255 * draw(2) : draw(256);
    writeFileSync(join(cwd, 'operand'), draw(20) === 0 ? bytes.subarray(0, draw(bytes.length)) : bytes);
    try {
      const other = draw(2) === 0 ? 'tree' : 'good.zip';
      for await (const { change, error } of diffArchives('operand', other, { cwd, threads: 0, times: true })) {
        assert.equal(change === 'failed', error instanceof PzipError);
      }
    } catch (error) {
      assert.ok(error instanceof PzipError, `round ${round}: ${error instanceof Error ? error.stack : error}`);
    }
  }
});
