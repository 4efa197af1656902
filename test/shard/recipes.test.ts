/** The recipes of docs/scale.md: their commands, run as the systems would run them. */
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProcess } from '../helpers/run-process.js';
import { PZIP } from '../helpers/run-pzip.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/scale.md', import.meta.url)), 'utf8');

const COUNT = 3;

/** The commands of a recipe that match, in their order. */
function commandsOf(title: string, pattern: RegExp): string[] {
  const [, recipe = ''] = PAGE.split(`**${title}**`);
  const [, block = ''] = recipe.split('```');
  const commands = [...block.matchAll(pattern)].map(([, command = '']) => command);
  assert.ok(commands.length > 0, title);
  return commands;
}

interface Machines {
  /** Of each machine, a copy of the tree with dates of its own. */
  readonly folders: readonly string[];
  readonly merging: string;
  run(command: string, cwd: string, env?: NodeJS.ProcessEnv): Promise<void>;
}

async function machines(t: TestContext): Promise<Machines> {
  const root = await inTemporaryDirectory(t);
  const bin = join(root, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\nshift\nexec '${process.execPath}' '${PZIP}' "$@"\n`);
  chmodSync(join(bin, 'npx'), 0o755);
  mkdirSync(join(root, '0/dist'), { recursive: true });
  for (const name of ['a', 'b', 'c']) writeFileSync(join(root, '0/dist', name), name.repeat(50_000));
  writeFileSync(join(root, '0/dist/large'), textOf(1_100_000, 3));
  const folders = Array.from({ length: COUNT }, (_, index) => join(root, String(index + 1)));
  for (const folder of folders) cpSync(join(root, '0'), folder, { recursive: true });
  const environment = { PATH: `${bin}:${process.env.PATH}`, HOME: root };
  return {
    folders,
    merging: join(root, '0'),
    run: async (command, cwd, env = {}) => {
      const { code, stderr } = await runProcess('sh', ['-ec', command], { cwd, env: { ...environment, ...env } });
      assert.equal(code, 0, `${command}: ${stderr}`);
    },
  };
}

/** Runs a command on every machine at once, and the merge where all parts are. */
async function follow(
  t: TestContext,
  commandOf: (index: number) => string,
  environmentOf: (index: number) => NodeJS.ProcessEnv,
  merge: string,
): Promise<void> {
  const { folders, merging, run } = await machines(t);
  await Promise.all(folders.map((folder, at) => run(commandOf(at + 1), folder, environmentOf(at + 1))));
  for (const [at, folder] of folders.entries()) {
    const [name = ''] = /part-\S+\.zip/.exec(commandOf(at + 1)) ?? [];
    const variable = Object.entries(environmentOf(at + 1));
    const part = variable.reduce((path, [key, value]) => path.replace(`$${key}`, value ?? ''), name);
    copyFileSync(join(folder, part), join(merging, part));
  }
  await run(merge, merging);
  await run('npx pzip --reproducible whole.zip dist/ && cmp site.zip whole.zip', merging);
}

test('GitHub Actions: the steps of a matrix', async (t) => {
  const [part = '', merge = ''] = commandsOf('GitHub Actions', /- run: (.+)/g);
  await follow(
    t,
    (index) => part.replaceAll(/\$\{\{ matrix.part \}\}/g, String(index)),
    () => ({}),
    merge,
  );
});

test('GitLab CI: the script of parallel jobs', async (t) => {
  const [part = '', merge = ''] = commandsOf('GitLab CI', /- (npx .+)/g);
  await follow(
    t,
    () => part,
    (index) => ({ CI_NODE_INDEX: String(index), CI_NODE_TOTAL: String(COUNT) }),
    merge,
  );
});

test('Kubernetes: the command of an indexed Job', async (t) => {
  const [part = ''] = commandsOf('Kubernetes', /sh, -c, '(.+)'\]/g);
  await follow(
    t,
    () => part,
    (index) => ({ JOB_COMPLETION_INDEX: String(index - 1) }),
    'npx pzip merge site.zip part-*.zip',
  );
});

test('Slurm: an array, by sbatch where a cluster is up, else with its variables', async (t) => {
  const [script = ''] = commandsOf('Slurm', /sh\n([\s\S]+)/g);
  const { merging, run } = await machines(t);
  const cluster = await runProcess('sinfo', ['--noheader', '--states=idle']).catch(() => undefined);
  if (cluster?.code === 0 && cluster.stdout.length > 0) {
    await run(script, merging);
  } else {
    t.diagnostic('no Slurm cluster is up: sbatch is replaced by a loop that sets its variables');
    const [, wrapped = ''] = /--wrap='(.+)'/.exec(script) ?? [];
    for (let index = 1; index <= COUNT; index++) {
      await run(wrapped, merging, {
        SLURM_ARRAY_TASK_ID: String(index),
        SLURM_ARRAY_TASK_COUNT: String(COUNT),
        SLURM_ARRAY_TASK_MIN: '1',
        SLURM_ARRAY_TASK_MAX: String(COUNT),
        SLURM_ARRAY_TASK_STEP: '1',
      });
    }
    await run(script.split('\n').at(-2) ?? '', merging);
  }
  await run('npx pzip whole.zip dist/ && cmp site.zip whole.zip', merging);
});
