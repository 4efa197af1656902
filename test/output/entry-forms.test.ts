import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, type TestContext, test } from 'node:test';
import {
  type ArchiveEntry,
  type ArchiveOptions,
  createArchive,
  createPool,
  predictSize,
  ZipArchive,
} from '../../dist/index.js';
import { CollectingSink } from '../helpers/failing-sinks.js';
import { isSlowSuite } from '../helpers/slow-suite.js';
import { inTemporaryDirectory, randomBytes, textOf } from '../helpers/trees.js';
import { type Anatomy, assertCleanAnatomy } from '../helpers/zip-anatomy.js';

const MIB = 1024 * 1024;

/** One for most tests: starting threads takes longer than their archives. */
const pool = createPool();
after(() => pool.close());

/** The archive as a file and as a stream. */
async function bothOf(
  t: TestContext,
  entries: readonly ArchiveEntry[],
  options: ArchiveOptions = {},
): Promise<{ file: Anatomy; stream: Anatomy; fileBytes: Buffer; streamBytes: Buffer }> {
  const path = join(await inTemporaryDirectory(t), 'o.zip');
  const archive = new ZipArchive(path, { pool, ...options, verify: true });
  await archive.addEntries(entries);
  await archive.close();
  const sink = new CollectingSink();
  const other = new ZipArchive(sink, { pool, ...options });
  await other.addEntries(entries);
  await other.close();
  const [fileBytes, streamBytes] = [readFileSync(path), sink.bytes];
  const file = assertCleanAnatomy(fileBytes, { output: 'file' });
  return { file, stream: assertCleanAnatomy(streamBytes), fileBytes, streamBytes };
}

// Dates

const TIMES: readonly (readonly [date: string, unixTime: number | undefined])[] = [
  ['1901-01-01T00:00:00Z', undefined],
  ['1969-12-31T23:59:59Z', undefined],
  ['1969-12-31T23:59:59.500Z', undefined],
  ['1970-01-01T00:00:00Z', 0],
  ['1979-12-31T23:59:58Z', 315532798],
  ['2024-02-29T12:00:01.999Z', 1709208001],
  ['2038-01-19T03:14:07Z', 2147483647],
  ['2038-01-19T03:14:07.999Z', 2147483647],
  ['2038-01-19T03:14:08Z', undefined],
  ['2050-06-01T12:00:00Z', undefined],
  ['2107-12-31T23:59:58Z', undefined],
  ['2200-01-01T00:00:00Z', undefined],
];

test('a date that the extended timestamp cannot hold has none, in entries of every kind and size', async (t) => {
  const large = Buffer.alloc(MIB + 1, 'x');
  const entries = TIMES.flatMap(([text]): ArchiveEntry[] => {
    const mtime = new Date(text);
    return [
      { name: `small of ${text}`, data: 'x', mtime },
      { name: `large of ${text}`, data: large, mtime },
      { name: `stream of ${text}`, stream: () => Readable.from([large]), mtime },
      { name: `folder of ${text}`, directory: true, mtime },
      { name: `link of ${text}`, linkTarget: 'small', mtime },
    ];
  });
  const { file, stream } = await bothOf(t, entries, { reproducible: true, level: 1 });
  assert.deepEqual([file.entries.length, stream.entries.length], [entries.length, entries.length]);
  for (const entry of [...file.entries, ...stream.entries]) {
    const [text, unixTime] = TIMES.find(([date]) => entry.name.replace(/\/$/, '').endsWith(` ${date}`)) ?? [];
    assert.ok(text !== undefined);
    assert.equal(entry.unixTime, unixTime, entry.name);
    const year = Math.min(2107, Math.max(1980, new Date(text).getUTCFullYear()));
    assert.equal(1980 + (entry.lastModFileDate >>> 9), year, entry.name);
  }
});

test('the predicted size knows which dates have an extended timestamp', async (t) => {
  const large = new Uint8Array(MIB + 1);
  const dates = TIMES.map(([text]) => new Date(text));
  const entries: ArchiveEntry[] = dates.flatMap((mtime, index) => [
    { name: `small ${index}`, data: 'x', mtime },
    // Both sides of each end of what the field holds.
    ...([2, 3, 7, 8].includes(index) ? [{ name: `large ${index}`, data: large, mtime }] : []),
  ]);
  const path = join(await inTemporaryDirectory(t), 'old');
  writeFileSync(path, 'x');
  utimesSync(path, -5, -5);
  entries.push({ name: 'old', path });
  const optionsOf: Pick<ArchiveOptions, 'mtime' | 'latestMtime' | 'reproducible' | 'extendedTimestamps'>[] = [
    {},
    { mtime: new Date('2050-01-01') },
    { latestMtime: new Date('1960-01-01') },
    { reproducible: true },
    { extendedTimestamps: false },
  ];
  for (const options of optionsOf) {
    const { fileBytes, streamBytes } = await bothOf(t, entries, { level: 0, ...options });
    assert.equal(predictSize(entries, { level: 0, ...options }), streamBytes.length);
    assert.equal(predictSize(entries, { level: 0, target: 'file', ...options }), fileBytes.length);
  }
});

test('files of any date come back with it, as far as MS-DOS can tell', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const path = join(folder, 'f');
  writeFileSync(path, 'x');
  for (const [text, shown] of [
    ['2050-06-01T12:00:00Z', '2050-06-01 12:00'],
    ['2106-02-07T06:28:16Z', '2106-02-07 06:28'],
  ] as const) {
    utimesSync(path, new Date(text), new Date(text));
    if (statSync(path).mtime.getTime() !== Date.parse(text)) return t.skip('this file system has no such dates');
    await createArchive(join(folder, 'o.zip'), 'f', { cwd: folder, mtime: new Date(text), reproducible: true });
    const { stdout } = run('unzip', ['-l', join(folder, 'o.zip')]);
    assert.ok(stdout.includes(shown), stdout);
  }
});

// Nothing else

test('every byte belongs to a record, and none comes from the machine or another archive', async (t) => {
  const folder = await inTemporaryDirectory(t);
  await using pool = createPool({ threads: 2 });
  const noise = Array.from({ length: 14 }, (_, entry) => randomBytes(entry * 100_000, entry));
  const canaries = Array.from({ length: 4 }, (_, index) => `canary ${index} `.repeat(50));
  writeFileSync(join(folder, 'file'), 'x'.repeat(200_000));
  const make = async (canary: string, index: number): Promise<Buffer> => {
    const path = join(folder, `${index}.zip`);
    const archive = new ZipArchive(path, { pool, level: index === 0 ? 0 : 6 });
    for (const [entry, bytes] of noise.entries()) {
      archive.addBuffer(`small ${entry}`, canary.slice(0, entry * 21), { store: true });
      archive.addBuffer(`large ${entry}`, bytes);
    }
    archive.addFile('file', join(folder, 'file'));
    await archive.close();
    return readFileSync(path);
  };
  const archives = await Promise.all(canaries.map(make));
  for (const [index, bytes] of archives.entries()) {
    assertCleanAnatomy(bytes, { output: 'file' });
    const others = canaries.filter((_, other) => other !== index).map((canary) => canary.slice(0, 9));
    for (const foreign of [...others, folder, process.cwd(), hostname(), userInfo().homedir]) {
      if (foreign.length > 3) assert.equal(bytes.indexOf(foreign), -1, `archive ${index} holds ${foreign}`);
    }
  }
});

// mimetype

const EPUB = 'application/epub+zip';

test('an entry called mimetype that is first and stored has no extra field, however it comes', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'mimetype');
  writeFileSync(path, EPUB);
  const firsts: ArchiveEntry[] = [
    { name: 'mimetype', data: EPUB },
    { name: 'mimetype', data: EPUB, store: true },
    { name: 'mimetype', data: Buffer.from(EPUB), mtime: new Date() },
    { name: 'mimetype', data: new Blob([EPUB]) },
    { name: 'mimetype', path },
    { name: 'mimetype', stream: () => Readable.from([EPUB]) },
    { name: 'mimetype', stream: () => Readable.from([EPUB]), size: EPUB.length },
    { name: 'mimetype', data: '' },
    { name: 'mimetype', linkTarget: EPUB },
  ];
  for (const first of firsts) {
    const { file, stream, fileBytes, streamBytes } = await bothOf(t, [first, { name: 'a', data: 'x' }]);
    assert.deepEqual(fileBytes, streamBytes);
    const [mimetype, other] = file.entries;
    assert.deepEqual([mimetype?.unixTime, mimetype?.dataOffset], [undefined, 38]);
    assert.notEqual(other?.unixTime, undefined);
    assert.deepEqual(stream.entries, file.entries);
  }
});

test('any other entry keeps its extra field: a mimetype that is deflated, is not first, or is elsewhere', async (t) => {
  const long = 'application/'.repeat(100);
  const cases: readonly (readonly ArchiveEntry[])[] = [
    [{ name: 'mimetype', data: long }],
    [
      { name: 'a', data: 'x' },
      { name: 'mimetype', data: EPUB },
    ],
    [{ name: 'd/mimetype', data: EPUB }],
    [{ name: 'mimetype', directory: true }],
    [{ name: 'Mimetype', data: EPUB }],
  ];
  for (const entries of cases) {
    const { file, stream } = await bothOf(t, entries);
    for (const entry of [...file.entries, ...stream.entries]) assert.notEqual(entry.unixTime, undefined, entry.name);
  }
});

test('a mimetype of more than a MiB has no extra field where it is stored by request, and the size is predicted', async (t) => {
  for (const data of [new Uint8Array(MIB + 5), EPUB]) {
    const entries: ArchiveEntry[] = [
      { name: 'mimetype', data },
      { name: 'a', data: 'x' },
    ];
    const { file, stream, fileBytes, streamBytes } = await bothOf(t, entries, { level: 0 });
    assert.deepEqual([file.entries[0]?.unixTime, stream.entries[0]?.unixTime], [undefined, undefined]);
    assert.equal(predictSize(entries, { level: 0 }), streamBytes.length);
    assert.equal(predictSize(entries, { level: 0, target: 'file' }), fileBytes.length);
  }
});

const CONTAINER = `<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>`;
const PACKAGE = `<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"><metadata
xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:uuid:12345678-1234-1234-1234-123456789abc</dc:identifier>
<dc:title>Title</dc:title><dc:language>en</dc:language><meta property="dcterms:modified">2020-01-01T00:00:00Z</meta></metadata>
<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/></manifest>
<spine><itemref idref="nav"/></spine></package>`;
const NAVIGATION = `<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"
xmlns:epub="http://www.idpf.org/2007/ops"><head><title>Title</title></head><body><nav epub:type="toc"><ol>
<li><a href="nav.xhtml">Start</a></li></ol></nav></body></html>`;

function isInstalled(program: string): boolean {
  return run('sh', ['-c', `command -v ${program}`]).code === 0;
}

/** Any outcome. */
function run(program: string, args: readonly string[], cwd?: string): { code: number; stdout: string } {
  try {
    return { code: 0, stdout: execFileSync(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] }).toString() };
  } catch (error) {
    const { status = 1, stdout = '', stderr = '' } = error as { status?: number; stdout?: Buffer; stderr?: Buffer };
    return { code: status ?? 1, stdout: `${stdout}${stderr}` };
  }
}

test(`the documented command for an EPUB makes one that file(1)${isSlowSuite ? ' and epubcheck accept' : ' accepts'}`, async (t) => {
  const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
  const command = /`pzip ([^`]*--preset epub[^`]*)`/.exec(page)?.[1];
  assert.ok(command !== undefined);
  const folder = await inTemporaryDirectory(t);
  execFileSync('mkdir', ['-p', join(folder, 'book/META-INF')]);
  for (const [name, content] of [
    ['mimetype', EPUB],
    ['META-INF/container.xml', CONTAINER],
    ['book.opf', PACKAGE],
    ['nav.xhtml', NAVIGATION],
  ] as const) {
    writeFileSync(join(folder, 'book', name), content);
  }
  const pzip = new URL('../../bin/pzip.js', import.meta.url).pathname;
  for (const more of [[], ['--reproducible']]) {
    execFileSync(process.execPath, [pzip, '-q', ...more, ...command.split(' ')], { cwd: folder });
    const book = join(folder, 'book.epub');
    assert.deepEqual(readFileSync(book).subarray(30, 58).toString(), `mimetype${EPUB}`);
    if (isInstalled('file')) assert.match(run('file', [book]).stdout, /EPUB document/);
    else t.diagnostic('file(1) is not installed');
    // It takes seconds.
    if (!isSlowSuite) continue;
    // Debian's is a jar that only runs by itself where jarwrapper is installed.
    const checker = run('sh', ['-c', 'command -v java > /dev/null && command -v epubcheck']).stdout.trim();
    if (checker === '') return t.skip('epubcheck is not installed');
    const { code, stdout } = run('java', [
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-Xshare:auto',
      '-jar',
      checker,
      book,
    ]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /No errors or warnings detected/);
  }
});

// Streams of unknown length

test('an entry of unknown length in a stream is announced as Go, Java and Python do', async (t) => {
  for (const [content, level] of [
    [textOf(MIB + 5, 1), 6],
    [randomBytes(MIB + 5, 1), 6],
    [new Uint8Array(MIB + 5), 0],
  ] as const) {
    const entries: ArchiveEntry[] = [
      { name: 'unknown', stream: () => Readable.from([content]), level },
      { name: 'behind', data: 'x' },
    ];
    const { stream, file, streamBytes } = await bothOf(t, entries);
    const [entry] = stream.entries;
    assert.ok(entry !== undefined);
    const { versionNeededToExtract, hasDescriptor, localHasZip64, centralHasZip64 } = entry;
    assert.deepEqual([versionNeededToExtract, hasDescriptor, localHasZip64, centralHasZip64], [20, true, false, false]);
    assert.equal(streamBytes.readUInt32LE(entry.dataOffset + entry.compressedSize), 0x08074b50);
    assert.equal(stream.entries[1]?.offset, entry.dataOffset + entry.compressedSize + 16);
    assert.equal(file.entries[0]?.hasDescriptor, false);
  }
});

test('a size hint of 4 GiB or more announces sizes of 64 bits, and a smaller one does not', async (t) => {
  const text = textOf(MIB + 5, 1);
  const without = await bothOf(t, [{ name: 'a', stream: () => Readable.from([text]) }]);
  for (const [sizeHint, isWide] of [
    [0, false],
    [2 ** 31, false],
    [2 ** 32, true],
    [2 ** 40, true],
  ] as const) {
    const entries: ArchiveEntry[] = [{ name: 'a', stream: () => Readable.from([text]), sizeHint }];
    const { stream, fileBytes } = await bothOf(t, entries);
    assert.equal(stream.entries[0]?.localHasZip64, isWide, `${sizeHint}`);
    assert.equal(stream.entries[0]?.versionNeededToExtract, isWide ? 45 : 20);
    assert.deepEqual(fileBytes, without.fileBytes, 'a hint changes nothing in a file');
  }
  for (const sizeHint of [-1, 1.5, Number.NaN]) {
    assert.throws(() => new ZipArchive({}).addStream('a', () => Readable.from([]), { sizeHint }), {
      code: 'PZIP_USAGE',
    });
  }
});
