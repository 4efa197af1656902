/** Values handed from one asynchronous loop to another, in order. What bounds it is what its producer waits for. */
export class Channel<T> implements AsyncIterable<T> {
  #values: T[] = [];
  /** Those that the loop which reads is at, up to `#taken` taken already. */
  #current: T[] = [];
  #taken = 0;
  #wake: (() => void) | undefined;
  #isEnded = false;
  #failure: { error: unknown } | undefined;

  get isEmpty(): boolean {
    return this.#values.length === 0 && this.#taken >= this.#current.length;
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
    this.#failure ??= { error };
    this.#wake?.();
    return [...this.#current.splice(this.#taken), ...this.#values.splice(0)];
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    while (true) {
      this.#current = this.#values;
      this.#taken = 0;
      this.#values = [];
      for (const value of this.#current) {
        if (this.#failure) throw this.#failure.error;
        this.#taken++;
        yield value;
      }
      if (this.#failure) throw this.#failure.error;
      if (this.#values.length > 0) continue;
      if (this.#isEnded) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
