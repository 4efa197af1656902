import assert from 'node:assert/strict';
import { test } from 'node:test';
import { looksIncompressible } from '../../dist/compress/probe.js';
import { createEngine } from '../../dist/deflate/create-engine.js';
import { randomBytes, repetitiveBytes, textOf } from '../helpers/trees.js';

const engine = createEngine('zlib');
const LENGTH = 256 * 1024;

function probe(data: Uint8Array): boolean {
  engine.input.set(data);
  const answer = looksIncompressible(engine, engine.input.subarray(0, data.length));
  assert.deepEqual(Buffer.from(engine.input.subarray(0, data.length)), Buffer.from(data), 'the probe changed the data');
  return answer;
}

test('random data is not worth deflating', () => {
  for (let seed = 1; seed <= 50; seed++) assert.equal(probe(randomBytes(LENGTH, seed)), true, `seed ${seed}`);
});

test('text and repetitions are worth it', () => {
  assert.equal(probe(textOf(LENGTH, 1)), false);
  assert.equal(probe(repetitiveBytes(LENGTH)), false);
});

test('random data that repeats within the reach of a match is worth it, whatever its period', () => {
  for (const period of [1, 2, 100, 4095, 4096, 4097, 10_000, 32_000, 32_768]) {
    const pattern = randomBytes(period, period);
    const data = Uint8Array.from({ length: LENGTH }, (_, index) => pattern[index % period] ?? 0);
    assert.equal(probe(data), false, `period ${period}`);
  }
});

test('a compressible beginning, middle or end is noticed', () => {
  for (const start of [0, (LENGTH - 8192) / 2, LENGTH - 8192]) {
    const data = randomBytes(LENGTH, 9);
    data.set(textOf(8192, 2), start);
    assert.equal(probe(data), false, `at ${start}`);
  }
});

test('a stretch in which some bytes are somewhat more frequent is noticed, wherever it is', () => {
  for (const start of [0, 30_000, 99_000, LENGTH - 20_000]) {
    const data = randomBytes(LENGTH, start + 1);
    // A quarter of the bytes lose their top two bits: 7.7 bits a byte.
    for (let i = start; i < start + 20_000; i++)
      if ((data[i] as number) % 4 === 0) data[i] = (data[i] as number) & 0x3f;
    assert.equal(probe(data), false, `at ${start}`);
  }
});
