import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDynamicBlocks } from './code-lengths.js';
import { DebugEngine, DebugModule } from './debug-module.js';
import { deflatePiece } from './pieces.js';

const module = new DebugModule();
const HISTOGRAM_LENGTH = 320;

/** Fills the histogram of each 1 KiB unit and splits them. Returns the first unit of each block, and the end. */
function split(units: readonly Readonly<Record<number, number>>[], maxBlocks = 40): number[] {
  const histograms = module.uint32('UNITS', units.length * HISTOGRAM_LENGTH).fill(0);
  for (const [unit, counts] of units.entries()) {
    for (const [symbol, count] of Object.entries(counts)) histograms[unit * HISTOGRAM_LENGTH + Number(symbol)] = count;
  }
  module.call('split', 1, units.length, maxBlocks);
  return Array.from({ length: module.global('blockCount') + 1 }, (_, block) => module.call('blockStart', block));
}

/** A unit whose 1024 literals are evenly distributed over some bytes. */
function unit(firstByte: number, byteCount: number): Record<number, number> {
  return Object.fromEntries(Array.from({ length: byteCount }, (_, i) => [firstByte + i, 1024 / byteCount]));
}

test('level 10 ends a block where the statistics change', () => {
  const units = [...Array(10).fill(unit(0, 16)), ...Array(7).fill(unit(128, 16)), ...Array(20).fill(unit(64, 32))];
  assert.deepEqual(split(units), [0, 10, 17, 37]);
});

test('level 10 keeps uniform data in one block', () => {
  assert.deepEqual(split(Array(100).fill(unit(32, 64))), [0, 100]);
  assert.deepEqual(split([unit(32, 64)]), [0, 1]);
});

test('level 10 keeps a short change that does not pay for a header in its block', () => {
  assert.deepEqual(
    split([...Array(10).fill(unit(32, 64)), { ...unit(32, 64), 32: 24, 33: 8 }, ...Array(10).fill(unit(32, 64))]),
    [0, 21],
  );
});

test('level 10 writes at most the number of blocks it is allowed', () => {
  const alternating = Array.from({ length: 100 }, (_, i) => unit((i % 2) * 128, 16));
  const starts = split(alternating, 24);
  assert.ok(starts.length - 1 <= 24, `${starts.length - 1} blocks`);
  assert.equal(starts.at(-1), 100);
});

test('the estimated cost of a block is its entropy, a header and three bits per symbol used', () => {
  const histogram = module.uint32('BLOCK_HISTOGRAM', HISTOGRAM_LENGTH).fill(0);
  histogram.fill(16, 0, 64);
  const cost = module.call('estimateCost', module.global('BLOCK_HISTOGRAM'));
  assert.equal(cost, 16 * (80 + 64 * 3 + 1024 * 6));
});

test('levels 1 to 9 end a block where the data changes', () => {
  const engine = new DebugEngine();
  const digits = Buffer.from(Array.from({ length: 60_000 }, (_, i) => 0x30 + (((i * i * 7) % 97) % 10)));
  const letters = Buffer.from(Array.from({ length: 60_000 }, (_, i) => 0x61 + (((i * i * i * 5) % 1009) % 26)));
  for (let level = 1; level <= 9; level++) {
    const bytes = Buffer.concat([digits, letters]);
    const blocks = readDynamicBlocks(deflatePiece(engine, { bytes, dictionaryLength: 0, isLast: true, level }));
    assert.ok(blocks.length >= 2, `level ${level}: ${blocks.length} blocks`);
  }
});
