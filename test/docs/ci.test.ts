/** The recipes of docs/ci.md: what a runner would execute of them, is executed. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findPrograms, readWithYauzl } from '../helpers/foreign-readers.js';
import { runProcess } from '../helpers/run-process.js';
import { PZIP } from '../helpers/run-pzip.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/ci.md', import.meta.url)), 'utf8');

/** The first block of a language after the bold word that introduces it. */
function recipe(introduction: string, language: string): string {
  const start = PAGE.indexOf(introduction);
  assert.ok(start >= 0, introduction);
  const block = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(PAGE.slice(start))?.[1];
  assert.ok(block, `${introduction} has no ${language}`);
  return block;
}

interface Project {
  readonly folder: string;
  run(script: string): Promise<string>;
}

/** A project with `dist/`, and programs `pzip` and `npx` that run this package. */
async function project(t: TestContext): Promise<Project> {
  const folder = await inTemporaryDirectory(t);
  mkdirSync(join(folder, 'dist'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'dist/app.js'), textOf(5000, 1));
  writeFileSync(join(folder, 'dist/app.js.map'), '{}');
  const programs = {
    pzip: `exec ${process.execPath} ${PZIP} "$@"`,
    npx: '[ "$1" = --yes ] && shift; shift; exec pzip "$@"',
  };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  const env = { PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`, HOME: folder };
  return {
    folder,
    run: async (script) => {
      const { code, stdout, stderr } = await runProcess('/bin/sh', ['-e', '-c', script], { cwd: folder, env });
      assert.equal(code, 0, `${script}\n${stderr}`);
      return stdout.toString() + stderr;
    },
  };
}

async function assertPacked(folder: string, archive = 'site.zip'): Promise<void> {
  const names = (await readWithYauzl(join(folder, archive))).map(({ name }) => name);
  assert.ok(names.includes('dist/app.js'), names.join());
}

const SHELL_LINES: [string, RegExp][] = [
  ['GitLab', /^ {4}- (npx pzip .*)$/m],
  ['Azure Pipelines', /^- script: (npx pzip .*)$/m],
  ['**CircleCI.**', /- run: (npx pzip .*)$/m],
  ['**Jenkins.**', /sh '(npx pzip .*)'$/m],
  ['The same with the command', /run: (npx pzip .*)$/m],
];

for (const [introduction, line] of SHELL_LINES) {
  test(`the step for ${introduction} makes the archive`, async (t) => {
    const { folder, run } = await project(t);
    const script = line.exec(PAGE.slice(PAGE.indexOf(introduction)))?.[1];
    assert.ok(script, introduction);
    await run(script);
    await assertPacked(folder);
  });
}

test('the rule for Make makes the archive, and nothing again that is the same', async (t) => {
  if (findPrograms(['make']).length === 0) return t.skip('make is missing');
  const { folder, run } = await project(t);
  writeFileSync(join(folder, 'Makefile'), `${recipe('**Make.**', 'make')}`);
  await run('make');
  await assertPacked(folder);
  const before = statSync(join(folder, 'site.zip'));
  await run('touch dist/app.js; make');
  assert.equal(statSync(join(folder, 'site.zip')).mtimeMs, before.mtimeMs);
});

test('the script for npm makes the archive', async (t) => {
  const { folder, run } = await project(t);
  const { scripts } = JSON.parse(recipe('**npm.**', 'json'));
  await run(scripts.package);
  await assertPacked(folder);
});

test('the stage of the Dockerfile makes the archive', async (t) => {
  const { folder, run } = await project(t);
  const line = /^RUN (.*)$/m.exec(recipe('**Dockerfile.**', 'dockerfile'))?.[1] ?? '';
  await run(line.replace('/site.zip', 'site.zip'));
  await assertPacked(folder);
});

test('the rule for Bazel makes the archive', async (t) => {
  const { folder, run } = await project(t);
  const command = /cmd = "(.*)"/.exec(recipe('**Bazel.**', 'python'))?.[1] ?? '';
  await run(command.replace('$(execpath :pzip)', 'pzip').replace('$@', 'site.zip').replace('$(SRCS)', 'dist/app.js'));
  await assertPacked(folder);
});

test('each command of the table "Instead of" makes the archive that it says', async (t) => {
  const { folder, run } = await project(t);
  const table = PAGE.slice(PAGE.indexOf('## Instead of'));
  const commands = [...table.matchAll(/\| `(pzip [^`]*)` \|$/gm)].map(([, command = '']) => command);
  assert.equal(commands.length, 4);
  for (const command of commands) {
    await run(command);
    await assertPacked(folder);
    const names = (await readWithYauzl(join(folder, 'site.zip'))).map(({ name }) => name);
    assert.equal(names.includes('dist/app.js.map'), !command.includes('*.map'), command);
  }
});
