import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeName } from '../../dist/zip/entry-facts.js';
import {
  countFramed,
  distanceTo,
  type FramedEntries,
  listFramed,
  ROW_LENGTH,
  relocateDirectory,
  sliceFramed,
  writeRow,
} from '../../dist/zip/framed-entries.js';
import { encodeCentralDirectoryHeader } from '../../dist/zip/records.js';
import { decideEntryHeader, type EntryFacts, toFacts } from './facts.js';

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

function encodeAt(start: number, entries = ENTRIES): Buffer {
  return Buffer.concat(
    entries.map((facts) => {
      const relativeOffsetOfLocalHeader = start + facts.relativeOffsetOfLocalHeader;
      return encodeCentralDirectoryHeader(decideEntryHeader({ ...facts, relativeOffsetOfLocalHeader }));
    }),
  );
}

function frame(): FramedEntries {
  const rows = new Uint32Array(ENTRIES.length * ROW_LENGTH);
  for (const [index, facts] of ENTRIES.entries()) {
    writeRow(rows, index, toFacts(facts), encodeAt(0, ENTRIES.slice(0, index)).length);
  }
  const bytes = Uint8Array.from({ length: ENTRIES.length * 100 }, (_, index) => index);
  return { bytes, directory: encodeAt(0), rows };
}

/** Around the offsets from which on one of the entries, or the last ones, take zip64. */
const STARTS = [0, 1, 0x7fff_ffff, 0xffff_ffff - 401, 0xffff_ffff - 400, 0xffff_ffff - 150, 0xffff_ffff, 2 ** 44];

test('relocated headers equal headers encoded for the new position', () => {
  for (const start of STARTS) {
    const framed = frame();
    assert.equal(distanceTo(start, framed), start);
    assert.deepEqual(Buffer.from(relocateDirectory(framed, start)), encodeAt(start), `moved to ${start}`);
  }
});

test('a slice of framed entries is relocated as the whole is', () => {
  for (const start of STARTS) {
    for (let from = 0; from <= ENTRIES.length; from++) {
      for (let to = from; to <= ENTRIES.length; to++) {
        const slice = sliceFramed(frame(), from, to);
        assert.equal(countFramed(slice), to - from);
        assert.deepEqual(slice.bytes, frame().bytes.slice(from * 100, to * 100));
        const by = distanceTo(start + from * 100, slice);
        const directory = Buffer.from(relocateDirectory(slice, by));
        assert.deepEqual(directory, encodeAt(start, ENTRIES.slice(from, to)), `${from} to ${to}, moved to ${start}`);
      }
    }
  }
});

test('the rows list the entries with their new offsets', () => {
  for (const start of STARTS) {
    const slice = sliceFramed(frame(), 1, ENTRIES.length);
    const listed = [...listFramed(slice, start)].map(({ text, nameStart, nameLength, ...facts }) => ({
      name: decodeName({ text, nameStart, nameLength }),
      ...facts,
    }));
    const expected = ENTRIES.slice(1).map((facts) => ({
      name: Buffer.from(facts.fileName).toString(),
      compressionMethod: facts.compressionMethod,
      crc32: facts.crc32,
      compressedSize: facts.compressedSize,
      uncompressedSize: facts.uncompressedSize,
      relativeOffsetOfLocalHeader: facts.relativeOffsetOfLocalHeader + start,
    }));
    assert.deepEqual(listed, expected);
  }
});

test('no entries are relocated to no headers', () => {
  const none = { bytes: new Uint8Array(0), directory: new Uint8Array(0), rows: new Uint32Array(0) };
  assert.equal(relocateDirectory(none, 2 ** 40).length, 0);
});
