/** A second temporary file beside the archive. Where the system allows it, its name is removed before anything is written. */
import type { Scratch } from '../sink.js';
import { TemporaryFile } from './temporary.js';

export class ScratchFile implements Scratch {
  readonly #temporary: TemporaryFile;
  readonly #toError: (error: unknown) => unknown;

  private constructor(temporary: TemporaryFile, toError: (error: unknown) => unknown) {
    this.#temporary = temporary;
    this.#toError = toError;
  }

  /**
   * @param target path of the archive
   * @param toError converts an error into the one that the archive fails with
   * @returns undefined if the file cannot be created; its content then stays in memory
   */
  static create(target: string, toError: (error: unknown) => unknown): ScratchFile | undefined {
    try {
      return new ScratchFile(new TemporaryFile(target, 0o600), toError);
    } catch {
      return undefined;
    }
  }

  /** Removes the name where the system allows it. */
  async hide(): Promise<void> {
    await this.#temporary.remove();
  }

  write(position: number, bytes: Uint8Array): Promise<void> {
    return this.#failing(this.#temporary.file.write(bytes, position));
  }

  read(position: number, into: Uint8Array): Promise<void> {
    return this.#failing(this.#temporary.file.read(into, position));
  }

  async close(): Promise<void> {
    await this.#temporary.close();
    await this.#temporary.remove();
    this.#temporary.forget();
  }

  async #failing<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw this.#toError(error);
    }
  }
}
