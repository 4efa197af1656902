// archiver: walks the folder itself; zip-stream and node:zlib's streams below it.

import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ZipArchive } from 'archiver';
import { options } from './tree.mjs';

const archive = new ZipArchive({ zlib: { level: options.level } });
archive.directory(options.folder, options.folder);
const written = pipeline(archive, createWriteStream(options.out));
await archive.finalize();
await written;
