/**
 * Bundles an entry into two files: what every run needs, and what dynamic imports need, loaded with the first of these. V8
 * parses a file whole when it loads it, and most runs need none of the second file: check, diff, parts, reuse.
 *
 * Modules of the first file exist once: the second file gets them from there, so that `instanceof` holds across both. The
 * first file has no dynamic import: esbuild would wrap each module that one reaches, and calling 190 of these wrappers took 8 ms.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { build } from 'esbuild';

const DIST = resolve('dist');
const DYNAMIC_IMPORT = /\bimport\('(\.[^']+)'\)/g;

/**
 * @param options of both builds; its plugins apply to both
 * @param entry a file of dist
 * @param name of the first file, without `.js`; the second one is `name-late.js`
 * @param kept files of dist that belong to the first file although they are imported dynamically
 * @returns the metafiles
 */
export async function bundleInTwo(options, entry, name, kept = []) {
  const { early, late, roots } = await divide(options, entry, kept);
  const needed = [...late].flatMap(([, imports]) => imports).filter((path) => early.has(path));
  const shared = [...new Set(needed)].sort();
  const first = await build({
    ...options,
    entryPoints: { [name]: join('dist', entry) },
    plugins: [loadsLate(`./${name}-late.js`, { shared, roots, early }), ...options.plugins],
  });
  const second = await build({
    ...options,
    stdin: { contents: lateEntry(roots), resolveDir: DIST, sourcefile: `${name}-late.js` },
    outdir: undefined,
    outfile: join(options.outdir, `${name}-late.js`),
    plugins: [sharesModules(new Set(shared)), ...options.plugins],
  });
  return [first.metafile, second.metafile];
}

/**
 * The files of dist that the entry reaches by static imports and through `kept`; all others with what they import; and
 * those of them that the first ones import dynamically.
 */
async function divide(options, entry, kept) {
  const { metafile } = await build({ ...options, entryPoints: [join('dist', entry)], write: false });
  const inputs = new Map();
  for (const [path, { imports }] of Object.entries(metafile.inputs)) {
    const own = imports.filter((one) => one.path.startsWith('dist/'));
    if (path.startsWith('dist/'))
      inputs.set(
        nameOf(path),
        own.map((one) => ({ path: nameOf(one.path), kind: one.kind })),
      );
  }
  const early = new Set();
  const visit = (path) => {
    if (early.has(path)) return;
    early.add(path);
    for (const one of inputs.get(path) ?? []) {
      if (one.kind === 'import-statement' || kept.includes(one.path)) visit(one.path);
    }
  };
  visit(entry);
  const late = new Map();
  for (const [path, imports] of inputs)
    if (!early.has(path))
      late.set(
        path,
        imports.map((one) => one.path),
      );
  const roots = new Set();
  for (const path of early) for (const one of inputs.get(path) ?? []) if (late.has(one.path)) roots.add(one.path);
  return { early, late, roots: [...roots].sort() };
}

function nameOf(path) {
  return relative(DIST, resolve(path)).split(sep).join('/');
}

/** In the first file, dynamic imports of the roots become calls, and those of its own modules become static imports. */
function loadsLate(file, { shared, roots, early }) {
  return {
    name: 'loads-late',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^late-loader$/ }, () => ({ path: 'late-loader', namespace: 'late-loader' }));
      onResolve({ filter: /^\.\/[\w-]+-late\.js$/ }, ({ path }) => ({ path, external: true }));
      onLoad({ filter: /.*/, namespace: 'late-loader' }, () => ({
        resolveDir: DIST,
        contents: `
          ${shared.map((path, index) => `import * as m${index} from './${path}';`).join('\n')}
          let modules;
          export async function loadLate(path) {
            modules ??= require('${file}').link({ ${shared.map((path, index) => `'${path}': m${index}`).join(', ')} });
            return modules[path]();
          }`,
      }));
      onLoad({ filter: /[\\/]dist[\\/].*\.js$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        const imports = [];
        const contents = text.replace(DYNAMIC_IMPORT, (original, target) => {
          const name = nameOf(join(dirname(path), target));
          if (early.has(name)) {
            imports.push(`import * as kept${imports.length} from '${target}';`);
            return `Promise.resolve(kept${imports.length - 1})`;
          }
          if (!roots.includes(name)) return original;
          imports.push("import { loadLate } from 'late-loader';");
          return `loadLate('${name}')`;
        });
        return imports.length === 0 ? undefined : { contents: `${[...new Set(imports)].join('\n')}\n${contents}` };
      });
    },
  };
}

function lateEntry(roots) {
  return `
    const shared = require('shared-modules');
    const modules = { ${roots.map((root) => `'${root}': () => require('./${root}')`).join(', ')} };
    exports.link = (given) => {
      Object.assign(shared, given);
      return modules;
    };`;
}

/** In the second file, the modules of the first one are what it has linked. */
function sharesModules(shared) {
  return {
    name: 'shares-modules',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^shared-modules$/ }, () => ({ path: 'shared-modules', namespace: 'shared-modules' }));
      onLoad({ filter: /.*/, namespace: 'shared-modules' }, () => ({ contents: 'module.exports = {};' }));
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
        const name = nameOf(join(resolveDir, path));
        return shared.has(name) ? { path: name, namespace: 'shared' } : undefined;
      });
      onLoad({ filter: /.*/, namespace: 'shared' }, ({ path }) => ({
        contents: `module.exports = require('shared-modules')['${path}'];`,
      }));
    },
  };
}
