import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EntryFacts } from '../../dist/zip/entry-facts.js';
import {
  encodeZip64ExtendedInformation,
  fitsExtendedTimestamp,
  plainExtraFieldSize,
  writePlainExtraFields,
} from '../../dist/zip/extra-fields.js';
import { hex, toHex } from './facts.js';

test('zip64 extended information holds the values it is given, in their order', () => {
  assert.equal(
    toHex(encodeZip64ExtendedInformation(0x1_0000_0002, 3, 0xffff_ffff)),
    hex`
      01 00                    header ID
      18 00                    data size
      02 00 00 00 01 00 00 00  first value
      03 00 00 00 00 00 00 00  second value
      ff ff ff ff 00 00 00 00  third value
    `,
  );
});

for (const [what, unixTime, bytes] of [
  ['1970', 0, '00000000'],
  ['the last second of 32 signed bits', 0x7fff_ffff, 'ffffff7f'],
  ['a fraction, floored', 1.999, '01000000'],
] as const) {
  test(`extended timestamp: ${what}`, () => {
    assert.equal(plainExtra(unixTime), `5554${'0500'}${'01'}${bytes}`);
  });
}

test('the extended timestamp is for times from 1970 to the last second of 32 signed bits', () => {
  for (const time of [0, 0.5, 1, 0x7fff_ffff, 0x7fff_ffff + 0.9]) assert.ok(fitsExtendedTimestamp(time), `${time}`);
  const others = [-0.001, -1, -0x8000_0000, 0x8000_0000, 253_402_300_799, Number.NaN, Number.POSITIVE_INFINITY];
  for (const time of others) assert.ok(!fitsExtendedTimestamp(time), `${time}`);
});

test('without a timestamp there is no extra field', () => {
  for (const unixTime of [Number.NaN, -1, 0x8000_0000]) assert.equal(plainExtra(unixTime), '', `${unixTime}`);
});

function plainExtra(unixTime: number): string {
  const facts = new EntryFacts({ unixTime });
  const bytes = Buffer.alloc(plainExtraFieldSize(facts) + 1, 0xaa);
  writePlainExtraFields(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, facts);
  assert.equal(bytes.at(-1), 0xaa, 'nothing is written behind it');
  return toHex(bytes.subarray(0, -1));
}
