import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProcess } from '../helpers/run-process.js';
import { runPzip } from '../helpers/run-pzip.js';
import { inTemporaryDirectory } from '../helpers/trees.js';

const PACKAGE = new URL('../../package.json', import.meta.url);

/** Every long option that the manual page describes: the whole of them, as --help is to have them too. */
function manualPage(): string {
  return readFileSync(new URL('../../man/pzip.1', import.meta.url), 'utf8');
}

function optionsOf(text: string): string[] {
  return [...new Set(text.match(/--[a-z][a-z-]*/g))].sort();
}

/** The flags that a line of the help begins with. */
const OPTION_LINE = /^ {2}(?: {4})?-/;

test('-h has one line for each option, and --help all that the manual says of it', async () => {
  const [ownOptions = ''] = manualPage().split('.SH OTHER COMMANDS');
  const described = ownOptions.split('\n').filter((_, index, all) => all[index - 1] === '.TP');
  const inManual = optionsOf(described.join('\n').replaceAll('\\-', '-').replaceAll('\\fR', ' '));
  assert.ok(inManual.length > 30);
  for (const flag of ['-h', '--help']) {
    const { code, stdout, stderr } = await runPzip([flag]);
    assert.deepEqual([code, stderr], [0, '']);
    const lines = stdout.toString().split('\n');
    assert.equal(lines.at(-2), flag === '-h' ? 'pzip --help has the details.' : "See also 'man pzip'.");
    for (const line of lines) assert.ok(line.length < 80, line);
    const options = lines.filter((line) => OPTION_LINE.test(line));
    assert.deepEqual(
      optionsOf(options.map((line) => line.replace(/(?<=\S) {2,}.*/, '')).join('\n')),
      inManual.filter((option) => option !== '--'),
    );
    // Aliases alone share a line.
    for (const line of options)
      assert.ok((line.match(/(?<=[ ,])--[a-z]/g) ?? []).length <= (flag === '-h' ? 2 : 1), line);
  }
});

for (const name of ['list', 'check', 'diff', 'merge']) {
  test(`pzip ${name} --help has the options that the manual says of it, in lines of 80 characters`, async () => {
    const [, section = ''] = new RegExp(`\\n\\.SS \\\\fBpzip ${name}(.*?)\\n\\.S[SH]`, 's').exec(manualPage()) ?? [];
    const { code, stdout } = await runPzip([name, '--help']);
    assert.equal(code, 0);
    const lines = stdout.toString().split('\n');
    for (const line of lines) assert.ok(line.length <= 80, line);
    const options = optionsOf(lines.filter((line) => OPTION_LINE.test(line)).join('\n'));
    assert.ok(options.length > 0);
    assert.deepEqual(
      options.filter((option) => !section.replaceAll('\\-', '-').includes(option)),
      [],
    );
  });
}

test('--version is that of the package and tells the engine, alone or among other arguments', async () => {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8'));
  for (const args of [['--version'], ['-q', '--version'], ['out.zip', 'dir', '--version']]) {
    const { code, stdout } = await runPzip(args);
    assert.deepEqual([code, stdout.toString()], [0, `pzip ${version} (deflate engine: wasm)\n`]);
  }
});

test('groff finds nothing to complain about in the manual page', async (t) => {
  const page = fileURLToPath(new URL('../../man/pzip.1', import.meta.url));
  const outcome = await runProcess('groff', ['-man', '-ww', '-z', '-Tutf8', page]).catch(() => undefined);
  if (outcome === undefined) {
    t.diagnostic('groff is not installed');
    return;
  }
  assert.deepEqual([outcome.code, outcome.stderr], [0, '']);
});

const BASH_CASES: readonly (readonly [words: readonly string[], replies: string])[] = [
  [['--ex'], '--exclude'],
  [['--no-e'], '--no-extra'],
  [['--symlinks', ''], 'error follow keep skip'],
  [['--symlinks', '=', 'fo'], 'follow'],
  [['--engine', ''], 'wasm zlib'],
  [['--modes', 'a'], 'a+rX'],
  [['-C', 'a d'], 'a dir'],
  [['--ignore-file', 'a'], 'a dir a file'],
  [['completion', 'z'], 'zsh'],
  [['che'], 'check'],
  [['diff', '--ti'], '--times'],
  [['merge', '--on-duplicate', ''], 'error first last'],
  [['merge', 'a f'], 'a file'],
  [['out.zip', 'a f'], 'a file'],
  [['-x', ''], ''],
];

test('bash completes options, their values and file names', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const { stdout: script } = await runPzip(['completion', 'bash']);
  await runProcess('mkdir', ['a dir'], { cwd });
  writeFileSync(join(cwd, 'a file'), '');
  for (const [words, replies] of BASH_CASES) {
    const program = `${script}
COMP_WORDS=(pzip "$@"); COMP_CWORD=$#; _pzip 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await runProcess('bash', ['-c', program, 'bash', ...words], { cwd });
    const found = stdout.toString().trimEnd().split('\n').sort().join(' ');
    assert.equal(found, replies, words.join(' '));
  }
});

test('the scripts for zsh and fish are what those shells can read', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  for (const [shell, check] of [
    ['zsh', '-n'],
    ['fish', '--no-execute'],
  ] as const) {
    const { code, stdout } = await runPzip(['completion', shell]);
    assert.equal(code, 0);
    assert.match(stdout.toString(), /gitignore/);
    writeFileSync(join(cwd, shell), stdout);
    const outcome = await runProcess(shell, [check, shell], { cwd }).catch(() => undefined);
    if (outcome === undefined) t.diagnostic(`${shell} is not installed`);
    else assert.deepEqual([outcome.code, outcome.stderr], [0, '']);
  }
});
