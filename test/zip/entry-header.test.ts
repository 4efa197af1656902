import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { METHOD_DEFLATE, METHOD_STORED } from '../../dist/zip/constants.js';
import type { EntryHeader } from '../../dist/zip/entry-header.js';
import { encodeZip64ExtendedInformation } from '../../dist/zip/extra-fields.js';
import { encodeCentralDirectoryHeader, encodeLocalFileHeader } from '../../dist/zip/records.js';
import { decideEntryHeader, type EntryFacts, entryFacts, toHex } from './facts.js';

const MASK = 0xffff_ffff;
const STORED = { compressionMethod: METHOD_STORED, compressedSize: 5, uncompressedSize: 5 };
const DIRECTORY: Partial<EntryFacts> = {
  fileName: Buffer.from('dir/'),
  mode: 0o040755,
  compressionMethod: METHOD_STORED,
  crc32: 0,
  compressedSize: 0,
  uncompressedSize: 0,
};
const SYMBOLIC_LINK = { ...STORED, mode: 0o120777 };

function decide(facts: Partial<EntryFacts>) {
  return decideEntryHeader(entryFacts(facts));
}

for (const [what, facts, version] of [
  ['a stored file', STORED, 10],
  ['a symbolic link', SYMBOLIC_LINK, 10],
  ['a deflated file', {}, 20],
  ['a deflated file with a data descriptor', { hasDataDescriptor: true }, 20],
  ['a directory', DIRECTORY, 20],
  ['a file with a UTF-8 name', { fileName: Buffer.from('é') }, 20],
  ['a deflated file beyond 4 GiB from the start', { relativeOffsetOfLocalHeader: 2 ** 33 }, 20],
  ['a file of 4 GiB', { ...STORED, compressedSize: 2 ** 32, uncompressedSize: 2 ** 32 }, 45],
  ['a small file that reserved zip64', { reservesZip64: true }, 45],
] as const) {
  test(`version needed to extract: ${(version / 10).toFixed(1)} for ${what}, in both headers`, () => {
    const header = decide(facts);
    assert.equal(encodeLocalFileHeader(header).readUInt16LE(4), version);
    assert.equal(encodeCentralDirectoryHeader(header).readUInt16LE(6), version);
  });
}

for (const [what, fileName, fileComment, flag] of [
  ['neither has a byte beyond ASCII', 'a~\x7f', 'a~\x7f', 0],
  ['the name has one', 'a\u0080', '', 0x800],
  ['the comment has one', 'a', '\u0080', 0x800],
  ['both have', '文', '注', 0x800],
] as const) {
  test(`bit 11 in both headers is ${flag ? 'set' : 'clear'} when ${what}`, () => {
    const header = decide({ fileName: Buffer.from(fileName), fileComment: Buffer.from(fileComment) });
    assert.equal(encodeLocalFileHeader(header).readUInt16LE(6), flag);
    assert.equal(encodeCentralDirectoryHeader(header).readUInt16LE(8), flag);
  });
}

test('a data descriptor sets bit 3 in both headers and leaves the local header without CRC and sizes', () => {
  const header = decide({ hasDataDescriptor: true });
  assert.equal(header.generalPurposeBitFlag, 1 << 3);
  assert.deepEqual(
    { ...header.local },
    {
      crc32: 0,
      compressedSize: 0,
      uncompressedSize: 0,
      extraFieldLength: header.central.extraFieldLength,
      hasZip64: false,
      keptExtraField: undefined,
    },
  );
  assert.deepEqual(
    [header.central.crc32, header.central.compressedSize, header.central.uncompressedSize],
    [0x1234_5678, 0x0102, 0x0304_0506],
  );
});

test('the local header of a streamed entry says the same before its sums are known as after', () => {
  const outcomes: Partial<EntryFacts>[] = [
    { crc32: 0, compressedSize: 0, uncompressedSize: 0, relativeOffsetOfLocalHeader: 0 },
    { crc32: 7, compressedSize: 2 ** 20, uncompressedSize: 2 ** 21 },
    { crc32: 7, compressedSize: 2 ** 33, uncompressedSize: 2 ** 34, relativeOffsetOfLocalHeader: 2 ** 35 },
  ];
  const headers = outcomes.map((facts) =>
    toHex(encodeLocalFileHeader(decide({ ...facts, hasDataDescriptor: true, reservesZip64: true }))),
  );
  assert.equal(new Set(headers).size, 1);
});

test('a size beyond 4 GiB without a reserved field is in the central directory', () => {
  const open = decide({ hasDataDescriptor: true, unixTime: undefined });
  for (const sizes of [{ uncompressedSize: MASK }, { compressedSize: 2 ** 33 }]) {
    const { local, central, versionNeededToExtract } = decide({
      hasDataDescriptor: true,
      unixTime: undefined,
      ...sizes,
    });
    assert.deepEqual(local, open.local);
    assert.deepEqual([open.versionNeededToExtract, versionNeededToExtract], [20, 45]);
    assert.deepEqual([central.compressedSize, central.uncompressedSize], [MASK, MASK]);
    assert.equal(central.extraFieldLength, 4 + 24);
  }
});

test('a time that the extended timestamp cannot hold is left out of both headers', () => {
  for (const unixTime of [-1, -0.5, 0x8000_0000, 2 ** 40]) {
    const { local, central } = decide({ unixTime });
    assert.deepEqual([local.extraFieldLength, central.extraFieldLength], [0, 0], `${unixTime}`);
  }
});

test('a local header that reserves zip64 has one length, however small or large the entry turns out', () => {
  const lengths = [0, 1, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 40].map(
    (size) =>
      encodeLocalFileHeader(decide({ compressedSize: size, uncompressedSize: size, reservesZip64: true })).length,
  );
  assert.equal(new Set(lengths).size, 1);
});

test('a small entry that reserved zip64 has its sizes in the local extra field and plain ones in the directory', () => {
  const header = decide({ reservesZip64: true, unixTime: undefined });
  const { local, central } = header;
  assert.deepEqual([local.compressedSize, local.uncompressedSize], [MASK, MASK]);
  assert.equal(localExtra(header), toHex(encodeZip64ExtendedInformation(0x0304_0506, 0x0102)));
  assert.deepEqual([central.compressedSize, central.uncompressedSize], [0x0102, 0x0304_0506]);
  assert.equal(central.extraFieldLength, 0);
});

for (const field of ['compressedSize', 'uncompressedSize'] as const) {
  test(`zip64 begins where ${field} is 0xffffffff`, () => {
    const below = decide({ [field]: MASK - 1, unixTime: undefined });
    for (const part of [below.local, below.central]) {
      assert.equal(part[field], MASK - 1);
      assert.equal(part.extraFieldLength, 0);
    }
    for (const size of [MASK, MASK + 1]) {
      const facts = entryFacts({ [field]: size, unixTime: undefined });
      const header = decideEntryHeader(facts);
      const { local, central } = header;
      const { uncompressedSize, compressedSize, relativeOffsetOfLocalHeader } = facts;
      assert.deepEqual([local.compressedSize, local.uncompressedSize], [MASK, MASK]);
      assert.equal(localExtra(header), toHex(encodeZip64ExtendedInformation(uncompressedSize, compressedSize)));
      assert.deepEqual(
        [central.compressedSize, central.uncompressedSize, header.relativeOffsetOfLocalHeader],
        [MASK, MASK, MASK],
      );
      assert.equal(
        centralExtra(header),
        toHex(encodeZip64ExtendedInformation(uncompressedSize, compressedSize, relativeOffsetOfLocalHeader)),
      );
    }
  });
}

test('zip64 begins in the directory alone where the offset is 0xffffffff', () => {
  const below = decide({ relativeOffsetOfLocalHeader: MASK - 1, unixTime: undefined });
  assert.equal(below.relativeOffsetOfLocalHeader, MASK - 1);
  assert.equal(below.central.extraFieldLength, 0);
  for (const offset of [MASK, MASK + 1]) {
    const header = decide({ relativeOffsetOfLocalHeader: offset, unixTime: undefined });
    const { local, central } = header;
    assert.deepEqual(local, below.local);
    assert.deepEqual(
      [central.compressedSize, central.uncompressedSize, header.relativeOffsetOfLocalHeader],
      [MASK, MASK, MASK],
    );
    assert.equal(centralExtra(header), toHex(encodeZip64ExtendedInformation(0x0304_0506, 0x0102, offset)));
  }
});

test('a directory is stored, empty, without flags, and marked for Unix and MS-DOS', () => {
  const header = decide(DIRECTORY);
  assert.equal(header.generalPurposeBitFlag, 0);
  assert.equal(header.facts.compressionMethod, METHOD_STORED);
  assert.deepEqual([header.local.crc32, header.local.compressedSize, header.local.uncompressedSize], [0, 0, 0]);
  assert.equal(header.externalFileAttributes, 0x41ed_0010);
});

test('without a time there is no extra field at all', () => {
  const { local, central } = decide({ unixTime: undefined });
  assert.deepEqual([local.extraFieldLength, central.extraFieldLength], [0, 0]);
});

for (const [what, facts, message] of [
  [
    'a stored entry with a data descriptor',
    { ...STORED, hasDataDescriptor: true },
    /'a\.txt': it is stored and has a data/,
  ],
  ['a stored entry whose two sizes differ', { compressionMethod: METHOD_STORED }, /its 50595078 bytes take 258/],
  ['a directory that is deflated', { ...DIRECTORY, compressionMethod: METHOD_DEFLATE }, /is a directory and has data/],
  ['a directory with data', { ...DIRECTORY, ...STORED }, /is a directory and has data/],
  [
    'a directory without a slash',
    { ...DIRECTORY, fileName: Buffer.from('dir') },
    /'dir': its mode and its name disagree/,
  ],
  ['a file with a slash', { fileName: Buffer.from('file/') }, /its mode and its name disagree/],
] as const) {
  test(`rejected: ${what}`, () => assert.throws(() => decide(facts), { name: 'Error', message }));
}

test('whatever the facts, a reader gets them back from either header', () => {
  const size = fc.oneof(fc.nat(100), fc.maxSafeNat(), fc.constantFrom(MASK - 1, MASK, MASK + 1));
  const uint16 = fc.nat(0xffff);
  const facts: fc.Arbitrary<EntryFacts> = fc
    .record({
      fileName: fc.string({ minLength: 1, unit: 'binary' }).map((name) => Buffer.from(name.replaceAll('/', '_'))),
      fileComment: fc.string({ unit: 'binary' }).map((comment) => Buffer.from(comment)),
      mode: fc.constantFrom(0o100644, 0o100755, 0o120777),
      lastModFileTime: uint16,
      lastModFileDate: uint16,
      unixTime: fc.option(fc.nat(0x7fff_ffff), { nil: undefined }),
      crc32: fc.nat(MASK),
      compressedSize: size,
      uncompressedSize: size,
      relativeOffsetOfLocalHeader: size,
      isStored: fc.boolean(),
      hasDataDescriptor: fc.boolean(),
      reservesZip64: fc.boolean(),
    })
    .map(({ isStored, ...rest }) => ({
      ...rest,
      compressionMethod: isStored ? METHOD_STORED : METHOD_DEFLATE,
      compressedSize: isStored ? rest.uncompressedSize : rest.compressedSize,
      hasDataDescriptor: rest.hasDataDescriptor && !isStored,
      reservesZip64: rest.reservesZip64 || Math.max(rest.compressedSize, rest.uncompressedSize) >= MASK,
    }));
  fc.assert(
    fc.property(facts, (facts) => {
      const header = decideEntryHeader(facts);
      const central = readHeader(encodeCentralDirectoryHeader(header), CENTRAL);
      const local = readHeader(encodeLocalFileHeader(header), LOCAL);
      const { crc32, compressedSize, uncompressedSize } = facts;

      assert.deepEqual(local.shared, central.shared);
      assert.deepEqual(central.shared, {
        version: header.versionNeededToExtract,
        flags: header.generalPurposeBitFlag,
        method: facts.compressionMethod,
        time: facts.lastModFileTime,
        date: facts.lastModFileDate,
        fileName: toHex(facts.fileName),
        unixTime: facts.unixTime,
      });
      assert.deepEqual(central.sums, { crc32, compressedSize, uncompressedSize });
      assert.deepEqual(
        local.sums,
        facts.hasDataDescriptor ? { crc32: 0, compressedSize: 0, uncompressedSize: 0 } : central.sums,
      );
      assert.equal(central.offset, facts.relativeOffsetOfLocalHeader);
      assert.equal(local.hasZip64, facts.reservesZip64);
      assert.equal(central.rest, toHex(facts.fileComment));
      assert.equal(local.rest, '');
    }),
    { numRuns: 1000 },
  );
});

function localExtra(header: EntryHeader): string {
  return toHex(encodeLocalFileHeader(header).subarray(30 + header.facts.nameLength));
}

/** Of a header without a comment. */
function centralExtra(header: EntryHeader): string {
  return toHex(encodeCentralDirectoryHeader(header).subarray(46 + header.facts.nameLength));
}

/** Where a header's parts begin: 4.3.7 and 4.3.12. */
interface Layout {
  version: number;
  crc32: number;
  lengths: number;
  offset?: number;
  end: number;
}
const LOCAL: Layout = { version: 4, crc32: 14, lengths: 26, end: 30 };
const CENTRAL: Layout = { version: 6, crc32: 16, lengths: 28, offset: 42, end: 46 };

/** A header as the specification lets a reader understand it: a zip64 value is there if, and only if, its field is masked. */
function readHeader(bytes: Buffer, layout: Layout) {
  const nameLength = bytes.readUInt16LE(layout.lengths);
  const extraLength = bytes.readUInt16LE(layout.lengths + 2);
  const extraStart = layout.end + nameLength;
  const extra = readExtraFields(bytes.subarray(extraStart, extraStart + extraLength));
  const timestamp = extra.get(0x5455);
  const zip64 = extra.get(0x0001);

  let position = 0;
  const unmask = (field: number | undefined) => {
    if (field === undefined) return undefined;
    const value = bytes.readUInt32LE(field);
    if (value !== MASK) return value;
    assert.ok(zip64, 'a masked field has its value in a zip64 extra field');
    position += 8;
    return Number(zip64.readBigUInt64LE(position - 8));
  };
  const uncompressedSize = unmask(layout.crc32 + 8);
  const compressedSize = unmask(layout.crc32 + 4);
  const offset = unmask(layout.offset);
  assert.equal(position, zip64?.length ?? 0, 'a zip64 extra field holds the masked values and nothing else');

  return {
    shared: {
      version: bytes.readUInt16LE(layout.version),
      flags: bytes.readUInt16LE(layout.version + 2),
      method: bytes.readUInt16LE(layout.version + 4),
      time: bytes.readUInt16LE(layout.version + 6),
      date: bytes.readUInt16LE(layout.version + 8),
      fileName: toHex(bytes.subarray(layout.end, extraStart)),
      unixTime: timestamp?.readInt32LE(1),
    },
    sums: { crc32: bytes.readUInt32LE(layout.crc32), compressedSize, uncompressedSize },
    offset,
    hasZip64: zip64 !== undefined,
    rest: toHex(bytes.subarray(extraStart + extraLength)),
  };
}

function readExtraFields(bytes: Buffer): Map<number, Buffer> {
  const fields = new Map<number, Buffer>();
  let position = 0;
  while (position < bytes.length) {
    const end = position + 4 + bytes.readUInt16LE(position + 2);
    assert.ok(end <= bytes.length, 'an extra field ends inside the header');
    fields.set(bytes.readUInt16LE(position), bytes.subarray(position + 4, end));
    position = end;
  }
  return fields;
}
