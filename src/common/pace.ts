/**
 * Finding what goes in is system calls, made synchronously because that takes half the time. In between, the event loop gets
 * its turn: signals, timers and the work on what has been found already.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds without a turn of the event loop: what is longer than that, a signal or a timer would notice. */
export const LONGEST_STRETCH = 20;

export class Pace {
  readonly #checkpoint: () => void;
  #lastTurn = performance.now();

  /** @param checkpoint called after each turn; throws where there is no sense in going on */
  constructor(checkpoint: () => void = () => {}) {
    this.#checkpoint = checkpoint;
  }

  /** Whether it is time for a turn. */
  get isDue(): boolean {
    return performance.now() - this.#lastTurn > LONGEST_STRETCH;
  }

  async turn(): Promise<void> {
    await nextTurn();
    this.#lastTurn = performance.now();
    this.#checkpoint();
  }
}
