/**
 * One worker thread as the calling thread sees it: it gets ready, carries out tasks in order, and may be gone at any time.
 *
 * Each is a piscina of its own, with one thread. In a piscina of several, a thread that cannot start is an event without a
 * task, or an exception in the middle of run() that leaves a promise behind; here it is one thread fewer.
 */
import type { Piscina } from 'piscina';
import type { Envelope } from './serve.js';
import type { Work } from './task.js';

export interface WorkerThreadListener {
  /** It is loaded and has its engine. */
  onReady(thread: WorkerThread): void;
  /** A task is done or has failed, and there is room for another. */
  onRoom(thread: WorkerThread): void;
  /** Its tasks have been rejected with the cause. */
  onGone(thread: WorkerThread, cause: Error): void;
}

/**
 * Tasks that a worker has at hand: the one it runs and the next, so that it never waits for the main thread between
 * two. Sixteen gained nothing over two.
 */
export const TASKS_PER_WORKER = 2;

/**
 * MiB of a worker's heap for what does not live long, of which a task leaves some 100 KB. Node's default is 48; 4 takes 15
 * MB less memory for each thread and no more time, measured on a million buffers and on 73,000 files.
 */
const YOUNG_GENERATION = 4;

const READY: Envelope = { kind: undefined, message: {} };

export class WorkerThread {
  readonly #listener: WorkerThreadListener;
  readonly #started: Promise<void>;
  /** Rejects what waits for an answer when the thread is gone. */
  readonly #underWay = new Set<(cause: Error) => void>();
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
    return this.#underWay.size;
  }

  async run(task: Envelope, transfer: readonly ArrayBuffer[]): Promise<unknown> {
    try {
      return await this.#answer(task, transfer);
    } finally {
      // piscina would start another thread for the next task. Whether one may be started is for Threads to say.
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
      // With a thread from the start, piscina would take it for ready before it is.
      minThreads: 0,
      maxThreads: 1,
      // A worker once started serves to the end of the archive, through lulls of the input too.
      idleTimeout: Number.POSITIVE_INFINITY,
      concurrentTasksPerWorker: TASKS_PER_WORKER,
      recordTiming: false,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION },
      ...(isEvaluatedModule() ? { execArgv: [] } : {}),
    });
    this.#piscina = piscina;
    // A thread that fails to load has no task yet, and piscina reports it by this event alone.
    piscina.on('error', (cause) => this.#leave(cause));
    await this.#answer(READY, []);
    this.#wasReady = true;
    if (!this.#isGone) this.#listener.onReady(this);
  }

  /** Of a thread that is gone, piscina may never answer. */
  #answer(task: Envelope, transferList: readonly ArrayBuffer[]): Promise<unknown> {
    const piscina = this.#piscina;
    return new Promise((resolve, reject) => {
      if (this.#isGone || piscina === undefined) throw new Error('the thread is gone');
      const settle = (): boolean => this.#underWay.delete(reject);
      this.#underWay.add(reject);
      try {
        piscina
          .run(task, { transferList: [...transferList] })
          .finally(settle)
          .then(resolve, reject);
      } catch (cause) {
        // Where the system has no thread left, run() throws.
        settle();
        throw cause;
      }
    });
  }

  #leave(reason: unknown): void {
    if (this.#isGone) return;
    this.#isGone = true;
    const cause = reason instanceof Error ? reason : new Error(String(reason));
    for (const reject of this.#underWay) reject(cause);
    this.#underWay.clear();
    this.#listener.onGone(this, cause);
  }
}

/**
 * A program from the command line, `node --input-type=module -e …`: threads would inherit the option, and Node refuses it to
 * whatever is loaded from a file.
 */
function isEvaluatedModule(): boolean {
  return process.execArgv.some((argument) => argument.startsWith('--input-type'));
}
