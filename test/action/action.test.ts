/** The GitHub action: its bundle runs as the runner runs it, with inputs in the environment and nothing beside it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readWithYauzl } from '../helpers/foreign-readers.js';
import { type ProcessOutcome, runProcess } from '../helpers/run-process.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
const ACTION = mkdtempSync(join(tmpdir(), 'pzip-action-'));
execFileSync(process.execPath, ['scripts/bundle-action.js', ACTION], { cwd: PACKAGE });
after(() => rmSync(ACTION, { recursive: true }));

const DEFINITION = readFileSync(join(PACKAGE, 'action.yml'), 'utf8');

/** The names and defaults of the definition; all of them are scalars on one line. */
function inputsOfDefinition(): Map<string, string | undefined> {
  const section = /^inputs:\n(.*?)^\S/ms.exec(DEFINITION)?.[1] ?? '';
  const inputs = new Map<string, string | undefined>();
  for (const [, name, body = ''] of section.matchAll(/^ {2}([\w-]+):\n((?: {4}.*\n)+)/gm)) {
    assert.ok(name);
    inputs.set(name, /^ {4}default: (.*)$/m.exec(body)?.[1]?.replace(/^'(.*)'$/, '$1'));
  }
  return inputs;
}

interface Step {
  readonly folder: string;
  run(inputs: Readonly<Record<string, string>>): Promise<ProcessOutcome & { readonly outputs: Map<string, string> }>;
}

async function step(t: TestContext): Promise<Step> {
  const folder = await inTemporaryDirectory(t);
  mkdirSync(join(folder, 'dist/assets'), { recursive: true });
  writeFileSync(join(folder, 'dist/app.js'), textOf(20_000, 1));
  writeFileSync(join(folder, 'dist/app.js.map'), textOf(20_000, 2));
  writeFileSync(join(folder, 'dist/assets/logo.svg'), textOf(2000, 3));
  return {
    folder,
    run: async (inputs) => {
      const output = join(folder, 'output');
      writeFileSync(output, '');
      const env: NodeJS.ProcessEnv = {
        PATH: process.env.PATH,
        GITHUB_ACTIONS: 'true',
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: join(folder, 'summary'),
        GITHUB_WORKSPACE: folder,
      };
      // The runner sets every input that has a default.
      for (const [name, value] of [...inputsOfDefinition(), ...Object.entries(inputs)]) {
        if (value !== undefined) env[`INPUT_${name.toUpperCase()}`] = value;
      }
      const run = await runProcess(process.execPath, [join(ACTION, 'index.js')], { cwd: folder, env });
      const text = readFileSync(output, 'utf8');
      const outputs = [...text.matchAll(/^([\w-]+)<<(.+)\n(.*)\n\2\n/gm)];
      return { ...run, outputs: new Map(outputs.map(([, name = '', , value = '']) => [name, value])) };
    },
  };
}

test('a step with path and archive makes the archive and sets every output', async (t) => {
  const { folder, run } = await step(t);
  const { code, stderr, outputs } = await run({ path: 'dist\n\n  !**/*.map  \n', archive: 'out/site 1.zip' });
  assert.notEqual(code, 0, 'the directory of the archive is missing');
  assert.match(stderr, /^::error title=pzip%3A PZIP_OUTPUT_FAILED::/m);
  assert.equal(outputs.size, 0);
  const done = await run({ path: 'dist\n\n  !**/*.map  \n', archive: 'site 1.zip' });
  assert.equal(done.code, 0, done.stderr);
  const bytes = readFileSync(join(folder, 'site 1.zip'));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  assert.deepEqual([...done.outputs].sort(), [
    ['archive', join(folder, 'site 1.zip')],
    ['archive-name', 'site 1.zip'],
    ['bytes', String(bytes.length)],
    ['changed', 'true'],
    ['digest', `sha256:${sha256}`],
    ['entries', '4'],
    ['sha256', sha256],
  ]);
  const section = DEFINITION.slice(DEFINITION.indexOf('\noutputs:'));
  for (const name of done.outputs.keys()) assert.ok(section.includes(`\n  ${name}:\n`), `${name} is not in action.yml`);
  assert.match(readFileSync(join(folder, 'summary'), 'utf8'), /^### site 1\.zip\n/);
  assert.equal(readFileSync(join(folder, 'site 1.zip.sha256'), 'utf8'), `${sha256}  site 1.zip\n`);
});

test('every input does what its option does', async (t) => {
  const { folder, run } = await step(t);
  writeFileSync(join(folder, 'dist/.gitignore'), '*.svg\n');
  const all = {
    path: 'dist',
    archive: 'a.zip',
    prefix: 'site',
    level: '9',
    threads: '1',
    reproducible: 'True',
    symlinks: 'error',
    test: 'TRUE',
    sha256: 'sums.txt',
    manifest: 'manifest.json',
    report: 'report.json',
    'max-size': '1M',
    'write-if-changed': 'true',
    reuse: 'a.zip',
    summary: 'false',
    args: '--comment\nmade by a step; $(touch pwned)\n-x\n*.map',
  };
  const first = await run(all);
  assert.equal(first.code, 0, first.stderr);
  assert.ok(existsSync(join(folder, 'sums.txt')) && existsSync(join(folder, 'a.zip.pzip-state')));
  assert.ok(!existsSync(join(folder, 'summary')) && !existsSync(join(folder, 'pwned')));
  assert.match(first.outputs.get('content-id') ?? '', /^[0-9a-f]{64}$/);
  assert.ok(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));
  const report = first.outputs.get('report') ?? '';
  assert.equal(report, join(folder, 'report.json'));
  assert.ok(JSON.parse(readFileSync(report, 'utf8')));
  const archive = readFileSync(join(folder, 'a.zip'));
  assert.ok(archive.includes('made by a step; $(touch pwned)') && archive.includes('site/dist/app.js'));
  assert.ok(!archive.includes('app.js.map'));
  const again = await run(all);
  assert.deepEqual([again.outputs.get('changed'), again.outputs.get('sha256')], ['false', first.outputs.get('sha256')]);
  const moved = await run({ path: '.', archive: '../b.zip', 'working-directory': 'dist', sha256: 'False' });
  assert.equal(moved.code, 0, moved.stderr);
  assert.equal(moved.outputs.get('archive'), join(folder, 'b.zip'));
  assert.equal(moved.outputs.has('sha256'), false);
  assert.ok((await readWithYauzl(join(folder, 'b.zip'))).some(({ name }) => name === 'app.js'));
});

test('what is wrong with a step fails it with one annotation', async (t) => {
  const { run } = await step(t);
  const wrong: [Record<string, string>, RegExp][] = [
    [{ path: 'dist', archive: '' }, /`archive` is empty/],
    [{ path: ' \n ', archive: 'a.zip' }, /`path` is empty/],
    [{ path: 'dist', archive: 'a.zip', reproducible: 'yes' }, /`reproducible` must be true or false \(got 'yes'\)/],
    [{ path: 'dist', archive: 'a.zip', 'working-directory': 'nowhere' }, /`working-directory` .*ENOENT.*'nowhere'/],
    [{ path: 'missing', archive: 'a.zip' }, /PZIP_SOURCE_MISSING/],
    [{ path: 'dist/*.none', archive: 'a.zip' }, /PZIP_/],
    [{ path: 'dist', archive: 'a.zip', level: '11' }, /level/],
    [{ path: 'dist', archive: 'a.zip', 'max-size': '100' }, /PZIP_/],
  ];
  for (const [inputs, message] of wrong) {
    const { code, stderr, outputs } = await run(inputs);
    assert.ok(code === 1 || code === 2, JSON.stringify(inputs));
    assert.match(stderr, message);
    assert.equal(stderr.match(/^::error /gm)?.length ?? 0, 1, `${JSON.stringify(inputs)}: ${stderr}`);
    assert.equal(outputs.size, 0);
  }
});

test('if-no-files-found decides about an archive without entries', async (t) => {
  const { folder, run } = await step(t);
  mkdirSync(join(folder, 'empty'));
  const inputs = { path: 'empty', archive: 'a.zip', args: '-D' };
  assert.equal((await run(inputs)).code, 1);
  const warned = await run({ ...inputs, 'if-no-files-found': 'warn' });
  assert.equal(warned.code, 0);
  assert.match(warned.stderr, /^::warning title=/m);
  const ignored = await run({ ...inputs, 'if-no-files-found': 'ignore' });
  assert.deepEqual([ignored.code, /^::/m.test(ignored.stderr)], [0, false]);
});

test('the definition writes every default, and runs on Node 24 what the bundle is', () => {
  const withoutDefault = [...inputsOfDefinition()].filter(([, value]) => value === undefined).map(([name]) => name);
  assert.deepEqual(withoutDefault, ['path', 'archive']);
  assert.match(DEFINITION, /using: node24\n {2}main: action\/index\.js\n$/);
  const { type } = JSON.parse(readFileSync(join(ACTION, 'package.json'), 'utf8'));
  assert.equal(type, 'module');
});
