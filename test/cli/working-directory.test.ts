import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ProcessOutcome, runProcess } from '../helpers/run-process.js';
import { PZIP } from '../helpers/run-pzip.js';
import { casesOf } from '../helpers/slow-suite.js';
import { inTemporaryDirectory } from '../helpers/trees.js';

const GONE = 'mkdir gone; cd gone; rmdir ../gone;';
/** 4,200 bytes deep: the system does not tell the path of so deep a directory. */
const DEEP = 'name=$(printf %0200d 0); for ((i = 0; i < 21; i++)); do mkdir $name; cd $name; done;';

/** Runs pzip with arguments for the shell, in a directory that it makes first; `$D` is the folder of the files. */
async function run(t: TestContext, enter: string, args: string): Promise<ProcessOutcome> {
  const folder = await inTemporaryDirectory(t);
  mkdirSync(join(folder, 'd'));
  for (const name of ['a', 'd/b']) writeFileSync(join(folder, name), name);
  writeFileSync(join(folder, 'list'), 'a\n');
  const env = { ...process.env, NODE: process.execPath, PZIP, D: folder };
  const outcome = await runProcess('bash', ['-c', `${enter} "$NODE" "$PZIP" -q ${args}`], { cwd: folder, env });
  // Too deep for what removes the folder by paths.
  await runProcess('bash', ['-c', 'rm -rf "$D"/0*'], { env });
  return outcome;
}

for (const [what, enter, problem] of [
  ['that is gone', GONE, /^pzip: The working directory does not exist any more; use absolute paths/],
  ['that is too deep', DEEP, /^pzip: The working directory has a path that is too long; use absolute paths/],
] as const) {
  test(`in a working directory ${what} absolute paths work`, { skip: process.platform !== 'linux' }, async (t) => {
    const commands = ['"$D/o.zip" "$D/a" "$D/d/*"', '-C "$D" "$D/o.zip" a', '- "$D/a" > "$D/o.zip"'];
    for (const args of casesOf(commands, (_, index) => index < 2)) {
      const { code, stderr } = await run(t, enter, args);
      assert.deepEqual([code, stderr], [0, ''], args);
    }
  });

  test(`in a working directory ${what} a relative path is an error in one line`, {
    skip: process.platform !== 'linux',
  }, async (t) => {
    const commands = ['o.zip "$D/a"', '"$D/o.zip" a', '-C .. "$D/o.zip" a', '--files-from "$D/list" "$D/o.zip"'];
    for (const args of casesOf(commands, (_, index) => index % 2 === Number(enter === DEEP))) {
      const { code, stderr } = await run(t, enter, args);
      assert.equal(code, 2, `${args}: ${stderr}`);
      assert.match(stderr, problem);
    }
  });
}
