import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DebugModule } from './debug-module.js';

const module = new DebugModule();
const MAX_SYMBOLS = 288;

/** Codewords as bit strings, most significant bit first, as RFC 1951 prints them. */
function codewords(count: number): string[] {
  return [...module.uint32('CODES', count)].map((code) => {
    const bits = (code >> 8).toString(2).padStart(code & 255, '0');
    // The encoder keeps them reversed.
    return [...bits].reverse().join('');
  });
}

function buildCode(frequencies: readonly number[], maxLength: number): number[] {
  module.uint32('BLOCK_HISTOGRAM', MAX_SYMBOLS).set(frequencies);
  const [from, lengths, codes] = ['BLOCK_HISTOGRAM', 'CODE_LENGTHS', 'CODES'].map((name) => module.global(name));
  module.call('buildCode', from ?? 0, frequencies.length, maxLength, lengths ?? 0, codes ?? 0);
  return [...module.bytes('CODE_LENGTHS', frequencies.length)];
}

/** The canonical codewords of given lengths, by the algorithm of RFC 1951 section 3.2.2. */
function canonicalCodewords(lengths: readonly number[]): string[] {
  const codes = lengths.map(() => '');
  for (let length = 1, code = 0; length <= 15; length++, code <<= 1) {
    for (const [symbol, its] of lengths.entries()) {
      if (its === length) codes[symbol] = (code++).toString(2).padStart(length, '0');
    }
  }
  return codes;
}

/** The bits of an optimal code without a length limit, by joining the two lightest nodes. */
function optimalBits(frequencies: readonly number[]): number {
  const weights = frequencies.filter((frequency) => frequency > 0).sort((a, b) => a - b);
  let bits = 0;
  while (weights.length > 1) {
    const joined = (weights.shift() ?? 0) + (weights.shift() ?? 0);
    bits += joined;
    const at = weights.findIndex((weight) => weight >= joined);
    weights.splice(at === -1 ? weights.length : at, 0, joined);
  }
  return bits;
}

function bitsOf(frequencies: readonly number[], lengths: readonly number[]): number {
  return frequencies.reduce((bits, frequency, symbol) => bits + frequency * (lengths[symbol] ?? 0), 0);
}

test('the example of RFC 1951 section 3.2.2 gets its codewords', () => {
  module.bytes('CODE_LENGTHS', 8).set([3, 3, 3, 3, 3, 2, 4, 4]);
  module.call('buildFixedCode', module.global('CODE_LENGTHS'), 8, module.global('CODES'));
  assert.deepEqual(codewords(8), ['010', '011', '100', '101', '110', '00', '1110', '1111']);
});

test('the fixed codes are those of RFC 1951 section 3.2.6', () => {
  module.call('buildFixedCode', module.global('FIXED_CODE_LENGTHS'), 288, module.global('CODES'));
  const codes = codewords(288);
  assert.equal(codes[0], '00110000');
  assert.equal(codes[143], '10111111');
  assert.equal(codes[144], '110010000');
  assert.equal(codes[255], '111111111');
  assert.equal(codes[256], '0000000');
  assert.equal(codes[279], '0010111');
  assert.equal(codes[280], '11000000');
  assert.equal(codes[287], '11000111');
});

test('six symbols get the code lengths of the textbook', () => {
  // Cormen et al., Introduction to Algorithms, section 16.3.
  assert.deepEqual(buildCode([45, 13, 12, 16, 9, 5], 15), [1, 3, 3, 3, 4, 4]);
  assert.deepEqual(codewords(6), ['0', '100', '101', '110', '1110', '1111']);
});

test('a code of one symbol, or of none, has two codewords of one bit', () => {
  assert.deepEqual(buildCode([0, 0, 7, 0], 15), [1, 0, 1, 0]);
  assert.deepEqual(buildCode([7, 0, 0, 0], 15), [1, 1, 0, 0]);
  assert.deepEqual(buildCode([0, 0, 0, 0], 15), [1, 1, 0, 0]);
});

test('frequencies that grow like the Fibonacci numbers are limited to the longest codeword allowed', () => {
  const frequencies = [1, 1];
  while (frequencies.length < 25) frequencies.push((frequencies.at(-1) ?? 0) + (frequencies.at(-2) ?? 0));
  assert.equal(Math.max(...buildCode(frequencies, 14)), 14);
  assert.equal(Math.max(...buildCode(frequencies.slice(0, 19), 7)), 7);
});

test('codes are canonical and complete, and optimal wherever the limit allows it', () => {
  const frequency = fc.oneof(fc.constant(0), fc.nat(3), fc.nat(200), fc.nat((1 << 20) - 1));
  const frequencies = fc.array(frequency, { minLength: 2, maxLength: 286 });
  fc.assert(
    fc.property(frequencies, fc.constantFrom(9, 14, 15), (drawn, maxLength) => {
      const used = drawn.filter((n) => n > 0).length;
      const lengths = buildCode(drawn, maxLength);
      const codes = codewords(drawn.length);
      const canonical = canonicalCodewords(lengths);
      for (const [symbol, length] of lengths.entries()) {
        assert.ok(length <= maxLength);
        if (used >= 2) assert.equal(length > 0, (drawn[symbol] ?? 0) > 0);
        if (length > 0) assert.equal(codes[symbol], canonical[symbol]);
      }
      const kraft = lengths.reduce((sum, length) => sum + (length > 0 ? 2 ** -length : 0), 0);
      assert.equal(kraft, 1);
      if (used < 2) return;
      const bits = bitsOf(drawn, lengths);
      if (Math.max(...lengths) < maxLength) assert.equal(bits, optimalBits(drawn));
      else assert.ok(bits >= optimalBits(drawn));
    }),
    { numRuns: 300, seed: 20_260_201 },
  );
});
