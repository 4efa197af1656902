/** The names of an archive that is put together call by call: no name twice, and no file where a folder has to be. */
import { PzipError } from '../errors.js';

export class NameRegistry {
  #names = new Set<string>();
  /** Every folder that some entry is in or is, ending in `/`. */
  #folders = new Set<string>();

  /** @throws PzipError PZIP_NAME_DUPLICATE or PZIP_NAME_CONFLICT */
  add(name: string): void {
    if (this.#names.has(name)) {
      throw new PzipError('PZIP_NAME_DUPLICATE', `Two entries are named ${JSON.stringify(name)}`, { entryName: name });
    }
    const isFolder = name.endsWith('/');
    if (!isFolder && this.#folders.has(`${name}/`)) throw conflict(name, `${name}/`);
    let end = isFolder ? name.length : name.lastIndexOf('/') + 1;
    while (end > 0) {
      const folder = name.slice(0, end);
      // A folder that is known has its parents known too.
      if (this.#folders.has(folder)) break;
      if (this.#names.has(folder.slice(0, -1))) throw conflict(folder.slice(0, -1), folder);
      this.#folders.add(folder);
      end = name.lastIndexOf('/', end - 2) + 1;
    }
    this.#names.add(name);
  }
}

function conflict(file: string, folder: string): PzipError {
  const message = `${JSON.stringify(file)} would be a file and, for what is in ${JSON.stringify(folder)}, a folder`;
  return new PzipError('PZIP_NAME_CONFLICT', message, { entryName: file });
}
