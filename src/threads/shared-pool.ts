/**
 * Worker threads shared by several archives. Each archive has its own queue, and tasks are taken from the queues round-robin,
 * so that an archive of three small files does not wait for one of a thousand large ones.
 */
import { PzipError } from '../common/errors.js';
import { type Executor, mayStartThreads } from './executor.js';
import { Inline } from './inline.js';
import type { ThreadTask, Work } from './task.js';
import { Threads } from './threads.js';
import { TASKS_PER_WORKER } from './worker-thread.js';

export class SharedPool {
  readonly #threads: Threads;
  readonly #inline: Inline;
  readonly #limit: number;
  /** Archives with waiting tasks; the next one is first. */
  readonly #waiting: Share[] = [];
  readonly #shares = new Set<Share>();
  #running = 0;
  #isClosed = false;
  #whyFewer: Error | undefined;
  #allEnded: (() => void) | undefined;

  /** @param threads most threads; 0 for the calling thread alone */
  constructor(threads: number, work: Work) {
    this.#inline = new Inline(work);
    this.#threads = new Threads(threads, work, this.#inline, (cause) => this.#reportFewerThreads(cause));
    this.#limit = Math.max(threads, 1) * TASKS_PER_WORKER;
    if (mayStartThreads()) this.#threads.warmUp();
  }

  /**
   * @param onFewer called at most once, with the reason why not all threads can be started
   * @throws PzipError PZIP_CLOSED once close() was called
   */
  share(onFewer: (cause: Error) => void): Executor {
    if (this.#isClosed) throw new PzipError('PZIP_CLOSED', 'The pool is closed: it accepts no more archives');
    const share = new Share(
      this.#threads,
      (waiting) => this.#line(waiting),
      (ended) => this.#end(ended),
      onFewer,
    );
    this.#shares.add(share);
    if (this.#whyFewer !== undefined) onFewer(this.#whyFewer);
    return share;
  }

  /** Waits for the archives that use it, then ends the threads. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#shares.size > 0) {
      await new Promise<void>((resolve) => {
        const before = this.#allEnded;
        this.#allEnded = () => {
          before?.();
          resolve();
        };
      });
    }
    await this.#threads.destroy();
  }

  #reportFewerThreads(cause: Error): void {
    this.#whyFewer = cause;
    for (const share of this.#shares) share.onFewer(cause);
  }

  #line(share: Share): void {
    if (!this.#waiting.includes(share)) this.#waiting.push(share);
    this.#dispatch();
  }

  #end(share: Share): void {
    const at = this.#waiting.indexOf(share);
    if (at >= 0) this.#waiting.splice(at, 1);
    this.#shares.delete(share);
    if (this.#shares.size === 0) this.#allEnded?.();
  }

  /** The threads get only as many tasks as they can hold; the rest waits here, so that the order stays fair. */
  #dispatch(): void {
    while (this.#running < this.#limit) {
      const share = this.#waiting.shift();
      const queued = share?.queue.shift();
      if (share === undefined || queued === undefined) return;
      if (share.queue.length > 0) this.#waiting.push(share);
      this.#running++;
      void queued
        .run((task, lends) => this.#run(task, lends))
        .finally(() => {
          this.#running--;
          this.#dispatch();
        });
    }
  }

  #run<Result>(task: ThreadTask<Result>, lends: boolean): Promise<Result> {
    const hasThreads = this.#threads.limit > 0 && mayStartThreads();
    return hasThreads ? this.#threads.run(task, lends) : this.#inline.runOneOfMany(task);
  }
}

interface Queued {
  /** Never rejects; the task has its own promise. */
  run(how: <Result>(task: ThreadTask<Result>, lends: boolean) => Promise<Result>): Promise<void>;
  reject(error: unknown): void;
}

/** One archive's part of a shared pool. */
class Share implements Executor {
  queue: Queued[] = [];
  readonly #threads: Threads;
  readonly #line: (share: Share) => void;
  readonly #end: (share: Share) => void;
  readonly onFewer: (cause: Error) => void;
  readonly #pending = new Set<Queued>();
  #isEnded = false;
  #lends = false;

  constructor(
    threads: Threads,
    line: (share: Share) => void,
    end: (share: Share) => void,
    onFewer: (cause: Error) => void,
  ) {
    this.onFewer = onFewer;
    this.#threads = threads;
    this.#line = line;
    this.#end = end;
  }

  threadsStarted(): number {
    return this.#threads.started();
  }

  /** The threads of a shared pool already exist. */
  expect(): void {}

  run<Result>(task: ThreadTask<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#isEnded) {
        reject(givenUp());
        return;
      }
      const queued: Queued = {
        reject,
        run: async (how) => {
          this.#pending.add(queued);
          await how(task, this.#lends).then(resolve, reject);
          this.#pending.delete(queued);
        },
      };
      this.queue.push(queued);
      this.#line(this);
    });
  }

  lend(): void {
    this.#lends = true;
  }

  recycle(bytes: Uint8Array): void {
    this.#threads.recycle(bytes);
  }

  finish(): void {}

  /** The threads belong to the pool: they finish their tasks, and the results are dropped. */
  async destroy(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const error = givenUp();
    for (const queued of [...this.queue.splice(0), ...this.#pending]) queued.reject(error);
    this.#pending.clear();
    this.#end(this);
  }
}

function givenUp(): PzipError {
  return new PzipError('PZIP_COMPRESS_FAILED', 'The archive was aborted before this part of it was compressed');
}
