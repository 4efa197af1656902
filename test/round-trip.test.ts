import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, type TestContext, test } from 'node:test';
import { createArchive, ZipArchive } from '../dist/index.js';
import { readTree, sha256Of, type Tree } from './helpers/compare-trees.js';
import { CollectingSink } from './helpers/failing-sinks.js';
import {
  assertExtractsTo,
  checkWithEveryReader,
  type ExpectedEntry,
  expectedOfTree,
  type ReaderName,
} from './helpers/foreign-readers.js';
import { runProcess } from './helpers/run-process.js';
import { PZIP, runPzip } from './helpers/run-pzip.js';
import { isSlowSuite } from './helpers/slow-suite.js';
import { buildTree, everyKindOfEntry, inTemporaryDirectory, textOf, timesOutOfRange } from './helpers/trees.js';
import { assertCleanAnatomy } from './helpers/zip-anatomy.js';

describe('every kind of entry comes back from every reader', () => {
  test('from the command to a file and to a pipe, and from createArchive() to a path and to streams', async (t) => {
    const { folder, tree } = await everyKind(t);
    const at = (name: string) => path.join(folder, name);

    assertDone(await runPzip([at('command.zip'), 'tree'], { cwd: at('in') }));
    const piped = await runPzip(['-', 'tree'], { cwd: at('in') });
    assertDone(piped);
    await writeFile(at('pipe.zip'), piped.stdout);

    await createArchive(at('api.zip'), 'tree', { cwd: at('in') });
    const sink = new CollectingSink();
    await createArchive(sink, ['tree'], { cwd: at('in') });
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const [webBytes] = await Promise.all([buffer(readable), createArchive(writable, ['tree'], { cwd: at('in') })]);

    // What was never chunked needs no descriptor, so it is one archive five times over.
    const bytes = await readFile(at('command.zip'));
    for (const same of [piped.stdout, await readFile(at('api.zip')), sink.bytes, webBytes]) {
      assert.ok(bytes.equals(same), 'every way writes the same bytes');
    }
    assertCleanAnatomy(at('command.zip'), { output: 'file' });
    await checkWithEveryReader(at('command.zip'), expectedOfTree(tree));
    await assertExtractsTo(at('command.zip'), folder, tree);
  });

  test('from a file and a pipe with a chunked entry, which has a descriptor only in the pipe', async (t) => {
    const folder = await inTemporaryDirectory(t);
    const at = (name: string) => path.join(folder, name);
    const large = { kind: 'file', data: textOf(1_200_000, 1), mode: 0o640, mtime: 1_600_000_001 } as const;
    buildTree(at('in/tree'), new Map([...everyKindOfEntry(), ['large.txt', large]]));
    const tree = await readTree(at('in'));

    assertDone(await runPzip([at('file.zip'), 'tree'], { cwd: at('in') }));
    const piped = await runPzip(['-', 'tree'], { cwd: at('in') });
    assertDone(piped);
    await writeFile(at('pipe.zip'), piped.stdout);

    assertCleanAnatomy(at('file.zip'), { output: 'file' });
    const { entries } = assertCleanAnatomy(at('pipe.zip'));
    const described = entries.filter(({ hasDescriptor }) => hasDescriptor).map(({ name }) => name);
    assert.deepEqual(described, ['tree/large.txt']);
    await checkWithEveryReader(at('pipe.zip'), expectedOfTree(tree));
    await assertExtractsTo(at('pipe.zip'), folder, tree);
  });

  test('from a device that is no file, by its path', async (t) => {
    const { folder, tree } = await everyKind(t);
    const archive = path.join(folder, 'through-cat.zip');
    // Through a shell's pipe: what Node gives a child for its standard output is a socket, which cannot be opened by name.
    const command = '"$0" "$1" -q /dev/stdout tree | cat';
    const cwd = path.join(folder, 'in');
    const { stdout, stderr } = await runProcess('/bin/sh', ['-c', command, process.execPath, PZIP], { cwd });
    assert.equal(stderr, '');
    await writeFile(archive, stdout);
    await checkWithEveryReader(archive, expectedOfTree(tree), { readers: ['unzip test', 'bsdtar pipe', 'yauzl'] });
  });

  test('from ZipArchive, in the order of the calls, with what was said of each', async (t) => {
    const folder = await inTemporaryDirectory(t);
    const at = (name: string) => path.join(folder, name);
    await writeFile(at('script.sh'), '#!/bin/sh\n', { mode: 0o755 });
    const { mtimeMs } = await stat(at('script.sh'));
    const date = new Date('2020-02-02T20:20:21Z');
    const text = 'text\n'.repeat(1000);

    const archive = new ZipArchive(at('api.zip'), { comment: 'of the archive' });
    archive.addFile('z-first/script.sh', at('script.sh'));
    archive.addBuffer('text', text, { mode: 0o600, mtime: date, comment: 'of the entry: ä' });
    archive.addBuffer('stored', text, { store: true, mtime: date });
    archive.addBuffer('array-buffer', new Uint8Array([1, 2, 3]).buffer, { mtime: date });
    archive.addBuffer('view', new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 3), { mtime: date });
    archive.addDirectory('empty', { mode: 0o700, mtime: date });
    archive.addDirectory('empty/too/');
    archive.addSymlink('a-last', 'text', { mtime: date });
    const result = await archive.close();

    const { entries, comment } = assertCleanAnatomy(at('api.zip'), { output: 'file' });
    assert.equal(comment.toString(), 'of the archive');
    assert.equal(entries[1]?.comment.toString(), 'of the entry: ä');
    const methods = entries.map(({ name, compressionMethod }) => [name, compressionMethod]);
    assert.deepEqual(methods, [
      ['z-first/script.sh', 0],
      ['text', 8],
      ['stored', 0],
      ['array-buffer', 0],
      ['view', 0],
      ['empty/', 0],
      ['empty/too/', 0],
      ['a-last', 0],
    ]);
    assert.equal(result.entryCount, 8);
    assert.equal(result.bytesWritten, (await stat(at('api.zip'))).size);
    assert.equal(result.bytesRead, 10 + 2 * text.length + 3 + 2 + 'text'.length);

    const mtime = date.getTime() / 1000;
    const directory = { type: 'directory', size: 0, mode: 0o755 } as const;
    const file = { type: 'file', mode: 0o644, mtime } as const;
    const expected = new Map<string, ExpectedEntry>([
      ['z-first/script.sh', { type: 'file', mode: 0o755, mtime: Math.floor(mtimeMs / 1000), size: 10 }],
      ['text', { ...file, mode: 0o600, sha256: sha256Of(text) }],
      ['stored', { ...file, sha256: sha256Of(text) }],
      ['array-buffer', { ...file, sha256: sha256Of(Uint8Array.of(1, 2, 3)) }],
      ['view', { ...file, sha256: sha256Of(Uint8Array.of(1, 2)) }],
      ['empty/', { ...directory, mode: 0o700, mtime }],
      ['empty/too/', { ...directory, mtime: Date.UTC(1980, 0, 1) / 1000 }],
      ['a-last', { type: 'symlink', mtime, sha256: sha256Of('text') }],
    ]);
    await checkWithEveryReader(at('api.zip'), expected);
  });
});

describe('what readers may stumble over', () => {
  test('an archive with nothing in it', async (t) => {
    const file = path.join(await inTemporaryDirectory(t), 'empty.zip');
    const { entryCount, bytesWritten } = await new ZipArchive(file).close();
    assert.deepEqual([entryCount, bytesWritten], [0, 22]);
    assertCleanAnatomy(file, { output: 'file' });
    // unzip warns of the emptiness itself.
    await checkWithEveryReader(file, new Map(), { without: ['unzip test', 'unzip extract'] });
  });

  test('an archive within the archive, stored, so that its records lie open', async (t) => {
    const folder = await inTemporaryDirectory(t);
    const at = (name: string) => path.join(folder, name);
    const inner = new ZipArchive(at('inner.zip'), { comment: 'inner' });
    for (let i = 0; i < 20; i++) inner.addBuffer(`file-${i}`, textOf(500, i));
    await inner.close();
    const outer = new ZipArchive(at('outer.zip'), { level: 0 });
    outer.addFile('inner.zip', at('inner.zip'));
    await outer.close();
    assertCleanAnatomy(at('outer.zip'), { output: 'file' });
    const content = sha256Of(await readFile(at('inner.zip')));
    await checkWithEveryReader(at('outer.zip'), new Map([['inner.zip', { sha256: content }]]));
  });

  test('times that a signed 32-bit number of seconds or the DOS field cannot hold', async (t) => {
    const folder = await inTemporaryDirectory(t);
    const at = (name: string) => path.join(folder, name);
    buildTree(at('tree'), timesOutOfRange());
    await createArchive(at('times.zip'), '.', { cwd: at('tree') });
    const { entries } = assertCleanAnatomy(at('times.zip'), { output: 'file' });
    const years = entries.map(({ name, lastModFileDate }) => [name, 1980 + (lastModFileDate >>> 9)]);
    assert.deepEqual(Object.fromEntries(years), { 'before-1901': 1980, 'after-2038': 2038, 'after-2107': 2107 });
    const tree = await readTree(at('tree'));
    const expected = [...tree].map(([name, { type, sha256, mode }]) => [name, { type, sha256, mode }] as const);
    await checkWithEveryReader(at('times.zip'), new Map(expected));
  });

  test('a name of 65,000 bytes and a directory of the same name in capitals', async (t) => {
    const file = path.join(await inTemporaryDirectory(t), 'names.zip');
    const archive = new ZipArchive(file);
    // Of many folders, each of which is a name by itself: half a minute for pzip and seconds for Python and Java.
    const deep = isSlowSuite ? 'd/'.repeat(32_500) : `${'d'.repeat(249)}/`.repeat(260);
    archive.addDirectory('NAME');
    archive.addBuffer('name', 'in small letters\n');
    archive.addDirectory(deep);
    await archive.close();
    assertCleanAnatomy(file, { output: 'file' });
    // The rest cut names at 4096 bytes, or make folders of them.
    await checkWithEveryReader(file, undefined, { readers: EVERY_LENGTH });
  });
});

/** Readers that take a name of any length. */
const EVERY_LENGTH: readonly ReaderName[] = [
  '7zz test',
  'ziptool consistency',
  'zipcmp test',
  'python',
  'java ZipFile',
  'go',
  'yauzl',
];

/** `tree` is what the folder `in` holds: the folder `tree`, with its name. */
async function everyKind(t: TestContext): Promise<{ folder: string; tree: Tree }> {
  const folder = await inTemporaryDirectory(t);
  buildTree(path.join(folder, 'in/tree'), everyKindOfEntry());
  return { folder, tree: await readTree(path.join(folder, 'in')) };
}

function assertDone({ code, stderr }: { code: number | null; stderr: string }): void {
  assert.equal(code, 0, stderr);
}
