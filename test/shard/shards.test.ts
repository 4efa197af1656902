/** An archive that is created in parts, by machines that know nothing of one another. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import {
  type CreateArchiveOptions,
  createArchive,
  createPool,
  mergeArchives,
  mergeRanges,
  openArchive,
  preview,
  type SourceRange,
} from '../../dist/index.js';
import { casesOf, isSlowSuite } from '../helpers/slow-suite.js';
import { buildTree, everyKindOfEntry, inTemporaryDirectory, textOf } from '../helpers/trees.js';
import { assertCleanAnatomy } from '../helpers/zip-anatomy.js';
import { buildArchive } from '../reader/build-archive.js';
import { pzipError } from '../select/tree.js';

const MIB = 1024 * 1024;

/** One for all archives: to start threads takes longer than most of them. */
const pool = createPool({ threads: 2 });
after(() => pool.close());

async function createParts(
  folder: string,
  count: number,
  options: CreateArchiveOptions & { readonly tree?: string } = {},
): Promise<string[]> {
  const { tree = 'tree', ...others } = options;
  const paths: string[] = [];
  for (let index = 1; index <= count; index++) {
    const path = join(folder, `part-${index}.zip`);
    // The threads differ from part to part, as they do from machine to machine.
    const where = index % 2 === 0 || others.engine !== undefined ? { threads: 0 } : { pool };
    await createArchive(path, [tree], { cwd: folder, ...where, ...others, shard: { index, count } });
    paths.push(path);
  }
  return paths;
}

async function whole(folder: string, options: CreateArchiveOptions = {}): Promise<Buffer> {
  const path = join(folder, 'whole.zip');
  const where = options.engine === undefined ? { pool } : { threads: 1 };
  await createArchive(path, ['tree'], { cwd: folder, ...where, ...options });
  return readFileSync(path);
}

/** Merged in full, and as ranges of different lengths. */
async function merged(folder: string, parts: readonly string[]): Promise<Buffer> {
  const path = join(folder, 'merged.zip');
  await mergeArchives(path, parts);
  const archive = readFileSync(path);
  for (const minRange of [0, 2 * MIB]) {
    const { size, ranges } = await mergeRanges(join(folder, 'tail'), parts, { minRange, maxRange: 5 * MIB });
    for (const { from, to } of ranges.slice(0, -1)) assert.ok(to - from >= minRange && to - from <= 5 * MIB);
    assert.equal(size, archive.length);
    assert.ok(archive.equals(concatenated(ranges)), `as ranges of ${minRange} bytes or more`);
  }
  return archive;
}

function concatenated(ranges: readonly SourceRange[]): Buffer {
  return Buffer.concat(ranges.map(({ source, from, to }) => readFileSync(source).subarray(from, to)));
}

function writeTree(folder: string, files: Readonly<Record<string, Uint8Array | string>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, 'tree', name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
    // Even seconds, so that no date is rounded differently.
    utimesSync(path, 1_700_000_000, 1_700_000_000);
  }
}

const noise = randomBytes(MIB);

/** Chunks by letter: `r` does not shrink, `t` does, `s` by less than the framing of a few raw chunks takes. */
function chunks(letters: string, tail = 0): Buffer {
  const text = Buffer.from(textOf(MIB, 7)).subarray(0, MIB);
  const slightly = Buffer.concat([noise.subarray(0, MIB - 400), Buffer.alloc(400)]);
  const parts = [...letters].map((letter) => (letter === 't' ? text : letter === 's' ? slightly : noise));
  return Buffer.concat([...parts, text.subarray(0, tail)]);
}

const GAINS_NOTHING = 'shrinks by less than its framing takes';

const CONTENTS: readonly (readonly [string, Buffer])[] = [
  ['shrinks', chunks('tttt', 1000)],
  ['does not shrink', chunks('rrrrr')],
  ['begins with chunks that do not shrink', chunks('rrrtt', 77)],
  ['ends with chunks that do not shrink', chunks('ttrrr')],
  ['alternates', chunks('rtrtrt', 5)],
  [GAINS_NOTHING, chunks('rrrrsr')],
  ['ends with a chunk of one byte', chunks('rr', 1)],
];

for (const [what, content] of CONTENTS) {
  test(`a file that ${what} is split at every chunk, and joined to the bytes of one machine`, async (t) => {
    const folder = await inTemporaryDirectory(t);
    writeTree(folder, { large: content });
    // The engine gets every chunk at level 7, so that chunks that shrink slightly are found.
    const fast = what === GAINS_NOTHING ? 7 : 1;
    for (const level of casesOf([7, 1, 0] as const, (number) => number === fast)) {
      const expected = await whole(folder, { level });
      if (what === GAINS_NOTHING && level === 7) assert.ok(expected.length > content.length);
      for (const count of casesOf([1, 2, 3, 4, 5, 7, 9], (number) => number === 3 || number === 7)) {
        const parts = await createParts(folder, count, { level });
        for (const part of parts) assertCleanAnatomy(part, { output: 'file' });
        assert.ok(expected.equals(await merged(folder, parts)), `level ${level}, ${count} parts`);
      }
    }
  });
}

test('parts of every kind of entry are valid archives, and merge in any order to the bytes of one machine', async (t) => {
  const folder = await inTemporaryDirectory(t);
  buildTree(join(folder, 'tree'), everyKindOfEntry());
  writeFileSync(join(folder, 'tree/large'), textOf(2_200_000, 1));
  const options: CreateArchiveOptions[] = [
    {},
    { reproducible: true, comment: 'two\nlines, and "quotes"' },
    { first: ['*.md', 'large'], level: 9, prefix: 'app' },
    { level: 0, directoryEntries: false, extendedTimestamps: false },
    { engine: 'zlib', levelFor: { pattern: '*.txt', level: 1 } },
  ];
  for (const [index, option] of options.entries()) {
    const expected = await whole(folder, option);
    const fast = index % 2 === 0 ? 4 : 9;
    for (const count of casesOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 100], (number) => number === fast)) {
      const parts = await createParts(folder, count, { ...option, verify: true });
      assert.ok(expected.equals(await merged(folder, parts.reverse())), `${count} parts, ${JSON.stringify(option)}`);
    }
  }
});

test('random trees in parts merge to the bytes of one machine', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const content = fc.oneof(
    { weight: 6, arbitrary: fc.string({ maxLength: 3000 }).map((text) => Buffer.from(text)) },
    {
      weight: 1,
      arbitrary: fc
        .stringMatching(/^[rts]{1,4}$/)
        .chain((letters) => fc.nat(9999).map((tail) => chunks(letters, tail))),
    },
  );
  const tree = fc.dictionary(fc.stringMatching(/^[a-f]{1,3}(\/[a-f]{1,2})?$/), content, { maxKeys: 9 });
  const option = fc.record({
    level: fc.constantFrom(0, 1, 6, 9),
    reproducible: fc.boolean(),
    first: fc.constantFrom([], ['c*'], ['mimetype', 'a*']),
    directoryEntries: fc.boolean(),
    comment: fc.constantFrom('', 'a comment'),
  }) as fc.Arbitrary<CreateArchiveOptions>;
  let number = 0;
  await fc.assert(
    fc.asyncProperty(tree, option, fc.integer({ min: 1, max: 9 }), async (files, options, count) => {
      const root = join(folder, String(number++));
      mkdirSync(join(root, 'tree'), { recursive: true });
      const names = Object.keys(files).filter(
        (name) => !Object.keys(files).some((other) => other.startsWith(`${name}/`)),
      );
      writeTree(root, Object.fromEntries(names.map((name) => [name, files[name] ?? ''])));
      const all: CreateArchiveOptions = { ...options, ifEmpty: 'ignore' };
      const expected = await whole(root, all);
      assert.ok(expected.equals(await merged(root, await createParts(root, count, all))));
    }),
    { numRuns: isSlowSuite ? 300 : 10 },
  );
});

test('an EPUB keeps its first entry without a timestamp, and no other part begins with such an entry', async (t) => {
  const folder = await inTemporaryDirectory(t);
  writeTree(folder, { a: 'x'.repeat(9000), mimetype: 'application/epub+zip', z: 'y' });
  for (const first of [['mimetype'], ['a']]) {
    const options: CreateArchiveOptions = {
      cwd: join(folder, 'tree'),
      first,
      levelFor: { pattern: 'mimetype', level: 0 },
    };
    const expected = join(folder, 'whole.zip');
    await createArchive(expected, ['.'], options);
    const parts: string[] = [];
    for (const index of [1, 2, 3]) {
      parts.push(join(folder, `part-${index}.zip`));
      await createArchive(join(folder, `part-${index}.zip`), ['.'], { ...options, shard: { index, count: 3 } });
    }
    assert.ok(readFileSync(expected).equals(await merged(folder, parts)));
  }
});

test('content in memory is split like a file, and entries of other archives go into one part', async (t) => {
  const folder = await inTemporaryDirectory(t);
  writeTree(folder, { a: 'x' });
  const options: CreateArchiveOptions = {
    entries: [{ name: 'tree/data', data: chunks('trrt'), comment: 'ünï' }],
    from: buildArchive([{ name: 'tree/copied', data: chunks('tt'), deflate: true }]),
  };
  const expected = await whole(folder, options);
  assert.ok(expected.equals(await merged(folder, await createParts(folder, 5, options))));
});

test('a part is named in its comment, and a fragment by its name, which no other entry has', async (t) => {
  const folder = await inTemporaryDirectory(t);
  writeTree(folder, { large: chunks('trrrrrrt'), 'large.pzip-fragment-1': 'a file of that name' });
  const expected = await whole(folder);
  const parts = await createParts(folder, 2);
  await using archive = await openArchive(parts[0] ?? '');
  const names: string[] = [];
  for await (const { name } of archive.entries()) names.push(name);
  assert.deepEqual(names, ['tree/', 'tree/large.pzip-fragment-1']);
  assert.match(readFileSync(parts[0] ?? '').toString('latin1'), /pzip-part\/1 \{"index":1,"count":2,/);
  assert.ok(expected.equals(await merged(folder, parts)));
});

test('a preview lists the entries of the part', async (t) => {
  const folder = await inTemporaryDirectory(t);
  writeTree(folder, { a: 'x', large: chunks('tttt') });
  const listed: string[] = [];
  for await (const { name, size } of preview(['tree'], { cwd: folder, shard: { index: 2, count: 2 } })) {
    listed.push(`${name} ${size}`);
  }
  assert.deepEqual(listed, [`tree/large.pzip-fragment-2 ${2 * MIB}`]);
});

async function partsOf(
  t: TestContext,
  count: number,
  large = chunks('trrt'),
): Promise<{ folder: string; parts: string[] }> {
  const folder = await inTemporaryDirectory(t);
  writeTree(folder, { a: 'x', b: 'y'.repeat(5000), large });
  return { folder, parts: await createParts(folder, count) };
}

test('a missing, a doubled and a foreign part are named', async (t) => {
  const { folder, parts } = await partsOf(t, 4);
  const [one = '', two = '', three = '', four = ''] = parts;
  const output = join(folder, 'merged.zip');
  const refuses = (inputs: string[], ...words: string[]): Promise<void> =>
    assert.rejects(mergeArchives(output, inputs), pzipError('PZIP_PARTS_MISMATCH', ...words));
  await refuses([one, four], 'missing: 2/4, 3/4');
  await refuses([one, two, three, three, four], 'both part 3/4', 'part-3.zip');
  writeFileSync(join(folder, 'other.zip'), buildArchive([{ name: 'a' }]));
  await refuses([...parts, join(folder, 'other.zip')], 'other.zip', 'no part');
  const again = join(folder, 'again.zip');
  await createArchive(again, ['tree'], { cwd: folder, shard: { index: 2, count: 3 } });
  await refuses([one, again, three, four], '2/3', '1/4');
});

test('parts of other files or other options are rejected, and the difference is named', async (t) => {
  const { folder, parts } = await partsOf(t, 3);
  const [one = '', , three = ''] = parts;
  const other = join(folder, 'other.zip');
  const refuses = async (options: CreateArchiveOptions, ...words: string[]): Promise<void> => {
    await createArchive(other, ['tree'], { cwd: folder, threads: 0, ...options, shard: { index: 2, count: 3 } });
    const inputs = [one, other, three];
    await assert.rejects(
      mergeArchives(join(folder, 'merged.zip'), inputs),
      pzipError('PZIP_PARTS_MISMATCH', 'other.zip', ...words),
    );
  };
  await refuses({ level: 9 }, 'levels');
  await refuses({ extendedTimestamps: false }, 'dates');
  await refuses({ engine: 'zlib' }, 'engine=zlib 1');
  await refuses({ exclude: 'b' }, '3 entries', 'of 4');
  await refuses({ comment: 'other' }, 'comments');
  await refuses({ rename: { from: 'tree/b', to: 'tree/c' } }, 'names');
  chmodSync(join(folder, 'tree/b'), 0o700);
  await refuses({}, 'permissions');
  writeFileSync(join(folder, 'tree/b'), 'longer'.repeat(1000));
  await refuses({}, 'bytes together');
});

test('fragments of files with other content but the same size and date are rejected', async (t) => {
  const { folder, parts } = await partsOf(t, 3);
  const content = chunks('trrt');
  content.fill('z', MIB - 100, MIB + 100);
  content.fill('z', 2 * MIB - 100, 2 * MIB + 100);
  content.fill('z', 3 * MIB - 100, 3 * MIB + 100);
  writeTree(folder, { large: content });
  await createArchive(parts[2] ?? '', ['tree'], { cwd: folder, shard: { index: 3, count: 3 } });
  await assert.rejects(merged(folder, parts), pzipError('PZIP_PARTS_MISMATCH', 'tree/large', 'not the same'));
});

test('a part that was created again merges like the one that it replaces', async (t) => {
  const { folder, parts } = await partsOf(t, 4);
  const expected = await whole(folder);
  await createArchive(parts[2] ?? '', ['tree'], { cwd: folder, threads: 2, shard: { index: 3, count: 4 } });
  assert.ok(expected.equals(await merged(folder, parts)));
});

test('a file that changes while a fragment is read fails the part, whatever `onChange` says', async (t) => {
  const folder = await inTemporaryDirectory(t);
  writeTree(folder, { large: chunks('tttt') });
  const options: CreateArchiveOptions = { cwd: folder, onChange: 'warn', skipUnreadable: true, threads: 0 };
  let isChanged = false;
  const changing = createArchive(join(folder, 'part.zip'), ['tree'], {
    ...options,
    shard: { index: 1, count: 2 },
    onEntry: () => {
      if (isChanged) return;
      isChanged = true;
      writeFileSync(join(folder, 'tree/large'), 'short');
    },
  });
  await assert.rejects(changing, pzipError('PZIP_SOURCE_CHANGED'));
});

test('streams, archives in a stream, and comments without room for the marker are rejected', async (t) => {
  const folder = await inTemporaryDirectory(t);
  writeTree(folder, { a: 'x' });
  const shard = { index: 1, count: 2 };
  const output = join(folder, 'part.zip');
  const options: CreateArchiveOptions = { cwd: folder, shard };
  const stream = createArchive(output, ['tree'], {
    ...options,
    entries: [{ name: 'stream', stream: () => new Blob(['x']).stream() }],
  });
  await assert.rejects(stream, pzipError('PZIP_USAGE', 'stream'));
  const toStream = createArchive(new WritableStream(), ['tree'], options);
  await assert.rejects(toStream, pzipError('PZIP_USAGE', 'file'));
  const commented = createArchive(output, ['tree'], { ...options, comment: 'x'.repeat(62_000) });
  await assert.rejects(commented, pzipError('PZIP_COMMENT_INVALID'));
  for (const wrong of [
    { index: 3, count: 2 },
    { index: 0, count: 2 },
    { index: 1 },
    'auto',
    { index: 1.5, count: 2 },
  ]) {
    const refused = createArchive(output, ['tree'], { cwd: folder, shard: wrong as never });
    await assert.rejects(refused, pzipError('PZIP_USAGE', 'shard'));
  }
});

test('a marker that is damaged, or of another version, is rejected', async (t) => {
  const { folder, parts } = await partsOf(t, 1);
  const [path = ''] = parts;
  const part = readFileSync(path);
  const marker = part.indexOf('pzip-part/1');
  const refuses = async (
    from: string,
    to: string,
    code: 'PZIP_ARCHIVE_INVALID' | 'PZIP_ARCHIVE_UNSUPPORTED',
  ): Promise<void> => {
    assert.equal(from.length, to.length);
    const at = part.indexOf(from, marker);
    assert.ok(at > 0);
    const broken = Buffer.from(part);
    broken.write(to, at);
    writeFileSync(join(folder, 'broken.zip'), broken);
    await assert.rejects(mergeArchives(join(folder, 'merged.zip'), join(folder, 'broken.zip')), pzipError(code));
  };
  await refuses('pzip-part/1', 'pzip-part/2', 'PZIP_ARCHIVE_UNSUPPORTED');
  await refuses('{"index":1', '["index":1', 'PZIP_ARCHIVE_INVALID');
  await refuses('"index":1', '"index":0', 'PZIP_ARCHIVE_INVALID');
  await refuses('"index":1', '"index":2', 'PZIP_ARCHIVE_INVALID');
  await refuses('"entryCount":4,"skipped', '"entryCount":5,"skipped', 'PZIP_ARCHIVE_INVALID');
  await refuses('"head":null', '"head":[{}]', 'PZIP_ARCHIVE_INVALID');
  await refuses('"digest":"', '"digest":[', 'PZIP_ARCHIVE_INVALID');
});

test('ranges are found without the data of the parts', async (t) => {
  const { folder, parts } = await partsOf(t, 3, chunks('tttt'));
  const expected = await whole(folder);
  const tail = join(folder, 'tail');
  const { ranges } = await mergeRanges(tail, parts, { minRange: 0 });
  assert.ok(expected.equals(concatenated(ranges)));
  const known = readFileSync(tail);
  for (const part of parts) {
    const bytes = readFileSync(part);
    // What a fetch of the end of an object leaves in a sparse file.
    bytes.fill(0, 0, bytes.readUInt32LE(bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1') + 16));
    writeFileSync(part, bytes);
  }
  assert.deepEqual((await mergeRanges(tail, parts, { minRange: 0 })).ranges, ranges);
  assert.ok(known.equals(readFileSync(tail)));
});

test('ranges are rejected where they are impossible', async (t) => {
  const { folder, parts } = await partsOf(t, 2);
  const tail = join(folder, 'tail');
  await assert.rejects(mergeRanges(tail, parts.slice(1)), pzipError('PZIP_PARTS_MISMATCH', '1/2'));
  await assert.rejects(mergeRanges(parts[0] ?? '', parts), pzipError('PZIP_USAGE', 'one of the parts'));
  await assert.rejects(mergeRanges(join(folder, 'none/tail'), parts), pzipError('PZIP_OUTPUT_FAILED', 'tail'));
  writeFileSync(join(folder, 'other.zip'), buildArchive([{ name: 'a' }]));
  await assert.rejects(mergeRanges(tail, join(folder, 'other.zip')), pzipError('PZIP_USAGE', '`shard`'));
  await assert.rejects(mergeRanges(tail, parts, { minRange: 10, maxRange: 11 }), pzipError('PZIP_USAGE', 'maxRange'));
  // Bytes between two entries, which a part of pzip's never has.
  const part = readFileSync(parts[1] ?? '');
  const shifted = Buffer.concat([Buffer.alloc(7), part]);
  writeFileSync(join(folder, 'shifted.zip'), shifted);
  const inputs = [parts[0] ?? '', join(folder, 'shifted.zip')];
  await assert.rejects(mergeRanges(tail, inputs), pzipError('PZIP_ARCHIVE_INVALID', 'without ranges'));
});

test('a file of 20 GiB and 100,000 entries in parts merge to the bytes of one machine', {
  skip: isSlowSuite ? false : 'in the slow suite only',
}, async (t) => {
  const folder = await inTemporaryDirectory(t);
  writeTree(folder, { huge: '', small: 'x' });
  truncateSync(join(folder, 'tree/huge'), 20 * 1024 * MIB);
  const entries = Array.from({ length: 100_000 }, (_, index) => ({ name: `many/${index}`, data: `content ${index}` }));
  const options: CreateArchiveOptions = { level: 1, entries };
  const expected = await whole(folder, options);
  assert.ok(expected.equals(await merged(folder, await createParts(folder, 3, options))));
});
