/**
 * A rejection that may come at any time, and work that is over when it comes. Unlike Promise.race with a promise that lives
 * as long as the archive, nothing of each piece of work is kept.
 */
export class Rejection {
  readonly promise: Promise<never>;
  #rejected: { error: unknown } | undefined;
  #tell: (error: unknown) => void = () => {};
  #interrupt: ((error: unknown) => void) | undefined;

  constructor() {
    this.promise = new Promise((_, reject) => {
      this.#tell = reject;
    });
    this.promise.catch(() => {});
  }

  reject(error: unknown): void {
    if (this.#rejected) return;
    this.#rejected = { error };
    this.#tell(error);
    this.#interrupt?.(error);
  }

  orDone(work: (resolve: () => void, reject: (error: unknown) => void) => void): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (this.#rejected) {
        reject(this.#rejected.error);
        return;
      }
      this.#interrupt = reject;
      work(resolve, reject);
    });
  }
}
