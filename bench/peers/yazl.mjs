// yazl: one file after the other through node:zlib's streams.

import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { files, options } from './tree.mjs';

const zip = new ZipFile();
for (const path of await files()) zip.addFile(path, path, { compressionLevel: options.level });
zip.end();
await pipeline(zip.outputStream, createWriteStream(options.out));
