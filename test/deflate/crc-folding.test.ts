import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { DebugModule } from './debug-module.js';
import { createRandom } from './pieces.js';

const module = new DebugModule();
const THIRD = 3006;
const UNROLLED = 64;

test('folding leaves less than 3,070 bytes, whose CRC-32 is that of the data', () => {
  const random = createRandom(11);
  const input = module.bytes('input', 200_000);
  for (let i = 0; i < input.length; i++) input[i] = random(256);
  const whole = input.slice();
  const lengths = [
    THIRD + UNROLLED + 1,
    THIRD + 2 * UNROLLED - 1,
    16 * 1024 + THIRD,
    3 * 16 * 1024 + THIRD + 5,
    190_001,
  ];
  for (const length of [...lengths, ...Array.from({ length: 70 }, (_, i) => 12_000 + i)]) {
    const start = length % 9;
    module.call('startChecks', module.global('input') + input.length);
    const restLength = module.call('foldData', module.global('input') + start, length);
    assert.ok(restLength < THIRD + UNROLLED, `${restLength} bytes of ${length} are left`);
    const rest = module.bytes('folded', restLength);
    assert.equal(crc32(rest, 0xffff_ffff), crc32(whole.subarray(start, start + length)), `${length} bytes`);
  }
  assert.deepEqual(input, whole, 'the data is unchanged');
});
