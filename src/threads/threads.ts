/**
 * The worker threads of an archive or of a shared pool: started when there is the first task for them or, on request, at
 * once. If fewer can be started than were requested, fewer do the work, and without any the calling thread does:
 * the bytes are the same for any number. A thread gets no task before it has said that it is ready, so that one that fails
 * to start takes none with it.
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
 * Buffers that are kept for tasks to come: as many as the default memory limit of 64 MiB lets wait to be written where nothing
 * shrinks, each of them for 1 MiB. With fewer, a disk that stalls now and then had the rest made anew each time, and what was
 * let go waited for the garbage collector: 400 to 530 MB for a stored file of 20 GiB, in place of 170.
 */
const MAX_SPARE = 64;

/**
 * Milliseconds that the first thread may take to get ready, of which it needs 50 on an idle machine. After that the calling
 * thread works, too: a file in the place of the worker's, as a bundler may put it there, never says that it is ready.
 */
const LONGEST_START = 5000;

/** Milliseconds that the end waits for threads which are being loaded. */
const LONGEST_LOAD = 2000;

interface Queued {
  readonly task: ThreadTask<unknown>;
  /** Whether its result may be in lent memory. */
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
  /** How many there may be, as far as is known. */
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

  /** How many have been started, be they ended since. */
  started(): number {
    return this.#countAtEnd ?? this.#threads.length;
  }

  /** Starts some, or all, for work that is to come. */
  warmUp(count = this.limit): void {
    while (this.#threads.length < count && this.#start());
  }

  /**
   * @param lends whether the result may be in memory that is given back once it is written
   * @throws what the task throws, or PzipError PZIP_COMPRESS_FAILED where its thread fails
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

  /** Ends the threads. Tasks that are under way are rejected. Resolves when the threads are gone, however often it is called. */
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
   * first 0.3 s). So those that are on their way may arrive.
   */
  async #allReady(): Promise<void> {
    const deadline = performance.now() + LONGEST_LOAD;
    while (this.#threads.some(({ isReady }) => !isReady) && performance.now() < deadline) await delay(1);
  }

  /** In the order in which they came: the writer takes results in order, so a task that is overtaken holds up all behind it. */
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

  /** Memory for the result is lent only now: tasks that wait in the queue hold none. */
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

  /** Threads that are on their way, each of which will take a task that waits. */
  get #loading(): number {
    return this.#threads.filter(({ isReady }) => !isReady).length;
  }

  /** @returns one that is ready and takes another task */
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
      // One that died at work has rejected its tasks, and may have a successor.
      if (!gone.wasReady) this.#fewer(cause);
      this.#dispatch();
    },
  };

  /** No more are started than there are: what keeps one from it keeps the next, too. */
  #fewer(cause: Error): void {
    const isFirst = this.#possible === this.limit;
    this.#possible = Math.min(this.#threads.length, this.limit - 1);
    if (isFirst) this.#onFewer(cause);
  }

  /** The timer also keeps the process alive while threads that it does not depend on are being loaded. */
  #awaitFirst(): void {
    this.#starting ??= setTimeout(() => {
      this.#fewer(new Error(`none has answered within ${LONGEST_START / 1000} s`));
      void this.#help();
    }, LONGEST_START);
  }

  /** Does on this thread what is queued, until another one is ready. */
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
 * libuv starts its threads with the first asynchronous call, and where the system refuses one it aborts the process. Workers
 * can do without, so libuv comes first.
 */
function startSystemThreads(): void {
  if (!hasSystemThreads) fstat(0, () => {});
  hasSystemThreads = true;
}

let hasSystemThreads = false;

/** @throws Error where the limits of the process have no room for one more, besides those that are still being started */
function checkRoom(threads: readonly WorkerThread[], work: Work): void {
  const { addresses, descriptors } = roomLeft();
  const count = threads.filter(({ isReady }) => !isReady).length + 1;
  const each = THREAD_ADDRESSES + work.addresses;
  if (addresses < count * each) throw new Error(NO_ADDRESSES);
  // Those that are ready take one more with each file that they open.
  if (descriptors < count * THREAD_DESCRIPTORS + threads.length) throw new Error(NO_DESCRIPTORS);
}

function ended(): PzipError {
  return new PzipError('PZIP_COMPRESS_FAILED', 'The worker threads were ended');
}

function threadFailed(cause: unknown): PzipError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new PzipError('PZIP_COMPRESS_FAILED', `A worker thread failed: ${message}`, { cause });
}
