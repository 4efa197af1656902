/** Piscina's worker threads, started when there is the first task for them or, on request, at once. */
import type { Piscina } from 'piscina';
import { PzipError } from '../errors.js';
import { Budget } from './budget.js';
import type { BatchResult, BatchTask, ChunkResult, CompressTask, WorkerSettings } from './task.js';

/**
 * Tasks that a worker has at hand: the one it runs and the next, so that it never waits for the main thread between
 * two. Sixteen gained nothing over two.
 */
export const TASKS_PER_WORKER = 2;

/** Tasks that wait at the pool for the first worker to be free. The others wait without memory for their results. */
const TASKS_WAITING = 2;

/**
 * MiB of a worker's heap for what does not live long, of which a task leaves some 100 KB. Node's default is 48; 4 takes 15
 * MB less memory for each thread and no more time, measured on a million buffers and on 73,000 files.
 */
const YOUNG_GENERATION = 4;

export type ResultOf<Task extends CompressTask> = Task extends BatchTask ? BatchResult : ChunkResult;

export class Threads {
  readonly #threads: number;
  readonly #settings: WorkerSettings;
  readonly #slots: Budget;
  #spare: Uint8Array<ArrayBuffer>[] = [];
  #piscina: Promise<Piscina> | undefined;
  #destroyed: Promise<void> | undefined;
  readonly #underWay = new Set<(error: unknown) => void>();

  constructor(threads: number, settings: WorkerSettings) {
    this.#threads = threads;
    this.#slots = new Budget(threads * TASKS_PER_WORKER + TASKS_WAITING);
    this.#settings = settings;
  }

  get isStarted(): boolean {
    return this.#piscina !== undefined;
  }

  /** How many have been started. */
  async started(): Promise<number> {
    return this.#piscina === undefined ? 0 : (await this.#piscina).threads.length;
  }

  /** Starts them all, for work that is to come. */
  warmUp(): void {
    this.#piscina ??= this.#start(this.#threads);
    this.#piscina.catch(() => {});
  }

  async run<Task extends CompressTask>(task: Task): Promise<ResultOf<Task>> {
    this.#piscina ??= this.#start(0);
    const piscina = await this.#piscina;
    await this.#slots.acquire(1);
    const output = this.#spare.pop();
    try {
      const transferList = [...movedBuffers(task), ...(output === undefined ? [] : [output.buffer])];
      return await this.#unlessBroken(piscina.run({ ...task, output }, { transferList }));
    } catch (cause) {
      throw threadFailed(cause);
    } finally {
      this.#slots.release(1);
    }
  }

  /** @param module its default export takes the task */
  async runModule<Task, Result>(module: URL, task: Task): Promise<Result> {
    this.#piscina ??= this.#start(0);
    return this.#unlessBroken((await this.#piscina).run(task, { filename: module.href }));
  }

  recycle(bytes: Uint8Array<ArrayBuffer>): void {
    // What is under way has its memory already; one more for each that may be sent off next is all that is ever used.
    if (this.#spare.length < this.#threads * TASKS_PER_WORKER) this.#spare.push(new Uint8Array(bytes.buffer));
  }

  /** Ends the threads. Tasks that are under way are rejected. Resolves when the threads are gone, however often it is called. */
  destroy(): Promise<void> {
    this.#destroyed ??= this.#destroy();
    return this.#destroyed;
  }

  async #destroy(): Promise<void> {
    this.#slots.fail(new PzipError('PZIP_COMPRESS_FAILED', 'The compressing threads were ended'));
    const piscina = await this.#piscina?.catch(() => undefined);
    await piscina?.destroy();
  }

  async #start(minThreads: number): Promise<Piscina> {
    const piscina = await startPiscina(minThreads, this.#threads, this.#settings);
    // A thread that dies at work takes its tasks with it, and their promises tell. One that cannot even start has none:
    // piscina tells of it by this event alone, and what is queued would wait for ever.
    piscina.on('error', (cause) => {
      for (const reject of this.#underWay) reject(threadFailed(cause));
    });
    return piscina;
  }

  #unlessBroken<T>(running: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#underWay.add(reject);
      running.then(resolve, reject).finally(() => this.#underWay.delete(reject));
    });
  }
}

function threadFailed(cause: unknown): PzipError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new PzipError('PZIP_COMPRESS_FAILED', `A compressing thread failed: ${message}`, { cause });
}

function movedBuffers(task: CompressTask): ArrayBuffer[] {
  if (task.kind === 'batch') return [task.packed.buffer];
  return 'bytes' in task.input ? [task.input.bytes.buffer] : [];
}

async function startPiscina(minThreads: number, maxThreads: number, workerData: WorkerSettings): Promise<Piscina> {
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename: new URL('./worker.js', import.meta.url).href,
    workerData,
    minThreads,
    maxThreads,
    // A worker once started serves to the end of the archive, through lulls of the input too.
    idleTimeout: Number.POSITIVE_INFINITY,
    concurrentTasksPerWorker: TASKS_PER_WORKER,
    // The writer takes results in order, so a task that is overtaken holds up everything behind it.
    stricterFIFO: true,
    recordTiming: false,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION },
    ...(isEvaluatedModule() ? { execArgv: [] } : {}),
  });
}

/**
 * A program from the command line, `node --input-type=module -e …`: threads would inherit the option, and Node refuses it to
 * whatever is loaded from a file.
 */
function isEvaluatedModule(): boolean {
  return process.execArgv.some((argument) => argument.startsWith('--input-type'));
}
