import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeExtendedTimestamp, encodeZip64ExtendedInformation } from '../../dist/zip/extra-fields.js';
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
  ['a second later, clamped', 0x8000_0000, 'ffffff7f'],
  ['the far future, clamped', 253_402_300_799, 'ffffff7f'],
  ['a second before 1970', -1, 'ffffffff'],
  ['the first second of 32 signed bits', -0x8000_0000, '00000080'],
  ['a second earlier, clamped', -0x8000_0001, '00000080'],
  ['a fraction, floored', 1.999, '01000000'],
  ['a fraction before 1970, floored', -0.001, 'ffffffff'],
] as const) {
  test(`extended timestamp: ${what}`, () => {
    assert.equal(toHex(encodeExtendedTimestamp(unixTime)), `5554${'0500'}${'01'}${bytes}`);
  });
}

test('a timestamp that is no number is refused', () => {
  assert.throws(() => encodeExtendedTimestamp(Number.NaN), RangeError);
});
