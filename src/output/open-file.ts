/**
 * A file that is being written: what node:fs/promises calls a FileHandle, without loading all of that, which takes 1.5 ms of
 * the 50 that a small archive takes.
 */
import { close, fdatasync, fstatSync, ftruncate, openSync, read, type Stats, write, writev } from 'node:fs';

type Callback<T> = (error: NodeJS.ErrnoException | null, result: T) => void;

export class OpenFile {
  readonly #descriptor: number;
  #underWay = 0;
  /** Called when nothing is under way any more. */
  #idle: (() => void) | undefined;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Makes a file that was not there. */
  static create(path: string, mode: number): OpenFile {
    return new OpenFile(openSync(path, 'wx+', mode));
  }

  stat(): Stats {
    return fstatSync(this.#descriptor);
  }

  /** @returns how many bytes were taken: all of them, unless the disk is all but full */
  writeSome(buffers: readonly Uint8Array[], position: number): Promise<number> {
    return this.#run((done) => writev(this.#descriptor, buffers, position, done));
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      const start = written;
      written += await this.#run<number>((done) =>
        write(this.#descriptor, bytes, start, bytes.length - start, position + start, done),
      );
    }
  }

  /** Fills `into` from `position` on. */
  async read(into: Uint8Array, position: number): Promise<void> {
    for (let length = 0; length < into.length; ) {
      const start = length;
      const bytesRead = await this.#run<number>((done) =>
        read(this.#descriptor, into, start, into.length - start, position + start, done),
      );
      if (bytesRead === 0) throw new Error('the temporary file has become shorter');
      length += bytesRead;
    }
  }

  truncate(length: number): Promise<void> {
    return this.#run((done: Callback<void>) => ftruncate(this.#descriptor, length, (error) => done(error)));
  }

  datasync(): Promise<void> {
    return this.#run((done: Callback<void>) => fdatasync(this.#descriptor, (error) => done(error)));
  }

  /** Once: after what is under way, since its number may be another file's as soon as it is closed. */
  async close(): Promise<void> {
    if (this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    await this.#run((done: Callback<void>) => close(this.#descriptor, (error) => done(error ?? null)));
  }

  #run<T>(start: (done: Callback<T>) => void): Promise<T> {
    this.#underWay++;
    return new Promise<T>((resolve, reject) => {
      start((error, result) => {
        if (error) reject(error);
        else resolve(result);
        if (--this.#underWay === 0) this.#idle?.();
      });
    });
  }
}
