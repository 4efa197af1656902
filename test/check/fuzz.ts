/**
 * The long run over mutations.ts, in dist-test:
 *
 *     node check/fuzz.js [cases] [first seed]
 *
 * It prints the seed of a failure, and fails where memory grows.
 */
import assert from 'node:assert/strict';
import { checkMutated } from './mutations.js';

const cases = Number(process.argv[2] ?? 1_000_000);
const first = Number(process.argv[3] ?? Date.now() % 2 ** 31);
console.log(`fuzz: ${cases} mutated archives from seed ${first}`);
const before = process.memoryUsage().rss;
for (let index = 0; index < cases; index++) {
  await checkMutated(first + index);
  if (index % 50_000 === 49_999) console.log(`fuzz: ${index + 1}, ${Math.round(process.memoryUsage().rss / 1e6)} MB`);
}
assert.ok(process.memoryUsage().rss - before < 300e6, 'memory grows');
console.log('fuzz: passed');
