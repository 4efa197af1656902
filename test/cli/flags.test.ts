/** Levels, flags that other archivers have, and the exit codes of what the command line names. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseArguments } from '../../dist/cli/arguments.js';
import { explainUsage, UsageError } from '../../dist/cli/usage-error.js';
import { makeTree } from '../select/tree.js';
import { pzip, pzipFails } from './command.js';

for (const flags of ['-10', '-r10', '-q10', '-19', '-90']) {
  test(`${flags} is rejected: it would be two levels`, () => {
    assertRefused([flags, 'out.zip', 'a'], [`${flags} is two levels`, '--max']);
  });
}

/** By the parser, as the command then says in one line; mistakes.test.ts has the command itself say some. */
function assertRefused(args: readonly string[], words: readonly string[]): void {
  assert.throws(
    () => parseArguments(args),
    (error) => error instanceof UsageError && words.every((word) => explainUsage(error).includes(word)),
    `pzip ${args.join(' ')}`,
  );
}

test('digits in a value are no levels, and of two levels the last counts', async (t) => {
  const cwd = makeTree(t, { a: 'x'.repeat(1000) });
  for (const args of [['-c10'], ['-c', '-10'], ['-x', '-10'], ['-x10']]) {
    assert.equal(typeof parseArguments(['-q', ...args, 'out.zip', 'a']), 'object', args.join(' '));
  }
  const { stderr } = await pzip(cwd, ['-v', '-9', '-0', 'out.zip', 'a']);
  assert.match(stderr, /^store/);
});

for (const flags of ['-r', '-y', '-X', '-ry', '-rX', '-rq', '-r9', '-9r', '-qryX', '--recurse-paths']) {
  test(`${flags} of zip is taken: pzip does that anyway`, () => {
    const request = parseArguments([flags, 'out.zip', 't']);
    assert.ok(typeof request === 'object');
    assert.deepEqual([request.archive, request.inputs], ['out.zip', ['t']]);
  });
}

for (const [args, words] of [
  [['-o', 'out.zip', 'a'], 'pzip out.zip dir/'],
  [['--output=out.zip', 'a'], 'pzip out.zip dir/'],
  [['-P', 'secret', 'out.zip', 'a'], 'does not encrypt'],
  [['-re', 'out.zip', 'a'], 'does not encrypt'],
  [['-u', 'out.zip', 'a'], 'pzip out.zip --from out.zip --on-duplicate last'],
  [['-d', 'out.zip', 'a'], "pzip out.zip --from out.zip -x 'PATTERN'"],
  [['-l', 'out.zip'], 'pzip list'],
  [['-t', 'out.zip'], 'pzip check'],
  [['-@', 'out.zip'], '--files-from -'],
] as const) {
  test(`${args[0]} is answered with pzip's way`, () => {
    assertRefused(args, [words]);
  });
}

test('completion is printed beside files that have the names of shells', async (t) => {
  const cwd = makeTree(t, { bash: 'x', zsh: 'x', fish: 'x', completion: 'PK' });
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout } = await pzip(cwd, ['completion', shell]);
    assert.ok(stdout.includes('pzip'), shell);
  }
  await pzipFails(cwd, ['completion', 'elvish'], 2, ['bash, zsh or fish']);
  await pzip(cwd, ['-q', './completion', 'bash']);
});

test('what the command line names and is not there or no name is a usage error', async (t) => {
  const cwd = makeTree(t, { a: 'x' });
  writeFileSync(join(cwd, 'list'), 'a');
  await pzipFails(cwd, ['--prefix', '../x', 'out.zip', 'a'], 2, ["'../x'"]);
  await pzipFails(cwd, ['--ignore-file', 'missing', 'out.zip', 'a'], 2, ["'missing' does not exist"]);
  await pzipFails(cwd, ['--files-from', 'missing', 'out.zip'], 2, ['the list missing cannot be read']);
});
