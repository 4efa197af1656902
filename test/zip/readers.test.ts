// What the format's encoders put together is read by everyone else: no error, no warning, the same content.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { METHOD_STORED } from '../../dist/zip/constants.js';
import { decideEntryHeader } from '../../dist/zip/entry-header.js';
import { encodeCentralDirectoryHeader, encodeEndOfArchive, encodeLocalFileHeader } from '../../dist/zip/records.js';
import { assemble, type Entry, UNIX_TIME } from './assemble.js';
import { entryFacts } from './facts.js';
import { FOREIGN_READERS, isInstalled, openWithYauzl, readWithYauzl } from './foreign-readers.js';

const directory = mkdtempSync(join(tmpdir(), 'pzip-zip-'));
after(() => rmSync(directory, { recursive: true }));

const TEXT = 'All work and no play makes Jack a dull boy.\n'.repeat(100);
const deflated = { content: TEXT, deflate: true };
const stored = { content: 'as it is\n' };

const EVERY_KIND: Entry[] = [
  { name: 'dir/' },
  { name: 'dir/deflated.txt', ...deflated },
  { name: 'dir/empty' },
  { name: 'dir/link', mode: 0o120777, content: 'deflated.txt' },
  { name: 'dir/run', mode: 0o100755, content: '#!/bin/sh\n' },
  { name: 'größe/日本語 😀.txt', ...stored },
  { name: 'private', mode: 0o100600, ...stored },
];

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
  'reserved zip64 with data descriptors of 64 bits': [
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

for (const [what, entries] of Object.entries(ARCHIVES)) {
  const bytes = assemble(entries, `an archive of ${what}`);
  const archive = join(directory, `${what.replaceAll(' ', '-')}.zip`);
  writeFileSync(archive, bytes);

  for (const reader of FOREIGN_READERS) {
    test(`${reader.name} has nothing against ${what}`, () => assert.equal(reader.complaint(archive), undefined));
  }

  test(`yauzl reads back ${what}`, async () => {
    assert.equal((await openWithYauzl(bytes)).zipFile.comment, `an archive of ${what}`);
    const read = await readWithYauzl(bytes);
    assert.deepEqual(
      read.map(({ name, content, comment }) => ({ name, content, comment })),
      entries.map(({ name, content = '', comment = '' }) => ({ name, content, comment })),
    );
  });
}

test('yauzl reads back modes and times', async () => {
  const [dir, file, , link, run, , secret] = await readWithYauzl(assemble(EVERY_KIND));
  assert.deepEqual(
    [dir, file, link, run, secret].map((entry) => entry?.mode),
    [0o040755, 0o100644, 0o120777, 0o100755, 0o100600],
  );
  assert.equal(file?.modified, UNIX_TIME);
});

const EMPTY = join(directory, 'empty.zip');
writeFileSync(EMPTY, assemble([]));

// Info-ZIP's two say of any empty archive that it is empty, and fail.
for (const { name, complaint } of FOREIGN_READERS.filter(({ name }) => name !== 'unzip' && name !== 'zip')) {
  test(`${name} has nothing against an empty archive`, () => assert.equal(complaint(EMPTY), undefined));
}

const EXTRACTORS = [
  { program: 'unzip', args: (archive: string, to: string) => ['-q', archive, '-d', to] },
  { program: '7zz', args: (archive: string, to: string) => ['x', archive, `-o${to}`] },
  { program: 'bsdtar', args: (archive: string, to: string) => ['-xpf', archive, '-C', to] },
].filter(isInstalled);

for (const { program, args } of EXTRACTORS) {
  test(`${program} extracts content, modes, times, links and names`, () => {
    const archive = join(directory, `${program}.zip`);
    const to = mkdtempSync(join(directory, program));
    writeFileSync(archive, assemble(EVERY_KIND));
    const { status, stderr } = spawnSync(program, args(archive, to), { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);

    for (const { name, content = '', mode = 0o100644 } of EVERY_KIND) {
      const path = join(to, name);
      const found = lstatSync(path);
      if (name.endsWith('/')) {
        assert.equal(found.mode, 0o040755, name);
      } else if (found.isSymbolicLink()) {
        assert.equal(mode, 0o120777, name);
        assert.equal(readlinkSync(path), content);
      } else {
        assert.equal(found.mode.toString(8), mode.toString(8), name);
        assert.equal(found.mtimeMs, UNIX_TIME * 1000, name);
        assert.equal(readFileSync(path, 'utf8'), content, name);
      }
    }
  });
}

for (const count of [65_534, 65_535, 65_536]) {
  const bytes = assemble(Array.from({ length: count }, (_, index) => ({ name: `${index}`, unixTime: undefined })));
  const archive = join(directory, `${count}.zip`);
  writeFileSync(archive, bytes);

  test(`${count} entries ${count < 65_535 ? 'need no' : 'need'} zip64 end record`, () => {
    assert.equal(bytes.subarray(-42, -38).toString('latin1') === 'PK\x06\x07', count >= 65_535);
  });

  for (const reader of FOREIGN_READERS) {
    test(`${reader.name} has nothing against ${count} entries`, () =>
      assert.equal(reader.complaint(archive), undefined));
  }

  test(`yauzl finds all of ${count} entries`, async () => {
    const { entries } = await openWithYauzl(bytes);
    assert.equal(entries.length, count);
    assert.equal(entries.at(-1)?.fileName, `${count - 1}`);
  });
}

// A file of zeros, a hole in the file system, puts a size and an offset beyond 4 GiB at the price of a few kilobytes.
const FAR = join(directory, 'far.zip');
writeArchiveWithHole(FAR, 2 ** 32 + 1, 'beyond 4 GiB\n');

const READ_FAR = `
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert [e.file_size for e in archive.infolist()] == [2 ** 32 + 1, 13]
sys.stdout.write(archive.read('far').decode())
`;
for (const { program, args } of [
  { program: 'unzip', args: ['-p', FAR, 'far'] },
  { program: '7zz', args: ['x', '-so', FAR, 'far'] },
  { program: 'bsdtar', args: ['-xOf', FAR, 'far'] },
  { program: 'python3', args: ['-W', 'error', '-c', READ_FAR, FAR] },
].filter(isInstalled)) {
  test(`${program} finds an entry behind one of more than 4 GiB`, () => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    assert.deepEqual([status, stdout, stderr], [0, 'beyond 4 GiB\n', '']);
  });
}

if (isInstalled({ program: 'ziptool' })) {
  test('libzip finds an archive of more than 4 GiB consistent', () => {
    assert.equal(spawnSync('ziptool', ['-c', FAR, 'get_num_entries', '0']).status, 0);
  });
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
