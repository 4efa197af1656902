/**
 * Bundles the command into three files under dist/command: the command line, the library and the worker thread. Node
 * resolves and loads modules one by one: the sixty of dist and of commander took 50 of the 110 ms of processor
 * time that an archive of ten files took beyond Node itself. What few archives need (patterns, the bar) stays in its own
 * packages.
 *
 * The files are CommonJS, which Node loads 5 ms sooner than ES modules, in every thread. The library is also what
 * require('pzip') gives where Node cannot require() an ES module.
 */
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const OUT = 'dist/command';

/**
 * Modules of Node's own that it has not loaded by itself, and that an archive may be made without. Here they are loaded when
 * something of theirs is first used: at the start, all of them took 10 ms.
 */
const LATE = [
  'child_process',
  'crypto',
  'fs/promises',
  'module',
  'stream',
  'stream/promises',
  'worker_threads',
  'zlib',
];

function lateModules(names) {
  return {
    name: 'late-modules',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^node:(?:${names.join('|')})$`) }, ({ path, namespace }) => {
        return namespace === 'late' ? { path, external: true } : { path, namespace: 'late' };
      });
      onLoad({ filter: /.*/, namespace: 'late' }, async ({ path }) => {
        const exported = Object.keys(await import(path)).filter((name) => name !== 'default');
        return {
          contents: `
            for (const name of ${JSON.stringify(exported)}) {
              Object.defineProperty(exports, name, { enumerable: true, get: () => require('${path}')[name] });
            }`,
        };
      });
    },
  };
}

/** The command line finds the library in the file beside its own. */
const libraryBeside = {
  name: 'library-beside',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/index\.js$/ }, () => ({ path: './api.js', external: true }));
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
  external: ['fast-glob', 'cli-progress'],
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
const api = await build({
  ...common,
  ...lightClock,
  entryPoints: { api: 'dist/index.js' },
  plugins: [lateModules(LATE)],
});
const worker = await build({
  ...common,
  entryPoints: { worker: 'dist/compress/worker.js' },
  // Every task takes checksums, so zlib may as well be there.
  plugins: [lateModules(LATE.filter((name) => name !== 'zlib' && name !== 'worker_threads'))],
});
await writeFile(join(OUT, 'package.json'), '{ "type": "commonjs" }\n');
// Side by side, since they find one another by their URL.
await copyFile('dist/deflate/deflate.wasm', join(OUT, 'deflate.wasm'));
const inputs = [main, api, worker].flatMap(({ metafile }) => Object.keys(metafile.inputs));
await writeFile(join(OUT, 'LICENSES.txt'), await licenses(inputs));
await copyTypes('index.d.ts');

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
