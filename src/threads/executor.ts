/**
 * Where one archive's tasks run: on worker threads of its own, which are started only when there is work that pays for
 * them. An archive of a few small files is made on the calling thread before a worker would have come up.
 */
import { Inline } from './inline.js';
import type { ThreadTask, Work } from './task.js';
import { Threads } from './threads.js';

/** The cost up to which tasks run on the calling thread although more may come: some 3 ms. */
const INLINE_COST = 256 * 1024;

/** The cost to come, at least, for which a thread is started ahead of the first task: as much as a task is given. */
const COST_PER_THREAD = 1024 * 1024;

export interface Executor {
  /**
   * @param mayStartThreads false where nothing else is left to do: it runs on a thread only if there is one already
   * @throws what the task throws, or PzipError PZIP_COMPRESS_FAILED where its thread fails
   */
  run<Result>(task: ThreadTask<Result>, mayStartThreads?: boolean): Promise<Result>;
  /**
   * Starts as many threads ahead of the first task as will pay.
   *
   * @param estimate gives the cost of what there is to do, at most about `enough`
   */
  expect(estimate: (enough: number) => number): void;
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

export class OwnThreads implements Executor {
  readonly #threads: Threads;
  readonly #inline: Inline;
  /** Of the tasks so far. */
  #cost = 0;
  #lends = false;

  /**
   * @param threads at most; 0 for the calling thread alone
   * @param onFewer called at most once, with the reason why not all threads can be started
   */
  constructor(threads: number, work: Work, onFewer: (cause: Error) => void) {
    this.#inline = new Inline(work);
    this.#threads = new Threads(threads, work, this.#inline, onFewer);
  }

  threadsStarted(): number {
    return this.#threads.started();
  }

  expect(estimate: (enough: number) => number): void {
    if (!this.#hasThreads) return;
    const cost = estimate(this.#threads.limit * COST_PER_THREAD);
    const count = Math.min(Math.floor(cost / COST_PER_THREAD), this.#threads.limit);
    if (count > 0) this.#threads.warmUp(count);
  }

  async run<Result>(task: ThreadTask<Result>, mayStartThreads = true): Promise<Result> {
    this.#cost += task.cost;
    const isLittle = task.cost > 0 && this.#cost <= INLINE_COST;
    if (!this.#threads.isStarted && (isLittle || !mayStartThreads)) return this.#inline.run(task);
    return this.#hasThreads ? this.#threads.run(task, this.#lends) : this.#inline.runOneOfMany(task);
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

/** Node's permission model forbids worker threads unless --allow-worker is given; then all is done on the calling thread. */
export function mayStartThreads(): boolean {
  return process.permission?.has('worker') ?? true;
}
