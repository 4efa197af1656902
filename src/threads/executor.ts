/**
 * Runs the tasks of one archive on its own worker threads, which are started only if there is enough work. An archive of a few
 * small files is complete on the calling thread before a worker would have started.
 */
import { Inline } from './inline.js';
import type { ThreadTask, Work } from './task.js';
import { Threads } from './threads.js';

/** Cost up to which tasks run on the calling thread even if more may come: some 3 ms. */
const INLINE_COST = 256 * 1024;

/** Least expected cost for each thread that is started before the first task: that of one task. */
const COST_PER_THREAD = 1024 * 1024;

export interface Executor {
  /**
   * @param mayStartThreads false if nothing else is left to do: the task runs on a thread only if one exists already
   * @throws the task's error, or PzipError PZIP_COMPRESS_FAILED if its thread fails
   */
  run<Result>(task: ThreadTask<Result>, mayStartThreads?: boolean): Promise<Result>;
  /**
   * Starts as many threads before the first task as the work justifies.
   *
   * @param estimate returns the cost of the work, up to about `enough`
   */
  expect(estimate: (enough: number) => number): void;
  /** From now on, results may use buffers that recycle() returns to the pool. */
  lend(): void;
  /** Returns the buffer of a written result to the pool, if it came from there. */
  recycle(bytes: Uint8Array): void;
  /** Number of worker threads started. */
  threadsStarted(): number;
  /** Ends the archive's own threads once no more tasks will come and all results are available. */
  finish(): void;
  /** Ends the threads and rejects running tasks. */
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

/** Without --allow-worker, Node's permission model forbids worker threads, and the calling thread does all work. */
export function mayStartThreads(): boolean {
  return process.permission?.has('worker') ?? true;
}
