import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { frameAsStoredBlocks, framedLength, storedBlockHeaders } from '../../dist/deflate/stored-blocks.js';
import { toHex } from '../zip/facts.js';

test('a block is BFINAL and BTYPE in a byte, LEN, its complement, and the data', () => {
  assert.deepEqual(frameAsStoredBlocks(Buffer.from('abc'), true).map(toHex), ['010300fcff', '616263']);
  assert.deepEqual(frameAsStoredBlocks(Buffer.from('abc'), false).map(toHex), ['000300fcff', '616263']);
});

test('no data is one empty block', () => {
  assert.deepEqual(storedBlockHeaders(0, true).map(toHex), ['010000ffff']);
  assert.deepEqual(storedBlockHeaders(0, false).map(toHex), ['000000ffff']);
});

for (const [length, headers] of [
  [65_534, ['01feff0100']],
  [65_535, ['01ffff0000']],
  [65_536, ['00ffff0000', '010100feff']],
  [131_070, ['00ffff0000', '01ffff0000']],
  [131_071, ['00ffff0000', '00ffff0000', '010100feff']],
] as const) {
  test(`${length} bytes take ${headers.length} blocks, of which the last is final`, () => {
    assert.deepEqual(storedBlockHeaders(length, true).map(toHex), headers);
    assert.equal(framedLength(length), length + 5 * headers.length);
  });
}

test('framing copies no data', () => {
  const data = randomBytes(100_000);
  const pieces = frameAsStoredBlocks(data, true).filter((_, index) => index % 2 === 1);
  assert.ok(pieces.every((piece) => piece.buffer === data.buffer));
  assert.deepEqual(Buffer.concat(pieces), data);
});

test('framed data inflates to itself, and is as long as foretold', () => {
  const random = randomBytes(300_000);
  const length = fc.oneof(fc.nat(random.length), fc.constantFrom(0, 1, 65_534, 65_535, 65_536, 131_070, 196_606));
  fc.assert(
    fc.property(length, (length) => {
      const data = random.subarray(0, length);
      const framed = Buffer.concat(frameAsStoredBlocks(data, true));
      assert.equal(framed.length, framedLength(length));
      assert.ok(inflateRawSync(framed).equals(data));
    }),
  );
});

test('stored pieces stand between deflated ones in one stream', () => {
  const [first, second, third] = [Buffer.alloc(5000, 'first '), randomBytes(70_000), Buffer.alloc(5000, 'third ')];
  const stream = Buffer.concat([
    deflateRawSync(first, { finishFlush: constants.Z_SYNC_FLUSH }),
    ...frameAsStoredBlocks(second, false),
    ...frameAsStoredBlocks(new Uint8Array(0), false),
    deflateRawSync(third, { finishFlush: constants.Z_SYNC_FLUSH }),
    ...frameAsStoredBlocks(new Uint8Array(0), true),
  ]);
  assert.ok(inflateRawSync(stream).equals(Buffer.concat([first, second, third])));
});
