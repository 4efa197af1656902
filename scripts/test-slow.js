/**
 * The proofs that take too long for every change: `npm run test:slow` before a release. Each step prints its time; the
 * first failure ends the run. Seeds are new in each run and printed, so that a failure can be repeated.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const TESTS = fileURLToPath(new URL('../dist-test/', import.meta.url));
const seed = String(Date.now() % 2 ** 32);

/** They have cases that only run here, see test/helpers/slow-suite.ts. */
const WITH_MORE_CASES = [
  'cli/archives-as-inputs.test.js',
  'cli/on-change.test.js',
  'cli/ignore-files.test.js',
  'cli/verify.test.js',
  'cli/exit-codes.test.js',
  'limits.test.js',
  'round-trip.test.js',
  'reader/verify-archive.test.js',
  'reader/hostile-archives.test.js',
  'chunk-edges.test.js',
  'api/predict-size.test.js',
  'api/streams.test.js',
  'api/reuse.test.js',
  'select/globs.test.js',
  'check/hostile-archives.test.js',
  'check/broken-archives.test.js',
  'check/check-archive.test.js',
  'threads/threads-unavailable.test.js',
  'select/directory-swapped.test.js',
  'output/entry-forms.test.js',
  'determinism.test.js',
  'cli/selection.test.js',
  'deflate/foreign-inflaters.test.js',
  'cli/made-up-files.test.js',
  'cli/hostile-names.test.js',
  'cli/reproducible.test.js',
  'cli/working-directory.test.js',
  'cli/validate-arguments.test.js',
  'api/many-entries.test.js',
  'deflate/wasm-engine.test.js',
  'shard/shards.test.js',
  'shard/beyond-4-gib.test.js',
  'shard/node-versions.test.js',
  'shard/store.test.js',
  'shard/reuse.test.js',
  'html/browser.test.js',
];

const STEPS = [
  ['Damaged archives, checked, read, copied, merged and compared', ['check/fuzz.js', '100000', seed]],
  ['Random data through the engine, every level', ['deflate/fuzz.js', '200000', seed]],
  ['The same with the assertions of the debug build', ['deflate/fuzz.js', '--debug', '20000', seed]],
  ['Every period, distance and match length', ['deflate/fuzz.js', 'sweep']],
  [
    'Random trees and ignore files against git',
    ['--test', 'select/git-ignore-property.test.js'],
    { PZIP_IGNORE_TREES: '3000' },
  ],
  [
    'All combinations, and 4 GiB read in full',
    ['--test', '--test-concurrency=2', ...WITH_MORE_CASES],
    { PZIP_SLOW: '1' },
  ],
];

for (const [title, args, variables = {}] of STEPS) {
  console.log(`\n== ${title}: node ${args.join(' ')}`);
  const start = performance.now();
  const { status } = spawnSync(process.execPath, args, {
    cwd: TESTS,
    env: { ...process.env, ...variables },
    stdio: 'inherit',
  });
  console.log(`-- ${title}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  if (status !== 0) process.exit(1);
}
