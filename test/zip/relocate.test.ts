import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideEntryHeader, type EntryFacts } from '../../dist/zip/entry-header.js';
import { encodeCentralDirectoryHeader } from '../../dist/zip/records.js';
import { relocateCentralDirectoryHeaders } from '../../dist/zip/relocate.js';

const plain: EntryFacts = {
  fileName: Buffer.from('folder/na\u00efve'),
  fileComment: Buffer.from(''),
  mode: 0o100644,
  lastModFileTime: 0x1234,
  lastModFileDate: 0x5821,
  unixTime: 1_700_000_000,
  compressionMethod: 8,
  crc32: 0xdead_beef,
  compressedSize: 10,
  uncompressedSize: 1000,
  relativeOffsetOfLocalHeader: 0,
  hasDataDescriptor: false,
  reservesZip64: false,
};

const ENTRIES: readonly EntryFacts[] = [
  plain,
  {
    ...plain,
    fileName: Buffer.from('d/'),
    mode: 0o040755,
    compressionMethod: 0,
    compressedSize: 0,
    uncompressedSize: 0,
  },
  { ...plain, fileComment: Buffer.from('a comment \u{1f517}'), unixTime: undefined },
  { ...plain, fileName: Buffer.from('link'), mode: 0o120777, compressionMethod: 0, uncompressedSize: 10, unixTime: -5 },
  { ...plain, mode: 0o104711, crc32: 0 },
].map((facts, index) => ({ ...facts, relativeOffsetOfLocalHeader: index * 100 }));

function encodeAt(start: number): Buffer {
  return Buffer.concat(
    ENTRIES.map((facts) => {
      const relativeOffsetOfLocalHeader = start + facts.relativeOffsetOfLocalHeader;
      return encodeCentralDirectoryHeader(decideEntryHeader({ ...facts, relativeOffsetOfLocalHeader }));
    }),
  );
}

test('headers that are moved are those that would have been made there', () => {
  for (const start of [
    0,
    1,
    0x7fff_ffff,
    0xffff_ffff - 401,
    0xffff_ffff - 400,
    0xffff_ffff - 150,
    0xffff_ffff,
    2 ** 44,
  ]) {
    assert.deepEqual(relocateCentralDirectoryHeaders(encodeAt(0), start), encodeAt(start), `moved to ${start}`);
  }
});

test('no headers are no headers wherever they are', () => {
  assert.equal(relocateCentralDirectoryHeaders(Buffer.alloc(0), 2 ** 40).length, 0);
});
