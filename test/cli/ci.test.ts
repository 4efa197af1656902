/** `--ci`: the command is run as the runner of each system runs it, and its output is read by the rules that the runner has. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runPzip } from '../helpers/run-pzip.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';

interface Command {
  readonly name: string;
  readonly properties: string;
  readonly data: string;
}

/** Workflow commands of a log, in both forms (actions/runner, ActionCommand.cs: TryParseV2 and TryParse). */
function githubCommands(log: string): Command[] {
  return log.split(/\r\n|\r|\n/).flatMap((line) => {
    const second = /^\s*::([^:\s]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$/su.exec(line);
    if (second) return [{ name: second[1] ?? '', properties: second[2] ?? '', data: unescaped(second[3] ?? '') }];
    const first = /##\[([^\s\]]+)([^\]]*)\](.*)/s.exec(line);
    return first ? [{ name: `##[${first[1]}]`, properties: first[2] ?? '', data: first[3] ?? '' }] : [];
  });
}

function unescaped(data: string): string {
  return data.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

/** Logging commands, anywhere in a line (azure-pipelines-agent, Command.cs). */
function azureCommands(log: string): Command[] {
  return log.split(/\r\n|\r|\n/).flatMap((line) => {
    const found = /##vso\[(\S+?)(?: ([^\]]*))?\](.*)/is.exec(line);
    return found ? [{ name: found[1] ?? '', properties: found[2] ?? '', data: found[3] ?? '' }] : [];
  });
}

/** `name<<DELIMITER`, lines, the delimiter; or `name=value` (actions/runner, FileCommandManager.cs). */
function readOutputs(file: string): Map<string, string> {
  const lines = readFileSync(file, 'utf8').split('\n');
  const outputs = new Map<string, string>();
  for (let at = 0; at < lines.length - 1; at++) {
    const line = lines[at] ?? '';
    const [equals, heredoc] = [line.indexOf('='), line.indexOf('<<')];
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      outputs.set(line.slice(0, equals), line.slice(equals + 1));
      continue;
    }
    assert.ok(heredoc > 0, `no output: ${line}`);
    const delimiter = line.slice(heredoc + 2);
    const end = lines.indexOf(delimiter, at + 1);
    assert.ok(end > at, 'a delimiter is missing');
    outputs.set(line.slice(0, heredoc), lines.slice(at + 1, end).join('\n'));
    at = end;
  }
  return outputs;
}

const HOSTILE = [
  'a ##[error]pwned',
  '##vso[task.setvariable variable=a]b',
  '::warning file=x::pwned',
  '  ::set-output name=archive::pwned',
  'line\n::error::pwned',
  'return\r##[set-env name=PATH]x',
  '%0A::error::pwned',
  '##teamcity[buildStatus status=X]',
  '| a | b |<script>alert(1)</script>`code`[link](http:x)',
  '@everyone #1 <img src=x onerror=y>',
  'ghadelimiter_<<EOF',
  'x\u2028::error::pwned\u200b',
];

function hostileTree(folder: string): void {
  mkdirSync(join(folder, 'tree'));
  for (const [index, name] of HOSTILE.entries()) {
    writeFileSync(join(folder, 'tree', name.replaceAll('/', '∕')), textOf(500 + index, index));
  }
}

interface Runner {
  readonly folder: string;
  readonly output: string;
  readonly summary: string;
  readonly artifacts: string;
  readonly environment: NodeJS.ProcessEnv;
}

async function githubRunner(t: TestContext): Promise<Runner> {
  const folder = await inTemporaryDirectory(t);
  const [output, summary, artifacts] = ['output', 'summary.md', 'artifacts'].map((name) => join(folder, name));
  assert.ok(output && summary && artifacts);
  for (const file of [output, summary]) writeFileSync(file, '');
  const environment = {
    GITHUB_ACTIONS: 'true',
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_ARTIFACTS: artifacts,
    GITHUB_WORKSPACE: folder,
  };
  return { folder, output, summary, artifacts, environment };
}

test('GitHub gets outputs, a summary and the artifact', async (t) => {
  const { folder, output, summary, artifacts, environment } = await githubRunner(t);
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist/app.js'), textOf(50_000, 1));
  writeFileSync(join(folder, 'dist/data.json'), textOf(9000, 2));
  writeFileSync(summary, '# Of another tool\n');
  const run = await runPzip(['--ci', 'auto', 'site.zip', 'dist'], { cwd: folder, env: environment });
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(githubCommands(run.stderr), []);
  const outputs = readOutputs(output);
  assert.equal(outputs.get('archive'), join(folder, 'site.zip'));
  assert.equal(outputs.get('archive-name'), 'site.zip');
  assert.equal(outputs.get('bytes'), String(readFileSync(join(folder, 'site.zip')).length));
  assert.equal(outputs.get('entries'), '3');
  assert.equal(outputs.get('changed'), 'true');
  const text = readFileSync(summary, 'utf8');
  assert.match(text, /^# Of another tool\n### site\.zip\n/);
  assert.match(text, /\| Entries \| 3 \|/);
  assert.ok(text.indexOf('dist/app.js') < text.indexOf('dist/data.json'), 'largest first');
  assert.match(text, /<code>\.js<\/code> \| 1 \|/);
  assert.equal(readFileSync(artifacts, 'utf8'), 'site.zip\n');
  const again = await runPzip(['--ci', 'github', '--write-if-changed', 'site.zip', 'dist'], {
    cwd: folder,
    env: environment,
  });
  assert.equal(again.code, 0);
  assert.equal(readOutputs(output).get('changed'), 'false');
});

test('a kind of warning is one annotation on GitHub, with its count and the first names', async (t) => {
  const { folder, environment } = await githubRunner(t);
  mkdirSync(join(folder, 'tree'));
  const names = Array.from({ length: 12 }, (_, index) => join(folder, 'tree', `fifo-${index}`));
  execFileSync('mkfifo', names);
  writeFileSync(join(folder, 'tree/file'), 'x');
  const run = await runPzip(['-q', '--ci', 'github', 'out.zip', 'tree'], { cwd: folder, env: environment });
  assert.equal(run.code, 0);
  const [annotation, ...others] = githubCommands(run.stderr);
  assert.deepEqual(others, []);
  assert.equal(annotation?.name, 'warning');
  assert.match(annotation?.properties ?? '', /^title=pzip%3A PZIP_\w+$/);
  assert.match(annotation?.data ?? '', /tree\/fifo-0' is a FIFO.*and 9 more$/);
});

test('a failure is an error annotation on GitHub, and nothing is said to be there', async (t) => {
  const { folder, output, summary, artifacts, environment } = await githubRunner(t);
  const run = await runPzip(['--ci', 'github', 'out.zip', '::error::no such'], { cwd: folder, env: environment });
  assert.equal(run.code, 1);
  const commands = githubCommands(run.stderr);
  assert.deepEqual(
    commands.map(({ name, properties }) => [name, properties]),
    [['error', 'title=pzip%3A PZIP_SOURCE_MISSING']],
  );
  assert.equal(readFileSync(output, 'utf8') + readFileSync(summary, 'utf8'), '');
  assert.ok(!existsSync(artifacts));
});

test('an output that cannot be written fails the step, in one line', async (t) => {
  const { folder, environment } = await githubRunner(t);
  mkdirSync(join(folder, 'dist'));
  const env = { ...environment, GITHUB_OUTPUT: join(folder, 'missing/output') };
  const run = await runPzip(['-q', '--ci', 'github', 'out.zip', 'dist'], { cwd: folder, env });
  assert.equal(run.code, 1);
  assert.equal(run.stderr.trim().split('\n').length, 1, run.stderr);
  const [command] = githubCommands(run.stderr);
  assert.equal(command?.name, 'error');
  assert.match(command?.data ?? '', /^'.*missing\/output' cannot be written: /);
});

test('a summary that would exceed the limit of GitHub is left out', async (t) => {
  const { folder, summary, environment } = await githubRunner(t);
  mkdirSync(join(folder, 'dist'));
  const before = 'x'.repeat(1024 * 1024 - 100);
  writeFileSync(summary, before);
  const run = await runPzip(['--ci', 'github', 'out.zip', 'dist'], { cwd: folder, env: environment });
  assert.equal(run.code, 0);
  assert.equal(readFileSync(summary, 'utf8'), before);
});

for (const system of ['github', 'gitlab', 'azure']) {
  for (const options of [[], ['-v'], ['--strict'], ['--portable-names', 'error'], ['-T']]) {
    test(`no name acts as a command: --ci ${[system, ...options].join(' ')}`, async (t) => {
      const { folder, output, summary, artifacts, environment } = await githubRunner(t);
      hostileTree(folder);
      const temporary = join(folder, 'agent');
      mkdirSync(temporary);
      const env = { ...environment, AGENT_TEMPDIRECTORY: temporary };
      const args = ['--ci', system, ...options, '##vso[a]::b.zip', 'tree'];
      const run = await runPzip(args, { cwd: folder, env });
      const log = run.stdout.toString() + run.stderr;
      const isGithub = system === 'github';
      for (const { name, properties } of githubCommands(log)) {
        assert.ok(isGithub && ['warning', 'notice', 'error'].includes(name), `${name} ${properties}`);
        assert.match(properties, /^title=pzip%3A \w+$/);
      }
      for (const { name, properties } of azureCommands(log)) {
        assert.equal(system, 'azure');
        const isKnown =
          (name === 'task.setvariable' && /^variable=pzip\.[a-z-]+;isOutput=true$/.test(properties)) ||
          (name === 'task.logissue' && /^type=(?:warning|error);code=\w+$/.test(properties)) ||
          (name === 'task.uploadsummary' && properties === '');
        assert.ok(isKnown, `${name} ${properties}`);
      }
      const uploaded = readdirSync(temporary).map((name) => readFileSync(join(temporary, name), 'utf8'));
      for (const text of [readFileSync(summary, 'utf8'), ...uploaded]) assertHarmless(text);
      if (isGithub && run.code === 0) {
        assert.equal(readOutputs(output).get('archive'), join(folder, '##vso[a]::b.zip'));
        assert.match(readFileSync(artifacts, 'utf8'), /^file:\/\/[^=\n]*\n$/);
      }
    });
  }
}

/** Markdown whose only markup is that of the summary itself. */
function assertHarmless(text: string): void {
  const withoutOwn = text.replace(/<\/?(?:code|details|summary|br)>/g, '').replace(/&#\d+;/g, '');
  assert.doesNotMatch(withoutOwn, /[<>@`[\]*_\\]/);
  for (const line of text.split('\n').filter((line) => line.startsWith('|'))) {
    assert.ok([3, 4, 5].includes(line.split('|').length - 1), line);
  }
}

test('GitLab gets a dotenv report, within its rules', async (t) => {
  const folder = await inTemporaryDirectory(t);
  mkdirSync(join(folder, 'dist'));
  const env = { GITLAB_CI: 'true' };
  const run = await runPzip(['--ci', 'auto', 'site.zip', 'dist'], { cwd: folder, env });
  assert.equal(run.code, 0);
  const lines = readFileSync(join(folder, 'pzip.env'), 'utf8').trimEnd().split('\n');
  for (const line of lines) assert.match(line, /^[A-Z_]+=.+$/);
  assert.ok(lines.includes(`PZIP_ARCHIVE=${join(folder, 'site.zip')}`));
  assert.ok(lines.includes('PZIP_ENTRIES=1'));
  const odd = await runPzip(['--ci', 'gitlab', '--dotenv', 'b.env', 'a\nX=1.zip', 'dist'], { cwd: folder, env });
  assert.equal(odd.code, 0);
  assert.match(odd.stderr, /PZIP_ARCHIVE is left out/);
  assert.doesNotMatch(readFileSync(join(folder, 'b.env'), 'utf8'), /ARCHIVE|^X=/m);
});

test('Azure gets variables, issues and a summary', async (t) => {
  const folder = await inTemporaryDirectory(t);
  mkdirSync(join(folder, 'tree'));
  writeFileSync(join(folder, 'tree/a:1'), 'x');
  const env = { TF_BUILD: 'True', AGENT_TEMPDIRECTORY: folder };
  const run = await runPzip(['--ci', 'auto', 'out.zip', 'tree'], { cwd: folder, env });
  assert.equal(run.code, 0);
  const commands = azureCommands(run.stderr);
  const variables = commands.filter(({ name }) => name === 'task.setvariable');
  assert.deepEqual(variables[0], {
    name: 'task.setvariable',
    properties: 'variable=pzip.archive;isOutput=true',
    data: join(folder, 'out.zip'),
  });
  assert.equal(commands.filter(({ name }) => name === 'task.logissue').length, 1);
  const upload = commands.find(({ name }) => name === 'task.uploadsummary');
  assert.match(readFileSync(upload?.data ?? '', 'utf8'), /^### out\.zip\n/);
});

test('without --ci, and with none, no CI system gets anything', async (t) => {
  const { folder, output, summary, environment } = await githubRunner(t);
  mkdirSync(join(folder, 'dist'));
  for (const options of [[], ['--ci', 'none'], ['--ci', 'github', '-n']]) {
    const run = await runPzip([...options, 'site.zip', 'dist'], { cwd: folder, env: environment });
    assert.equal(run.code, 0);
    assert.deepEqual(githubCommands(run.stderr + run.stdout), []);
  }
  const run = await runPzip(['--ci', 'auto', 'site.zip', 'dist'], { cwd: folder });
  assert.equal(run.code, 0);
  assert.equal(readFileSync(output, 'utf8') + readFileSync(summary, 'utf8'), '');
});

test('--dotenv without --ci, and an unknown system, are usage errors', async () => {
  const dotenv = await runPzip(['--dotenv', 'x', 'a.zip', '.']);
  assert.deepEqual([dotenv.code, /--dotenv requires --ci/.test(dotenv.stderr)], [2, true]);
  const unknown = await runPzip(['--ci', 'jenkins', 'a.zip', '.']);
  assert.deepEqual([unknown.code, /auto, github, gitlab, azure, none/.test(unknown.stderr)], [2, true]);
});
