/** A temporary file beside the archive. If the process exits before it is renamed or discarded, it is removed. */
import { lstatSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasCode } from '../../common/file-errors.js';
import { temporaryName } from '../../common/temporary-files.js';
import { type ExactIdentity, isFile } from './identity.js';
import { OpenFile } from './open-file.js';
import { remove } from './remove-leftovers.js';

const removedOnExit = new Set<string>();
process.on('exit', () => {
  for (const path of removedOnExit) tryUnlink(path);
});

/** Random names to try; one is taken with a probability of 2^-48. */
const ATTEMPTS = 3;

export class TemporaryFile {
  readonly path: string;
  readonly file: OpenFile;
  readonly identity: ExactIdentity;
  /** Its path when it was closed. */
  #lastPath: string | undefined;

  /**
   * @param target the archive's path
   * @param mode reduced by the umask
   */
  constructor(target: string, mode: number) {
    for (let attempt = 1; ; attempt++) {
      const path = join(dirname(target), temporaryName(basename(target)));
      try {
        this.file = OpenFile.create(path, mode);
        this.path = path;
        break;
      } catch (error) {
        if (!hasCode(error, 'EEXIST') || attempt === ATTEMPTS) throw error;
      }
    }
    removedOnExit.add(this.path);
    try {
      this.identity = this.file.stat();
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#lastPath = this.file.currentPath();
    await this.file.close();
  }

  /** To be called once the file has been renamed or removed. */
  forget(): void {
    removedOnExit.delete(this.path);
  }

  /** Closes and removes the file at once, before any other operation on it. */
  abandon(): void {
    this.file.closeSync();
    tryUnlink(this.path);
    this.forget();
  }

  /** @returns whether it has been removed */
  async remove(): Promise<boolean> {
    return (await remove(this.path)) || (await this.#removeElsewhere());
  }

  /** If its folder has been moved, the system still knows the path of the open file. */
  async #removeElsewhere(): Promise<boolean> {
    const path = this.file.currentPath() ?? this.#lastPath;
    if (path === undefined || path === this.path || basename(path) !== basename(this.path)) return false;
    try {
      return isFile(this.identity, lstatSync(path), path) && (await remove(path));
    } catch {
      return false;
    }
  }
}

function tryUnlink(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It does not exist any more, or the disk fails: nothing can be done.
  }
}
