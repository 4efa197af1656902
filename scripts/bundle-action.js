/**
 * Makes what the GitHub action runs: `action/`, with all that it needs and without node_modules. It goes into the tag of a
 * release and not on the main branch (docs/releasing.md). Run `npm run build` before it.
 *
 *     node scripts/bundle-action.js [DIRECTORY]
 *
 * It is the bundled command (bundle-command.js) with another entry; threads and rarely used parts are files of their own.
 */
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const OUT = process.argv[2] ?? 'action';
const COMMAND = join(OUT, 'dist/command');

/** What the bundled command loads from node_modules. */
const PACKAGES = ['fast-glob', 'cli-progress', 'lilconfig'];

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT);
await cp('dist/command', COMMAND, {
  recursive: true,
  filter: (path) => !path.startsWith(join('dist/command', 'types')),
});
await cp('package.json', join(OUT, 'package.json'));
const common = { bundle: true, minify: true, platform: 'node', target: 'node24', legalComments: 'inline' };
for (const name of PACKAGES) {
  const outfile = join(COMMAND, 'node_modules', name, 'index.js');
  await build({ ...common, format: 'cjs', entryPoints: [name], outfile });
}
const commandBeside = {
  name: 'command-beside',
  setup({ onResolve }) {
    onResolve({ filter: /\/cli\/main\.js$/ }, () => ({ path: './dist/command/main.js', external: true }));
  },
};
await build({
  ...common,
  format: 'esm',
  entryPoints: ['dist/action/main.js'],
  outfile: join(OUT, 'index.js'),
  plugins: [commandBeside],
});
