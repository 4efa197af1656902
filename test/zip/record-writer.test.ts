import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecordWriter } from '../../dist/zip/record-writer.js';

test('fields stand one after another, low byte first', () => {
  const record = new RecordWriter(1 + 2 + 4 + 8 + 3)
    .uint8(0x01)
    .uint16(0x0302)
    .uint32(0xf706_0504)
    .uint64(0x0f_0e0d_0c0b_0a09)
    .bytes(Uint8Array.of(0x11, 0x12, 0x13))
    .finish();
  assert.equal(record.toString('hex'), '0102030405' + '06f7' + '090a0b0c0d0e0f00' + '111213');
});

for (const [field, limit] of [
  ['uint8', 0xff],
  ['uint16', 0xffff],
  ['uint32', 0xffff_ffff],
  ['uint64', Number.MAX_SAFE_INTEGER],
] as const) {
  test(`${field} takes 0 and ${limit}, and rejects what is beside them`, () => {
    for (const value of [0, limit]) assert.doesNotThrow(() => new RecordWriter(8)[field](value));
    for (const value of [-1, limit + 1, 0.5, -0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => new RecordWriter(8)[field](value), {
        name: 'RangeError',
        message: new RegExp(`^${value} does not fit`),
      });
    }
  });
}

test("int32 takes its two limits in two's complement, and rejects what is beyond them", () => {
  assert.equal(new RecordWriter(4).int32(-0x8000_0000).finish().toString('hex'), '00000080');
  assert.equal(new RecordWriter(4).int32(-2).finish().toString('hex'), 'feffffff');
  assert.equal(new RecordWriter(4).int32(0x7fff_ffff).finish().toString('hex'), 'ffffff7f');
  for (const value of [-0x8000_0001, 0x8000_0000, 0.5, Number.NaN]) {
    assert.throws(() => new RecordWriter(4).int32(value), RangeError);
  }
});

test('every 64-bit number up to the largest exact one is written as itself', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      assert.equal(new RecordWriter(8).uint64(value).finish().readBigUInt64LE(), BigInt(value));
    }),
    { examples: [[0xffff_ffff], [0x1_0000_0000], [Number.MAX_SAFE_INTEGER]] },
  );
});

test('a record with too few fields is rejected', () => {
  assert.throws(() => new RecordWriter(5).uint32(0).finish(), { message: 'A record of 5 bytes was given 4' });
});

test('a record with too many fields is rejected', () => {
  assert.throws(() => new RecordWriter(3).uint32(0).finish(), { message: 'A record of 3 bytes was given 4' });
  assert.throws(() => new RecordWriter(3).bytes(Buffer.alloc(4)), RangeError);
});
