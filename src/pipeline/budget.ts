/**
 * The memory limit: bytes of input and output, counted from the planning of a task until its result is written. Requests are
 * granted in order, which is the order of the entries. So the task that the writer waits for already has its memory, and
 * there is no deadlock.
 */
import { FirstFailure } from '../common/first-failure.js';
import type { SharedMemory } from './shared-memory.js';

export class Budget {
  readonly limit: number;
  readonly #shared: SharedMemory | undefined;
  #held = 0;
  #waiting: { bytes: number; grant: () => void; fail: (error: unknown) => void }[] = [];
  readonly #failure = new FirstFailure();
  #isEnded = false;

  /**
   * @param limit bytes
   * @param shared memory shared by several archives, of which this is a part
   */
  constructor(limit: number, shared?: SharedMemory) {
    this.limit = limit;
    this.#shared = shared;
  }

  get held(): number {
    return this.#held;
  }

  /** Whether a request waits for bytes to be released. */
  get isUsedUp(): boolean {
    return this.#waiting.length > 0;
  }

  /** Grants the bytes at once if possible (returning no promise), otherwise when enough has been released. */
  acquire(bytes: number): Promise<void> | undefined {
    this.#failure.check();
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#take(bytes);
      return undefined;
    }
    this.#shared?.wait(this);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, grant: resolve, fail: reject });
    });
  }

  /** Counts bytes without waiting: of a file that is read again, replacing what was read before. */
  take(bytes: number): void {
    if (!this.#isEnded) this.#take(bytes);
  }

  release(bytes: number): void {
    if (this.#isEnded) return;
    this.#held -= bytes;
    if (this.#shared) this.#shared.release(bytes);
    else this.grantNext();
  }

  /**
   * Grants waiting requests as far as they fit.
   * @internal
   */
  grantNext(): void {
    let next = this.#waiting[0];
    while (next && this.#fits(next.bytes)) {
      this.#waiting.shift();
      this.#take(next.bytes);
      next.grant();
      next = this.#waiting[0];
    }
    if (next === undefined) this.#shared?.stopWaiting(this);
  }

  /** Rejects all waiting and future requests with the error. */
  fail(error: unknown): void {
    this.#failure.set(error);
    for (const { fail } of this.#waiting.splice(0)) fail(error);
    this.#shared?.stopWaiting(this);
  }

  /** Called when an archive has ended, successfully or not: releases its bytes to the others. */
  end(): void {
    this.release(this.#held);
    this.#isEnded = true;
  }

  #take(bytes: number): void {
    this.#held += bytes;
    this.#shared?.take(bytes);
  }

  /** An empty budget grants any single request, so a limit below the size of one task slows the archive down but does not stop it. */
  #fits(bytes: number): boolean {
    if (this.#held === 0) return true;
    return this.#held + bytes <= this.limit && (this.#shared?.fits(bytes, this.#held) ?? true);
  }
}

/** For few threads: two tasks of 2 MiB in progress for each, and as many waiting to be written. */
const LEAST_DEFAULT = 64 * 1024 * 1024;

/** The same per thread, for many threads. */
const DEFAULT_PER_THREAD = 8 * 1024 * 1024;

/** The default limit in bytes. */
export function defaultMemory(threads: number): number {
  return Math.max(LEAST_DEFAULT, threads * DEFAULT_PER_THREAD);
}
