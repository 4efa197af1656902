/**
 * Yields to the event loop every 20 ms, for signals, timers and other work: during the traversal, whose synchronous system
 * calls take half the time of asynchronous ones, and while an archive in memory is read.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Most milliseconds without a turn of the event loop; a longer delay of signals and timers would be noticeable. */
export const LONGEST_STRETCH = 20;

export class Pace {
  readonly #checkpoint: () => void;
  #lastTurn = performance.now();

  /** @param checkpoint called after each turn; throws to end the work */
  constructor(checkpoint: () => void = () => {}) {
    this.#checkpoint = checkpoint;
  }

  /** Whether it is time to yield. */
  get isDue(): boolean {
    return performance.now() - this.#lastTurn > LONGEST_STRETCH;
  }

  async turn(): Promise<void> {
    await nextTurn();
    this.#lastTurn = performance.now();
    this.#checkpoint();
  }
}
