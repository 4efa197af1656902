/**
 * The long run over mutations.ts:
 *
 *     npm run fuzz:reader -- [cases] [first seed]
 *
 * It prints the seed of each failure, and fails where memory grows.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkMutated, copyMutated } from './mutations.js';

const cases = Number(process.argv[2] ?? 1_000_000);
const first = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const MOST_MEMORY = 300e6;

/** Milliseconds without a result; a case that never ends leaves nothing else to do. */
const LONGEST_SILENCE = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'pzip-fuzz-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
console.log(`fuzz: ${cases} mutated archives from seed ${first}`);
const before = process.memoryUsage().rss;
let failures = 0;
let seed = first;
let isDone = false;
process.once('beforeExit', () => {
  if (isDone) return;
  console.error(`fuzz: seed ${seed} never ends`);
  process.exitCode = 1;
});
for (; seed < first + cases; seed++) {
  const silence = setTimeout(() => {
    console.error(`fuzz: seed ${seed} takes too long`);
    process.exit(1);
  }, LONGEST_SILENCE);
  for (const examine of [checkMutated, copyMutated]) {
    try {
      await examine(seed, folder);
    } catch (error) {
      failures++;
      console.error(error instanceof Error ? error.message : error);
    }
  }
  clearTimeout(silence);
  const memory = process.memoryUsage().rss - before;
  if (memory > MOST_MEMORY) {
    console.error(`fuzz: at seed ${seed} memory has grown by ${Math.round(memory / 1e6)} MB`);
    process.exit(1);
  }
  const count = seed - first + 1;
  if (count % 10_000 === 0) console.log(`fuzz: ${count}, ${Math.round(memory / 1e6)} MB more, ${failures} failures`);
}
isDone = true;
if (failures > 0) process.exitCode = 1;
else console.log('fuzz: passed');
