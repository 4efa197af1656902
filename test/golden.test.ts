/**
 * The bytes of an archive depend on its inputs and options alone, and change only on purpose: each of these archives has
 * the SHA-256 that fixtures/golden-archives.json records. After an intended change of bytes, write the file again with
 * `PZIP_UPDATE_GOLDEN=1 node --test golden.test.js` in dist-test, and say in CHANGELOG.md what changed and why.
 *
 * Where compressed data has changed, WASM_OUTPUT_VERSION must be raised first: an archive of before must not be reused.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WASM_OUTPUT_VERSION } from '../dist/deflate/output-version.js';
import {
  type CreateArchiveOptions,
  createArchive,
  createPool,
  openArchive,
  type Pool,
  ZipArchive,
} from '../dist/index.js';
import { buildTree, DEFAULT_MTIME, everyKindOfEntry, manySmallFiles, randomBytes, textOf } from './helpers/trees.js';

const RECORDED = fileURLToPath(new URL('../fixtures/golden-archives.json', import.meta.url));
const IS_UPDATE = process.env.PZIP_UPDATE_GOLDEN === '1';

// MS-DOS dates are local time.
process.env.TZ = 'UTC';

const folder = mkdtempSync(join(tmpdir(), 'pzip-golden-'));
/** Node's zlib gives other bytes from version to version. */
const hashes: Record<string, string> = { zlib: process.versions.zlib };
const recorded: Record<string, string> = JSON.parse(readFileSync(RECORDED, 'utf8'));

/** Of the data of all entries that the engine has compressed, in the archives below that are files. */
const engineOutput = createHash('sha256');

before(async () => {
  const halves = () => Buffer.concat([textOf(700_000, 21), randomBytes(1_100_000, 22), textOf(300_000, 23)]);
  buildTree(
    join(folder, 'tree'),
    new Map([
      ...everyKindOfEntry(),
      ...manySmallFiles(60),
      ['large/text', { kind: 'file', data: () => textOf(1_100_000, 20) }],
      ['large/halves', { kind: 'file', data: halves }],
      ['large/random', { kind: 'file', data: () => randomBytes(1_100_000, 24) }],
      ['large/zeros', { kind: 'file', data: () => new Uint8Array(3_000_000) }],
    ]),
  );
});

after(async () => {
  await Promise.all([...pools.values()].map((pool) => pool.close()));
  rmSync(folder, { recursive: true, force: true });
  if (!IS_UPDATE) return;
  const isSameVersion = recorded['output version'] === hashes['output version'];
  assert.ok(!isSameVersion || recorded.output === hashes.output, 'raise WASM_OUTPUT_VERSION: see output-version.ts');
  writeFileSync(RECORDED, `${JSON.stringify(hashes, null, 2)}\n`);
});

/** Threads differ from test to test, since they must not matter. */
const OPTIONS: Readonly<Record<string, CreateArchiveOptions>> = {
  defaults: { threads: 2 },
  'level 0': { level: 0, threads: 1 },
  'level 1': { level: 1, threads: 3 },
  'level 2': { level: 2, threads: 1 },
  'level 3': { level: 3, threads: 2 },
  'level 4': { level: 4, threads: 2 },
  'level 5': { level: 5, threads: 2 },
  'level 7': { level: 7, threads: 2 },
  'level 8': { level: 8, threads: 2 },
  'level 9': { level: 9, threads: 2 },
  'level 10': { level: 10, threads: 2 },
  'zlib, level 1': { engine: 'zlib', level: 1, threads: 2 },
  'zlib, level 6': { engine: 'zlib', threads: 2 },
  'zlib, level 9': { engine: 'zlib', level: 9, threads: 2 },
  reproducible: { reproducible: true, threads: 2 },
  'no extended timestamps': { extendedTimestamps: false, threads: 2 },
  'a comment': { comment: 'a comment of the archive', level: 1, threads: 2 },
  'renamed, with a prefix': {
    prefix: 'top/',
    rename: [{ from: '**/*.js', to: '**/*.mjs' }],
    level: 1,
    threads: 2,
  },
  'some first, some stored': {
    first: ['large/', '*.txt'],
    levelFor: [{ pattern: '*.js', level: 0 }],
    level: 1,
    threads: 2,
  },
  'links skipped, no entries for directories': { symlinks: 'skip', directoryEntries: false, level: 1, threads: 2 },
  'normalized modes': { modes: 'normalize', level: 1, threads: 2 },
};

describe('an archive of a tree has its recorded bytes', () => {
  for (const [name, options] of Object.entries(OPTIONS)) {
    test(`in a file: ${name}`, { skip: skipped(options) }, async () => {
      const path = join(folder, 'out.zip');
      await createArchive(path, '.', { cwd: join(folder, 'tree'), ...onPool(options) });
      check(`file, ${name}`, readFileSync(path));
      if (options.engine !== 'zlib') await addEngineOutput(path);
    });
  }
  test('and a new version of the output where its compressed data is another', () => {
    hashes['output version'] = String(WASM_OUTPUT_VERSION);
    hashes.output = engineOutput.digest('hex');
    if (IS_UPDATE) return;
    assert.equal(hashes.output, recorded.output, 'raise WASM_OUTPUT_VERSION: see output-version.ts');
    assert.equal(hashes['output version'], recorded['output version']);
  });
  for (const name of ['defaults', 'level 0', 'level 9', 'zlib, level 6', 'reproducible']) {
    test(`in a stream: ${name}`, { skip: skipped(OPTIONS[name]) }, async () => {
      const archive = new ZipArchive(onPool(archiveOptions(OPTIONS[name])));
      archive.addGlob('.', { cwd: join(folder, 'tree') });
      const [bytes] = await Promise.all([buffer(archive), archive.close()]);
      check(`stream, ${name}`, bytes);
    });
  }
});

describe('an archive of added entries has its recorded bytes', () => {
  for (const output of ['file', 'stream'] as const) {
    test(`in a ${output}`, async () => {
      const path = join(folder, 'added.zip');
      const archive = output === 'file' ? new ZipArchive(path, onPool({})) : new ZipArchive(onPool({}));
      const date = new Date(DEFAULT_MTIME * 1000);
      archive.addBuffer('mimetype', 'application/epub+zip', { store: true });
      archive.addBuffer('bytes', textOf(50_000, 1), { mtime: date, mode: 0o600, comment: 'of an entry' });
      archive.addBuffer('large bytes', textOf(2_500_000, 2), { level: 9 });
      archive.addStream('short stream', () => Readable.from([textOf(70_000, 3)]));
      archive.addStream('stream of known size', () => Readable.from([textOf(1_500_000, 4)]), { size: 1_500_000 });
      archive.addStream('stream of unknown size', () => Readable.from([textOf(900_000, 5), randomBytes(900_000, 6)]));
      archive.addDirectory('directory', { mtime: date });
      archive.addSymlink('link', 'bytes');
      archive.addFile('file é.js', join(folder, 'tree/readme.txt'));
      const bytes = output === 'file' ? undefined : buffer(archive);
      await archive.close();
      check(`added entries, ${output}`, (await bytes) ?? readFileSync(path));
    });
  }
});

const pools = new Map<string, Pool>();

/** Threads stay for the next archive: their start takes longer than compressing a tree of this size. */
function onPool<Options extends CreateArchiveOptions>({ threads = 2, engine = 'wasm', ...others }: Options) {
  const pool = pools.get(`${threads} ${engine}`) ?? createPool({ threads, engine });
  pools.set(`${threads} ${engine}`, pool);
  return { ...others, pool };
}

function skipped({ engine }: CreateArchiveOptions = {}): string | false {
  const isOther = engine === 'zlib' && !IS_UPDATE && recorded.zlib !== process.versions.zlib;
  return isOther && `recorded with zlib ${recorded.zlib}, and this is ${process.versions.zlib}`;
}

/** Those of createArchive() that are not of the selection. */
function archiveOptions(options: CreateArchiveOptions = {}) {
  const { level, threads, engine, reproducible } = options;
  return Object.fromEntries(
    Object.entries({ level, threads, engine, reproducible }).filter(([, value]) => value !== undefined),
  );
}

/** Method and data of each entry, without its headers. */
async function addEngineOutput(path: string): Promise<void> {
  await using archive = await openArchive(path);
  for await (const entry of archive.entries()) {
    engineOutput.update(`${entry.method} ${entry.compressedSize} `);
    engineOutput.update(Buffer.from(await new Response(entry.raw()).arrayBuffer()));
  }
}

function check(name: string, bytes: Uint8Array): void {
  const hash = createHash('sha256').update(bytes).digest('hex');
  hashes[name] = hash;
  if (!IS_UPDATE) assert.equal(hash, recorded[name], `${name}: ${bytes.length} bytes`);
}
