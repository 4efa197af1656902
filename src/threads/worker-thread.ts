/**
 * The calling thread's side of one worker thread: it gets ready, runs tasks in order, and may die at any time.
 *
 * Each is a separate piscina with one thread. In a piscina of several, a thread that cannot start causes an event without a
 * task, or an exception inside run() that leaves a promise pending; here it is one thread fewer.
 */
import type { Piscina } from 'piscina';
import type { Envelope } from './serve.js';
import type { Work } from './task.js';

export interface WorkerThreadListener {
  /** It is loaded and has its engine. */
  onReady(thread: WorkerThread): void;
  /** Called when a task has succeeded or failed, and there is room for another. */
  onRoom(thread: WorkerThread): void;
  /** Called when the thread has died and its tasks have been rejected with the cause. */
  onGone(thread: WorkerThread, cause: Error): void;
}

/**
 * Tasks posted to a worker: the running one and the next, so that it never waits for the main thread between two. Sixteen
 * gained nothing over two.
 */
export const TASKS_PER_WORKER = 2;

/**
 * MiB of a worker's young generation; a task leaves some 100 KB of garbage. Node's default is 48; 4 takes 15 MB less memory
 * per thread and no more time, measured on a million buffers and on 73,000 files.
 */
const YOUNG_GENERATION = 4;

const READY: Envelope = { kind: undefined, message: {} };

export class WorkerThread {
  readonly #listener: WorkerThreadListener;
  readonly #started: Promise<void>;
  /** Rejects pending tasks when the thread has died. */
  readonly #pending = new Set<(cause: Error) => void>();
  #piscina: Piscina | undefined;
  #wasReady = false;
  #isEnding = false;
  #isGone = false;

  constructor(work: Work, listener: WorkerThreadListener) {
    this.#listener = listener;
    this.#started = this.#start(work).catch((cause: unknown) => this.#leave(cause));
  }

  get isReady(): boolean {
    return this.#wasReady && !this.#isGone;
  }

  /** Whether it ever was. */
  get wasReady(): boolean {
    return this.#wasReady;
  }

  /** Tasks that it has at hand. */
  get load(): number {
    return this.#pending.size;
  }

  async run(task: Envelope, transfer: readonly ArrayBuffer[]): Promise<unknown> {
    try {
      return await this.#answer(task, transfer);
    } finally {
      // piscina would start another thread for the next task, but Threads decides whether one may be started.
      if (this.#piscina?.threads.length === 0) this.#leave(new Error('the thread ended at work'));
      if (!this.#isGone) this.#listener.onRoom(this);
    }
  }

  /** Resolves when it is gone. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#piscina?.destroy();
    this.#leave(new Error('the threads were ended'));
    await this.#started;
  }

  async #start({ worker, settings }: Work): Promise<void> {
    const { Piscina } = await import('piscina');
    if (this.#isEnding) return;
    const piscina = new Piscina({
      filename: worker.href,
      workerData: settings,
      // With a thread from the start, piscina would consider it ready too early.
      minThreads: 0,
      maxThreads: 1,
      // A worker runs until the end of the archive, even if the input pauses.
      idleTimeout: Number.POSITIVE_INFINITY,
      concurrentTasksPerWorker: TASKS_PER_WORKER,
      recordTiming: false,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION },
      ...(isEvaluatedModule() ? { execArgv: [] } : {}),
    });
    this.#piscina = piscina;
    // A thread that fails to load has no task yet; piscina reports it only by this event.
    piscina.on('error', (cause) => this.#leave(cause));
    await this.#answer(READY, []);
    this.#wasReady = true;
    if (!this.#isGone) this.#listener.onReady(this);
  }

  /** For a thread that has died, piscina may never settle the promise. */
  #answer(task: Envelope, transferList: readonly ArrayBuffer[]): Promise<unknown> {
    const piscina = this.#piscina;
    return new Promise((resolve, reject) => {
      if (this.#isGone || piscina === undefined) throw new Error('the thread is gone');
      const settle = (): boolean => this.#pending.delete(reject);
      this.#pending.add(reject);
      try {
        piscina
          .run(task, { transferList: [...transferList] })
          .finally(settle)
          .then(resolve, reject);
      } catch (cause) {
        // If the system has no thread left, run() throws.
        settle();
        throw cause;
      }
    });
  }

  #leave(reason: unknown): void {
    if (this.#isGone) return;
    this.#isGone = true;
    const cause = reason instanceof Error ? reason : new Error(String(reason));
    for (const reject of this.#pending) reject(cause);
    this.#pending.clear();
    this.#listener.onGone(this, cause);
  }
}

/**
 * For a program on the command line, `node --input-type=module -e …`: threads would inherit the option, which Node does not
 * allow for a file.
 */
function isEvaluatedModule(): boolean {
  return process.execArgv.some((argument) => argument.startsWith('--input-type'));
}
