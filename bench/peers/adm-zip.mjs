// adm-zip: everything in memory, deflated one after the other by node:zlib. It has no choice of level.

import { dirname } from 'node:path';
import AdmZip from 'adm-zip';
import { files, options } from './tree.mjs';

const zip = new AdmZip();
for (const path of await files()) zip.addLocalFile(path, dirname(path));
await zip.writeZipPromise(options.out);
