/**
 * The package as others get it: packed, installed, bundled, required, and with few permissions. Its types are compiled with
 * the tests (types-of-package.ts); `.ci/run` compiles them against the installed package, and asks the programs that
 * check a package or take it apart for documentation, each of which takes seconds.
 */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { runProcess } from '../helpers/run-process.js';
import { inTemporaryDirectory } from '../helpers/trees.js';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(PACKAGE, 'node_modules/.bin');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

let tarball = '';
let installed = '';

before(async (t) => {
  const folder = await inTemporaryDirectory(t as TestContext);
  const packed = await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], PACKAGE);
  tarball = join(folder, packed.trim().split('\n').at(-1) ?? '');
  installed = join(folder, 'node_modules');
  await install(installed);
});

async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await runProcess(command, args, { cwd });
  assert.equal(code, 0, `${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout.toString();
}

/** A project that has the packed package installed. */
async function project(t: TestContext): Promise<string> {
  const folder = await inTemporaryDirectory(t);
  await symlink(installed, join(folder, 'node_modules'));
  return folder;
}

/** The package unpacked, and beside it what it depends on. */
async function install(modules: string): Promise<void> {
  await mkdir(join(modules, 'pzip'), { recursive: true });
  await run('tar', ['-xzf', tarball, '--strip-components', '1', '-C', join(modules, 'pzip')], modules);
  await linkDependencies(modules);
}

async function linkDependencies(modules: string): Promise<void> {
  const { dependencies } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'));
  for (const name of [...Object.keys(dependencies), '@types']) {
    await symlink(join(PACKAGE, 'node_modules', name), join(modules, name));
  }
}

const PROGRAM = `
  const archive = new ZipArchive(process.argv[2]);
  archive.addBuffer('large', Buffer.alloc(5_000_000, 'some text that repeats '));
  archive.addFile('file', process.argv[1]);
  archive.close().then(({ entryCount, threads, engine }) => console.log(entryCount, threads > 0, engine));
`;

test('the package contains no V8 bytecode and no path of the directory it was built in', async () => {
  const folder = join(installed, 'pzip');
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const file of files.filter((file) => file.isFile())) {
    assert.doesNotMatch(file.name, /v\d+\.\d+\.\d+|\.(jsc|cache|blob)$/);
    const bytes = await readFile(join(file.parentPath ?? file.path, file.name));
    assert.ok(!bytes.includes(PACKAGE), `${file.name} holds ${PACKAGE}`);
  }
});

test('the packed package is imported and makes an archive', async (t) => {
  const folder = await project(t);
  await writeFile(join(folder, 'use.mjs'), `import { ZipArchive } from 'pzip';${PROGRAM}`);
  assert.equal(await run(process.execPath, ['use.mjs', 'out.zip'], folder), '2 true wasm\n');
  await run('unzip', ['-tq', 'out.zip'], folder);
});

test('the packed package is required and makes an archive', async (t) => {
  const folder = await project(t);
  await writeFile(join(folder, 'use.cjs'), `const { ZipArchive } = require('pzip');${PROGRAM}`);
  assert.equal(await run(process.execPath, ['use.cjs', 'out.zip'], folder), '2 true wasm\n');
  await run('unzip', ['-tq', 'out.zip'], folder);
});

test('the packed package is required where Node cannot require an ES module', async (t) => {
  const folder = await project(t);
  // Patterns and ignore rules load packages of their own.
  const more = `createArchive('more.zip', ['*.cjs', '!*.mjs'], { exclude: ['*.log'] })`;
  const program = `const { createArchive, ZipArchive } = require('pzip'); ${more}.then(() => {${PROGRAM}});`;
  await writeFile(join(folder, 'use.cjs'), program);
  const refuses = process.allowedNodeEnvironmentFlags.has('--no-experimental-require-module');
  const flags = refuses ? ['--no-experimental-require-module'] : [];
  assert.equal(await run(process.execPath, [...flags, 'use.cjs', 'out.zip'], folder), '2 true wasm\n');
  await run('unzip', ['-tq', 'out.zip'], folder);
});

test('a Node that is too old gets one line from the command, and an error from require and import', async (t) => {
  const folder = await project(t);
  const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.14.0' } });`;
  await writeFile(join(folder, 'old.cjs'), old);
  const message = 'pzip needs Node.js 20.15 or newer; this is 20.14.0';
  const onOld = (...args: string[]) => runProcess(process.execPath, ['-r', './old.cjs', ...args], { cwd: folder });
  const { code, stderr } = await onOld('node_modules/pzip/bin/pzip.js', 'out.zip', 'old.cjs');
  assert.deepEqual([code, stderr], [1, `${message}\n`]);
  const told = '(error) => console.log(error.message)';
  const imported = await onOld('-e', `import('pzip').catch(${told})`);
  assert.equal(imported.stdout.toString(), `${message}\n`);
  const required = await onOld(
    '-e',
    `Promise.resolve().then(() => require('pzip/package.json') && require('./node_modules/pzip/bin/require.js')).catch(${told})`,
  );
  assert.equal(required.stdout.toString(), `${message}\n`);
});

test('no module imports by name what a Node that is too old does not have', async () => {
  // Node 18 would say that node:zlib has no export crc32, and never get to the message above.
  const graph = await build({
    entryPoints: [join(PACKAGE, 'dist/index.js')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    splitting: true,
    outdir: 'out',
  });
  const entry = graph.outputFiles.find(({ path }) => path.endsWith('/index.js'));
  assert.doesNotMatch(entry?.text ?? 'none', /import \{[^}]*\bcrc32\b[^}]*\} from "(?:node:)?zlib"/);
});

test('a bundle of esbuild makes an archive, with the worker beside it', async (t) => {
  const folder = await project(t);
  // Patterns, ignore rules and reading back load more than making an archive does.
  const more = `
    const options = { exclude: ['*.log'], verify: true };
    const { entryCount } = await createArchive('more.zip', ['*.js', '!*.mjs', 'package.json'], options);
    if (entryCount !== 2) throw new Error(entryCount + ' entries');`;
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'app.js'), `import { createArchive, ZipArchive } from 'pzip';${more}${PROGRAM}`);
  const page = await readFile(join(PACKAGE, 'docs/bundling.md'), 'utf8');
  const commands = /```sh\n(esbuild .*?)```/s.exec(page)?.[1];
  assert.ok(commands);
  await run('sh', ['-ec', `PATH=${BIN}:$PATH\n${commands}`], folder);
  await writeFile(join(folder, 'out/package.json'), '{ "type": "module" }');
  // Of the package, only the bundle is left; its external dependencies stay.
  await rm(join(folder, 'node_modules'));
  await mkdir(join(folder, 'node_modules'));
  await linkDependencies(join(folder, 'node_modules'));
  assert.equal(await run(process.execPath, ['out/app.js', 'out.zip'], folder), '2 true wasm\n');
  await run('unzip', ['-tq', 'out.zip'], folder);
  await run('rm', ['out/deflate.wasm'], folder);
  assert.equal(await run(process.execPath, ['out/app.js', 'out.zip'], folder), '2 true zlib\n');
});

const permission = major >= 23 || (major === 22 && minor >= 13) ? '--permission' : '--experimental-permission';
for (const [what, allowed, hasThreads] of [
  ['with threads', ['--allow-worker'], true],
  ['without threads', [], false],
] as const) {
  test(`under the permission model, ${what}`, async (t) => {
    const folder = await project(t);
    const program = join(folder, 'use.mjs');
    await writeFile(program, `import { ZipArchive } from 'pzip';${PROGRAM}`);
    const flags = [permission, '--allow-fs-read=*', `--allow-fs-write=${folder}/*`, ...allowed];
    assert.equal(
      await run(process.execPath, [...flags, program, join(folder, 'out.zip')], folder),
      `2 ${hasThreads} wasm\n`,
    );
    await run('unzip', ['-tq', 'out.zip'], folder);
  });
}
