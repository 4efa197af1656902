/** Piscina's worker threads, started when there is the first task for them or, on request, at once. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Piscina } from 'piscina';
import type { EngineName } from '../deflate/engine.js';
import { PzipError } from '../errors.js';
import type { VerifyResult, VerifyTask } from '../verify/task.js';
import { Budget } from './budget.js';
import { LENT_LENGTH } from './output-buffer.js';
import type { BatchResult, BatchTask, ChunkResult, CompressTask, ReadBackTask, WorkerSettings } from './task.js';

/**
 * Tasks that a worker has at hand: the one it runs and the next, so that it never waits for the main thread between
 * two. Sixteen gained nothing over two.
 */
export const TASKS_PER_WORKER = 2;

/** Tasks that wait at the pool for the first worker to be free. The others wait without memory for their results. */
const TASKS_WAITING = 2;

/**
 * Buffers that are kept for tasks to come: as many as there are of results that wait to be written, where the memory limit is
 * the default one and nothing shrinks, which is when all of each is used.
 */
const MAX_SPARE = 32;

/** Milliseconds that a thread may take to get ready, of which it needs 50 on an idle machine. */
const LONGEST_START = 2000;

/**
 * MiB of a worker's heap for what does not live long, of which a task leaves some 100 KB. Node's default is 48; 4 takes 15
 * MB less memory for each thread and no more time, measured on a million buffers and on 73,000 files.
 */
const YOUNG_GENERATION = 4;

export type ResultOf<Task extends CompressTask> = Task extends BatchTask ? BatchResult : ChunkResult;

export class Threads {
  /** How many there are at most. */
  readonly limit: number;
  readonly #settings: WorkerSettings;
  readonly #slots: Budget;
  #spare: SharedArrayBuffer[] = [];
  #piscina: Promise<Piscina> | undefined;
  #destroyed: Promise<void> | undefined;
  #countAtEnd: number | undefined;
  readonly #underWay = new Set<(error: unknown) => void>();

  constructor(threads: number, engine: EngineName) {
    this.limit = threads;
    this.#slots = new Budget(threads * TASKS_PER_WORKER + TASKS_WAITING);
    this.#settings = { engine, ready: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT) };
  }

  get isStarted(): boolean {
    return this.#piscina !== undefined;
  }

  /** How many have been started, be they ended since. */
  async started(): Promise<number> {
    return this.#countAtEnd ?? (await this.#piscina)?.threads.length ?? 0;
  }

  /** Starts some, or all, for work that is to come. */
  warmUp(count = this.limit): void {
    this.#piscina ??= this.#start(count);
    this.#piscina.catch(() => {});
  }

  /** @param lends whether the result may be in memory that is given back once it is written */
  async run<Task extends CompressTask>(task: Task, lends: boolean): Promise<ResultOf<Task>> {
    this.#piscina ??= this.#start(0);
    const piscina = await this.#piscina;
    await this.#slots.acquire(1);
    const output = lends && usesLent(task) ? (this.#spare.pop() ?? new SharedArrayBuffer(LENT_LENGTH)) : undefined;
    try {
      return await this.#unlessBroken(piscina.run({ ...task, output }, { transferList: movedBuffers(task) }));
    } catch (cause) {
      throw threadFailed(cause);
    } finally {
      this.#slots.release(1);
    }
  }

  async verify(task: VerifyTask): Promise<VerifyResult> {
    this.#piscina ??= this.#start(0);
    const readBack: ReadBackTask = { kind: 'read back', task };
    return this.#unlessBroken((await this.#piscina).run(readBack));
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
    this.#slots.fail(new PzipError('PZIP_COMPRESS_FAILED', 'The compressing threads were ended'));
    const piscina = await this.#piscina?.catch(() => undefined);
    if (piscina === undefined) return;
    this.#countAtEnd = piscina.threads.length;
    await this.#allReady(piscina);
    await piscina.destroy();
  }

  /**
   * A thread that is terminated while Node 20 requires its module aborts the process ("v8::Module::IsGraphAsync must be used
   * on an instantiated module", or a failed assertion in CreateRequiredModuleFacade: about once in 500 interruptions in the
   * first 0.3 s). So those that are on their way may arrive.
   */
  async #allReady(piscina: Piscina): Promise<void> {
    const ready = new Int32Array(this.#settings.ready);
    const deadline = performance.now() + LONGEST_START;
    // One that failed to start is no longer among the threads.
    while (Atomics.load(ready, 0) < piscina.threads.length && performance.now() < deadline) await delay(1);
  }

  async #start(minThreads: number): Promise<Piscina> {
    const piscina = await startPiscina(minThreads, this.limit, this.#settings);
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

/** Bytes of output up to which a task gets a buffer of its own, of the right length. */
const SHORT_OUTPUT = 128 * 1024;

/**
 * A long buffer holds up to 1 MiB for the 28 KB that a batch of small entries becomes: the system's allocator clears all
 * of it where it hands out memory that was in use before, and 32 of them under way took 35 MB (measured on Node 24).
 */
function usesLent(task: CompressTask): boolean {
  return task.kind === 'chunk' || task.longestOutput > SHORT_OUTPUT;
}

function threadFailed(cause: unknown): PzipError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new PzipError('PZIP_COMPRESS_FAILED', `A compressing thread failed: ${message}`, { cause });
}

function movedBuffers(task: CompressTask): ArrayBuffer[] {
  if (task.kind === 'batch') return [task.rows.buffer, task.packed.buffer];
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
