// fflate: its own deflate in JavaScript, in a worker per file from 500 kB on as its documentation advises.

import { closeSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { AsyncZipDeflate, Zip, ZipDeflate } from 'fflate';
import { files, options } from './tree.mjs';

const out = openSync(options.out, 'w');
const zip = new Zip((error, chunk, isLast) => {
  if (error) throw error;
  writeSync(out, chunk);
  if (isLast) closeSync(out);
});
for (const path of await files()) {
  const content = await readFile(path);
  const Entry = content.length < 500_000 ? ZipDeflate : AsyncZipDeflate;
  const entry = new Entry(path, { level: options.level });
  zip.add(entry);
  entry.push(content, true);
}
zip.end();
