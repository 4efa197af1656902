import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { crc32Combine, crc32CombineOperator, crc32CombineWith } from '../../dist/compress/crc32-combine.js';

test('the CRC-32 of two parts combines to that of the whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), fc.uint8Array({ maxLength: 5000 }), (a, b) => {
      assert.equal(crc32Combine(crc32(a), crc32(b), b.length), crc32(Buffer.concat([a, b])));
    }),
    { numRuns: 500 },
  );
});

test('any number of parts of any lengths combine in order', () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 20 });
  fc.assert(
    fc.property(parts, (pieces) => {
      const combined = pieces.reduce((crc, piece) => crc32Combine(crc, crc32(piece), piece.length), 0);
      assert.equal(combined, crc32(Buffer.concat(pieces)));
    }),
  );
});

test('an operator prepared for a length serves every pair with that length', () => {
  const length = 1024 * 1024;
  const operator = crc32CombineOperator(length);
  const b = Buffer.alloc(length, 'pzip');
  for (const a of [Buffer.alloc(0), Buffer.from('x'), Buffer.alloc(70_000, 7)]) {
    assert.equal(crc32CombineWith(operator, crc32(a), crc32(b)), crc32(Buffer.concat([a, b])));
  }
});

test('lengths beyond 32 bits are counted in full', () => {
  // Appending n zero bytes, and then m, is appending n + m.
  const crc = crc32(Buffer.from('large'));
  const zeros = (length: number): number => {
    let result = 0;
    let block = crc32(Buffer.alloc(1));
    for (let rest = length, size = 1; rest > 0; rest = Math.floor(rest / 2), size *= 2) {
      if (rest % 2 === 1) result = crc32Combine(result, block, size);
      block = crc32Combine(block, block, size);
    }
    return result;
  };
  const [n, m] = [2 ** 32 + 12_345, 3 * 2 ** 33 + 1];
  const stepwise = crc32Combine(crc32Combine(crc, zeros(n), n), zeros(m), m);
  assert.equal(crc32Combine(crc, zeros(n + m), n + m), stepwise);
  assert.notEqual(crc32Combine(crc, zeros(n), n), crc32Combine(crc, zeros(n % 2 ** 32), n % 2 ** 32));
});

test('an invalid length is rejected', () => {
  for (const length of [-1, 1.5, 2 ** 53, Number.NaN]) assert.throws(() => crc32CombineOperator(length), RangeError);
});
