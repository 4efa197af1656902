/**
 * The end of `npm test`: runs the compiled tests, eight files in a process. A process takes 0.3 s of processor time to start
 * Node and load pzip, as long as most of the files take themselves; and a warm command (test/helpers/warm-command.ts) serves
 * all of its files.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TESTS = fileURLToPath(new URL('../dist-test/', import.meta.url));
const FILES_A_PROCESS = 8;

/** As the others in dist-test. */
const OF_BENCH = '../dist-bench/report.test.js';

/** They start first: they wait more than they work, or take longest. */
const LONG = [
  'html/browser.test.js',
  'cli/messages.test.js',
  'cli/signals.test.js',
  'threads/threads-unavailable.test.js',
  'api/readme.test.js',
  'api/package.test.js',
];

/** They have a process of their own, since they change or measure one. */
const ALONE = [
  ...LONG,
  // The time zone
  'golden.test.js',
  // Functions of node:fs, the umask, PATH
  'output/file-faults.test.js',
  'output/permissions.test.js',
  'output/sinks.test.js',
  'output/stored-memory.test.js',
  // Memory
  'check/hostile-archives.test.js',
  'reader/broken-archives.test.js',
  'reader/content.test.js',
  'reader/hostile-archives.test.js',
  // Open files and threads
  'api/endings.test.js',
  'select/directory-swapped.test.js',
  'threads/threads.test.js',
];

function main() {
  const all = readdirSync(TESTS, { recursive: true }).map((name) => name.replaceAll('\\', '/'));
  const files = all.filter((name) => name.endsWith('.test.js') && !name.startsWith('helpers/')).sort();
  for (const name of ALONE) if (!files.includes(name)) throw new Error(`there is no ${name}`);
  const together = [...files.filter((name) => !ALONE.includes(name)), OF_BENCH];
  const groups = ALONE.map((name) => [name]);
  for (let at = 0; at < together.length; at += FILES_A_PROCESS) groups.push(together.slice(at, at + FILES_A_PROCESS));
  const { status } = spawnSync(
    process.execPath,
    ['--test', '--test-concurrency=3', ...process.argv.slice(2), ...groups.map(writeGroup)],
    { cwd: TESTS, stdio: 'inherit' },
  );
  process.exitCode = status ?? 1;
}

/** @returns a module that loads the files. node:test runs modules in the order of their names. */
function writeGroup(files, index) {
  if (index === 0) rmSync(join(TESTS, 'groups'), { recursive: true, force: true });
  mkdirSync(join(TESTS, 'groups'), { recursive: true });
  const path = `groups/${String(index).padStart(2, '0')}.js`;
  writeFileSync(join(TESTS, path), files.map((name) => `import '../${name}';\n`).join(''));
  return path;
}

main();
