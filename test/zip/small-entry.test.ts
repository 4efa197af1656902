import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { METHOD_DEFLATE, METHOD_STORED } from '../../dist/zip/constants.js';
import { decideEntryHeader, type EntryFacts } from '../../dist/zip/entry-header.js';
import { encodeCentralDirectoryHeader, encodeLocalFileHeader } from '../../dist/zip/records.js';
import { SmallEntry } from '../../dist/zip/small-entry.js';

const AT = 3;

/** Where it is written there are other bytes before and behind it. */
function write(size: number, how: (target: DataView, at: number) => void): Buffer {
  const target = Buffer.alloc(AT + size + AT, 0xaa);
  how(new DataView(target.buffer, target.byteOffset, target.length), AT);
  for (const beside of [target.subarray(0, AT), target.subarray(AT + size)]) {
    assert.ok(beside.every((byte) => byte === 0xaa));
  }
  return target.subarray(AT, AT + size);
}

function smallEntry({ fileName, fileComment, unixTime, ...facts }: EntryFacts): SmallEntry {
  const before = Buffer.from('before');
  return Object.assign(new SmallEntry(), {
    ...facts,
    unixTime: unixTime ?? Number.NaN,
    text: Buffer.concat([before, fileName, fileComment]),
    nameStart: before.length,
    nameLength: fileName.length,
    commentLength: fileComment.length,
  });
}

const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
const text = fc
  .oneof(fc.string(), fc.string({ unit: 'binary' }))
  .map((string) => Buffer.from(string.replaceAll('/', '')));
const kind = fc.constantFrom('file', 'link', 'directory');

const facts = fc
  .record({
    kind,
    name: text,
    fileComment: text,
    permissions: uint(12),
    lastModFileTime: uint(16),
    lastModFileDate: uint(16),
    unixTime: fc.option(fc.oneof(fc.double({ min: -1e10, max: 1e10, noNaN: true }), fc.nat(0x7fff_ffff)), {
      nil: undefined,
    }),
    isDeflated: fc.boolean(),
    crc32: uint(32),
    compressedSize: fc.integer({ min: 0, max: 0xffff_fffe }),
    uncompressedSize: fc.integer({ min: 0, max: 0xffff_fffe }),
    relativeOffsetOfLocalHeader: fc.integer({ min: 0, max: 0xffff_fffe }),
  })
  .map(({ kind, name, permissions, isDeflated, compressedSize, uncompressedSize, ...rest }): EntryFacts => {
    const isDirectory = kind === 'directory';
    const type = { file: 0o100000, link: 0o120000, directory: 0o040000 }[kind] ?? 0;
    const isStored = isDirectory || !isDeflated;
    const size = isDirectory ? 0 : uncompressedSize;
    return {
      ...rest,
      fileName: Buffer.concat([name, Buffer.from(isDirectory ? '/' : '.')]),
      mode: type | permissions,
      compressionMethod: isStored ? METHOD_STORED : METHOD_DEFLATE,
      compressedSize: isStored ? size : compressedSize,
      uncompressedSize: size,
      hasDataDescriptor: false,
      reservesZip64: false,
    };
  });

test('the headers of a small entry are those that are decided and encoded for any entry', () => {
  fc.assert(
    fc.property(facts, (given) => {
      const entry = smallEntry(given);
      const header = decideEntryHeader(given);
      const local = write(entry.localHeaderSize, (target, at) => entry.writeLocalHeader(target, at));
      assert.deepEqual(local, encodeLocalFileHeader(header));
      const central = write(entry.centralHeaderSize, (target, at) => entry.writeCentralHeader(target, at));
      assert.deepEqual(central, encodeCentralDirectoryHeader(header));
    }),
    { numRuns: 500 },
  );
});

test('what contradicts itself, or takes Zip64, is refused', () => {
  const file: EntryFacts = {
    fileName: Buffer.from('file'),
    fileComment: Buffer.alloc(0),
    mode: 0o100644,
    lastModFileTime: 0,
    lastModFileDate: 33,
    unixTime: 0,
    compressionMethod: METHOD_STORED,
    crc32: 0,
    compressedSize: 5,
    uncompressedSize: 5,
    relativeOffsetOfLocalHeader: 0,
    hasDataDescriptor: false,
    reservesZip64: false,
  };
  const broken: Partial<EntryFacts>[] = [
    { fileName: Buffer.from('file/') },
    { mode: 0o040755 },
    { mode: 0o040755, fileName: Buffer.from('d/') },
    { compressedSize: 4 },
    { fileName: Buffer.alloc(0x1_0000, 'x') },
    { fileComment: Buffer.alloc(0x1_0000, 'x') },
    { compressedSize: 0xffff_ffff, uncompressedSize: 0xffff_ffff },
    { relativeOffsetOfLocalHeader: 0xffff_ffff },
  ];
  const target = new DataView(new ArrayBuffer(200_000));
  smallEntry(file).writeLocalHeader(target, 0);
  for (const change of broken) {
    assert.throws(() => smallEntry({ ...file, ...change }).writeLocalHeader(target, 0), /contradicts itself/);
  }
});
