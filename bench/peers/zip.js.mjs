// zip.js: web streams and the platform's CompressionStream, files read when their turn comes.

import { createReadStream, createWriteStream } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { configure, ZipWriter } from '@zip.js/zip.js';
import { files, options } from './tree.mjs';

configure({ useWebWorkers: false });
const zip = new ZipWriter(Writable.toWeb(createWriteStream(options.out)), { level: options.level });
for (const path of await files()) await zip.add(path, Readable.toWeb(createReadStream(path)));
await zip.close();
