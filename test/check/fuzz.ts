/**
 * The long run over mutations.ts:
 *
 *     npm run fuzz:reader -- [cases] [first seed] [every how many cases are copied and merged, too]
 *
 * It prints the seed of each failure. A case that takes too long or too much memory ends it.
 */
import { existsSync, mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { checkMutated, copyMutated, mergeMutatedParts } from './mutations.js';

/** Bytes beyond what the process takes after the first cases, even for a moment. */
const MOST_MEMORY = 300e6;

/** Milliseconds without a result; a case that never ends leaves nothing else to do. */
const LONGEST_SILENCE = 60_000;

const WARM_UP = 200;

async function main(): Promise<void> {
  const cases = Number(process.argv[2] ?? 1_000_000);
  const first = Number(process.argv[3] ?? Date.now() % 2 ** 31);
  const every = Number(process.argv[4] ?? 16);
  // Files in memory, where there is a place for them: a disk takes longer than all else.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'pzip-fuzz-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  console.log(`fuzz: ${cases} mutated archives from seed ${first}, each ${every}th copied and merged`);

  // A thread of its own, since a case that never ends may not return to the event loop.
  const current = new Float64Array(new SharedArrayBuffer(8));
  new Worker(new URL(import.meta.url), { workerData: current }).unref();
  let isDone = false;
  process.once('beforeExit', () => {
    if (isDone) return;
    console.error(`fuzz: seed ${current[0]} never ends`);
    process.exitCode = 1;
  });

  const started = performance.now();
  let failures = 0;
  let memoryBefore = 0;
  let slowest = { seed: first, milliseconds: 0 };
  for (let seed = first; seed < first + cases; seed++) {
    current[0] = seed;
    const count = seed - first + 1;
    const doors = count % every === 0 ? [checkMutated, copyMutated, mergeMutatedParts] : [checkMutated];
    const startedCase = performance.now();
    for (const examine of doors) {
      try {
        await examine(seed, folder);
      } catch (error) {
        failures++;
        console.error(error instanceof Error ? error.message : error);
      }
    }
    const milliseconds = performance.now() - startedCase;
    if (count > WARM_UP && milliseconds > slowest.milliseconds) slowest = { seed, milliseconds };
    // The highest so far, in KiB: what a case has freed again counts, too.
    const memory = process.resourceUsage().maxRSS * 1024;
    if (count <= WARM_UP) memoryBefore = memory;
    if (memory - memoryBefore > MOST_MEMORY) {
      console.error(`fuzz: at seed ${seed} memory has grown by ${Math.round((memory - memoryBefore) / 1e6)} MB`);
      process.exit(1);
    }
    if (count % 10_000 === 0 || count === cases) {
      const rate = Math.round(count / ((performance.now() - started) / 1000));
      const slow = `slowest ${Math.round(slowest.milliseconds)} ms (seed ${slowest.seed})`;
      const grown = `${Math.round((memory - memoryBefore) / 1e6)} MB more`;
      console.log(`fuzz: ${count}, ${rate}/s, ${grown}, ${slow}, ${failures} failures`);
    }
  }
  isDone = true;
  if (failures > 0) process.exitCode = 1;
  else console.log('fuzz: passed');
}

/** Ends the process if a seed is still the current one after a while. */
function watch(current: Float64Array): void {
  let last = current[0];
  setInterval(() => {
    if (current[0] === last) {
      // The console of a thread needs the main one.
      writeSync(2, `fuzz: seed ${last} takes too long\n`);
      process.kill(process.pid, 'SIGKILL');
    }
    last = current[0];
  }, LONGEST_SILENCE);
}

if (isMainThread) await main();
else watch(workerData as Float64Array);
