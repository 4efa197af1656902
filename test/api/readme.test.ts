/** The README's examples run as they stand there: in a folder with the files they speak of. */
import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProcess } from '../helpers/run-process.js';
import { inTemporaryDirectory } from '../helpers/trees.js';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
const README = await readFile(join(PACKAGE, 'README.md'), 'utf8');

/** The first block of code behind the words that introduce it. */
function example(introduction: string): string {
  const start = README.indexOf(`**${introduction}`);
  assert.ok(start >= 0, `the README has no example of ${introduction}`);
  const code = /```js\n(.*?)```/s.exec(README.slice(start))?.[1];
  assert.ok(code);
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
  assert.match(await run(folder, example('A folder or a pattern')), /^2 entries, \d+ bytes\n$/);
  assert.deepEqual(await namesIn(join(folder, 'site.zip')), ['dist/app.js', 'dist/style.css']);
});

test('entry by entry', async (t) => {
  const folder = await surroundings(t);
  await run(folder, example('An archive put together'));
  const names = ['app.js', 'VERSION', 'copy-of-app.js', 'logs/', 'latest.js', 'assets/style.css'];
  assert.deepEqual(await namesIn(join(folder, 'release.zip')), names);
});

test('many entries', async (t) => {
  const folder = await surroundings(t);
  await run(folder, example('A million entries'));
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
  await run(folder, example('A download').replace('listen(8080)', 'listen(0)'), fetched);
  assert.ok((await namesIn(join(folder, 'download.zip'))).includes('dist/app.js'));
});

test('a web Response, as long as it says', async (t) => {
  const folder = await surroundings(t);
  const fetched = `
    const { writeFile } = await import('node:fs/promises');
    const response = download(new Request('http://localhost/'));
    const bytes = new Uint8Array(await response.arrayBuffer());
    console.log(response.headers.get('content-length') === String(bytes.length));
    await writeFile('download.zip', bytes);`;
  assert.equal(await run(folder, example('A web Response'), fetched), 'true\n');
  assert.deepEqual(await namesIn(join(folder, 'download.zip')), ['hello.txt', 'app.js']);
});

test('in memory', async (t) => {
  assert.match(await run(await surroundings(t), example('In memory')), /^\d{3} bytes in memory\n$/);
});

test('progress', async (t) => {
  const said = await run(await surroundings(t), example('Progress'));
  assert.match(said, /^done 100 % web\/dist\/style\.css$/m);
});

test('an abort', async (t) => {
  const folder = await surroundings(t);
  // The timer of the example may be beaten by so small a tree; a signal that is aborted already never is.
  const code = example('Abort').replace(
    'AbortSignal.timeout(1)',
    "AbortSignal.abort(new DOMException('', 'TimeoutError'))",
  );
  assert.equal(await run(folder, code), 'stopped: TimeoutError\n');
});

test('every code of a PzipError has its remedy in the table, and nothing else has', async () => {
  const source = await readFile(join(PACKAGE, 'src/common/errors.ts'), 'utf8');
  const codes = [...source.matchAll(/^ {2}\| '(PZIP_\w+)'/gm)].map(([, code]) => code);
  const table = [...README.matchAll(/^\| `(PZIP_\w+)` \| ./gm)].map(([, code]) => code);
  assert.ok(codes.length > 10);
  assert.deepEqual([...table].sort(), [...codes].sort());
});
