/** A temporary file beside the archive, which is removed when the process exits before it has been given up or renamed. */
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

/** Names that are tried; that one is taken happens once in 2^48. */
const ATTEMPTS = 3;

export class TemporaryFile {
  readonly path: string;
  readonly file: OpenFile;
  readonly identity: ExactIdentity;
  /** Where it was when it was closed. */
  #lastPath: string | undefined;

  /**
   * @param target the archive's path
   * @param mode as far as the umask lets it
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

  /** It has another name now, or none. */
  forget(): void {
    removedOnExit.delete(this.path);
  }

  /** Closes and removes it at once, before anything has been asked of it. */
  abandon(): void {
    this.file.closeSync();
    tryUnlink(this.path);
    this.forget();
  }

  /** @returns whether it is gone */
  async remove(): Promise<boolean> {
    return (await remove(this.path)) || (await this.#removeElsewhere());
  }

  /** Where its folder has been moved meanwhile, the system still knows where the open file is. */
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
    // Gone already, or the disk fails: nothing more can be done.
  }
}
