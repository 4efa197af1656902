/**
 * A file that is written with an archive, such as its checksum: complete beside its target before the archive is put in place,
 * and renamed after it. A file that has the same bytes already is left alone.
 */
import { readFileSync, renameSync } from 'node:fs';
import { PzipError, quote } from '../../common/errors.js';
import type { FileIdentity } from '../sink.js';
import { cannotWrite, outputFailed } from './explain.js';
import { isFile } from './identity.js';
import { removeLeftovers } from './remove-leftovers.js';
import { findTarget, type OutputTarget } from './target.js';
import { TemporaryFile } from './temporary.js';
import { writeAll } from './write-queue.js';

/** Permissions of a new file, reduced by the umask. */
const NEW_FILE = 0o666;

export class SideFile {
  readonly #place: OutputTarget;
  /** Undefined when it has its name or is removed. */
  #temporary: TemporaryFile | undefined;
  #length = 0;

  /**
   * @param taken absolute paths of other files that the run writes
   * @throws PzipError PZIP_OUTPUT_FAILED if no file can be written there, PZIP_USAGE if the path is taken
   */
  constructor(path: string, taken: readonly string[]) {
    this.#place = findTarget(path, true);
    if (taken.includes(this.target)) {
      throw new PzipError('PZIP_USAGE', `${quote(path)} cannot be written twice: name another file`, { path });
    }
    const { found } = this.#place;
    if (found !== undefined && !found.isFile()) throw cannotWrite(path, 'it is not a regular file');
    try {
      this.#temporary = new TemporaryFile(this.target, NEW_FILE);
      if (found !== undefined) this.#temporary.file.chmod(Number(found.mode) & 0o777);
    } catch (error) {
      throw outputFailed(path, error);
    }
  }

  /** Absolute, with symbolic links followed. */
  get target(): string {
    return this.#place.target;
  }

  /** Whether a file is the one that will be replaced. */
  isReplaced(stats: FileIdentity, path: string): boolean {
    const { found } = this.#place;
    return found !== undefined && isFile(found, stats, path);
  }

  /** Appends to the temporary file. @throws PzipError PZIP_OUTPUT_FAILED */
  async append(bytes: Uint8Array): Promise<void> {
    const temporary = this.#temporary;
    if (temporary === undefined) return;
    await this.#failing(async () => {
      this.#length += await writeAll(temporary.file, [bytes], this.#length);
    });
  }

  /** Gives the file its name. @throws PzipError PZIP_OUTPUT_FAILED */
  async putInPlace(): Promise<void> {
    const temporary = this.#temporary;
    if (temporary === undefined) return;
    await this.#failing(async () => {
      await temporary.close();
      if (this.#hasSameBytes(temporary)) await temporary.remove();
      else renameSync(temporary.path, this.target);
      temporary.forget();
      this.#temporary = undefined;
    });
    await removeLeftovers(this.target);
  }

  /** Removes the temporary file. */
  async discard(): Promise<void> {
    const temporary = this.#temporary;
    this.#temporary = undefined;
    await temporary?.close().catch(() => {});
    await temporary?.remove();
    temporary?.forget();
  }

  #hasSameBytes({ path }: TemporaryFile): boolean {
    const { found } = this.#place;
    if (found === undefined || Number(found.size) !== this.#length) return false;
    try {
      return readFileSync(path).equals(readFileSync(this.target));
    } catch {
      return false;
    }
  }

  async #failing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw outputFailed(this.#place.path, error);
    }
  }
}
