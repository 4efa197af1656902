/**
 * Puts the command together in two files, one for its thread and one for the others, under dist/command. Node resolves and
 * loads modules one by one: the sixty of dist, of commander and of piscina took 50 of the 110 ms of processor time that an
 * archive of ten files took beyond Node itself. What few archives need (patterns, the bar) stays in its own packages.
 */
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const OUT = 'dist/command';
const PISCINA = 'node_modules/piscina/dist';

/** For the command's thread: piscina starts its threads with a file of its own, which stays where piscina was installed. */
const piscinaWithoutItsWorker = {
  name: 'piscina-without-its-worker',
  setup({ onLoad }) {
    onLoad({ filter: /piscina[\\/]dist[\\/]index\.js$/ }, async ({ path }) => {
      const contents = replaceOnce(
        await readFile(path, 'utf8'),
        "(__dirname, 'worker.js')",
        "(piscinaFolder(), 'worker.js')",
      );
      return { contents };
    });
  },
};

/**
 * For the other threads: of piscina just what marks a result as one to be moved, from the two files that its own worker has
 * loaded already. All of piscina takes 13 ms, in every thread.
 */
const piscinaForWorkers = {
  name: 'piscina-for-workers',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^piscina$/ }, () => ({ path: 'piscina', namespace: 'for-workers' }));
    onLoad({ filter: /.*/, namespace: 'for-workers' }, async () => {
      await checkExports('common.js', ['markMovable']);
      await checkExports('symbols.js', ['kTransferable', 'kValue']);
      return {
        contents: `
          import { createRequire } from 'node:module';
          import { dirname, join } from 'node:path';
          const require = createRequire(import.meta.url);
          const folder = dirname(require.resolve('piscina'));
          const { markMovable } = require(join(folder, 'common.js'));
          export const { kTransferable: transferableSymbol, kValue: valueSymbol } = require(join(folder, 'symbols.js'));
          export function move(value) {
            markMovable(value);
            return value;
          }`,
      };
    });
  },
};

await rm(OUT, { recursive: true, force: true });
const common = {
  outdir: OUT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.15',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};
const main = await build({
  ...common,
  entryPoints: { main: 'dist/cli/main.js' },
  external: ['fast-glob', 'cli-progress', '@napi-rs/nice'],
  plugins: [piscinaWithoutItsWorker],
  // What modules of CommonJS need, under names that none of them has.
  banner: {
    js: [
      "import { createRequire as requireFrom } from 'node:module';",
      "import { dirname as folderOf } from 'node:path';",
      'const require = requireFrom(import.meta.url);',
      "const piscinaFolder = () => folderOf(require.resolve('piscina'));",
    ].join('\n'),
  },
});
await build({
  ...common,
  entryPoints: { worker: 'dist/compress/worker.js' },
  plugins: [piscinaForWorkers],
});
// Side by side, since they find one another by their URL.
await copyFile('dist/deflate/deflate.wasm', join(OUT, 'deflate.wasm'));
await writeFile(join(OUT, 'LICENSES.txt'), await licenses(Object.keys(main.metafile.inputs)));

function replaceOnce(text, before, after) {
  if (text.split(before).length !== 2) throw new Error(`piscina is another than this was written for: ${before}`);
  return text.replace(before, after);
}

async function checkExports(file, names) {
  const exported = await import(join(process.cwd(), PISCINA, file));
  for (const name of names) if (!(name in exported)) throw new Error(`piscina's ${file} does not export ${name}`);
}

/** Of the packages that are part of the files, which allow that where their notice goes with it. */
async function licenses(inputs) {
  const folders = new Set(inputs.flatMap((input) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []));
  const notices = [...folders].sort().map(async (folder) => {
    const text = await readFile(join(folder, 'LICENSE'), 'utf8');
    return `${folder.replace('node_modules/', '')}\n\n${text.trim()}\n`;
  });
  return (await Promise.all(notices)).join('\n');
}
