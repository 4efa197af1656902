/** The content id: its value stays, others can compute it, and nothing but content, names and modes decides it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ArchiveOptions, createArchive, createPool, ZipArchive } from '../../dist/index.js';
import { inTemporaryDirectory } from '../helpers/trees.js';

const pool = createPool({ threads: 2 });
after(() => pool.close());

async function idOf(add: (archive: ZipArchive) => void, options: ArchiveOptions = {}): Promise<string | undefined> {
  const archive = new ZipArchive({ pool, ...options, manifest: true });
  add(archive);
  const [{ contentId }] = await Promise.all([archive.close(), archive.readable.pipeTo(new WritableStream())]);
  return contentId;
}

function addAll(archive: ZipArchive): void {
  archive.addBuffer('a.txt', 'content', { mode: 0o755 }).catch(() => {});
  archive.addDirectory('dir', { mode: 0o700 }).catch(() => {});
  archive.addSymlink('link', 'a.txt').catch(() => {});
  archive.addBuffer('large', new Uint8Array(2_500_000).fill(7)).catch(() => {});
  archive.addBuffer('dir/ä\n', '').catch(() => {});
}

const GOLDEN = '656ce8a2fc498adf07df1a09811e39457df736671fb53124457426cb59086460';

test('the value does not change with versions', async () => {
  assert.equal(await idOf(addAll), GOLDEN);
});

test('level, engine, dates and order do not change it', async () => {
  assert.equal(await idOf(addAll, { level: 0 }), GOLDEN);
  assert.equal(await idOf(addAll, { engine: 'zlib', pool: undefined, threads: 0 }), GOLDEN);
  assert.equal(await idOf(addAll, { mtime: new Date(), extendedTimestamps: false, comment: 'c' }), GOLDEN);
  const reversed = await idOf((archive) => {
    archive.addBuffer('dir/ä\n', '').catch(() => {});
    archive.addBuffer('large', new Uint8Array(2_500_000).fill(7)).catch(() => {});
    archive.addSymlink('link', 'a.txt').catch(() => {});
    archive.addDirectory('dir', { mode: 0o700 }).catch(() => {});
    archive.addBuffer('a.txt', 'content', { mode: 0o755 }).catch(() => {});
  });
  assert.equal(reversed, GOLDEN);
});

test('content, name, mode, target and kind change it', async () => {
  const ids = await Promise.all([
    idOf((archive) => void archive.addBuffer('a', 'b')),
    idOf((archive) => void archive.addBuffer('a', 'c')),
    idOf((archive) => void archive.addBuffer('b', 'b')),
    idOf((archive) => void archive.addBuffer('a', 'b', { mode: 0o755 })),
    idOf((archive) => void archive.addSymlink('a', 'b')),
    idOf((archive) => void archive.addSymlink('a', 'c')),
    idOf((archive) => void archive.addDirectory('a')),
  ]);
  assert.equal(new Set(ids).size, ids.length);
});

/** The program of docs/reports.md. */
const SHELL = /```bash\n(find dist .*?)```/s.exec(
  readFileSync(new URL('../../docs/reports.md', import.meta.url), 'utf8'),
)?.[1];

test('sort and sha256sum compute it from a tree', { skip: process.platform !== 'linux' }, async (t) => {
  const cwd = await inTemporaryDirectory(t);
  mkdirSync(join(cwd, 'dist/sub'), { recursive: true });
  writeFileSync(join(cwd, 'dist/a.txt'), 'content');
  writeFileSync(join(cwd, 'dist/a'), '');
  writeFileSync(join(cwd, 'dist/sub/large'), new Uint8Array(3_000_000).fill(1));
  chmodSync(join(cwd, 'dist/a'), 0o755);
  symlinkSync('a.txt', join(cwd, 'dist/link'));
  const { contentId } = await createArchive(join(cwd, 'out.zip'), ['dist'], { cwd, pool, manifest: true });
  assert.equal(execFileSync('bash', ['-c', SHELL ?? 'false'], { cwd, encoding: 'utf8' }).trim(), contentId);
});
