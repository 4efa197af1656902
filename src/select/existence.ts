/** Whether what could be a pattern is the path of something. */
import { lstatSync } from 'node:fs';
import { absolutePath } from './names/entry-names.js';

/** In characters. Linux opens 4,096 bytes at most; each directory on the way is a call in a call. */
const MAX_PATH_LENGTH = 4096;

/**
 * Thousands of patterns are asked about, most of them in directories that do not exist: those are remembered.
 *
 * @param cwd absolute
 * @returns whether a path, relative to the working directory or absolute, is there; a link counts, whatever it leads to
 */
export function existenceIn(cwd: string, platform: NodeJS.Platform): (path: string) => boolean {
  const separator = platform === 'win32' ? '\\' : '/';
  const missing = new Set<string>();

  const isThere = (path: string): boolean => {
    const end = path.lastIndexOf(separator);
    const directory = path.slice(0, end);
    // Only what lies below the working directory: that exists, and ends the search upwards.
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
