/**
 * Queues writes and makes them in order, one at a time, while more is compressed. Writes that are waiting are combined into
 * one call. If the file will be synced at the end, data is flushed to the disk along the way, so that little is left then.
 */
import { FirstFailure } from '../../common/first-failure.js';
import type { OpenFile } from './open-file.js';

/**
 * Bytes between two flushes while more is compressed. A single flush of 150 MB at the end took 170 to 230 ms; one of the
 * last 32 MB takes 40.
 */
const FLUSH_INTERVAL = 32 * 1024 * 1024;

/**
 * Most bytes in one call when several writes are waiting. 2 MiB was no faster; with 4 MiB the kernel took 0.3 s longer for
 * 435 MB, looking for pages of that size (Linux 6.18, ext4).
 */
const MAX_GATHERED = 1024 * 1024;

export interface WriteQueueOptions {
  /** Whether written data is flushed to the disk along the way. */
  readonly flushesAlong: boolean;
  /** Flushes the file. */
  readonly flush: () => Promise<void>;
  /** Converts an error into the one that the archive fails with. */
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
  /** The loop that empties the queue; undefined while there is nothing to write. */
  #draining: Promise<void> | undefined;
  readonly #failure = new FirstFailure();
  #rejectBroken: (error: unknown) => void = () => {};
  #isStopped = false;
  /** The end of the written data, and the position of the next write. */
  position = 0;
  #unflushed = 0;
  #flushing: Promise<void> | undefined;
  readonly #flushFailure = new FirstFailure();

  constructor(file: OpenFile, options: WriteQueueOptions) {
    this.#file = file;
    this.#options = options;
    this.broken = new Promise((_, reject) => {
      this.#rejectBroken = reject;
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

  /** Waits for the queued writes. */
  async written(): Promise<void> {
    await this.#draining;
    this.#failure.check();
  }

  /** Waits for a flush that is under way. Throws the error of an earlier one, because the system reports it only once. */
  async flushed(): Promise<void> {
    await this.#flushing;
    this.#flushFailure.check();
  }

  /** Drops the writes that are still queued. */
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
    this.#rejectBroken(error);
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

/** Removes and returns the first writes: at least one, and no more than `maxLength` bytes together if it is several. */
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

/** @returns the number of bytes written */
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
