import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideEndOfArchive } from '../../dist/zip/end-of-archive.js';
import { encodeEndOfArchive } from '../../dist/zip/records.js';
import { hex, toHex } from './facts.js';

const SMALL = {
  totalNumberOfEntries: 2,
  sizeOfCentralDirectory: 0x66,
  offsetOfStartOfCentralDirectory: 0x1234,
  zipFileComment: new Uint8Array(0),
};

test('an empty archive is an end record and nothing else', () => {
  const empty = { totalNumberOfEntries: 0, sizeOfCentralDirectory: 0, offsetOfStartOfCentralDirectory: 0 };
  assert.equal(toHex(encodeEndOfArchive({ ...SMALL, ...empty })), `504b0506${'00'.repeat(18)}`);
});

test('a small archive ends with the end record', () => {
  assert.equal(
    toHex(encodeEndOfArchive({ ...SMALL, zipFileComment: Buffer.from('ok') })),
    '504b0506' + '0000' + '0000' + '0200' + '0200' + '66000000' + '34120000' + '0200' + '6f6b',
  );
});

for (const [field, limit] of [
  ['totalNumberOfEntries', 0xffff],
  ['sizeOfCentralDirectory', 0xffff_ffff],
  ['offsetOfStartOfCentralDirectory', 0xffff_ffff],
] as const) {
  test(`${limit - 1} as ${field} is said in the end record alone`, () => {
    const facts = { ...SMALL, [field]: limit - 1 };
    const { zip64, endOfCentralDirectory } = decideEndOfArchive(facts);
    assert.equal(zip64, undefined);
    assert.deepEqual(endOfCentralDirectory, facts);
    assert.equal(encodeEndOfArchive(facts).length, 22);
  });

  for (const value of [limit, limit + 1]) {
    test(`${value} as ${field} is said in a zip64 record, and only that field is masked`, () => {
      const facts = { ...SMALL, [field]: value };
      const { zip64, endOfCentralDirectory } = decideEndOfArchive(facts);
      const { zipFileComment: _, ...values } = facts;
      assert.deepEqual(zip64, {
        record: { ...values, versionMadeBy: 0x033f, versionNeededToExtract: 45 },
        offsetOfRecord: facts.offsetOfStartOfCentralDirectory + facts.sizeOfCentralDirectory,
      });
      assert.deepEqual(endOfCentralDirectory, { ...facts, [field]: limit });
    });
  }
}

test('a large archive ends with the zip64 record, its locator and the end record, back to back', () => {
  const facts = {
    totalNumberOfEntries: 0x1_0000,
    sizeOfCentralDirectory: 0x33_0000,
    offsetOfStartOfCentralDirectory: 0x1_0000_0000,
    zipFileComment: Buffer.from('!'),
  };
  assert.equal(
    toHex(encodeEndOfArchive(facts)),
    hex`
      50 4b 06 06              zip64 end of central directory signature
      2c 00 00 00 00 00 00 00  size of the rest of this record
      3f 03 2d 00              version made by, version needed to extract
      00 00 00 00 00 00 00 00  numbers of disks
      00 00 01 00 00 00 00 00  number of entries on this disk
      00 00 01 00 00 00 00 00  total number of entries
      00 00 33 00 00 00 00 00  size of the central directory
      00 00 00 00 01 00 00 00  offset of start of central directory
      50 4b 06 07              zip64 end of central directory locator signature
      00 00 00 00              number of the disk
      00 00 33 00 01 00 00 00  offset of the zip64 record
      01 00 00 00              total number of disks
      50 4b 05 06              end of central directory signature
      00 00 00 00              numbers of disks
      ff ff ff ff              numbers of entries
      00 00 33 00              size of the central directory: fits, so it is said
      ff ff ff ff              offset of start of central directory
      01 00 21                 comment
    `,
  );
});
