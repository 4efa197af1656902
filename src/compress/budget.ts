/**
 * The memory limit: real bytes of input and output held between the moment a task is planned and the moment its bytes
 * are written. Requests are granted in the order they were made, which is the order of the entries, so whatever the
 * writer waits for has its bytes already and nothing can deadlock.
 */
export class Budget {
  readonly limit: number;
  #held = 0;
  #waiting: { bytes: number; grant: () => void; fail: (error: unknown) => void }[] = [];
  #failure: { error: unknown } | undefined;

  /** @param limit bytes */
  constructor(limit: number) {
    this.limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  /** Grants at once where it can (no promise to await), else when enough has been released. */
  acquire(bytes: number): Promise<void> | undefined {
    if (this.#failure) throw this.#failure.error;
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#held += bytes;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, grant: resolve, fail: reject });
    });
  }

  release(bytes: number): void {
    this.#held -= bytes;
    let next = this.#waiting[0];
    while (next && this.#fits(next.bytes)) {
      this.#waiting.shift();
      this.#held += next.bytes;
      next.grant();
      next = this.#waiting[0];
    }
  }

  /** Everyone who waits, and everyone who asks from now on, gets the error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { fail } of this.#waiting.splice(0)) fail(error);
  }

  /** An empty budget admits any one request: a limit below the size of one task slows down, and does not stop. */
  #fits(bytes: number): boolean {
    return this.#held === 0 || this.#held + bytes <= this.limit;
  }
}

/** Enough for the two tasks of 2 MiB that each of a few threads has at hand and as many that wait to be written. */
const LEAST_DEFAULT = 64 * 1024 * 1024;

/** The same for many threads. */
const DEFAULT_PER_THREAD = 8 * 1024 * 1024;

/** Bytes, where the user names no limit. */
export function defaultMemory(threads: number): number {
  return Math.max(LEAST_DEFAULT, threads * DEFAULT_PER_THREAD);
}
