/**
 * A share of a pool for an archive that may never be read. A pool waits for its archives before it ends, so the archive is
 * registered only when there is work.
 */
import type { Executor } from './executor.js';
import type { ThreadTask } from './task.js';

export class LateShare implements Executor {
  readonly #share: () => Executor;
  #executor: Executor | undefined;

  constructor(share: () => Executor) {
    this.#share = share;
  }

  async run<Result>(task: ThreadTask<Result>): Promise<Result> {
    return this.#shared.run(task);
  }

  /** The threads of a shared pool already exist. */
  expect(): void {}

  lend(): void {
    this.#shared.lend();
  }

  recycle(bytes: Uint8Array): void {
    this.#executor?.recycle(bytes);
  }

  threadsStarted(): number {
    return this.#shared.threadsStarted();
  }

  finish(): void {
    this.#executor?.finish();
  }

  async destroy(): Promise<void> {
    await this.#executor?.destroy();
  }

  get #shared(): Executor {
    this.#executor ??= this.#share();
    return this.#executor;
  }
}
