/** checkArchive() as a whole: its counts, its errors, its order, and archives that pzip writes. */
import assert from 'node:assert/strict';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, deflateRawSync } from 'node:zlib';
import {
  type CreateArchiveOptions,
  checkArchive,
  createArchive,
  createPool,
  PzipError,
  ZipArchive,
} from '../../dist/index.js';
import { casesOf } from '../helpers/slow-suite.js';
import {
  buildTree,
  everyKindOfEntry,
  everySize,
  inTemporaryDirectory,
  manySmallFiles,
  randomBytes,
  textOf,
} from '../helpers/trees.js';
import { archive, type Part } from '../helpers/zip-parts.js';
import { pzipError } from '../select/tree.js';
import { findingsOf, shown } from './findings.js';

/** One for most tests: starting threads takes longer than their archives. */
const pool = createPool({ threads: 2 });
after(() => pool.close());

const OPTIONS: Readonly<Record<string, CreateArchiveOptions>> = {
  defaults: {},
  ...Object.fromEntries(([0, 1, 9] as const).map((level) => [`level ${level}`, { level }])),
  zlib: { engine: 'zlib' },
  reproducible: { reproducible: true },
  'no extended timestamps': { extendedTimestamps: false },
  'a comment': { comment: 'a comment of the archive' },
  'no directories': { directoryEntries: false },
  'one first': { first: ['text.txt'], levelFor: [{ pattern: '*.txt', level: 0 }] },
};

describe('archives that pzip writes give no finding', () => {
  for (const [name, options] of Object.entries(OPTIONS)) {
    test(name, async (t) => {
      const cwd = await inTemporaryDirectory(t);
      buildTree(join(cwd, 'tree'), new Map([...everyKindOfEntry(), ...manySmallFiles(100)]));
      const path = join(cwd, 'out.zip');
      const { entryCount } = await createArchive(path, ['.'], {
        cwd: join(cwd, 'tree'),
        portableNames: 'off',
        ...(options.engine === undefined ? { pool } : { threads: 1 }),
        ...options,
      });
      const check = checkArchive(path, { pool });
      // The tree has names that clash, of which pzip warns when it writes them.
      for await (const finding of check) assert.equal(finding.rule, 'name-clash', shown(finding));
      assert.deepEqual([check.entryCount, check.errorCount], [entryCount, 0]);
    });
  }

  test('every size around the limits of chunks', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    buildTree(join(cwd, 'tree'), everySize());
    await createArchive(join(cwd, 'out.zip'), ['tree'], { cwd, level: 1, pool });
    assert.deepEqual((await findingsOf(join(cwd, 'out.zip'), { pool })).map(shown), []);
  });

  test('a stream of sizes that are known and unknown, small and large', async () => {
    const written = new ZipArchive({ level: 1, pool });
    const chunks = new Response(written.readable).arrayBuffer();
    for (const length of [0, 10, 3_000_000]) {
      written.addStream(`unknown-${length}`, () => new Blob([textOf(length, 1)]).stream());
      written.addStream(`known-${length}`, () => new Blob([textOf(length, 1)]).stream(), { size: length });
      written.addStream(`stored-${length}`, () => new Blob([textOf(length, 1)]).stream(), { store: true });
    }
    await written.close();
    assert.deepEqual((await findingsOf(new Uint8Array(await chunks))).map(shown), []);
  });

  // limits.test.ts checks an archive of 65,535.
  for (const count of casesOf([0, 66_000], (count) => count === 0)) {
    test(`${count} entries`, async () => {
      const written = new ZipArchive();
      const bytes = new Response(written.readable).arrayBuffer();
      for (let index = 0; index < count; index++) written.addBuffer(`${index % 100}/${index}`, '');
      await written.close();
      assert.deepEqual((await findingsOf(new Uint8Array(await bytes))).map(shown), []);
    });
  }
});

test('findings come in the order of the directory, whatever thread found them', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const parts: Part[] = [];
  for (let index = 0; index < 1500; index++) {
    const data = Buffer.from(index % 500 === 0 ? randomBytes(1_100_000, index) : textOf(50, index));
    parts.push({ name: `${index}`, data, ...(index % 7 === 0 && { crc: 1 }), compressed: deflateRawSync(data) });
  }
  const path = join(cwd, 'a.zip');
  writeFileSync(path, archive(parts));
  const expected = parts.flatMap(({ crc }, index) => (crc === undefined ? [] : [`crc ${index}`]));
  for (const threads of [0, 1, 4]) {
    const found = await findingsOf(path, { threads });
    assert.deepEqual(
      found.map((finding) => shown(finding).split('@')[0]),
      expected,
    );
  }
  const inMemory = await findingsOf(readFileSync(path), { threads: 2 });
  assert.deepEqual(
    inMemory.map((finding) => shown(finding).split('@')[0]),
    expected,
  );
});

test('entries in any order of the directory are checked', async () => {
  const parts = Array.from(
    { length: 1000 },
    (_, index): Part => ({ name: `${index}`, method: 0, data: Buffer.from('x') }),
  );
  const found = await findingsOf(archive(parts, { isReversed: true }), { threads: 0 });
  assert.deepEqual(
    found.map(({ rule }) => rule),
    ['order'],
  );
});

test('a file that is missing, a directory and wrong arguments are errors', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  await assert.rejects(findingsOf(join(cwd, 'none.zip')), pzipError('PZIP_SOURCE_MISSING', 'does not exist'));
  await assert.rejects(findingsOf(cwd), pzipError('PZIP_SOURCE_UNSUPPORTED', 'not a regular file'));
  assert.throws(() => checkArchive(''), pzipError('PZIP_USAGE', 'input'));
  assert.throws(() => checkArchive('a.zip', { threads: -1 }), pzipError('PZIP_USAGE', 'threads'));
  assert.throws(() => checkArchive('a.zip', { strict: true } as object), pzipError('PZIP_USAGE', 'strict'));
});

test('a file that becomes shorter during the check is an error', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const path = join(cwd, 'a.zip');
  const parts = Array.from({ length: 40 }, (_, index): Part => {
    const data = Buffer.from(randomBytes(900_000, index));
    return { name: `${index}`, method: 0, data, ...(index === 0 && { crc: 1 }) };
  });
  writeFileSync(path, archive(parts));
  await assert.rejects(
    async () => {
      for await (const finding of checkArchive(path, { threads: 0 })) {
        assert.equal(finding.rule, 'crc');
        truncateSync(path, 1000);
      }
    },
    (error) => error instanceof PzipError && /^PZIP_(SOURCE_CHANGED|ARCHIVE_INVALID)$/.test(error.code),
  );
});

test('an abort ends the check with its reason, and so does leaving the loop', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const path = join(cwd, 'a.zip');
  const piece = deflateRawSync(Buffer.alloc(2 ** 20), { finishFlush: constants.Z_SYNC_FLUSH });
  const zeros = Buffer.concat([...Array<Buffer>(100).fill(piece), deflateRawSync(Buffer.alloc(0))]);
  const bomb = (index: number): Part => {
    const sums = { crc: 1, csize: zeros.length, usize: 100 * 2 ** 20 };
    return { name: `${index}`, method: 8, compressed: zeros, data: Buffer.alloc(0), ...sums };
  };
  writeFileSync(path, archive(Array.from({ length: 60 }, (_, index) => bomb(index))));
  const reason = new Error('enough');
  for (const threads of [0, 2]) {
    const started = performance.now();
    const abort = new AbortController();
    setTimeout(() => abort.abort(reason), 100);
    await assert.rejects(findingsOf(path, { threads, signal: abort.signal }), reason);
    assert.ok(performance.now() - started < 3000, `${performance.now() - started} ms`);
  }
  await assert.rejects(findingsOf(path, { signal: AbortSignal.abort(reason) }), reason);
  for await (const { rule } of checkArchive(path, { threads: 2 })) {
    assert.equal(rule, 'crc');
    break;
  }
});

test('a name that clashes is reported with the earlier one, as long as names are few', async () => {
  const part = (name: string): Part => ({ name, method: 0, data: Buffer.from('x') });
  const few = await findingsOf(archive(['Doc/README', 'doc/x', 'doc/readme'].map(part)), { threads: 0 });
  assert.deepEqual(
    few.map(({ rule, message }) => [rule, message]),
    [
      ['name-clash', "'doc' differs from 'Doc', an earlier name, only in case or Unicode normalization"],
      ['name-clash', "'doc/readme' differs from 'Doc/README', an earlier name, only in case or Unicode normalization"],
    ],
  );
  const long = [...Array(34).fill(30_000), 28_573].map((length, index) => `${index}`.padStart(length, 'x'));
  const many = await findingsOf(archive([...long, 'README', 'readme'].map(part)), { threads: 0 });
  assert.deepEqual(
    many.filter(({ rule }) => rule === 'name-clash').map(({ message }) => message),
    ["'readme' differs from an earlier name only in case or Unicode normalization"],
  );
});

test('an abort ends the check of a large entry, also on the calling thread and on those of a pool', async () => {
  const piece = deflateRawSync(Buffer.alloc(2 ** 20), { finishFlush: constants.Z_SYNC_FLUSH });
  const count = 4000;
  const compressed = Buffer.concat([...Array<Buffer>(count).fill(piece), deflateRawSync(Buffer.alloc(0))]);
  const bytes = archive([{ name: 'large', data: Buffer.alloc(0), compressed, usize: count * 2 ** 20 }]);
  await using pool = createPool({ threads: 1 });
  for (const where of [{ threads: 0 }, { pool }]) {
    const signal = AbortSignal.timeout(200);
    await assert.rejects(async () => {
      for await (const _ of checkArchive(bytes, { ...where, signal }));
    }, /TimeoutError|aborted due to timeout/);
    await sleep(100);
    const before = process.cpuUsage();
    await sleep(500);
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 250_000, `${(user + system) / 1000} ms of processor time after the end`);
  }
});
