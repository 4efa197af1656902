/** A queue between two asynchronous loops. It is not bounded itself; its producer waits for the memory budget. */
import { FirstFailure } from '../common/first-failure.js';

export class Channel<T> implements AsyncIterable<T> {
  #values: (T | undefined)[] = [];
  /** Number of values in `#values` that have been taken. */
  #taken = 0;
  #wake: (() => void) | undefined;
  #isEnded = false;
  readonly #failure = new FirstFailure();

  /** Whether every pushed value has been taken. */
  get isEmpty(): boolean {
    return this.#taken === this.#values.length;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  push(value: T): void {
    this.#values.push(value);
    this.#wake?.();
  }

  /** Ends the queue: the reading loop ends after the remaining values. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  /** Throws the error in the reading loop at once. Returns the values that it has not taken. */
  fail(error: unknown): T[] {
    this.#failure.set(error);
    this.#wake?.();
    const left = this.#values.slice(this.#taken) as T[];
    this.#values = [];
    this.#taken = 0;
    return left;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    while (true) {
      this.#failure.check();
      if (!this.isEmpty) yield this.#take();
      else if (this.#isEnded) return;
      else await this.#more();
    }
  }

  #take(): T {
    const value = this.#values[this.#taken] as T;
    // A taken value is released at once; it may keep 1 MiB alive.
    this.#values[this.#taken++] = undefined;
    // shift() for each value would move all others; removing half of them at a time moves each once.
    if (this.#taken * 2 > Math.max(this.#values.length, COMPACT_AFTER)) {
      this.#values.splice(0, this.#taken);
      this.#taken = 0;
    }
    return value;
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}

const COMPACT_AFTER = 1024;
