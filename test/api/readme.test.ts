/** The examples of the README and of docs/ run as they are printed, in a folder with the files that they name. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProcess } from '../helpers/run-process.js';
import { runPzip } from '../helpers/run-pzip.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { buildArchive } from '../reader/build-archive.js';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = [
  'README.md',
  'docs/archives-as-inputs.md',
  'docs/cli.md',
  'docs/library.md',
  'docs/errors.md',
  'docs/bundling.md',
  'docs/memory.md',
  'docs/reports.md',
  'docs/ci.md',
];
const TEXTS = new Map(
  await Promise.all(PAGES.map(async (page) => [page, await readFile(join(PACKAGE, page), 'utf8')] as const)),
);

function text(page: string): string {
  const found = TEXTS.get(page);
  assert.ok(found !== undefined, page);
  return found;
}

// JavaScript

/** As `page: introduction`. */
const tested = new Set<string>();

/** The first block of code after the bold words that introduce it. */
function example(page: string, introduction: string): string {
  const start = text(page).indexOf(`**${introduction}`);
  assert.ok(start >= 0, `${page} has no example of ${introduction}`);
  const code = /```js\n(.*?)```/s.exec(text(page).slice(start))?.[1];
  assert.ok(code);
  tested.add(code);
  return code;
}

async function surroundings(t: TestContext): Promise<string> {
  const folder = await inTemporaryDirectory(t);
  await mkdir(join(folder, 'web/dist'), { recursive: true });
  await mkdir(join(folder, 'node_modules'));
  await symlink(PACKAGE, join(folder, 'node_modules/pzip'));
  await writeFile(join(folder, 'web/dist/app.js'), 'console.log(1);\n');
  await writeFile(join(folder, 'web/dist/app.js.map'), '{}');
  await writeFile(join(folder, 'web/dist/style.css'), 'a {}');
  return folder;
}

async function run(folder: string, code: string, ending = ''): Promise<string> {
  await writeFile(join(folder, 'example.mjs'), code + ending);
  const {
    code: exit,
    stdout,
    stderr,
  } = await runProcess(process.execPath, ['example.mjs'], { cwd: folder, timeout: 60_000 });
  assert.deepEqual({ exit, stderr }, { exit: 0, stderr: '' });
  return stdout.toString();
}

async function namesIn(path: string): Promise<string[]> {
  const { code, stdout } = await runProcess('unzip', ['-Z1', path]);
  assert.equal(code, 0);
  return stdout.toString().trimEnd().split('\n');
}

test('a pattern to a file', async (t) => {
  const folder = await surroundings(t);
  assert.match(await run(folder, example('README.md', 'Files and patterns')), /^2 entries, \d+ bytes\n$/);
  assert.deepEqual(await namesIn(join(folder, 'site.zip')), ['dist/app.js', 'dist/style.css']);
});

test('a directory to a file, and the result', async (t) => {
  const output = await run(await surroundings(t), example('docs/library.md', 'A directory or a pattern'));
  assert.equal(output, 'dist/ 0\ndist/app.js 16\ndist/style.css 4\n3 entries, 1 ignored, 0 warnings\n');
});

test('entry by entry', async (t) => {
  const folder = await surroundings(t);
  await run(folder, example('docs/library.md', 'An archive entry by entry'));
  const names = ['app.js', 'VERSION', 'copy-of-app.js', 'logs/', 'latest.js', 'assets/style.css'];
  assert.deepEqual(await namesIn(join(folder, 'release.zip')), names);
});

test('entries of other archives', async (t) => {
  const folder = await surroundings(t);
  await run(folder, example('docs/library.md', 'Entries of other archives'));
  assert.deepEqual(await namesIn(join(folder, 'base.zip')), ['dist/', 'dist/app.js', 'dist/style.css']);
  const copied = ['VERSION', 'site/dist/', 'site/dist/app.js', 'site/dist/style.css'];
  assert.deepEqual(await namesIn(join(folder, 'release.zip')), copied);
  assert.equal((await namesIn(join(folder, 'all.zip'))).length, 7);
});

test('a check', async (t) => {
  const output = await run(await surroundings(t), example('docs/archives-as-inputs.md', 'Checking in a program'));
  assert.equal(output, '');
});

test('an archive read', async (t) => {
  const folder = await surroundings(t);
  await run(folder, example('docs/library.md', 'An archive entry by entry'));
  const output = await run(folder, example('docs/library.md', 'Reading.'));
  assert.match(output, /^app\.js 16\nVERSION 6\n1\.2\.3\n\ncopy-of-app\.js 16\n/);
});

test('a preview', async (t) => {
  const output = await run(await surroundings(t), example('docs/library.md', 'A preview'));
  assert.equal(output, 'dist/app.js 16\ndist/style.css 4\n1 ignored\n');
});

test('archives compared', async (t) => {
  const folder = await surroundings(t);
  await run(folder, example('docs/library.md', 'An archive entry by entry'));
  const output = await run(folder, example('docs/library.md', 'Comparing.'));
  assert.match(output, /^added style\.css \[\] undefined$/m);
  assert.match(output, /^\d+ equal$/m);
});

test('a limit', async (t) => {
  const folder = await surroundings(t);
  const output = await run(folder, example('docs/library.md', 'A limit'));
  assert.deepEqual(
    output.split('\n').map((line) => line.split(' ')[1]),
    ['web/dist/app.js', 'web/dist/style.css', 'web/dist/app.js.map', undefined],
  );
});

test('many entries', async (t) => {
  const folder = await surroundings(t);
  await run(folder, example('docs/memory.md', 'Entries from a generator'));
  assert.equal((await namesIn(join(folder, 'invoices.zip'))).length, 1000);
});

test('a download', async (t) => {
  const folder = await surroundings(t);
  const fetched = `
    const { writeFile } = await import('node:fs/promises');
    await new Promise((resolve) => server.once('listening', resolve));
    const response = await fetch(\`http://localhost:\${server.address().port}\`);
    await writeFile('download.zip', new Uint8Array(await response.arrayBuffer()));
    server.close();
    server.closeAllConnections();`;
  await run(folder, example('README.md', 'A download').replace('listen(8080)', 'listen(0)'), fetched);
  assert.ok((await namesIn(join(folder, 'download.zip'))).includes('dist/app.js'));
});

test('a web Response, with the announced length', async (t) => {
  const folder = await surroundings(t);
  const fetched = `
    const { writeFile } = await import('node:fs/promises');
    const response = download(new Request('http://localhost/'));
    const bytes = new Uint8Array(await response.arrayBuffer());
    console.log(response.headers.get('content-length') === String(bytes.length));
    await writeFile('download.zip', bytes);`;
  assert.equal(await run(folder, example('docs/library.md', 'A web Response'), fetched), 'true\n');
  assert.deepEqual(await namesIn(join(folder, 'download.zip')), ['hello.txt', 'app.js']);
});

test('in memory', async (t) => {
  assert.match(await run(await surroundings(t), example('docs/library.md', 'In memory')), /^\d{3} bytes in memory\n$/);
});

test('progress', async (t) => {
  const output = await run(await surroundings(t), example('docs/library.md', 'Progress.'));
  assert.match(output, /^done 100 % web\/dist\/style\.css$/m);
});

test('an abort', async (t) => {
  const folder = await surroundings(t);
  // The timer of the example may be beaten by so small a tree; a signal that is aborted already never is.
  const code = example('docs/errors.md', 'Abort').replace(
    'AbortSignal.timeout(1)',
    "AbortSignal.abort(new DOMException('', 'TimeoutError'))",
  );
  assert.equal(await run(folder, code), 'stopped: TimeoutError\n');
});

test('every JavaScript example has run', () => {
  for (const page of PAGES) {
    for (const [, code = ''] of text(page).matchAll(/```js\n(.*?)```/gs)) {
      assert.ok(tested.has(code), `${page}: ${code}`);
    }
  }
});

// Shell

interface ShellLine {
  readonly command: string;
  /** What it prints, where the page shows it. */
  readonly output?: string;
}

const MARKER = /^<!-- not run[^:]*: (.+) -->$/;

/** The lines of `sh` and `console` blocks that no marker exempts, and the commands in tables. */
function shellLines(page: string): { run: ShellLine[]; exempt: string[] } {
  const lines: ShellLine[] = [];
  const exempt: string[] = [];
  for (const [, before = '', kind, code = ''] of text(page).matchAll(/([^\n]*)\n```(sh|console)\n(.*?)```/gs)) {
    if (MARKER.test(before)) exempt.push(code);
    else if (kind === 'console') {
      const [first = '', ...printed] = code.split('\n');
      lines.push({ command: first.replace(/^\$ /, ''), output: printed.join('\n') });
    } else lines.push(...commandsOf(code));
  }
  for (const [row] of text(page).matchAll(/^\|.*\|$/gm)) {
    const cells = row.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
    const commands = cells.flatMap((cell) => /^`([^`]*\bpzip [^`]*)`$/.exec(cell)?.[1] ?? []);
    // The commands of a row belong together: one makes what the next reads.
    if (commands.length > 0) lines.push({ command: commands.join(' && ') });
  }
  return { run: lines, exempt };
}

function commandsOf(code: string): ShellLine[] {
  const lines = code.replaceAll('\\\n', '').split('\n');
  return lines.filter((line) => line !== '').map((command) => ({ command }));
}

/** Bytes that look random and are the same every time. */
function digest(seed: number): Buffer {
  return createHash('sha256').update(String(seed)).digest();
}

function repeated(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('');
}

const PROJECT: readonly (readonly [string, string | Buffer])[] = [
  ['.gitignore', '*.map\n*.zip\nnode_modules\n'],
  ['book/META-INF/container.xml', '<container/>\n'],
  ['book/mimetype', 'application/epub+zip'],
  [
    'dist/app.js',
    repeated(4000, (i) => `export const f${i} = (x) => x * ${digest(i).readUInt16LE()} + g${i % 97}(x);\n`),
  ],
  ['dist/app.js.map', repeated(2000, (i) => digest(i).toString('base64').slice(0, 40))],
  ['dist/assets/logo.png', Buffer.concat(Array.from({ length: 600 }, (_, i) => digest(i)))],
  [
    'dist/index.html',
    `<!doctype html>\n${repeated(120, (i) => `<li><a href="/docs/${color(i)}">Chapter ${i}</a></li>\n`)}`,
  ],
  ['dist/style.css', repeated(300, (i) => `.c${i} { margin: ${i % 7}px; color: #${color(i)}; }\n`)],
  ['dist/test/app.test.js', 'test();\n'],
  ['src/main.test.ts', "import './main.js';\n"],
  ['src/main.ts', 'console.log(1);\n'],
  ['web/dist/app.js', 'console.log(1);\n'],
  ['site.zip', buildArchive([{ name: 'dist/app.js' }, { name: 'dist/app.js.map' }, { name: 'dist/old.html' }])],
  ['release.zip', buildArchive([{ name: 'dist/app.js' }, { name: 'VERSION' }])],
  ['a.zip', buildArchive([{ name: 'a' }])],
  ['b.zip', buildArchive([{ name: 'b' }])],
];

function color(seed: number): string {
  return digest(seed).toString('hex').slice(0, 6);
}

/** Stand-ins for the programs that the pages pipe from and to. */
const PROGRAMS: readonly (readonly [string, string])[] = [
  ['ssh', 'shift; exec sh -c "$1"'],
  ['pg_dump', 'echo "CREATE TABLE t();"'],
  ['pzip', `exec '${process.execPath}' '${join(PACKAGE, 'bin/pzip.js')}' "$@"`],
];

let template: Promise<string> | undefined;
after(async () => template && rm(await template, { recursive: true }));

/** A project with a git repository, its dependencies, and a folder of programs for PATH: a copy for each test. */
async function makeProject(t: TestContext): Promise<{ project: string; programs: string }> {
  const folder = await inTemporaryDirectory(t);
  template ??= makeTemplate();
  await cp(await template, folder, { recursive: true, verbatimSymlinks: true });
  return { project: join(folder, 'app'), programs: join(folder, 'bin') };
}

async function makeTemplate(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pzip-project-'));
  const project = join(folder, 'app');
  const programs = join(folder, 'bin');
  for (const [name, content] of PROJECT) {
    await mkdir(join(project, name, '..'), { recursive: true });
    await writeFile(join(project, name), content);
  }
  await mkdir(join(project, 'node_modules/.bin'), { recursive: true });
  await symlink(PACKAGE, join(project, 'node_modules/pzip'));
  await symlink('../pzip/bin/pzip.js', join(project, 'node_modules/.bin/pzip'));
  await mkdir(programs);
  for (const [name, script] of PROGRAMS) {
    await writeFile(join(programs, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(programs, name), 0o755);
  }
  assert.equal((await runProcess('git', ['init', '-q', '--template='], { cwd: project })).code, 0);
  assert.equal((await runProcess('git', ['add', '.'], { cwd: project })).code, 0);
  return folder;
}

/** Without what differs from run to run. */
function comparable(output: string): string {
  return output.replace(/\d+\.\d\d s, \d+ MB\/s, \d+ threads?/g, 'TIME');
}

/**
 * The arguments of each pzip in a line of nothing else, which needs no shell and no process of its own. Undefined where a
 * shell does more than to take words apart and quotes off.
 */
function argumentsOfPzip(line: string): string[][] | undefined {
  const commands = line.replace(/ +# .*$/, '').split(' && ');
  const isPlain = commands.every((command) => /^pzip(?: (?:[\w./:=,+-]|'[^']*')+)+$/.test(command));
  if (!isPlain) return undefined;
  return commands.map((command) => {
    const words = command.match(/(?:[^ ']|'[^']*')+/g) ?? [];
    return words.slice(1).map((word) => word.replaceAll("'", ''));
  });
}

/** Some commands are on several pages. */
const seen = new Set<string>();

for (const page of PAGES) {
  const { run: all, exempt } = shellLines(page);
  const lines = all.filter(({ command, output }) => output !== undefined || !seen.has(command));
  for (const { command } of lines) seen.add(command);
  describe(page, () => {
    for (const { command, output } of lines) {
      test(command, async (t) => {
        const { project, programs } = await makeProject(t);
        const plain = output === undefined ? argumentsOfPzip(command) : undefined;
        if (plain !== undefined) {
          for (const args of plain) {
            const { code, stderr } = await runPzip(args, { cwd: project, timeout: 60_000 });
            assert.equal(code, 0, stderr);
          }
          return;
        }
        // The programs take the place of those that are installed.
        const env = {
          ...process.env,
          PATH: `${programs}${delimiter}${process.env.PATH}`,
          npm_config_update_notifier: 'false',
        };
        const script = `set -o pipefail; exec 2>&1; ${command}`;
        const { code, stdout } = await runProcess('bash', ['-c', script], { cwd: project, env, timeout: 60_000 });
        assert.equal(code, 0, stdout.toString());
        if (output !== undefined) assert.equal(comparable(stdout.toString()), comparable(output));
      });
    }
    test('what does not run is marked, and says why', () => {
      const markers = text(page).match(/^<!-- not run.*$/gm) ?? [];
      assert.equal(markers.length, exempt.length, 'a marker stands directly above the block that it exempts');
      for (const marker of markers) assert.match(marker, MARKER);
    });
  });
}

test('few shell lines do not run, and none of them makes an archive', () => {
  const exempt = PAGES.flatMap((page) => shellLines(page).exempt.flatMap((code) => commandsOf(code)));
  assert.ok(exempt.length <= 8, `${exempt.length} lines`);
  for (const { command } of exempt) assert.doesNotMatch(command, /pzip .*\.zip/);
});

test('the pages show that their lines run: the README has four with output, docs/cli.md has a table', () => {
  assert.equal(shellLines('README.md').run.filter(({ output }) => output !== undefined).length, 4);
  assert.ok(shellLines('docs/cli.md').run.length >= 16);
});

// Facts

test('the chart shows times and sizes of the measured table', async () => {
  const chart = await readFile(join(PACKAGE, 'docs/benchmark/bars.svg'), 'utf8');
  const measured = await readFile(join(PACKAGE, 'docs/benchmark/README.md'), 'utf8');
  const table = measured.slice(measured.indexOf('## app:'), measured.indexOf('## big:'));
  const bars = [
    ...chart.matchAll(
      />([\w./]+)[^<]*<\/text>\n<rect x="210" [^>]* width="(\d+)"[^>]*>\n<text [^>]*>([\d.]+) s <tspan[^>]*>([\d.]+) MB/g,
    ),
  ];
  assert.equal(bars.length, 4);
  for (const [, name = '', width, seconds, megabytes] of bars) {
    const peer = name.replace('/compress', '');
    const row = table.split('\n').find((line) => line.startsWith(`| ${peer} -6 `));
    const cells = row?.split('|').map((cell) => cell.trim());
    assert.equal(cells?.[3], seconds, name);
    assert.equal(Number(cells?.[7]).toFixed(1), megabytes, name);
    assert.equal(Number(width), Math.round((470 / 27.38) * Number(seconds)), name);
    assert.ok(text('README.md').includes(`${name} ${seconds}`), name);
  }
});

test('the table of errors has every code of a PzipError, with a cause and a remedy, and no other', async () => {
  const source = await readFile(join(PACKAGE, 'src/common/errors.ts'), 'utf8');
  const codes = [...source.matchAll(/^ {2}\| '(PZIP_\w+)'/gm)].map(([, code]) => code);
  const table = [...text('docs/errors.md').matchAll(/^\| `(PZIP_\w+)` \| [^|]+ \| [^|]+ \|$/gm)].map(
    ([, code]) => code,
  );
  assert.ok(codes.length > 10);
  assert.deepEqual([...table].sort(), [...codes].sort());
});
