import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quote } from '../../dist/common/errors.js';
import { compareHeaders } from '../../dist/zip/compare-headers.js';
import { UINT32_MAX } from '../../dist/zip/constants.js';
import {
  findExtraField,
  parseCentralDirectoryHeader,
  parseEndOfCentralDirectoryRecord,
  parseLocalFileHeader,
  parseZip64EndOfCentralDirectoryLocator,
  parseZip64EndOfCentralDirectoryRecord,
  zip64Values,
} from '../../dist/zip/parse-records.js';
import { encodeCentralDirectoryHeader, encodeEndOfArchive, encodeLocalFileHeader } from '../../dist/zip/records.js';
import { decideEntryHeader, type EntryFacts } from './facts.js';

/** Around each value at which a field or a form changes, and anywhere else. */
const size = fc.oneof(
  fc.constantFrom(0, 1, 0xffff, UINT32_MAX - 1, UINT32_MAX, UINT32_MAX + 1, 2 ** 40),
  fc.nat({ max: Number.MAX_SAFE_INTEGER }),
);

const facts: fc.Arbitrary<EntryFacts> = fc.record({
  fileName: fc.string({ minLength: 1, unit: 'grapheme' }).map((name) => Buffer.from(name.replaceAll('/', '_'))),
  fileComment: fc.string({ unit: 'grapheme' }).map((comment) => Buffer.from(comment)),
  mode: fc.nat({ max: 0o7777 }).map((permissions) => 0o100000 | permissions),
  lastModFileTime: fc.nat({ max: 0xffff }),
  lastModFileDate: fc.nat({ max: 0xffff }),
  unixTime: fc.option(fc.nat(0x7fff_ffff), { nil: undefined }),
  compressionMethod: fc.constant(8),
  crc32: fc.nat({ max: UINT32_MAX }),
  compressedSize: size,
  uncompressedSize: size,
  relativeOffsetOfLocalHeader: size,
  hasDataDescriptor: fc.constant(false),
  reservesZip64: fc.boolean(),
});

test('what was encoded is what is parsed, at any offset, zip64 or not', () => {
  fc.assert(
    fc.property(facts, fc.nat({ max: 40 }), (given, offset) => {
      const header = decideEntryHeader(given);
      const padding = Buffer.alloc(offset);
      const local = parseLocalFileHeader(Buffer.concat([padding, encodeLocalFileHeader(header)]), offset);
      const encoded = encodeCentralDirectoryHeader(header);
      const central = parseCentralDirectoryHeader(Buffer.concat([padding, encoded, padding]), offset);
      const { compressedSize, uncompressedSize, relativeOffsetOfLocalHeader } = given;
      assert.deepEqual(zip64Values(central), { compressedSize, uncompressedSize, relativeOffsetOfLocalHeader });
      assert.deepEqual(zip64Values(local), { compressedSize, uncompressedSize, relativeOffsetOfLocalHeader: 0 });
      assert.equal(central.headerSize, encoded.length);
      assert.deepEqual(
        [central.fileName, central.fileComment, central.crc32, central.lastModFileTime, central.lastModFileDate],
        [given.fileName, given.fileComment, given.crc32, given.lastModFileTime, given.lastModFileDate],
      );
      assert.equal(central.externalFileAttributes >>> 16, given.mode);
      assert.equal(findExtraField(central.extraField, 0x5455) !== undefined, given.unixTime !== undefined);
      assert.equal(compareHeaders(local, central, quote), undefined);
    }),
  );
});

test('the records of the end are parsed with and without zip64', () => {
  for (const [totalNumberOfEntries, offsetOfStartOfCentralDirectory] of [
    [0, 0],
    [0xfffe, UINT32_MAX - 1],
    [0xffff, 5],
    [3, UINT32_MAX],
    [1_000_000, 2 ** 41],
  ] as const) {
    const facts = { totalNumberOfEntries, sizeOfCentralDirectory: 7, offsetOfStartOfCentralDirectory };
    const zipFileComment = Buffer.from('comment');
    const bytes = encodeEndOfArchive({ ...facts, zipFileComment });
    const endAt = bytes.length - 22 - zipFileComment.length;
    const end = parseEndOfCentralDirectoryRecord(bytes, endAt);
    assert.deepEqual(end.zipFileComment, zipFileComment);
    if (endAt === 0) {
      assert.deepEqual(end, { ...facts, ...onOneDisk(totalNumberOfEntries), zipFileComment });
    } else {
      const record = { ...facts, ...onOneDisk(totalNumberOfEntries), recordSize: 56 };
      assert.deepEqual(parseZip64EndOfCentralDirectoryRecord(bytes), record);
      const locator = { diskOfRecord: 0, totalNumberOfDisks: 1 };
      assert.deepEqual(parseZip64EndOfCentralDirectoryLocator(bytes, 56), {
        ...locator,
        offsetOfRecord: offsetOfStartOfCentralDirectory + 7,
      });
    }
  }
});

function onOneDisk(entriesOnThisDisk: number): object {
  return { numberOfThisDisk: 0, diskOfCentralDirectory: 0, entriesOnThisDisk };
}

test('a record that is cut short anywhere, or is another one, is rejected', () => {
  const header = decideEntryHeader({
    fileName: Buffer.from('name'),
    fileComment: Buffer.from('comment'),
    mode: 0o100644,
    lastModFileTime: 0,
    lastModFileDate: 33,
    unixTime: 1,
    compressionMethod: 8,
    crc32: 1,
    compressedSize: 2,
    uncompressedSize: 3,
    relativeOffsetOfLocalHeader: UINT32_MAX,
    hasDataDescriptor: false,
    reservesZip64: true,
  });
  for (const [bytes, parse] of [
    [encodeLocalFileHeader(header), parseLocalFileHeader],
    [encodeCentralDirectoryHeader(header), parseCentralDirectoryHeader],
  ] as const) {
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => parse(Buffer.from(bytes.subarray(0, length))), RangeError, String(length));
    }
    assert.throws(() => parse(bytes, 1), /there is no (local file|central directory) header at 1/);
  }
  const masked = { ...parseCentralDirectoryHeader(encodeCentralDirectoryHeader(header)), extraField: Buffer.alloc(0) };
  assert.throws(() => zip64Values(masked), /it has no zip64 field/);
  const short = { ...masked, extraField: Buffer.of(1, 0, 4, 0, 1, 2, 3, 4) };
  assert.throws(() => zip64Values(short), /zip64 field of 4 bytes is too short/);
  assert.equal(findExtraField(Buffer.of(1, 0, 9, 0, 1), 1), undefined);
});

test('headers that disagree are reported by field', () => {
  const base: EntryFacts = {
    fileName: Buffer.from('name'),
    fileComment: Buffer.alloc(0),
    mode: 0o100644,
    lastModFileTime: 0,
    lastModFileDate: 33,
    unixTime: 1,
    compressionMethod: 8,
    crc32: 1,
    compressedSize: 2,
    uncompressedSize: 3,
    relativeOffsetOfLocalHeader: 0,
    hasDataDescriptor: false,
    reservesZip64: false,
  };
  const central = parseCentralDirectoryHeader(encodeCentralDirectoryHeader(decideEntryHeader(base)));
  const others: readonly (readonly [Partial<EntryFacts>, RegExp])[] = [
    [{ fileName: Buffer.from('nome') }, /names it 'nome'/],
    [{ crc32: 9 }, /crc32 is 9 in its local header, but 1 in the directory/],
    [{ lastModFileDate: 34 }, /lastModFileDate is 34 in its local header, but 33 in the directory/],
    [{ lastModFileTime: 1 }, /lastModFileTime/],
    [{ compressedSize: 5 }, /compressedSize is 5 in its local header, but 2 in the directory/],
    [{ uncompressedSize: 6 }, /uncompressedSize is 6 in its local header, but 3 in the directory/],
    [{ reservesZip64: true }, /versionNeededToExtract is 45/],
    [{ hasDataDescriptor: true }, /generalPurposeBitFlag is 8 in its local header, but 0 in the directory/],
  ];
  for (const [other, words] of others) {
    const local = parseLocalFileHeader(encodeLocalFileHeader(decideEntryHeader({ ...base, ...other })));
    assert.match(compareHeaders(local, central, quote) ?? 'nothing', words);
  }
});
