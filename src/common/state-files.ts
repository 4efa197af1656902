/**
 * The file beside an archive that records how it was made, for a later run with `reuse`: `site.zip.pzip-state` beside
 * `site.zip`. src/reuse/ writes and reads it; the selection leaves it out of archives, as it leaves out the archive itself.
 */
import { closeSync, lstatSync, openSync, readSync } from 'node:fs';

const SUFFIX = '.pzip-state';

/** What every such file begins with. */
export const STATE_START = '{"format":"pzip-state",';

export function statePathOf(archive: string): string {
  return `${archive}${SUFFIX}`;
}

/**
 * Whether a file is one that pzip has written: a file of the user's may have such a name, too.
 *
 * @param name the last component of the path
 */
export function isStateFile(path: string, name: string): boolean {
  if (!name.endsWith(SUFFIX)) return false;
  try {
    // Only a regular file: opening a FIFO would wait.
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
    const descriptor = openSync(path, 'r');
    try {
      const start = Buffer.alloc(STATE_START.length);
      const length = readSync(descriptor, start, 0, start.length, 0);
      return start.toString('latin1', 0, length) === STATE_START;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
}
