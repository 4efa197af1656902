// jszip: pako's deflate in JavaScript, files read when their turn comes.

import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import JSZip from 'jszip';
import { files, options } from './tree.mjs';

const zip = new JSZip();
for (const path of await files()) zip.file(path, Readable.from(opened(path)));
const archive = zip.generateNodeStream({
  compression: 'DEFLATE',
  compressionOptions: { level: options.level },
  streamFiles: true,
});
await pipeline(archive, createWriteStream(options.out));

async function* opened(path) {
  yield* createReadStream(path);
}
