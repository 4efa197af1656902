/** The contents of a temporary archive: written in order, rewritten where a header changes, synced. */
import { hasCode } from '../../common/file-errors.js';
import type { RewritableSink } from '../sink.js';
import { outputFailed } from './explain.js';
import type { OpenFile } from './open-file.js';
import { WriteQueue, writeAll } from './write-queue.js';

export class TemporaryArchive implements RewritableSink {
  /** Rejects when a write has failed. */
  readonly broken: Promise<never>;
  readonly #file: OpenFile;
  /** The archive's path, for errors. */
  readonly #path: string;
  readonly #queue: WriteQueue;

  /** @param flushesAlong whether written data is synced while more is compressed */
  constructor(file: OpenFile, path: string, flushesAlong: boolean) {
    this.#file = file;
    this.#path = path;
    this.#queue = new WriteQueue(file, {
      flushesAlong,
      flush: () => this.#datasync(),
      toError: (error) => outputFailed(path, error),
    });
    this.broken = this.#queue.broken;
  }

  get descriptor(): number {
    return this.#file.descriptor;
  }

  write(buffers: readonly Uint8Array[]): Promise<void> {
    return this.#queue.write(buffers);
  }

  async rewrite(position: number, buffers: readonly Uint8Array[]): Promise<void> {
    await this.#queue.written();
    const length = await this.#failing(writeAll(this.#file, buffers, position));
    this.#queue.position = Math.max(this.#queue.position, position + length);
  }

  async read(position: number, into: Uint8Array): Promise<void> {
    await this.#queue.written();
    await this.#failing(this.#file.read(into, position));
  }

  async truncate(position: number): Promise<void> {
    await this.#queue.written();
    await this.#failing(this.#file.truncate(position));
    this.#queue.position = position;
  }

  /** Waits for queued writes and for a sync that is under way, and throws the error of either. */
  async written(): Promise<void> {
    await this.#queue.written();
    await this.#failing(this.#queue.flushed());
  }

  sync(): Promise<void> {
    return this.#failing(this.#datasync());
  }

  /** Drops queued writes. */
  stop(): void {
    this.#queue.stop();
  }

  /** Node's permission model (seen with Node 26) denies the call; the system then writes the file back when it chooses. */
  async #datasync(): Promise<void> {
    try {
      await this.#file.datasync();
    } catch (error) {
      if (!hasCode(error, 'ERR_ACCESS_DENIED')) throw error;
    }
  }

  async #failing<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw outputFailed(this.#path, error);
    }
  }
}
