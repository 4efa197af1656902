// What the format's encoders put together is read by everyone else: no error, no warning, the same content.

import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { METHOD_STORED } from '../../dist/zip/constants.js';
import { encodeCentralDirectoryHeader, encodeEndOfArchive, encodeLocalFileHeader } from '../../dist/zip/records.js';
import { sha256Of } from '../helpers/compare-trees.js';
import {
  availableReaders,
  checkWithEveryReader,
  type ExpectedEntry,
  type ReaderName,
} from '../helpers/foreign-readers.js';
import { runProcess } from '../helpers/run-process.js';
import { assemble, type Entry, UNIX_TIME } from './assemble.js';
import { decideEntryHeader, entryFacts } from './facts.js';

const directory = mkdtempSync(join(tmpdir(), 'pzip-zip-'));
after(() => rmSync(directory, { recursive: true }));

const LINK = 0o120777;
const TEXT = 'All work and no play makes Jack a dull boy.\n'.repeat(100);
const deflated = { content: TEXT, deflate: true };
const stored = { content: 'as it is\n' };

const EVERY_KIND: Entry[] = [
  { name: 'dir/' },
  { name: 'dir/deflated.txt', ...deflated },
  { name: 'dir/empty' },
  { name: 'dir/link', mode: LINK, content: 'deflated.txt' },
  { name: 'dir/run', mode: 0o100755, content: '#!/bin/sh\n' },
  { name: 'größe/日本語 😀.txt', ...stored },
  { name: 'private', mode: 0o100600, ...stored },
];

const WIDE_DESCRIPTORS = 'reserved zip64 with data descriptors of 64 bits';
/** Follows the JDK's own reading of when a descriptor has 64 bits, and not that of the others. */
const OTHER_DESCRIPTORS: readonly ReaderName[] = ['java ZipInputStream'];

const ARCHIVES: Record<string, Entry[]> = {
  'every kind of entry': EVERY_KIND,
  'entries without a timestamp': EVERY_KIND.map((entry) => ({ ...entry, unixTime: undefined })),
  'times before and after what MS-DOS and 32 bits can say': [
    { name: 'old', unixTime: -1, ...stored },
    { name: 'new', unixTime: 0x1_0000_0000, ...stored },
  ],
  'comments on entries': [
    { name: 'ascii', comment: 'plain', ...stored },
    { name: 'utf-8', comment: 'größer', ...deflated },
  ],
  'data descriptors': [
    { name: 'first', ...deflated, hasDataDescriptor: true },
    { name: 'dir/' },
    { name: 'last', ...deflated, hasDataDescriptor: true },
  ],
  [WIDE_DESCRIPTORS]: [
    { name: 'first', ...deflated, hasDataDescriptor: true, reservesZip64: true },
    { name: 'between', ...stored },
    { name: 'last', ...deflated, hasDataDescriptor: true, reservesZip64: true },
  ],
  'reserved zip64 with the sizes in the local header': [
    { name: 'deflated', ...deflated, reservesZip64: true },
    { name: 'stored', ...stored, reservesZip64: true },
    { name: 'plain', ...deflated },
  ],
  'a long name': [{ name: `${'x'.repeat(200)}/`.repeat(5).slice(0, -1), ...stored }],
};

const pathOf = (what: string) => join(directory, `${what.replaceAll(' ', '-')}.zip`);
for (const [what, entries] of Object.entries(ARCHIVES)) {
  writeFileSync(pathOf(what), assemble(entries, `an archive of ${what}`));
}

test('every reader finds what is in each archive, with content, modes and times, and has nothing against it', async () => {
  // By path, so that each reader is started once for all of them; a failure names the archive.
  const expected = new Map(Object.entries(ARCHIVES).map(([what, entries]) => [pathOf(what), expectedOf(entries)]));
  const expectedIn = (archive: string) => expected.get(archive) ?? assert.fail(archive);
  const all = [...expected.keys()];
  await checkWithEveryReader(all, expectedIn, { without: OTHER_DESCRIPTORS });
  const others = all.filter((archive) => archive !== pathOf(WIDE_DESCRIPTORS));
  await checkWithEveryReader(others, expectedIn, { readers: OTHER_DESCRIPTORS });
});

for (const [what, entries] of Object.entries(ARCHIVES)) {
  const archive = pathOf(what);

  test(`yauzl reads back the comments of ${what}`, async () => {
    const zip = await yauzl.openPromise(archive, { lazyEntries: true });
    assert.equal(zip.comment, `an archive of ${what}`);
    const comments: string[] = [];
    for await (const { fileComment } of zip.eachEntry()) comments.push(fileComment);
    zip.close();
    assert.deepEqual(
      comments,
      entries.map(({ comment = '' }) => comment),
    );
  });
}

/** Times where the entry has its own: readers differ in what they make of one that only MS-DOS tells. */
function expectedOf(entries: readonly Entry[]): Map<string, ExpectedEntry> {
  return new Map(
    entries.map(({ name, content = '', mode, ...entry }) => {
      const data = Buffer.from(content);
      const hasOwnTime = !('unixTime' in entry);
      return [
        name,
        {
          type: name.endsWith('/') ? 'directory' : mode === LINK ? 'symlink' : 'file',
          size: data.length,
          sha256: sha256Of(data),
          crc32: crc32(data),
          mode: (mode ?? (name.endsWith('/') ? 0o755 : 0o644)) & 0o7777,
          ...(hasOwnTime ? { mtime: UNIX_TIME } : {}),
        },
      ];
    }),
  );
}

test('every reader has nothing against an empty archive but Info-ZIP, which says of any that it is empty, and fails', async () => {
  const archive = join(directory, 'empty.zip');
  writeFileSync(archive, assemble([]));
  await checkWithEveryReader(archive, new Map(), { without: ['unzip test', 'unzip extract'] });
});

// A file of zeros, a hole in the file system, puts a size and an offset beyond 4 GiB at the price of a few kilobytes.
const FAR = join(directory, 'far.zip');
writeArchiveWithHole(FAR, 2 ** 32 + 1, 'beyond 4 GiB\n');

const READ_FAR = `
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert [e.file_size for e in archive.infolist()] == [2 ** 32 + 1, 13]
sys.stdout.write(archive.read('far').decode())
`;
for (const [program, ...args] of [
  ['unzip', '-p', FAR, 'far'],
  ['7zz', 'x', '-so', FAR, 'far'],
  ['bsdtar', '-xOf', FAR, 'far'],
  ['python3', '-W', 'error', '-c', READ_FAR, FAR],
] as const) {
  test(`${program} finds an entry behind one of more than 4 GiB`, async () => {
    if (!(await isInstalled(program))) return;
    const { code, stdout, stderr } = await runProcess(program, args);
    assert.deepEqual([code, stdout.toString(), stderr], [0, 'beyond 4 GiB\n', '']);
  });
}

test('libzip finds an archive of more than 4 GiB consistent', () =>
  checkWithEveryReader(FAR, new Map(), { readers: ['ziptool consistency'] }));

async function isInstalled(program: string): Promise<boolean> {
  return (await availableReaders()).some((reader) => reader.program === program);
}

function writeArchiveWithHole(path: string, holeSize: number, content: string): void {
  const zeros = Buffer.alloc(2 ** 24);
  let holeCrc32 = 0;
  for (let left = holeSize; left > 0; left -= zeros.length) {
    holeCrc32 = crc32(zeros.subarray(0, Math.min(left, zeros.length)), holeCrc32);
  }
  const file = openSync(path, 'w');
  let offset = 0;
  const put = (bytes: Uint8Array) => {
    offset += writeSync(file, bytes, 0, bytes.length, offset);
  };
  const centralDirectory = [
    { name: 'hole', size: holeSize, sum: holeCrc32, data: undefined },
    { name: 'far', size: content.length, sum: crc32(content), data: Buffer.from(content) },
  ].map(({ name, size, sum, data }) => {
    const header = decideEntryHeader(
      entryFacts({
        fileName: Buffer.from(name),
        compressionMethod: METHOD_STORED,
        crc32: sum,
        compressedSize: size,
        uncompressedSize: size,
        relativeOffsetOfLocalHeader: offset,
      }),
    );
    put(encodeLocalFileHeader(header));
    if (data === undefined) offset += size;
    else put(data);
    return encodeCentralDirectoryHeader(header);
  });
  const offsetOfStartOfCentralDirectory = offset;
  for (const header of centralDirectory) put(header);
  put(
    encodeEndOfArchive({
      totalNumberOfEntries: centralDirectory.length,
      sizeOfCentralDirectory: offset - offsetOfStartOfCentralDirectory,
      offsetOfStartOfCentralDirectory,
      zipFileComment: new Uint8Array(0),
    }),
  );
  closeSync(file);
}
