/** Entries of other archives, copied as they are stored: createArchive() with `from`, addArchive() and mergeArchives(). */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import {
  type ArchivedEntry,
  type CreateArchiveOptions,
  createArchive,
  createPool,
  mergeArchives,
  openArchive,
  ZipArchive,
} from '../../dist/index.js';
import { assertSameTree } from '../helpers/compare-trees.js';
import { extractTrees, findPrograms } from '../helpers/foreign-readers.js';
import { runProcess } from '../helpers/run-process.js';
import { buildTree, everyKindOfEntry, inTemporaryDirectory, textOf } from '../helpers/trees.js';
import { buildArchive, extraField, fields, type PartOptions } from '../reader/build-archive.js';
import { pzipError } from '../select/tree.js';

/** One for all archives that are compressed: starting threads takes longer. */
const pool = createPool({ threads: 2 });
after(() => pool.close());

async function entriesOf(input: string | Uint8Array): Promise<ArchivedEntry[]> {
  await using archive = await openArchive(input);
  const entries: ArchivedEntry[] = [];
  for await (const entry of archive.entries()) entries.push(entry);
  return entries;
}

async function namesOf(input: string | Uint8Array): Promise<string[]> {
  return (await entriesOf(input)).map(({ name }) => name);
}

async function textIn(path: string, name: string): Promise<string> {
  await using archive = await openArchive(path);
  for await (const entry of archive.entries()) {
    if (entry.name === name) return await new Response(entry.content()).text();
  }
  return assert.fail(`${name} is not in ${path}`);
}

/** Copies an archive of one entry whose headers are as given. */
async function copyOf(folder: string, ...parts: PartOptions[]): Promise<Buffer> {
  const path = join(folder, 'copy.zip');
  await createArchive(path, [], { from: buildArchive(parts) });
  return readFileSync(path);
}

test('a copy of an archive of pzip has its bytes, whatever it was made with', async (t) => {
  const folder = await inTemporaryDirectory(t);
  buildTree(join(folder, 'tree'), everyKindOfEntry());
  writeFileSync(join(folder, 'tree/large'), textOf(2_200_000, 1));
  const options: CreateArchiveOptions[] = [
    {},
    { level: 0, reproducible: true },
    { level: 9, extendedTimestamps: false, comment: 'of pzip' },
    { first: 'large', levelFor: { pattern: 'large', level: 1 }, directoryEntries: false },
  ];
  for (const option of options) {
    const path = join(folder, 'a.zip');
    const copy = join(folder, 'b.zip');
    await createArchive(path, 'tree', { cwd: folder, portableNames: 'off', pool, ...option });
    const { first, comment } = option;
    await createArchive(copy, [], { from: path, portableNames: 'off', first, comment });
    assert.ok(readFileSync(copy).equals(readFileSync(path)), JSON.stringify(option));
    await mergeArchives(copy, path, { comment });
    assert.ok(readFileSync(copy).equals(readFileSync(path)), `merged, ${JSON.stringify(option)}`);
  }
});

test('an archive updates itself: entries are deleted, renamed, replaced and added', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const path = join(folder, 'site.zip');
  mkdirSync(join(folder, 'dist/sub'), { recursive: true });
  writeFileSync(join(folder, 'dist/app.js'), 'old');
  writeFileSync(join(folder, 'dist/app.js.map'), 'map');
  writeFileSync(join(folder, 'dist/sub/keep'), 'kept');
  await createArchive(path, 'dist', { cwd: folder });
  await createArchive(path, [], { from: path, exclude: '*.map', rename: { from: 'dist/sub', to: 'dist/lib' } });
  assert.deepEqual(await namesOf(path), ['dist/', 'dist/app.js', 'dist/lib/', 'dist/lib/keep']);
  writeFileSync(join(folder, 'dist/app.js'), 'new');
  await createArchive(path, 'dist', { cwd: folder, from: path, onDuplicate: 'last', exclude: '*.map' });
  assert.equal(await textIn(path, 'dist/app.js'), 'new');
  assert.equal(await textIn(path, 'dist/lib/keep'), 'kept');
  await createArchive(path, 'dist', { cwd: folder, from: path, onDuplicate: 'first', exclude: '*.map' });
  assert.equal(await textIn(path, 'dist/app.js'), 'new');
  const before = readFileSync(path);
  writeFileSync(join(folder, 'dist/app.js'), 'third');
  const options = { cwd: folder, from: path };
  await assert.rejects(createArchive(path, 'dist', options), pzipError('PZIP_NAME_DUPLICATE', 'dist/app.js', path));
  assert.ok(readFileSync(path).equals(before));
  assert.deepEqual(readdirSync(folder).sort(), ['dist', 'site.zip']);
});

const WRITERS: Readonly<Record<string, string>> = {
  zip: 'zip -qry out.zip tree',
  'zip, zip64 to a pipe': 'zip -fz -qry - tree > out.zip',
  '7zz': '7zz a -bso0 -snl out.zip tree',
  bsdtar: 'bsdtar --format zip -cf out.zip tree',
  'bsdtar to a pipe': 'bsdtar --format zip -cf - tree | cat > out.zip',
  jar: 'jar --create --no-manifest --file out.zip tree',
  python3: `python3 -c 'import shutil; shutil.make_archive("out", "zip", ".", "tree")'`,
};

for (const [writer, command] of Object.entries(WRITERS)) {
  test(`entries of ${writer} are copied with contents, names, modes, times and comments`, async (t) => {
    const program = command.split(' ')[0] ?? '';
    if (findPrograms([program]).length === 0) return t.skip(`no ${program}`);
    const folder = await inTemporaryDirectory(t);
    mkdirSync(join(folder, 'tree/sub'), { recursive: true });
    writeFileSync(join(folder, 'tree/a.txt'), 'a\n', { mode: 0o750 });
    writeFileSync(join(folder, 'tree/sub/ä €.txt'), textOf(100_000, 2));
    writeFileSync(join(folder, 'tree/large'), textOf(1_200_000, 3));
    if (program !== 'jar' && program !== 'python3') symlinkSync('a.txt', join(folder, 'tree/link'));
    const { code, stderr } = await runProcess('sh', ['-c', command], { cwd: folder });
    assert.equal(code, 0, stderr);
    const from = join(folder, 'out.zip');
    const copy = join(folder, 'copy.zip');
    await createArchive(copy, [], { from, verify: true });
    const facts = async (path: string): Promise<unknown[]> =>
      (await entriesOf(path))
        .map(({ content, raw, offset, method, compressedSize, ...entry }) => ({ ...entry, name: `${entry.name}` }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    assert.deepEqual(await facts(copy), await facts(from));
    // Readers warn of what some writers leave behind the end.
    const extracted = await extractTrees(from, folder).catch(() => []);
    for (const { reader, folder: copied } of await extractTrees(copy, folder)) {
      const original = extracted.find((tree) => tree.reader === reader);
      // unzip takes the UTF-8 of FAT's archives for code page 437, although the flag is set.
      if (original !== undefined && !(program === 'jar' && reader === 'unzip'))
        await assertSameTree(original.folder, copied, { label: reader });
    }
  });
}

test('a copy rewrites what it cannot keep: descriptors, names in code page 437, directories with data', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const stream = new ZipArchive();
  stream.addBuffer('ä', textOf(3_000_000, 4));
  const [buffer] = await Promise.all([new Response(stream.readable).arrayBuffer(), stream.close()]);
  const bytes = new Uint8Array(buffer);
  assert.equal((bytes[6] ?? 0) & 8, 8, 'the archive to copy has a data descriptor');
  const path = join(folder, 'copy.zip');
  await createArchive(path, [], { from: bytes, verify: true });
  const copied = readFileSync(path);
  assert.equal(copied.readUInt16LE(6), 0x800);
  assert.equal(copied.readUInt32LE(22), 3_000_000);

  const renamed = await copyOf(folder, { name: Buffer.from([0x84, 0x2e, 0x74]), madeBy: 20 });
  assert.equal(renamed.readUInt16LE(6), 0x800);
  assert.deepEqual(await namesOf(renamed), ['ä.t']);

  const empty = deflateRawSync(Buffer.alloc(0));
  const directory = { name: 'd/', data: empty, method: 8, uncompressedSize: 0, crc: 0, attributes: 0x10, madeBy: 20 };
  const [entry] = await entriesOf(await copyOf(folder, directory));
  assert.deepEqual([entry?.kind, entry?.method, entry?.compressedSize], ['directory', 'store', 0]);
});

test('comments, foreign extra fields, attributes and methods are kept', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const extra = Buffer.concat([extraField(0xcafe, Buffer.from('kept')), extraField(0x7075, Buffer.from('dropped'))]);
  const facts = { madeBy: 0x0b14, attributes: 0x21, comment: Buffer.from('a comment') };
  const copied = await copyOf(folder, { name: 'a', data: Buffer.from('lzma'), method: 14, flags: 2, extra, ...facts });
  const central = copied.subarray(copied.indexOf(fields([4, 0x02014b50])));
  assert.equal(central.readUInt16LE(4), 0x0b14);
  assert.equal(central.readUInt16LE(8), 2);
  assert.equal(central.readUInt16LE(10), 14);
  assert.equal(central.readUInt32LE(38), 0x21);
  assert.equal(central.subarray(47, 55).toString('latin1'), '\xfe\xca\x04\x00kept');
  assert.equal(central.subarray(55, 64).toString(), 'a comment');
});

test('entries that cannot be copied are rejected by name', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const cases: [PartOptions[], RegExp][] = [
    [[{ name: 'secret', flags: 1 }], /PZIP_ARCHIVE_UNSUPPORTED.*'secret'.*encrypted/],
    [[{ name: '' }], /PZIP_NAME_INVALID.*'' is empty/],
    [[{ name: '../up' }], /PZIP_NAME_INVALID.*'\.\.\/up'/],
    [[{ name: 'C:\\x' }], /PZIP_NAME_INVALID.*backslash/],
    [[{ name: 'pipe', attributes: 0o010644 * 0x10000 }], /PZIP_ARCHIVE_UNSUPPORTED.*'pipe'/],
    [[{ name: 'short', data: Buffer.from('abc'), uncompressedSize: 5 }], /PZIP_ARCHIVE_INVALID.*'short'/],
    [[{ name: 'd/', data: Buffer.from('abc') }], /PZIP_ARCHIVE_INVALID.*'d\/'.*directory/],
    [[{ name: 'link', data: Buffer.alloc(5000, 'a'), attributes: 0o120777 * 0x10000 }], /PZIP_ARCHIVE_INVALID.*'link'/],
    [[{ name: 'a' }, { name: 'b', offset: 0 }], /PZIP_ARCHIVE_INVALID/],
  ];
  for (const [parts, expected] of cases) {
    const outcome = await copyOf(folder, ...parts).then(
      () => 'copied',
      (error) => `${error.code} ${error.message}`,
    );
    assert.match(outcome, expected);
    assert.deepEqual(readdirSync(folder), []);
  }
});

test('overlapping entries, which would multiply in a copy, are rejected before much is written', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const bomb = nestedArchive(50, Buffer.alloc(100_000));
  for (const make of [
    () => createArchive(join(folder, 'x.zip'), [], { from: bomb }),
    () => mergeArchives(join(folder, 'x.zip'), [bomb]),
  ]) {
    await assert.rejects(make(), pzipError('PZIP_ARCHIVE_INVALID'));
  }
  assert.deepEqual(readdirSync(folder), []);
});

/** Entries of which each is the data of the one before: 50 of them read as 50 times the file. */
function nestedArchive(depth: number, kernel: Buffer): Buffer {
  const nested: { name: string; data: Buffer; distance: number }[] = [];
  let data = kernel;
  for (let level = depth - 1; level >= 0; level--) {
    const name = `level-${String(level).padStart(3, '0')}`;
    nested.unshift({ name, data, distance: 30 + name.length });
    const whole = buildArchive([{ name, data }]);
    data = whole.subarray(0, 30 + name.length + data.length);
  }
  let offset = 0;
  const parts = nested.map(({ name, data: content, distance }, level) => {
    const sizes = { crc: crc32(content), compressedSize: content.length, uncompressedSize: content.length };
    const part = { name, data: level === 0 ? content : Buffer.alloc(0), offset, ...sizes };
    offset += distance;
    return part;
  });
  return buildArchive(parts);
}

test('an archive that is written while it is copied fails the new one', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const from = join(folder, 'old.zip');
  const path = join(folder, 'new.zip');
  writeFileSync(from, buildArchive([{ name: 'a', data: Buffer.from('a') }]));
  const archive = new ZipArchive(path);
  await archive.addArchive(from);
  writeFileSync(from, readFileSync(from));
  await assert.rejects(archive.close(), pzipError('PZIP_SOURCE_CHANGED', from));
  assert.deepEqual(readdirSync(folder), ['old.zip']);
});

test('addArchive() keeps the order of the calls, and takes several archives with the same directories', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const path = join(folder, 'a.zip');
  const base = buildArchive([{ name: 'd/', attributes: 0x10 }, { name: 'd/b' }, { name: 'd/a' }]);
  const more = buildArchive([{ name: 'd/', attributes: 0x10 }, { name: 'd/c' }]);
  const archive = new ZipArchive(path);
  archive.addBuffer('z', 'z');
  archive.addArchive(base, { exclude: 'd/b' });
  archive.addArchive(more, { prefix: '' });
  archive.addBuffer('y', 'y');
  await archive.close();
  assert.deepEqual(await namesOf(path), ['z', 'd/', 'd/a', 'd/c', 'y']);
  const clash = new ZipArchive(path);
  clash.addBuffer('d/a', '');
  clash.addArchive(base);
  await assert.rejects(clash.close(), pzipError('PZIP_NAME_DUPLICATE', 'd/a'));
});

test('mergeArchives() puts entries in the order of the archives, and chooses between equal names as asked', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const path = join(folder, 'm.zip');
  const archives = [
    buildArchive([{ name: 'x', data: Buffer.from('1') }, { name: 'd/', attributes: 0x10 }, { name: 'b' }]),
    buildArchive([{ name: 'd/', attributes: 0x10 }, { name: 'x', data: Buffer.from('2') }, { name: 'a' }]),
    buildArchive([{ name: 'x', data: Buffer.from('3') }]),
  ];
  await assert.rejects(mergeArchives(path, archives), pzipError('PZIP_NAME_DUPLICATE', 'x'));
  await mergeArchives(path, archives, { onDuplicate: 'first' });
  assert.deepEqual([await namesOf(path), await textIn(path, 'x')], [['x', 'd/', 'b', 'a'], '1']);
  await mergeArchives(path, archives, { onDuplicate: 'last' });
  assert.deepEqual([await namesOf(path), await textIn(path, 'x')], [['b', 'd/', 'a', 'x'], '3']);
  await assert.rejects(mergeArchives(path, []), pzipError('PZIP_USAGE'));
});
