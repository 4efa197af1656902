import { FirstFailure } from '../../common/first-failure.js';

/**
 * A rejection that can come at any time and ends the operation in progress. Promise.race() with a promise that lives as long
 * as the archive would retain memory for every operation.
 */
export class Rejection {
  readonly promise: Promise<never>;
  readonly #failure = new FirstFailure();
  #rejectPromise: (error: unknown) => void = () => {};
  #interrupt: ((error: unknown) => void) | undefined;

  constructor() {
    this.promise = new Promise((_, reject) => {
      this.#rejectPromise = reject;
    });
    this.promise.catch(() => {});
  }

  reject(error: unknown): void {
    if (!this.#failure.set(error)) return;
    this.#rejectPromise(error);
    this.#interrupt?.(error);
  }

  orDone(work: (resolve: () => void, reject: (error: unknown) => void) => void): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (this.#failure.isSet) {
        reject(this.#failure.error);
        return;
      }
      this.#interrupt = reject;
      work(resolve, reject);
    });
  }
}
