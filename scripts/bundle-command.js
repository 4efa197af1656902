/**
 * Bundles the command into seven files under dist/command: the command line, two files each of the library and of the
 * worker thread (bundle-in-two.js), piscina, and the thread that watches for signals. Node resolves and loads modules one
 * by one: the sixty of dist, of commander and of piscina took 50 of the 110 ms of processor time that an archive of ten
 * files took beyond Node itself. What few archives need (patterns, the bar) stays in its own packages.
 *
 * The files are CommonJS, which Node loads 5 ms sooner than ES modules, in every thread. The library is also what
 * require('pzip') gives where Node cannot require() an ES module.
 */
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleInTwo } from './bundle-in-two.js';

const OUT = 'dist/command';
const PISCINA = join(process.cwd(), 'node_modules/piscina/dist');

/**
 * Modules of Node's own that it has not loaded by itself, and that an archive may be made without. Here they are loaded when
 * something of theirs is first used: at the start, all of them took 10 ms.
 */
const LATE = [
  'child_process',
  'crypto',
  'fs/promises',
  'module',
  'perf_hooks',
  'stream',
  'stream/promises',
  'worker_threads',
  'zlib',
];

function lateModules(names) {
  return {
    name: 'late-modules',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^node:(?:${names.join('|')}|assert)$`) }, ({ path, namespace }) => {
        return namespace === 'late' ? { path, external: true } : { path, namespace: 'late' };
      });
      // Piscina asserts what is true.
      onLoad({ filter: /^node:assert$/, namespace: 'late' }, () => ({
        contents: `
          module.exports = (value, message) => {
            if (!value) require('node:assert')(value, message);
          };
          module.exports.notStrictEqual = (...values) => require('node:assert').notStrictEqual(...values);`,
      }));
      onLoad({ filter: /.*/, namespace: 'late' }, async ({ path }) => {
        const exported = Object.keys(await import(path)).filter((name) => name !== 'default');
        if (path === 'node:perf_hooks') exported.splice(exported.indexOf('performance'), 1);
        return {
          contents: `
            for (const name of ${JSON.stringify(exported)}) {
              Object.defineProperty(exports, name, { enumerable: true, get: () => require('${path}')[name] });
            }
            ${path === 'node:perf_hooks' ? 'exports.performance = { now: () => performance.now() };' : ''}`,
        };
      });
    },
  };
}

/**
 * Piscina starts its threads with a file `worker.js` beside its own, which loads the one with the task. Here both are one
 * file; of piscina it needs what that worker is made of, and not all of it, which takes 13 ms in every thread.
 */
const piscinaForWorkers = {
  name: 'piscina-for-workers',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^piscina$/ }, () => ({ path: 'piscina', namespace: 'for-workers' }));
    onLoad({ filter: /.*/, namespace: 'for-workers' }, async () => {
      await checkPiscina();
      return {
        resolveDir: PISCINA,
        contents: `
          import './worker.js';
          import { markMovable } from './common.js';
          export { kTransferable as transferableSymbol, kValue as valueSymbol } from './symbols.js';
          export function move(value) {
            markMovable(value);
            return value;
          }`,
      };
    });
  },
};

/** The command line finds the library in the file beside its own. */
const libraryBeside = {
  name: 'library-beside',
  setup({ onResolve }) {
    onResolve({ filter: /^(?:\.\.\/)+index\.js$/ }, () => ({ path: './api.js', external: true }));
  },
};

/** Threads are started late or not at all: what starts them is a file of its own, loaded then. */
const piscinaBeside = {
  name: 'piscina-beside',
  setup({ onResolve }) {
    onResolve({ filter: /^piscina$/ }, () => ({ path: './piscina.js', external: true }));
  },
};

await rm(OUT, { recursive: true, force: true });
const common = {
  outdir: OUT,
  bundle: true,
  minify: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.15',
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'ownUrl' },
  banner: { js: "const ownUrl = require('node:url').pathToFileURL(__filename).href;" },
  external: ['fast-glob', 'cli-progress', 'lilconfig', '@napi-rs/nice'],
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};
// Another clock of Node's with the same resolution: `performance` takes 1.3 ms to load.
const lightClock = {
  define: { ...common.define, 'performance.now': 'millisecondsSinceStart' },
  banner: { js: `${common.banner.js}const millisecondsSinceStart = () => 1000 * process.uptime();` },
};
const main = await build({
  ...common,
  ...lightClock,
  entryPoints: { main: 'dist/cli/main.js' },
  plugins: [libraryBeside, lateModules(LATE)],
});
const api = await bundleInTwo(
  { ...common, ...lightClock, plugins: [piscinaBeside, lateModules(LATE)] },
  'index.js',
  'api',
  // A few small files are compressed on the calling thread.
  ['task-functions.js', 'deflate/create-engine.js'],
);
const piscina = await build({
  ...common,
  ...lightClock,
  stdin: { contents: "export { Piscina } from 'piscina';", resolveDir: process.cwd(), sourcefile: 'piscina.js' },
  outdir: undefined,
  outfile: join(OUT, 'piscina.js'),
  plugins: [lateModules(LATE)],
});
const worker = await bundleInTwo(
  {
    ...common,
    // Every task takes checksums, so zlib may as well be there.
    plugins: [piscinaForWorkers, lateModules(LATE.filter((name) => name !== 'zlib' && name !== 'worker_threads'))],
  },
  'worker.js',
  'worker',
);
await writeFile(join(OUT, 'package.json'), '{ "type": "commonjs" }\n');
// Side by side, since they find one another by their URL.
await copyFile('dist/deflate/deflate.wasm', join(OUT, 'deflate.wasm'));
await copyFile('dist/html/page.html', join(OUT, 'page.html'));
await build({ ...common, entryPoints: { watchdog: 'dist/cli/watchdog.js' } });
const inputs = [main.metafile, ...api, piscina.metafile, ...worker].flatMap((metafile) => Object.keys(metafile.inputs));
// Part of page.html (build-page.js).
inputs.push('node_modules/d3-hierarchy/');
await writeFile(join(OUT, 'LICENSES.txt'), await licenses(inputs));
await copyTypes('index.d.ts');

/** That the files of piscina are as the worker's bundle takes them to be. */
async function checkPiscina() {
  for (const [file, names] of [
    ['common.js', ['markMovable']],
    ['symbols.js', ['kTransferable', 'kValue']],
  ]) {
    const exported = await import(pathToFileURL(join(PISCINA, file)).href);
    for (const name of names) if (!(name in exported)) throw new Error(`piscina's ${file} does not export ${name}`);
  }
  const start = "(__dirname, 'worker.js')";
  const index = await readFile(join(PISCINA, 'index.js'), 'utf8');
  if (!index.includes(start)) throw new Error(`piscina does not start its threads with ${start}`);
}

/** A declaration is of CommonJS where its folder is, so that the types of what is required stand a second time, there. */
async function copyTypes(first) {
  const files = new Set([first]);
  for (const file of files) {
    const text = await readFile(join('dist', file), 'utf8');
    for (const [, path] of text.matchAll(/['"](\.[^'"]+)\.js['"]/g)) files.add(`${join(dirname(file), path)}.d.ts`);
    await mkdir(join(OUT, 'types', dirname(file)), { recursive: true });
    await writeFile(join(OUT, 'types', file), text);
  }
}

/** Of the packages that are part of the files, which allow that where their notice goes with it. */
async function licenses(inputs) {
  const folders = new Set(inputs.flatMap((input) => /node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []));
  const notices = [...folders].sort().map(async (folder) => {
    const text = await readFile(join(folder, 'LICENSE'), 'utf8');
    return `${folder.replace('node_modules/', '')}\n\n${text.trim()}\n`;
  });
  return (await Promise.all(notices)).join('\n');
}
