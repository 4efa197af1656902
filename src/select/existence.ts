/** Whether something that could be a pattern is an existing path. */
import { lstatSync } from 'node:fs';
import { absolutePath } from './names/entry-names.js';

/** In characters. Linux opens at most 4,096 bytes; each directory on the path is a recursive call. */
const MAX_PATH_LENGTH = 4096;

/**
 * Remembers directories that do not exist, because most of thousands of patterns are in such a directory.
 *
 * @param cwd absolute
 * @returns a function that tests whether a path, relative to the working directory or absolute, exists; a dangling link does
 */
export function existenceIn(cwd: string, platform: NodeJS.Platform): (path: string) => boolean {
  const separator = platform === 'win32' ? '\\' : '/';
  const missing = new Set<string>();

  const isThere = (path: string): boolean => {
    const end = path.lastIndexOf(separator);
    const directory = path.slice(0, end);
    // Only below the working directory, which exists, so the search upwards ends there.
    if (directory.length > cwd.length && directory.startsWith(cwd)) {
      if (missing.has(directory)) return false;
      if (!isThere(directory)) {
        missing.add(directory);
        return false;
      }
    }
    try {
      return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    } catch {
      return false;
    }
  };
  return (path) => path !== '' && path.length <= MAX_PATH_LENGTH && isThere(absolutePath(cwd, path, platform));
}
