// Golden bytes. The tables were written from APPNOTE 4.3 field by field, not copied from what pzip put out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeCentralDirectoryHeader,
  encodeDataDescriptor,
  encodeEndOfCentralDirectoryRecord,
  encodeLocalFileHeader,
  encodeZip64EndOfCentralDirectoryLocator,
  encodeZip64EndOfCentralDirectoryRecord,
} from '../../dist/zip/records.js';
import { decideEntryHeader, entryFacts, hex, toHex } from './facts.js';

test('local file header', () => {
  assert.equal(
    toHex(encodeLocalFileHeader(decideEntryHeader(entryFacts()))),
    hex`
      50 4b 03 04              local file header signature
      14 00                    version needed to extract: 2.0
      00 00                    general purpose bit flag
      08 00                    compression method: deflate
      a3 20                    last mod file time
      43 52                    last mod file date
      78 56 34 12              crc-32
      02 01 00 00              compressed size
      06 05 04 03              uncompressed size
      05 00                    file name length
      09 00                    extra field length
      61 2e 74 78 74           file name
      55 54 05 00 01           extended timestamp: 5 bytes, the modification time only
      a2 1f 1a 60              modification time
    `,
  );
});

test('central directory header', () => {
  const facts = entryFacts({ fileComment: Buffer.from('hi') });
  assert.equal(
    toHex(encodeCentralDirectoryHeader(decideEntryHeader(facts))),
    hex`
      50 4b 01 02              central file header signature
      3f 03                    version made by: 6.3, Unix
      14 00                    version needed to extract: 2.0
      00 00                    general purpose bit flag
      08 00                    compression method: deflate
      a3 20                    last mod file time
      43 52                    last mod file date
      78 56 34 12              crc-32
      02 01 00 00              compressed size
      06 05 04 03              uncompressed size
      05 00                    file name length
      09 00                    extra field length
      02 00                    file comment length
      00 00                    disk number start
      00 00                    internal file attributes
      00 00 a4 81              external file attributes: 0100644 and nothing of MS-DOS
      0d 0c 0b 0a              relative offset of local header
      61 2e 74 78 74           file name
      55 54 05 00 01           extended timestamp: 5 bytes, the modification time only
      a2 1f 1a 60              modification time
      68 69                    file comment
    `,
  );
});

test('local file header whose data descriptor may be of 64 bits', () => {
  const facts = entryFacts({ hasDataDescriptor: true, reservesZip64: true, unixTime: undefined });
  assert.equal(
    toHex(encodeLocalFileHeader(decideEntryHeader(facts))),
    hex`
      50 4b 03 04              local file header signature
      2d 00                    version needed to extract: 4.5
      08 00                    general purpose bit flag: a data descriptor follows
      08 00                    compression method: deflate
      a3 20                    last mod file time
      43 52                    last mod file date
      00 00 00 00              crc-32
      ff ff ff ff              compressed size
      ff ff ff ff              uncompressed size
      05 00                    file name length
      14 00                    extra field length
      61 2e 74 78 74           file name
      01 00 10 00              zip64 extended information: 16 bytes
      00 00 00 00 00 00 00 00  uncompressed size
      00 00 00 00 00 00 00 00  compressed size
    `,
  );
});

test('headers of an entry that is large and far from the start', () => {
  const header = decideEntryHeader(
    entryFacts({
      compressedSize: 0x1_0203_0405,
      uncompressedSize: 0x2_0607_0809,
      relativeOffsetOfLocalHeader: 0x3_0a0b_0c0d,
    }),
  );
  assert.equal(
    toHex(encodeLocalFileHeader(header)),
    hex`
      50 4b 03 04              local file header signature
      2d 00                    version needed to extract: 4.5
      00 00                    general purpose bit flag
      08 00                    compression method: deflate
      a3 20 43 52              last mod file time and date
      78 56 34 12              crc-32
      ff ff ff ff              compressed size
      ff ff ff ff              uncompressed size
      05 00 1d 00              file name length, extra field length
      61 2e 74 78 74           file name
      01 00 10 00              zip64 extended information: 16 bytes
      09 08 07 06 02 00 00 00  uncompressed size
      05 04 03 02 01 00 00 00  compressed size
      55 54 05 00 01 a2 1f 1a 60  extended timestamp
    `,
  );
  assert.equal(
    toHex(encodeCentralDirectoryHeader(header)),
    hex`
      50 4b 01 02              central file header signature
      3f 03                    version made by: 6.3, Unix
      2d 00                    version needed to extract: 4.5
      00 00                    general purpose bit flag
      08 00                    compression method: deflate
      a3 20 43 52              last mod file time and date
      78 56 34 12              crc-32
      ff ff ff ff              compressed size
      ff ff ff ff              uncompressed size
      05 00 25 00 00 00        lengths of file name, extra field and file comment
      00 00 00 00              disk number start, internal file attributes
      00 00 a4 81              external file attributes
      ff ff ff ff              relative offset of local header
      61 2e 74 78 74           file name
      01 00 18 00              zip64 extended information: 24 bytes
      09 08 07 06 02 00 00 00  uncompressed size
      05 04 03 02 01 00 00 00  compressed size
      0d 0c 0b 0a 03 00 00 00  relative offset of local header
      55 54 05 00 01 a2 1f 1a 60  extended timestamp
    `,
  );
});

test('data descriptor', () => {
  assert.equal(
    toHex(encodeDataDescriptor({ crc32: 0xfedc_ba98, compressedSize: 5, uncompressedSize: 0xffff_fffe, zip64: false })),
    hex`
      50 4b 07 08              data descriptor signature
      98 ba dc fe              crc-32
      05 00 00 00              compressed size
      fe ff ff ff              uncompressed size
    `,
  );
});

test('data descriptor of 64 bits', () => {
  assert.equal(
    toHex(encodeDataDescriptor({ crc32: 1, compressedSize: 5, uncompressedSize: 0x1_0000_0000, zip64: true })),
    hex`
      50 4b 07 08              data descriptor signature
      01 00 00 00              crc-32
      05 00 00 00 00 00 00 00  compressed size
      00 00 00 00 01 00 00 00  uncompressed size
    `,
  );
});

test('a size that a data descriptor of 32 bits cannot hold is rejected', () => {
  const sizes = { crc32: 0, compressedSize: 0x1_0000_0000, uncompressedSize: 0 };
  assert.throws(() => encodeDataDescriptor({ ...sizes, zip64: false }), RangeError);
});

test('zip64 end of central directory record', () => {
  assert.equal(
    toHex(
      encodeZip64EndOfCentralDirectoryRecord({
        versionMadeBy: 0x033f,
        versionNeededToExtract: 45,
        totalNumberOfEntries: 0x0102_0304_0506,
        sizeOfCentralDirectory: 0x1112_1314_1516,
        offsetOfStartOfCentralDirectory: 0x0e_2223_2425_2627,
      }),
    ),
    hex`
      50 4b 06 06              zip64 end of central directory signature
      2c 00 00 00 00 00 00 00  size of the rest of this record: 44
      3f 03                    version made by
      2d 00                    version needed to extract
      00 00 00 00              number of this disk
      00 00 00 00              number of the disk with the start of the central directory
      06 05 04 03 02 01 00 00  number of entries on this disk
      06 05 04 03 02 01 00 00  total number of entries
      16 15 14 13 12 11 00 00  size of the central directory
      27 26 25 24 23 22 0e 00  offset of start of central directory
    `,
  );
});

test('zip64 end of central directory locator', () => {
  assert.equal(
    toHex(encodeZip64EndOfCentralDirectoryLocator(0x1_0203_0405)),
    hex`
      50 4b 06 07              zip64 end of central directory locator signature
      00 00 00 00              number of the disk with the zip64 end of central directory record
      05 04 03 02 01 00 00 00  relative offset of the zip64 end of central directory record
      01 00 00 00              total number of disks
    `,
  );
});

test('end of central directory record', () => {
  assert.equal(
    toHex(
      encodeEndOfCentralDirectoryRecord({
        totalNumberOfEntries: 0x0102,
        sizeOfCentralDirectory: 0x1314_1516,
        offsetOfStartOfCentralDirectory: 0xf324_2526,
        zipFileComment: Buffer.from('bye'),
      }),
    ),
    hex`
      50 4b 05 06              end of central directory signature
      00 00                    number of this disk
      00 00                    number of the disk with the start of the central directory
      02 01                    number of entries on this disk
      02 01                    total number of entries
      16 15 14 13              size of the central directory
      26 25 24 f3              offset of start of central directory
      03 00                    .ZIP file comment length
      62 79 65                 .ZIP file comment
    `,
  );
});
