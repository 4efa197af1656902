/**
 * A part of a shared pool for an archive that may never be read: the pool, which waits for the archives that use it before
 * it ends, does not know of the archive until there is work.
 */
import type { VerifyResult, VerifyTask } from '../verify/task.js';
import type { CompressPool } from './pool.js';
import type { BatchResult, BatchTask, ChunkResult, ChunkTask } from './task.js';

export class LateShare implements CompressPool {
  readonly #share: () => CompressPool;
  #pool: CompressPool | undefined;

  constructor(share: () => CompressPool) {
    this.#share = share;
  }

  async runBatch(task: BatchTask, inputBytes: number, isFinal: boolean): Promise<BatchResult> {
    return this.#shared.runBatch(task, inputBytes, isFinal);
  }

  async runChunk(task: ChunkTask): Promise<ChunkResult> {
    return this.#shared.runChunk(task);
  }

  async verify(task: VerifyTask): Promise<VerifyResult> {
    return this.#shared.verify(task);
  }

  /** The threads of a shared pool are there already. */
  expect(): void {}

  lend(): void {
    this.#shared.lend();
  }

  recycle(bytes: Uint8Array): void {
    this.#pool?.recycle(bytes);
  }

  threadsStarted(): number {
    return this.#shared.threadsStarted();
  }

  finish(): void {
    this.#pool?.finish();
  }

  async destroy(): Promise<void> {
    await this.#pool?.destroy();
  }

  get #shared(): CompressPool {
    this.#pool ??= this.#share();
    return this.#pool;
  }
}
