import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createArchive, PzipError, ZipArchive } from '../../dist/index.js';
import { actingCommand } from '../helpers/ci-runners.js';
import { runPzip } from '../helpers/run-pzip.js';
import { casesOf } from '../helpers/slow-suite.js';
import { makeTree } from '../select/tree.js';

const NAMES = [
  '##[error]pwned',
  'a ##[group]pwned',
  '##vso[task.setvariable variable=DEPLOY]aux:',
  '##VSO[task.prependpath]evil',
  "##teamcity[buildProblem description='x']",
  '::warning file=x::pwned',
  ' ::add-mask::a',
  '\u3000::stop-commands::x',
  '\u00ad::error::x',
  '--- group',
  '+++ group',
  'section_start:1:x\r\x1b[0Ky',
  'line\n::error::x',
  'line\r##[error]x',
  'esc\x1b[31m\x9b2J\x07',
  'turn\u202etxt\u061c\u200f',
  'hide\u200b\u2060\ufeff\u00ad\u3164\ufe0f\u{e0041}',
];

/** Several at once, where each name takes a run of the command: begins a line behind blanks, and as a heading. */
const COMBINED = [
  '\u3000::error::x ##[group]y ##vso[task.x]z ##teamcity[x] \u200b\u202e\x1b[31m\r\n::x',
  '--- x\n+++ y\u2028##[error]\u061c\u{e0041}',
];

/** Nothing in it acts on a terminal or a CI system, or hides; the text's own ends of lines are left out. */
function assertHarmless(text: string, where: string): void {
  const tricky = /[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]|[^\P{Cc}\n]/u.exec(text);
  assert.equal(tricky?.[0], undefined, `${where}: ${JSON.stringify(text)}`);
  assert.equal(actingCommand(text), undefined, where);
}

/** Each name as a file, as a directory with something in it, and as a dangling link. */
function treeOf(t: TestContext): string {
  const cwd = makeTree(t, {});
  for (const [index, name] of [...COMBINED, ...NAMES].entries()) {
    mkdirSync(join(cwd, `${index}`));
    writeFileSync(join(cwd, `${index}`, name), 'x');
    mkdirSync(join(cwd, 'd', name), { recursive: true });
    writeFileSync(join(cwd, 'd', name, 'f'), 'x');
    symlinkSync(name, join(cwd, `${index}`, 'link'));
  }
  return cwd;
}

test('no name acts on a CI system or a terminal in any output of the command', async (t) => {
  const cwd = treeOf(t);
  for (const name of NAMES) execFileSync('mkfifo', [join(cwd, 'd', name, 'fifo')]);
  const commands: string[][] = [
    ['-n', 'o.zip', 'd', '0', '1', '2'],
    ['-n', '-C', 'd', 'o.zip', '.'],
    ['-n', '-j', 'o.zip', '.'],
    ['-v', '-C', 'd', 'o.zip', '.'],
    ['-v', 'o.zip', '.'],
    ['o.zip', '.'],
    ['--symlinks', 'error', 'o.zip', '.'],
    ['--symlinks', 'follow', 'o.zip', '.'],
    ['--strict', 'o.zip', 'd'],
    ...casesOf(COMBINED, (_, index) => index === 0).flatMap((name, index) => [
      ['o.zip', `./${name}`],
      ['o.zip', `missing/*${name}`],
      [`${name}/o.zip`, 'd'],
      ['o.zip', 'd', '--prefix', `../${name}`],
      ['o.zip', 'd', '--rename', `d=../${name}`],
      ['-C', name, 'o.zip', 'd'],
      ['--ignore-file', name, 'o.zip', 'd'],
      ['--files-from', name, 'o.zip'],
      ['o.zip', '-x', name, `${index}/${name}`],
      ['--symlinks', 'error', 'o.zip', `${index}`],
      ['--level-for', name, 'o.zip', 'd'],
      ['--comment', `é${name}`, 'o.zip', 'd'],
      [`--${name}`, 'o.zip', 'd'],
      ['--modes', name, 'o.zip', 'd'],
    ]),
  ];
  // Two at a time, as many as the suite runs of everything.
  for (let index = 0; index < commands.length; index += 2) {
    await Promise.all(
      commands.slice(index, index + 2).map(async (args) => {
        const { stdout, stderr } = await runPzip(args, { cwd });
        assertHarmless(stdout.toString(), `standard output of ${JSON.stringify(args)}`);
        assertHarmless(stderr, `standard error of ${JSON.stringify(args)}`);
      }),
    );
  }
});

test('no name acts on a terminal or a CI system through an error or warning of the API', async (t) => {
  const cwd = treeOf(t);
  execFileSync(
    'mkfifo',
    [...NAMES.entries()].map(([index, name]) => join(cwd, `${index}`, `fifo ${name}`)),
  );
  const long = 'x'.repeat(66_000);
  for (const name of casesOf([...COMBINED, ...NAMES, long], (_, index) => index < 2 || index === 19)) {
    const messages: string[] = [];
    const options = { cwd, onWarning: ({ message }: { message: string }) => messages.push(message) };
    const one = (add: (archive: ZipArchive) => unknown) => async () => {
      await using archive = new ZipArchive(join(cwd, 'o.zip'));
      await Promise.all([add(archive), archive.close()].flat());
    };
    const calls: (() => Promise<unknown>)[] = [
      () => createArchive(join(cwd, `none/${name}.zip`), '.', options),
      () => createArchive(join(cwd, 'o.zip'), name, options),
      () => createArchive(join(cwd, 'o.zip'), [`${name}*nothing*`], options),
      () => createArchive(join(cwd, 'o.zip'), 'd', { ...options, prefix: `../${name}` }),
      () => createArchive(join(cwd, 'o.zip'), 'd', { ...options, cwd: join(cwd, name) }),
      () => createArchive(join(cwd, 'o.zip'), '.', { ...options, strict: true }),
      () => createArchive(join(cwd, 'o.zip'), '.', { ...options, symlinks: 'error' }),
      () => createArchive(join(cwd, 'o.zip'), '.', options),
      one((archive) => archive.addFile('n', join(cwd, 'missing', name))),
      one((archive) => archive.addFile(`../${name}`, cwd)),
      one((archive) => archive.addBuffer(`/${name}`, 'x')),
      one((archive) => archive.addBuffer(`a/${name}`, 'x', { level: 11 as 10 })),
      one((archive) => [archive.addBuffer(`a/${name}`, 'x'), archive.addBuffer(`a/${name}`, 'x')]),
      one((archive) => [archive.addBuffer(`a/${name}`, 'x'), archive.addBuffer(`a/${name}/y`, 'x')]),
      one((archive) => archive.addStream(`a/${name}`, () => Promise.reject(new Error(name)))),
      one((archive) => archive.addStream(`a/${name}`, async function* () {}, { size: 3 })),
    ];
    for (const call of calls) {
      const error: unknown = await Promise.resolve()
        .then(call)
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
      if (error instanceof PzipError) messages.push(error.message);
    }
    assert.ok(messages.length > 8, `${messages.length} messages`);
    for (const message of messages) {
      assertHarmless(message, message);
      assert.ok(!message.includes('\n'), message);
      assert.ok(message.length < 2100, `${message.length} characters`);
    }
  }
});
