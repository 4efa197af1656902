/** The real command on a tree of its own: what it said, what it left, what is in the archive. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessOutcome } from '../helpers/run-process.js';
import { type RunPzipOptions, runPzip } from '../helpers/run-pzip.js';
import { type Anatomy, assertCleanAnatomy } from '../helpers/zip-anatomy.js';

/** Succeeds, whatever it says. */
export async function pzip(
  cwd: string,
  args: readonly string[],
  options: RunPzipOptions = {},
): Promise<ProcessOutcome> {
  const outcome = await runPzip(args, { cwd, ...options });
  assert.equal(outcome.code, 0, `pzip ${args.join(' ')}: ${outcome.stderr}`);
  return outcome;
}

/** Fails with the code, says one line that holds the words, and leaves the folder as it was. */
export async function pzipFails(
  cwd: string,
  args: readonly string[],
  code: number,
  words: readonly string[],
  options: RunPzipOptions = {},
): Promise<void> {
  const before = readdirSync(cwd);
  const { code: actual, stderr, stdout } = await runPzip(args, { cwd, ...options });
  const what = `pzip ${args.join(' ')}: ${stderr}`;
  assert.equal(actual, code, what);
  for (const word of words) assert.ok(stderr.includes(word), `${what} lacks ${word}`);
  assert.match(stderr, /^pzip: .+\n$/, 'one line');
  assert.equal(stdout.length, 0);
  assert.deepEqual(readdirSync(cwd), before);
}

/** By its own rules and by those of every careful reader. */
export function open(cwd: string, archive: string): Anatomy {
  return assertCleanAnatomy(join(cwd, archive), { output: 'file' });
}

export function namesIn(cwd: string, archive: string): string[] {
  return open(cwd, archive).entries.map(({ name }) => name);
}

/**
 * The names of an archive of these arguments, by a dry run: that takes half the time, and lists what the archive then holds
 * (selection.test.ts). For names without blanks at either end, line ends and controls.
 */
export async function namesOf(cwd: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await pzip(cwd, ['-n', '-q', 'out.zip', ...args]);
  return stdout.toString().split('\n').slice(0, -1).map(nameInList);
}

/** A line has the size in 12 columns, two blanks, the name, and in parentheses the path where that is another. */
function nameInList(line: string): string {
  return line.slice(14).replace(/ {2}\(.*\)$/, '');
}

/** Somebody who may not read everything. */
export const ORDINARY_USER = { withoutRootRights: true } as const;
