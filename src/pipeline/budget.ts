/**
 * The memory limit: real bytes of input and output held between the moment a task is planned and the moment its bytes
 * are written. Requests are granted in the order they were made, which is the order of the entries, so whatever the
 * writer waits for has its bytes already and nothing can deadlock.
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
   * @param shared memory that several archives share, of which this is a part
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

  /** Grants at once where it can (no promise to await), else when enough has been released. */
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

  /** Counts what is there without having asked: a file that is read once more, in place of what was read before. */
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
   * Grants what waits, as far as it fits now.
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

  /** Everyone who waits, and everyone who asks from now on, gets the error. */
  fail(error: unknown): void {
    this.#failure.set(error);
    for (const { fail } of this.#waiting.splice(0)) fail(error);
    this.#shared?.stopWaiting(this);
  }

  /** Of an archive that has ended, well or not: what it still holds is left to the others. */
  end(): void {
    this.release(this.#held);
    this.#isEnded = true;
  }

  #take(bytes: number): void {
    this.#held += bytes;
    this.#shared?.take(bytes);
  }

  /** An empty budget admits any one request: a limit below the size of one task slows down, and does not stop. */
  #fits(bytes: number): boolean {
    if (this.#held === 0) return true;
    return this.#held + bytes <= this.limit && (this.#shared?.fits(bytes, this.#held) ?? true);
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
