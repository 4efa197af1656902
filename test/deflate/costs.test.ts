/** Logarithms, entropies, and the costs that parsing and splitting decide by. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DebugModule } from './debug-module.js';

const module = new DebugModule();

test('logarithms are exact for powers of two and within one unit of 1/65,536 bit elsewhere', () => {
  for (let power = 0; power < 31; power++) assert.equal(module.call('log2', 2 ** power), power * 65_536);
  for (let n = 1; n < 2 ** 21; n = Math.ceil(n * 1.01) + 1) {
    const exact = Math.log2(n) * 65_536;
    const log = module.call('log2', n);
    assert.ok(log <= exact + 1e-6 && log > exact - 1.001, `log2(${n}): ${log}, exactly ${exact}`);
  }
});

test('short logarithms are the same in and beyond their table', () => {
  for (const n of [1, 2, 3, 1000, 1023, 1024, 1025, 123_456, 2 ** 20]) {
    assert.equal(module.call('shortLog2', n), Math.floor(module.call('log2', n) / 256), `${n}`);
  }
});

test('entropies are n log2(n) in sixteenths of a bit, within rounding, in and beyond their table', () => {
  for (let n = 0; n < 4096; n++) {
    const exact = n === 0 ? 0 : 16 * n * Math.log2(n);
    // The logarithm is short by up to 1/65,536 bit.
    assert.ok(Math.abs(module.call('entropyTerm', n) - exact) <= 0.5 + n / 4096, `${n}`);
  }
  for (let n = 4096; n < 2 ** 20; n = Math.ceil(n * 1.003)) {
    const exact = 16 * n * Math.log2(n);
    assert.ok(Math.abs(module.call('entropyTerm', n) / exact - 1) < 0.001, `${n}`);
  }
});

test('symbol costs are those of an ideal code, with extra bits', () => {
  const histogram = module.uint32('BLOCK_HISTOGRAM', 320).fill(0);
  // 1023 literals and lengths: 1024 with the one that is added, so that logarithms are whole.
  histogram.fill(2, 0, 128);
  histogram[257] = 256;
  histogram[273] = 511;
  histogram[288] = 3;
  histogram[288 + 29] = 4;
  module.call('setSymbolCosts', module.global('BLOCK_HISTOGRAM'), 256);
  const literals = module.uint32('LITERAL_COSTS', 256);
  assert.equal(literals[0], 9 * 256);
  assert.equal(literals[200], 11 * 256, 'one bit more than a symbol that occurred once');
  const lengths = module.uint32('LENGTH_COSTS', 2 * 259);
  assert.equal(lengths[2 * 3 + 1], 2 * 256, 'length 3 has no extra bits');
  assert.equal(lengths[2 * 35 + 1], module.call('shortLog2', 1024) - module.call('shortLog2', 511) + 3 * 256);
  assert.equal(lengths[2 * 35], 35);
  assert.ok((lengths[2 * 2 + 1] ?? 0) >= 2 ** 30, 'a length that does not exist costs more than any path');
  const distances = module.uint32('DISTANCE_COSTS', 30);
  assert.equal(distances[29], (3 - 2 + 13) * 256, 'slot 29 has 13 extra bits');
});

test('a match is unprofitable exactly beyond the greatest useful distance of its length', () => {
  for (const dataLength of [100, 100_000]) {
    module.call('startLiteralCost', dataLength);
    for (let length = 3; length <= 8; length++) {
      const limit = module.call('maxUsefulDistance', length);
      for (const distance of [1, 4, limit - 1, limit, limit + 1, 32_768]) {
        if (distance < 1 || distance > 32_768) continue;
        const isUnprofitable = module.call('isUnprofitable', (length << 16) | distance) !== 0;
        assert.equal(isUnprofitable, distance > limit, `length ${length}, distance ${distance}, limit ${limit}`);
      }
    }
    assert.equal(module.call('isUnprofitable', 0), 1, 'no match');
    assert.equal(module.call('maxUsefulDistance', 2), 0);
    assert.equal(module.call('maxUsefulDistance', 8), 32_768);
  }
});

test('a match scores four per byte and loses one per extra bit of its distance', () => {
  const score = (length: number, distance: number): number => module.call('matchScore', length, distance);
  assert.equal(score(5, 1) - score(4, 1), 4);
  assert.equal(score(4, 1) - score(4, 2), 1);
  assert.equal(score(4, 1000) - score(4, 32_000), 5);
});

test('packed matches hold length, slot and distance', () => {
  const slots = { 1: 0, 2: 1, 4: 3, 5: 4, 7: 5, 256: 15, 257: 16, 24576: 28, 24577: 29, 32768: 29 };
  for (const [distance, slot] of Object.entries(slots)) {
    const match = module.call('packMatch', 258, Number(distance));
    assert.deepEqual([match & 511, (match >> 9) & 31, (match >>> 14) + 1], [258, slot, Number(distance)]);
  }
});
