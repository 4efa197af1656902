/**
 * A part of a shared pool for an archive that may never be read: the pool, which waits for the archives that use it before
 * it ends, does not know of the archive until there is work.
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

  /** The threads of a shared pool are there already. */
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
