// What every peer of this folder shares: its three arguments, and the files below a folder with their names in the archive.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const [level, out, folder] = process.argv.slice(2);
export const options = { level: Number(level), out, folder };

export async function files() {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
