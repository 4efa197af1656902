/**
 * Where one archive's tasks run: on worker threads of its own, which are started only when there is work that pays for
 * them. An archive of a few small files is made on the caller's thread before a worker would have come up.
 */
import type { EngineName } from '../deflate/engine.js';
import type { VerifyResult, VerifyTask } from '../verify/task.js';
import { countEntries } from './batch.js';
import { Inline } from './inline.js';
import type { BatchResult, BatchTask, ChunkResult, ChunkTask } from './task.js';
import { Threads } from './threads.js';

/** Bytes that are compressed on the caller's thread although more may come: some 3 ms at level 6. */
const INLINE_BYTES = 256 * 1024;

/** Bytes whose compression takes as long as opening, reading and framing an entry does: 25 µs or so. */
const ENTRY_BYTES = 2 * 1024;

/** Bytes to come, at least, for which a thread is started ahead of the first task: as much as a task is given. */
const BYTES_PER_THREAD = 1024 * 1024;

export interface CompressPool {
  /** @param inputBytes what the batch holds; with `isFinal`, known to be all that is left to do, it decides where to run */
  runBatch(task: BatchTask, inputBytes: number, isFinal: boolean): Promise<BatchResult>;
  runChunk(task: ChunkTask): Promise<ChunkResult>;
  /** Reads entries back: on a thread, or here where no thread has been started. */
  verify(task: VerifyTask): Promise<VerifyResult>;
  /** Starts as many threads ahead of the first task as a glance at what there will be to do shows to pay. */
  expect(glance: (enough: number, weigh: (bytes: number) => number) => number): void;
  /** From now on results may come in memory that recycle() gives back. */
  lend(): void;
  /** Takes back the memory of a result that has been written, if it was lent. */
  recycle(bytes: Uint8Array): void;
  /** How many worker threads have been started. */
  threadsStarted(): number;
  /** No more tasks will come, and all results are there: threads of its own are ended. */
  finish(): void;
  /** Ends the threads. Tasks that are under way are rejected. */
  destroy(): Promise<void>;
}

export class ThreadPool implements CompressPool {
  readonly #threads: Threads;
  readonly #inline: Inline;
  /** In bytes: what there has been to do so far. */
  #work = 0;
  #lends = false;

  /**
   * @param threads at most; 0 for the caller's thread alone
   * @param onFewer called at most once, with the reason why not all threads can be started
   */
  constructor(threads: number, engine: EngineName, onFewer: (cause: Error) => void) {
    this.#inline = new Inline(engine);
    this.#threads = new Threads(threads, engine, this.#inline, onFewer);
  }

  threadsStarted(): number {
    return this.#threads.started();
  }

  expect(glance: (enough: number, weigh: (bytes: number) => number) => number): void {
    if (!this.#hasThreads) return;
    const work = glance(this.#threads.limit * BYTES_PER_THREAD, (bytes) => bytes + ENTRY_BYTES);
    const count = Math.min(Math.floor(work / BYTES_PER_THREAD), this.#threads.limit);
    if (count > 0) this.#threads.warmUp(count);
  }

  async runBatch(task: BatchTask, inputBytes: number, isFinal: boolean): Promise<BatchResult> {
    this.#work += inputBytes + countEntries(task) * ENTRY_BYTES;
    const isLittle = !this.#threads.isStarted && (isFinal || this.#work <= INLINE_BYTES);
    if (isLittle) return this.#inline.runBatch(task);
    return this.#hasThreads ? this.#threads.run(task, this.#lends) : this.#inline.runOneOfMany(task);
  }

  async runChunk(task: ChunkTask): Promise<ChunkResult> {
    return this.#hasThreads ? this.#threads.run(task, this.#lends) : this.#inline.runOneOfMany(task);
  }

  verify(task: VerifyTask): Promise<VerifyResult> {
    return this.#threads.isStarted
      ? this.#threads.verify(task)
      : this.#inline.runOneOfMany({ kind: 'read back', task });
  }

  get #hasThreads(): boolean {
    return this.#threads.limit > 0 && mayStartThreads();
  }

  lend(): void {
    this.#lends = true;
  }

  recycle(bytes: Uint8Array): void {
    this.#threads.recycle(bytes);
  }

  finish(): void {
    void this.destroy();
  }

  destroy(): Promise<void> {
    return this.#threads.destroy();
  }
}

/** Node's permission model forbids worker threads unless --allow-worker is given; then all is done on the caller's thread. */
export function mayStartThreads(): boolean {
  return process.permission?.has('worker') ?? true;
}
