/** The files that an archive must not contain: itself, and the archive that it replaces. */
import { realpathSync } from 'node:fs';
import type { FileIdentity } from '../sink.js';
import { type ExactIdentity, isFile } from './identity.js';

export class OwnFiles {
  readonly #identities: readonly ExactIdentity[];
  /** Paths under which these files are expected. */
  readonly #paths: readonly string[];
  readonly #onOtherName: (path: string) => void;
  #hasFoundOtherName = false;

  /** @param onOtherName called once with a path, not one of `paths`, that leads to one of the files */
  constructor(identities: readonly ExactIdentity[], paths: readonly string[], onOtherName: (path: string) => void) {
    this.#identities = identities;
    this.#paths = paths;
    this.#onOtherName = onOtherName;
  }

  has(stats: FileIdentity, path: string): boolean {
    if (!this.#identities.some((own) => isFile(own, stats, path))) return false;
    if (!this.#hasFoundOtherName && this.#isOtherName(path)) {
      this.#hasFoundOtherName = true;
      this.#onOtherName(path);
    }
    return true;
  }

  #isOtherName(path: string): boolean {
    try {
      return !this.#paths.includes(realpathSync(path));
    } catch {
      return false;
    }
  }
}
