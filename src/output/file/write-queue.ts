/**
 * Writes that are made in order, one at a time, while more is compressed: what comes meanwhile goes out together. What has
 * been written is sent on its way to the disk where a flush at the end is to find little left.
 */
import { FirstFailure } from '../../common/first-failure.js';
import type { OpenFile } from './open-file.js';

/**
 * Bytes after which what has been written is sent on its way to the disk while more is compressed: 150 MB written at once
 * took 170 to 230 ms to flush at the end, the last 32 MB take 40.
 */
const FLUSH_INTERVAL = 32 * 1024 * 1024;

/**
 * Bytes that are written with one call where more is waiting. 2 MiB were no faster; with 4 the system took 0.3 s more for 435
 * MB, looking for pages of that size (Linux 6.18, ext4).
 */
const MAX_GATHERED = 1024 * 1024;

export interface WriteQueueOptions {
  /** Whether what is written is sent on to the disk at once. */
  readonly flushesAlong: boolean;
  /** Sends it there. */
  readonly flush: () => Promise<void>;
  /** Makes of an error what the archive fails with. */
  readonly toError: (error: unknown) => unknown;
}

interface QueuedWrite {
  readonly buffers: readonly Uint8Array[];
  resolve(): void;
  reject(error: unknown): void;
}

export class WriteQueue {
  /** Rejects when a write has failed. */
  readonly broken: Promise<never>;
  readonly #file: OpenFile;
  readonly #options: WriteQueueOptions;
  #queue: QueuedWrite[] = [];
  /** Under way as long as there is something to write. */
  #draining: Promise<void> | undefined;
  readonly #failure = new FirstFailure();
  #tellFailure: (error: unknown) => void = () => {};
  #isStopped = false;
  /** Where what has been written ends. */
  position = 0;
  #unflushed = 0;
  #flushing: Promise<void> | undefined;
  readonly #flushFailure = new FirstFailure();

  constructor(file: OpenFile, options: WriteQueueOptions) {
    this.#file = file;
    this.#options = options;
    this.broken = new Promise((_, reject) => {
      this.#tellFailure = reject;
    });
    this.broken.catch(() => {});
  }

  write(buffers: readonly Uint8Array[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure.isSet) {
        reject(this.#failure.error);
        return;
      }
      this.#queue.push({ buffers, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Waits for what is queued. */
  async written(): Promise<void> {
    await this.#draining;
    this.#failure.check();
  }

  /** Waits for the flush that is under way. It throws the error of an earlier one: the system reports it once. */
  async flushed(): Promise<void> {
    await this.#flushing;
    this.#flushFailure.check();
  }

  /** What is queued still is not written. */
  stop(): void {
    this.#isStopped = true;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0 && !this.#isStopped) {
      const writes = takeFirst(this.#queue, MAX_GATHERED);
      try {
        const buffers = writes.flatMap((write) => write.buffers);
        const length = await writeAll(this.#file, buffers, this.position);
        this.position += length;
        this.#unflushed += length;
      } catch (error) {
        this.#fail(this.#options.toError(error), writes);
        break;
      }
      for (const { resolve } of writes) resolve();
      if (this.#options.flushesAlong && this.#unflushed >= FLUSH_INTERVAL) this.#flushInBackground();
    }
    this.#draining = undefined;
  }

  #fail(error: unknown, writes: readonly QueuedWrite[]): void {
    this.#failure.set(error);
    this.#tellFailure(error);
    for (const { reject } of [...writes, ...this.#queue.splice(0)]) reject(error);
  }

  #flushInBackground(): void {
    if (this.#flushing !== undefined) return;
    this.#unflushed = 0;
    this.#flushing = this.#options
      .flush()
      .catch((error: unknown) => {
        this.#flushFailure.set(error);
      })
      .finally(() => {
        this.#flushing = undefined;
      });
  }
}

/** Takes off the first ones, as many as are together no longer than that, but one at least. */
function takeFirst(queue: QueuedWrite[], maxLength: number): QueuedWrite[] {
  let count = 0;
  let length = 0;
  for (const { buffers } of queue) {
    length += totalLength(buffers);
    if (count > 0 && length > maxLength) break;
    count++;
  }
  return queue.splice(0, count);
}

/** @returns how many bytes that were */
export async function writeAll(file: OpenFile, buffers: readonly Uint8Array[], position: number): Promise<number> {
  let start = position;
  const end = start + (await file.writeSome(buffers, position));
  // An almost full disk takes a part; writing the rest fails with the reason.
  for (const buffer of buffers) {
    const written = Math.min(Math.max(0, end - start), buffer.length);
    if (written < buffer.length) await file.write(buffer.subarray(written), start + written);
    start += buffer.length;
  }
  return start - position;
}

function totalLength(buffers: readonly Uint8Array[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0);
}
