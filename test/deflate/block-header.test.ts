/** Block headers: run-length coding of code lengths, and the precode (RFC 1951 section 3.2.7). */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DebugModule } from './debug-module.js';

const module = new DebugModule();

interface Header {
  /** Symbols of the precode with the value of their extra bits. */
  readonly items: readonly (readonly [symbol: number, extra: number])[];
  readonly bits: number;
}

function prepareHeader(literals: readonly number[], distances: readonly number[]): Header {
  const lengths = module.bytes('CODE_LENGTHS', 320).fill(0);
  lengths.set(literals);
  lengths.set(distances, 288);
  const bits = module.call('prepareHeader');
  const items = [...module.uint16('PRECODE_ITEMS', module.global('precodeItemCount'))];
  return { items: items.map((item) => [item & 31, item >> 5]), bits };
}

/** The code lengths that the items stand for. */
function expand(items: Header['items']): number[] {
  const lengths: number[] = [];
  for (const [symbol, extra] of items) {
    if (symbol < 16) lengths.push(symbol);
    else if (symbol === 16) lengths.push(...new Array<number>(3 + extra).fill(lengths.at(-1) ?? 0));
    else lengths.push(...new Array<number>((symbol === 17 ? 3 : 11) + extra).fill(0));
  }
  return lengths;
}

function run(length: number, count: number): number[] {
  return new Array<number>(count).fill(length);
}

test('runs of code lengths become the repeat codes 16, 17 and 18', () => {
  // 138 zeros, a 5 and six more, 10 zeros, 3 zeros are too few for code 18, two 8s and a 9.
  const literals = [...run(0, 138), ...run(5, 7), ...run(0, 10), 4, ...run(0, 3), 8, 8, 9, ...run(0, 95), 3];
  assert.equal(literals.length, 258);
  const { items } = prepareHeader(literals, [1, 1]);
  assert.deepEqual(items, [
    [18, 127],
    [5, 0],
    [16, 3],
    [17, 7],
    [4, 0],
    [17, 0],
    [8, 0],
    [8, 0],
    [9, 0],
    [18, 84],
    [3, 0],
    [1, 0],
    [1, 0],
  ]);
});

test('a run may go on from the literal code into the distance code', () => {
  const { items } = prepareHeader([...run(0, 255), 5, 5], run(5, 5));
  assert.deepEqual(items.slice(-2), [
    [5, 0],
    [16, 3],
  ]);
  assert.deepEqual(expand(items), [...run(0, 255), ...run(5, 7)]);
});

test('headers expand to the code lengths, and have the length in bits that was returned', () => {
  const lengths = (minLength: number, maxLength: number): fc.Arbitrary<number[]> =>
    fc
      .array(fc.tuple(fc.nat(15), fc.oneof(fc.nat(3), fc.nat(200))), { maxLength: 60 })
      .map((runs) => runs.flatMap(([length, count]) => run(length, count)).slice(0, maxLength))
      .map((drawn) => [...drawn, ...run(0, Math.max(0, minLength - drawn.length))]);
  fc.assert(
    fc.property(lengths(257, 286), lengths(1, 30), (literals, distances) => {
      const { items, bits } = prepareHeader(literals, distances);
      const literalCount = module.global('literalCodeCount');
      const distanceCount = module.global('distanceCodeCount');
      assert.deepEqual(expand(items), [
        ...[...literals, ...run(0, 286)].slice(0, literalCount),
        ...[...distances, ...run(0, 30)].slice(0, distanceCount),
      ]);
      assert.ok(literals.slice(literalCount).every((length) => length === 0));
      assert.ok(distances.slice(distanceCount).every((length) => length === 0));
      const precode = module.bytes('PRECODE_LENGTHS', 19);
      const extraBits = (symbol: number): number => (symbol === 16 ? 2 : symbol === 17 ? 3 : symbol === 18 ? 7 : 0);
      const itemBits = items.reduce((sum, [symbol]) => sum + (precode[symbol] ?? 0) + extraBits(symbol), 0);
      assert.equal(bits, 5 + 5 + 4 + 3 * module.global('precodeLengthCount') + itemBits);
      assert.ok(Math.max(...precode) <= 7);
    }),
    { numRuns: 300, seed: 20_260_202 },
  );
});

test('counts of neighbouring symbols are smoothed where they are alike, and unused symbols stay unused', () => {
  const [from, to] = [module.global('BLOCK_HISTOGRAM'), module.global('JOINED_HISTOGRAM')];
  const smooth = (counts: number[], tolerance: number): number[] => {
    module.uint32('BLOCK_HISTOGRAM', 288).set(counts);
    module.call('optimizeForRle', from, to, counts.length, tolerance);
    return [...module.uint32('JOINED_HISTOGRAM', counts.length)];
  };
  assert.deepEqual(smooth([100, 104, 96, 100, 0, 7], 1), [100, 100, 100, 100, 0, 7]);
  assert.deepEqual(smooth([100, 104, 96], 1), [100, 104, 96]);
  assert.deepEqual(smooth([100, 10, 100, 10, 100, 10], 1), [100, 10, 100, 10, 100, 10]);
});
