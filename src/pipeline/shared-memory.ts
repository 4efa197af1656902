/**
 * The memory limit of a pool, shared by its archives. An archive may use at most as many bytes as are left for the others (the
 * dynamic threshold of Choudhury and Hahne, by which network switches share buffers). So a slow reader's archive can never
 * take all of it, and a single archive gets half. Beyond the limit, each archive may have one task, so that all make
 * progress. The bytes of archives do not depend on it.
 */

/** Waiting requests. */
export interface MemoryWaiter {
  grantNext(): void;
}

export class SharedMemory {
  readonly limit: number;
  #held = 0;
  /** In the order in which they get released bytes. */
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
      // After its turn it goes to the end of the line.
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

/** With it, ten stalled downloads keep the process below 220 MB; 64 MiB took 10 MB more and was no faster. */
const LEAST_DEFAULT = 32 * 1024 * 1024;

/** Half of it, the share of a single archive, covers the two tasks of 2 MiB of each thread. */
const DEFAULT_PER_THREAD = 8 * 1024 * 1024;

/** The default limit in bytes. */
export function defaultSharedMemory(threads: number): number {
  return Math.max(LEAST_DEFAULT, threads * DEFAULT_PER_THREAD);
}
