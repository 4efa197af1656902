import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareNames, sortNames } from '../../dist/common/name-order.js';

const wholeText = fc.string({ unit: 'binary' });

test('names are ordered by their UTF-8 bytes, not by their UTF-16 units', () => {
  assert.deepEqual(sortNames(['\u{1F600}', '\uFF5E', 'z', 'ä', 'Z', 'a/', 'a-b', 'a.b', 'a']), [
    'Z',
    'a',
    'a-b',
    'a.b',
    'a/',
    'z',
    'ä',
    '\uFF5E',
    '\u{1F600}',
  ]);
});

test('any two names compare as their bytes do', () => {
  fc.assert(
    fc.property(wholeText, wholeText, (a, b) => {
      assert.equal(Math.sign(compareNames(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 2000 },
  );
});

test('any list sorts as its bytes do', () => {
  fc.assert(
    fc.property(fc.array(wholeText), (names) => {
      const expected = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      assert.deepEqual(sortNames([...names]), expected);
    }),
  );
});
