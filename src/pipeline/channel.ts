/** Values handed from one asynchronous loop to another, in order. What bounds it is what its producer waits for. */
import { FirstFailure } from '../common/first-failure.js';

export class Channel<T> implements AsyncIterable<T> {
  #values: (T | undefined)[] = [];
  /** How many of `#values` have been taken already. */
  #taken = 0;
  #wake: (() => void) | undefined;
  #isEnded = false;
  readonly #failure = new FirstFailure();

  /** Whether all that was pushed has been taken. */
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

  /** No more values: the loop that reads ends once it has taken what is there. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  /** The loop that reads gets the error at once, instead of the values that are left. Returns those. */
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
    // What is taken is let go at once: a value may hold a MiB.
    this.#values[this.#taken++] = undefined;
    // Shifting each value off would move all the others; half of all at a time moves each once.
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
