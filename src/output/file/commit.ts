/** Gives a finished temporary file the name of the archive: syncs it if required, and leaves a target with the same bytes. */
import { existsSync } from 'node:fs';
import { takeName } from './atomic-file.js';
import { hasSameBytes } from './same-bytes.js';
import type { OutputTarget } from './target.js';
import type { TemporaryFile } from './temporary.js';
import type { TemporaryArchive } from './temporary-archive.js';

export interface CommitOptions {
  /** Whether a file that has the archive's name, at the start or at the end, may be replaced. @default true */
  readonly replace?: boolean | undefined;
  /** Whether the archive is synced before it is renamed. @default if it replaces a file */
  readonly flush?: boolean | undefined;
  /** Whether a file with the same bytes stays as it is, and the archive is discarded. @default false */
  readonly writeIfChanged?: boolean | undefined;
}

export class Commit {
  readonly #place: OutputTarget;
  readonly #temporary: TemporaryFile;
  readonly #archive: TemporaryArchive;
  readonly #mayReplace: boolean;
  /** Undefined if it depends on whether a file has the archive's name at the end. */
  readonly #flush: boolean | undefined;
  readonly #writeIfChanged: boolean;
  #isUnchanged = false;
  /** Or need not be. */
  #isSynced = false;

  constructor(place: OutputTarget, temporary: TemporaryFile, archive: TemporaryArchive, options: CommitOptions) {
    this.#place = place;
    this.#temporary = temporary;
    this.#archive = archive;
    this.#mayReplace = options.replace ?? true;
    this.#flush = options.flush;
    this.#writeIfChanged = options.writeIfChanged ?? false;
  }

  /** Whether the file that was there has the same bytes, and has stayed. */
  get isUnchanged(): boolean {
    return this.#isUnchanged;
  }

  /** Compares the complete file with the target, and syncs it where that is required. */
  async prepare(): Promise<void> {
    this.#isUnchanged = this.#writeIfChanged && (await hasSameBytes(this.#temporary.path, this.#place.target));
    if (this.#isUnchanged) this.#isSynced = true;
    else if (this.#flush ?? this.#replaces()) await this.#sync();
  }

  /** Another program may have created a file there since `prepare()`. */
  async syncIfReplacing(): Promise<void> {
    if (!this.#isSynced && this.#flush === undefined && this.#replaces()) await this.#sync();
  }

  /**
   * @param notice called if the temporary file's own name stays
   * @throws PzipError PZIP_OUTPUT_FAILED or PZIP_OUTPUT_EXISTS
   */
  takeName(notice: (message: string) => void): void {
    const { path, target } = this.#place;
    takeName(this.#temporary, { path, target, mayReplace: this.#mayReplace, notice });
  }

  async #sync(): Promise<void> {
    await this.#archive.sync();
    this.#isSynced = true;
  }

  /** Checked at the end: a file may have been created there since the beginning. */
  #replaces(): boolean {
    return this.#mayReplace && existsSync(this.#place.target);
  }
}
