/**
 * The memory limit of a pool, which its archives share. An archive may hold at most as many bytes as are left for the
 * others (the dynamic threshold of Choudhury and Hahne, with which network switches share their buffers): whoever reads
 * its archive slowly can never take all of it, and an archive that is alone has half. Beyond the limit, each archive may
 * hold one task, so that all go on. Bytes of archives do not depend on it.
 */

/** What waits for bytes. */
export interface MemoryWaiter {
  grantNext(): void;
}

export class SharedMemory {
  readonly limit: number;
  #held = 0;
  /** In the order in which they get what is released. */
  readonly #waiting = new Set<MemoryWaiter>();

  /** @param limit bytes */
  constructor(limit: number) {
    this.limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  fits(bytes: number, heldByArchive: number): boolean {
    return heldByArchive + bytes <= this.limit - this.#held - bytes;
  }

  take(bytes: number): void {
    this.#held += bytes;
  }

  release(bytes: number): void {
    this.#held -= bytes;
    for (const waiter of [...this.#waiting]) {
      // After its turn it stands behind the others.
      this.#waiting.delete(waiter);
      this.#waiting.add(waiter);
      waiter.grantNext();
    }
  }

  wait(waiter: MemoryWaiter): void {
    this.#waiting.add(waiter);
  }

  stopWaiting(waiter: MemoryWaiter): void {
    this.#waiting.delete(waiter);
  }
}

/** Ten downloads that nobody reads leave the process below 200 MB with it; 64 MiB were 10 MB more, and no faster. */
const LEAST_DEFAULT = 32 * 1024 * 1024;

/** Half of it, which an archive that is alone may hold, is the two tasks of 2 MiB that each thread has at hand. */
const DEFAULT_PER_THREAD = 8 * 1024 * 1024;

/** Bytes, where the user names no limit. */
export function defaultSharedMemory(threads: number): number {
  return Math.max(LEAST_DEFAULT, threads * DEFAULT_PER_THREAD);
}
