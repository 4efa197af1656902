/** --manifest: the digests are those of the content in the archive, and `pzip diff` reads them. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import {
  type ArchiveOptions,
  type ArchiveResult,
  createArchive,
  createPool,
  openArchive,
  ZipArchive,
} from '../../dist/index.js';
import { pzip, pzipFails } from '../cli/command.js';
import { runPzip } from '../helpers/run-pzip.js';
import { buildTree, everyKindOfEntry, inTemporaryDirectory, randomBytes, textOf } from '../helpers/trees.js';

const MIB = 1024 * 1024;
const pool = createPool({ threads: 2 });
after(() => pool.close());

interface ManifestEntry {
  readonly name: string;
  readonly kind: string;
  readonly size?: number;
  readonly mode: string;
  readonly mtime?: string;
  readonly sha256?: string;
}

function readManifest(path: string): { entries: ManifestEntry[]; contentId: string } {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** What the manifest of an archive must be, by what the archive's reader says. */
async function expectedEntries(archive: string): Promise<ManifestEntry[]> {
  const reader = await openArchive(archive);
  const expected: ManifestEntry[] = [];
  try {
    for await (const entry of reader.entries()) {
      const { name, kind, mode = 0, mtime, uncompressedSize: size } = entry;
      const facts = { name, kind, mode: (mode & 0o7777).toString(8).padStart(4, '0'), mtime: mtime.toISOString() };
      if (kind === 'directory') {
        expected.push(facts);
        continue;
      }
      const hash = createHash('sha256');
      for await (const bytes of entry.content()) hash.update(bytes);
      expected.push({ ...facts, size, sha256: hash.digest('hex') });
    }
  } finally {
    await reader.close();
  }
  return expected;
}

test('every entry has the digest of its content, with and without threads', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), everyKindOfEntry());
  writeFileSync(join(cwd, 'tree/text'), textOf(3.5 * MIB, 1));
  writeFileSync(join(cwd, 'tree/chunks'), textOf(3 * MIB, 2));
  writeFileSync(join(cwd, 'tree/noise'), randomBytes(2.1 * MIB, 4));
  const output = join(cwd, 'out.zip');
  const manifest = join(cwd, 'manifest.json');
  for (const threads of [{ pool }, { threads: 0 }]) {
    const options = { cwd, manifest, portableNames: 'off', ...threads } as const;
    const { contentId } = await createArchive(output, ['tree'], options);
    const { entries, contentId: written } = readManifest(manifest);
    assert.deepEqual(entries, await expectedEntries(output));
    assert.equal(written, contentId);
    assert.match(contentId ?? '', /^[0-9a-f]{64}$/);
  }
});

test('content in memory and of streams has its digest', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const output = join(cwd, 'out.zip');
  const manifest = join(cwd, 'manifest.json');
  const archive = new ZipArchive(output, { pool, manifest });
  archive.addBuffer('a', textOf(2.5 * MIB, 1)).catch(() => {});
  archive.addStream('b', () => Readable.from([textOf(MIB, 1), textOf(1.5 * MIB, 2)])).catch(() => {});
  archive.addStream('c', () => Readable.from(['small'])).catch(() => {});
  await archive.close();
  assert.deepEqual(readManifest(manifest).entries, await expectedEntries(output));
});

test('with reuse, files are read and hashed although their times would do', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'small'), textOf(5000, 1));
  writeFileSync(join(cwd, 'large'), textOf(2.5 * MIB, 1));
  for (const name of ['small', 'large']) utimesSync(join(cwd, name), 1e9, 1e9);
  const output = join(cwd, 'out.zip');
  const manifest = join(cwd, 'manifest.json');
  const options = { cwd, pool, reuse: output, reuseCheck: 'stat' } as const;
  await createArchive(output, ['small', 'large'], options);
  const { reusedCount } = await createArchive(output, ['small', 'large'], { ...options, manifest });
  assert.equal(reusedCount, 2);
  assert.deepEqual(readManifest(manifest).entries, await expectedEntries(output));
});

test('pzip diff verifies a tree and an archive by it', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), everyKindOfEntry());
  writeFileSync(join(cwd, 'tree/large'), textOf(2.5 * MIB, 1));
  await pzip(cwd, ['--portable-names=off', '--manifest', 'manifest.json', 'out.zip', 'tree']);
  await pzip(cwd, ['diff', 'manifest.json', 'tree']);
  await pzip(cwd, ['diff', 'out.zip', 'manifest.json']);
  const bytes = readFileSync(join(cwd, 'tree/large'));
  bytes[bytes.length - 1] = 0;
  writeFileSync(join(cwd, 'tree/large'), bytes);
  const { code, stdout } = await runPzip(['diff', 'manifest.json', 'tree'], { cwd });
  assert.equal(code, 1);
  assert.match(String(stdout), /tree\/large/);
});

test('a manifest of the last run stays out of the archive, and -v prints the content id', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'a'), 'a');
  const args = ['-v', '--manifest=manifest.json', '--sha256', 'out.zip', '.'];
  const first = await pzip(cwd, args);
  const second = await pzip(cwd, args);
  const { entries, contentId } = readManifest(join(cwd, 'manifest.json'));
  assert.deepEqual(
    entries.map(({ name }) => name),
    ['a'],
  );
  for (const { stderr } of [first, second]) assert.match(stderr, new RegExp(`, content id: ${contentId}, sha256 `));
});

/** Truncates a file of zeros when a part of it is written. */
async function archiveChanging(cwd: string, options: ArchiveOptions): Promise<ArchiveResult> {
  const path = join(cwd, 'large');
  writeFileSync(path, '');
  truncateSync(path, 192 * MIB);
  const archive = new ZipArchive(join(cwd, 'out.zip'), {
    pool,
    level: 1,
    // Less than a chunk: each is read when the one before has been written.
    memory: 1,
    manifest: join(cwd, 'manifest.json'),
    ...options,
    onProgress: ({ bytesRead }) => {
      if (bytesRead > 1000 && statSync(path).size > LEFT) truncateSync(path, LEFT);
    },
  });
  archive.addBuffer('before', 'content').catch(() => {});
  archive.addFile('large', path).catch(() => {});
  try {
    return await archive.close();
  } finally {
    assert.equal(statSync(path).size, LEFT);
  }
}

/** Progress is reported at times: the file must take longer than that. */
const LEFT = 191 * MIB;

test('a large file that changes is an error, is skipped, or is read again', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  for (const onChange of ['error', 'warn'] as const) {
    await assert.rejects(archiveChanging(cwd, { onChange }), { code: 'PZIP_SOURCE_CHANGED', path: join(cwd, 'large') });
    assert.deepEqual(readdirSync(cwd), ['large']);
  }
  const skipped = await archiveChanging(cwd, { skipUnreadable: true });
  assert.equal(skipped.skippedCount, 1);
  assert.equal(readManifest(join(cwd, 'manifest.json')).entries.length, 1);
  await archiveChanging(cwd, { onChange: 'retry' });
  const { entries } = readManifest(join(cwd, 'manifest.json'));
  assert.equal(entries[1]?.size, LEFT);
  assert.deepEqual(entries, await expectedEntries(join(cwd, 'out.zip')));
});

test('entries that are not read, and parts, have no manifest', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'a'), 'a');
  await pzip(cwd, ['old.zip', 'a']);
  await pzipFails(cwd, ['--manifest=m', 'out.zip', '--from', 'old.zip'], 2, ['`from`', 'without being read']);
  await pzipFails(cwd, ['--manifest=m', 'out.zip', '--shard', '1/2', 'a'], 2, ['`shard`']);
  const archive = new ZipArchive(join(cwd, 'out.zip'), { pool, manifest: true });
  archive.addArchive(join(cwd, 'old.zip')).catch(() => {});
  await assert.rejects(archive.close(), { code: 'PZIP_USAGE', entryName: 'a' });
  assert.ok(!existsSync(join(cwd, 'out.zip')));
});
