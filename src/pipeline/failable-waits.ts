/** Waits for promises that may never settle: each wait ends if the archive fails. */
import { FirstFailure } from '../common/first-failure.js';

export class FailableWaits {
  readonly failure = new FirstFailure();
  readonly #waiting = new Set<(error: unknown) => void>();

  /** @throws the archive's failure if that comes first */
  async unlessFailed<T>(given: Promise<T>): Promise<T> {
    let giveUp: (error: unknown) => void = () => {};
    try {
      return await new Promise<T>((resolve, reject) => {
        giveUp = reject;
        this.#waiting.add(giveUp);
        given.then(resolve, reject);
        if (this.failure.isSet) reject(this.failure.error);
      });
    } finally {
      this.#waiting.delete(giveUp);
    }
  }

  /** @returns whether it is the first failure */
  fail(error: unknown): boolean {
    const isFirst = this.failure.set(error);
    if (isFirst) for (const giveUp of this.#waiting) giveUp(error);
    return isFirst;
  }
}
