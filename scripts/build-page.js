/**
 * Builds the page of `--html`: dist/html/page.html, with style and script inside and their hashes in its policy, so that a
 * browser runs and loads nothing else. An archive's entries go to the place of a comment (src/html/html-page.ts). d3-hierarchy
 * is part of the script, and its licence stands above it.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const OUT = 'dist/html';
const LIBRARY = 'node_modules/d3-hierarchy';

/** Bytes; every page has them. */
const MAX_LENGTH = 60 * 1024;

const { outputFiles, metafile } = await build({
  entryPoints: ['page/main.ts', 'page/style.css'],
  outdir: OUT,
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  legalComments: 'none',
  charset: 'ascii',
  metafile: true,
  write: false,
});
const foreign = Object.keys(metafile.inputs).filter((path) => !path.startsWith('page/') && !path.startsWith(LIBRARY));
if (foreign.length > 0) throw new Error(`the licences of ${foreign.join(', ')} are not in the page`);

const style = textOf('.css');
const licence = await readFile(`${LIBRARY}/LICENSE`, 'utf8');
const script = `/*! Contains d3-hierarchy.\n${licence.trim()}\n*/\n${textOf('.js')}`;
if (/<\/script|<!--/i.test(script)) throw new Error('the script would end its element');
const page = replaceOnce(await readFile('page/page.html', 'utf8'), [
  ['{script-hash}', hash(script)],
  ['{style-hash}', hash(style)],
  ['<style></style>', `<style>${style}</style>`],
  ['<script></script>', `<script>${script}</script>`],
]);
if (Buffer.byteLength(page) > MAX_LENGTH) throw new Error(`the page has ${Buffer.byteLength(page)} bytes`);
await mkdir(OUT, { recursive: true });
await writeFile(`${OUT}/page.html`, page);

function textOf(extension) {
  return outputFiles.find(({ path }) => path.endsWith(extension)).text;
}

function hash(text) {
  return createHash('sha256').update(text).digest('base64');
}

function replaceOnce(text, replacements) {
  return replacements.reduce((result, [marker, value]) => {
    if (result.split(marker).length !== 2) throw new Error(`page.html must have ${marker} once`);
    return result.replace(marker, () => value);
  }, text);
}
