/**
 * The worker threads of an archive or a shared pool, started with the first task or, on request, earlier. If fewer can be
 * started than requested, fewer do the work, and without any the calling thread does; the bytes are the same. A thread gets
 * no task before it has reported that it is ready, so a thread that fails to start loses none.
 */
import { fstat } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { PzipError } from '../common/errors.js';
import {
  NO_ADDRESSES,
  NO_DESCRIPTORS,
  roomLeft,
  THREAD_ADDRESSES,
  THREAD_DESCRIPTORS,
} from '../common/system-limits.js';
import { activeTrace } from '../common/trace.js';
import type { Inline } from './inline.js';
import type { ThreadTask, Work } from './task.js';
import { runTraced } from './traced.js';
import { TASKS_PER_WORKER, WorkerThread } from './worker-thread.js';

/**
 * Buffers in the pool: as many results of 1 MiB of incompressible data as the default memory limit of 64 MiB allows to wait.
 * With fewer, every stall of the disk allocated new buffers, and the dropped ones became garbage: 400 to 530 MB for a stored
 * file of 20 GiB, instead of 170.
 */
const MAX_SPARE = 64;

/**
 * Milliseconds for the first thread to get ready, which takes 50 on an idle machine. After that the calling thread works, too:
 * if a bundler has replaced the worker's file by another, the thread never reports that it is ready.
 */
const LONGEST_START = 5000;

/** Milliseconds to wait at the end for threads that are still loading. */
const LONGEST_LOAD = 2000;

interface Queued {
  readonly task: ThreadTask<unknown>;
  /** Whether its result may use a pooled buffer. */
  readonly lends: boolean;
  resolve(result: unknown): void;
  reject(cause: unknown): void;
}

export class Threads {
  /** How many were asked for. */
  readonly limit: number;
  readonly #work: Work;
  readonly #inline: Inline;
  readonly #onFewer: (cause: Error) => void;
  #spare: SharedArrayBuffer[] = [];
  readonly #threads: WorkerThread[] = [];
  readonly #queue: Queued[] = [];
  /** The most threads possible, as far as known. */
  #possible: number;
  #isStarted = false;
  #isHelping = false;
  #starting: NodeJS.Timeout | undefined;
  #destroyed: Promise<void> | undefined;
  #countAtEnd: number | undefined;

  /** @param onFewer called at most once, with the reason why not all threads can be started */
  constructor(threads: number, work: Work, inline: Inline, onFewer: (cause: Error) => void) {
    this.limit = threads;
    this.#possible = threads;
    this.#work = work;
    this.#inline = inline;
    this.#onFewer = onFewer;
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Number of threads started, including those that have ended. */
  started(): number {
    return this.#countAtEnd ?? this.#threads.length;
  }

  /** Starts some or all threads for future work. */
  warmUp(count = this.limit): void {
    while (this.#threads.length < count && this.#start());
  }

  /**
   * @param lends whether the result may use a pooled buffer, which is returned once it is written
   * @throws the task's error, or PzipError PZIP_COMPRESS_FAILED if its thread fails
   */
  async run<Result>(task: ThreadTask<Result>, lends: boolean): Promise<Result> {
    this.#isStarted = true;
    if (this.#destroyed) throw ended();
    try {
      const result = await new Promise((resolve, reject) => {
        this.#queue.push({ task, lends, resolve, reject });
        this.#dispatch();
      });
      return result as Result;
    } catch (cause) {
      throw cause instanceof PzipError ? cause : threadFailed(cause);
    }
  }

  recycle({ buffer }: Uint8Array): void {
    if (buffer instanceof SharedArrayBuffer && this.#spare.length < MAX_SPARE) this.#spare.push(buffer);
  }

  /** Ends the threads and rejects running tasks. May be called repeatedly; resolves when the threads have ended. */
  destroy(): Promise<void> {
    this.#destroyed ??= this.#destroy();
    return this.#destroyed;
  }

  async #destroy(): Promise<void> {
    this.#countAtEnd = this.#threads.length;
    for (const { reject } of this.#queue.splice(0)) reject(ended());
    clearTimeout(this.#starting);
    await this.#allReady();
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  /**
   * A thread that is terminated while Node 20 requires its module aborts the process ("v8::Module::IsGraphAsync must be used
   * on an instantiated module", or a failed assertion in CreateRequiredModuleFacade: about once in 500 interruptions in the
   * first 0.3 s). So threads that are loading are awaited.
   */
  async #allReady(): Promise<void> {
    const deadline = performance.now() + LONGEST_LOAD;
    while (this.#threads.some(({ isReady }) => !isReady) && performance.now() < deadline) await delay(1);
  }

  /** Runs tasks in order: the writer takes results in order, so a task that is overtaken delays all after it. */
  #dispatch(): void {
    while (this.#queue.length > 0) {
      const thread = this.#leastBusy();
      if ((thread === undefined || thread.load > 0) && this.#queue.length > this.#loading) this.#start();
      if (thread === undefined) break;
      const next = this.#queue.shift();
      if (next !== undefined) this.#hand(next, thread);
    }
    if (this.#queue.length === 0) return;
    if (this.#threads.length === 0) void this.#help();
    else if (!this.#threads.some(({ isReady }) => isReady)) this.#awaitFirst();
  }

  /** Takes a buffer for the result only now, so that tasks in the queue need none. */
  #hand({ task, lends, resolve, reject }: Queued, thread: WorkerThread): void {
    const isLent = lends && task.usesLent;
    const output = isLent ? (this.#spare.pop() ?? new SharedArrayBuffer(this.#work.lentLength)) : undefined;
    const message = output === undefined ? task.message : { ...task.message, output };
    const trace = activeTrace();
    const answer =
      trace === undefined
        ? thread.run({ kind: task.kind, message }, task.transfer)
        : runTraced(trace, task, () => thread.run({ kind: task.kind, message, isTraced: true }, task.transfer));
    answer.then(resolve, reject);
  }

  /** Number of loading threads, each of which will take a waiting task. */
  get #loading(): number {
    return this.#threads.filter(({ isReady }) => !isReady).length;
  }

  /** @returns a ready thread that can take another task */
  #leastBusy(): WorkerThread | undefined {
    let least: WorkerThread | undefined;
    for (const thread of this.#threads) {
      const takesMore = thread.isReady && thread.load < TASKS_PER_WORKER;
      if (takesMore && (least === undefined || thread.load < least.load)) least = thread;
    }
    return least;
  }

  /** @returns whether there is one more */
  #start(): boolean {
    if (this.#threads.length >= this.#possible || this.#destroyed !== undefined) return false;
    startSystemThreads();
    this.#isStarted = true;
    try {
      checkRoom(this.#threads, this.#work);
      this.#threads.push(new WorkerThread(this.#work, this.#listener));
      return true;
    } catch (cause) {
      this.#fewer(cause instanceof Error ? cause : new Error(String(cause)));
      return false;
    }
  }

  readonly #listener = {
    onReady: () => {
      clearTimeout(this.#starting);
      this.#starting = undefined;
      this.#dispatch();
    },
    onRoom: () => this.#dispatch(),
    onGone: (gone: WorkerThread, cause: Error) => {
      const at = this.#threads.indexOf(gone);
      if (at >= 0) this.#threads.splice(at, 1);
      if (this.#destroyed !== undefined) return;
      // A thread that died during a task has rejected its tasks, and may be replaced.
      if (!gone.wasReady) this.#fewer(cause);
      this.#dispatch();
    },
  };

  /** Starts no more threads: the cause that stopped one would stop the next, too. */
  #fewer(cause: Error): void {
    const isFirst = this.#possible === this.limit;
    this.#possible = Math.min(this.#threads.length, this.limit - 1);
    if (isFirst) this.#onFewer(cause);
  }

  /** The timer also keeps the process alive while unreferenced threads are loading. */
  #awaitFirst(): void {
    this.#starting ??= setTimeout(() => {
      this.#fewer(new Error(`none has answered within ${LONGEST_START / 1000} s`));
      void this.#help();
    }, LONGEST_START);
  }

  /** Runs queued tasks on this thread until another one is ready. */
  async #help(): Promise<void> {
    if (this.#isHelping) return;
    this.#isHelping = true;
    while (!this.#threads.some(({ isReady }) => isReady)) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      await this.#inline.runOneOfMany(next.task).then(next.resolve, next.reject);
    }
    this.#isHelping = false;
    // What has come while the last task was run.
    this.#dispatch();
  }
}

/**
 * libuv starts its threads with the first asynchronous call, and aborts the process if the system refuses one. pzip can do
 * without workers, so libuv's threads are started first.
 */
function startSystemThreads(): void {
  if (!hasSystemThreads) fstat(0, () => {});
  hasSystemThreads = true;
}

let hasSystemThreads = false;

/** @throws Error if the limits of the process have no room for another thread, in addition to those that are starting */
function checkRoom(threads: readonly WorkerThread[], work: Work): void {
  const { addresses, descriptors } = roomLeft();
  const count = threads.filter(({ isReady }) => !isReady).length + 1;
  const each = THREAD_ADDRESSES + work.addresses;
  if (addresses < count * each) throw new Error(NO_ADDRESSES);
  // Each ready thread needs one more for the file that it reads.
  if (descriptors < count * THREAD_DESCRIPTORS + threads.length) throw new Error(NO_DESCRIPTORS);
}

function ended(): PzipError {
  return new PzipError('PZIP_COMPRESS_FAILED', 'The worker threads were ended');
}

function threadFailed(cause: unknown): PzipError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new PzipError('PZIP_COMPRESS_FAILED', `A worker thread failed: ${message}`, { cause });
}
