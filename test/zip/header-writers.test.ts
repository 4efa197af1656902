import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { METHOD_DEFLATE, METHOD_STORED } from '../../dist/zip/constants.js';
import { EntryHeader } from '../../dist/zip/entry-header.js';
import {
  centralDirectoryHeaderSize,
  encodeCentralDirectoryHeader,
  encodeLocalFileHeader,
  localFileHeaderSize,
  writeCentralDirectoryHeader,
  writeLocalFileHeader,
} from '../../dist/zip/records.js';
import { decideEntryHeader, type EntryFacts, entryFacts, toFacts } from './facts.js';

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

const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
const text = fc
  .oneof(fc.string(), fc.string({ unit: 'binary' }))
  .map((string) => Buffer.from(string.replaceAll('/', '')));
const size = fc.oneof(fc.nat(0xffff_fffe), fc.maxSafeNat());
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
    compressedSize: size,
    uncompressedSize: size,
    relativeOffsetOfLocalHeader: size,
    hasDataDescriptor: fc.boolean(),
    reservesZip64: fc.boolean(),
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
      hasDataDescriptor: rest.hasDataDescriptor && !isStored,
    };
  });

test('a header object that is reused writes the bytes of a new one, and nothing beside them', () => {
  const reused = new EntryHeader();
  fc.assert(
    fc.property(facts, (given) => {
      const header = decideEntryHeader(given);
      reused.decide(toFacts(given));
      const local = write(localFileHeaderSize(reused), (target, at) => writeLocalFileHeader(target, at, reused));
      assert.deepEqual(local, encodeLocalFileHeader(header));
      const central = write(centralDirectoryHeaderSize(reused), (target, at) => {
        writeCentralDirectoryHeader(target, at, reused);
      });
      assert.deepEqual(central, encodeCentralDirectoryHeader(header));
    }),
    { numRuns: 500 },
  );
});

test('a name or a comment of more than 65,535 bytes is rejected', () => {
  const text = Buffer.alloc(0x1_0000, 'x');
  assert.doesNotThrow(() =>
    decideEntryHeader(entryFacts({ fileName: text.subarray(1), fileComment: text.subarray(1) })),
  );
  for (const change of [{ fileName: text }, { fileComment: text }]) {
    assert.throws(() => decideEntryHeader(entryFacts(change)), /too long/);
  }
});
