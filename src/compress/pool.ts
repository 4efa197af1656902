/**
 * Runs tasks on piscina's worker threads, which are started only when there is work that pays for them: an archive of a
 * few small files is made on the caller's thread before a worker would have come up.
 */
import type { Piscina } from 'piscina';
import type { EngineName } from '../deflate/engine.js';
import { PzipError } from '../errors.js';
import { Budget } from './budget.js';
import type { Compressor } from './compressor.js';
import type { BatchResult, BatchTask, ChunkResult, ChunkTask, CompressTask, WorkerSettings } from './task.js';

/** Bytes that are compressed on the caller's thread although more may come: some 3 ms at level 6. */
const INLINE_BYTES = 256 * 1024;

/** Bytes whose compression takes as long as opening, reading and framing an entry does: 25 µs or so. */
const ENTRY_BYTES = 2 * 1024;

/**
 * Tasks that a worker has at hand: the one it runs and the next, so that it never waits for the main thread between
 * two. Sixteen gained nothing over two.
 */
const TASKS_PER_WORKER = 2;

/** Tasks that wait at the pool for the first worker to be free. The others wait without memory for their results. */
const TASKS_WAITING = 2;

type ResultOf<Task extends CompressTask> = Task extends BatchTask ? BatchResult : ChunkResult;

export interface CompressPool {
  /** @param inputBytes what the batch holds; with `isFinal`, known to be all that is left to do, it decides where to run */
  runBatch(task: BatchTask, inputBytes: number, isFinal: boolean): Promise<BatchResult>;
  runChunk(task: ChunkTask): Promise<ChunkResult>;
  /**
   * Runs a task of another kind.
   *
   * @param module its default export takes the task, on a thread, or here where no thread has been started
   */
  run<Task, Result>(module: URL, task: Task): Promise<Result>;
  /** Takes back the memory of a result that has been written. */
  recycle(bytes: Uint8Array<ArrayBuffer>): void;
  /** Ends the threads. Tasks that are under way are rejected. */
  destroy(): Promise<void>;
}

export class ThreadPool implements CompressPool {
  readonly #threads: number;
  readonly #settings: WorkerSettings;
  #piscina: Promise<Piscina> | undefined;
  #inline: Promise<Compressor> | undefined;
  readonly #slots: Budget;
  #spare: Uint8Array<ArrayBuffer>[] = [];
  /** In bytes: what there has been to do so far. */
  #work = 0;

  constructor(threads: number, engine: EngineName) {
    this.#threads = threads;
    this.#settings = { engine };
    this.#slots = new Budget(threads * TASKS_PER_WORKER + TASKS_WAITING);
  }

  /** How many worker threads have been started. */
  async threadsStarted(): Promise<number> {
    return this.#piscina === undefined ? 0 : (await this.#piscina).threads.length;
  }

  async runBatch(task: BatchTask, inputBytes: number, isFinal: boolean): Promise<BatchResult> {
    this.#work += inputBytes + task.entries.length * ENTRY_BYTES;
    if (this.#piscina === undefined && (isFinal || this.#work <= INLINE_BYTES)) return this.#compressHere(task);
    return this.#runOnThread(task, task.packed);
  }

  async runChunk(task: ChunkTask): Promise<ChunkResult> {
    return this.#runOnThread(task, 'bytes' in task.input ? task.input.bytes : undefined);
  }

  async run<Task, Result>(module: URL, task: Task): Promise<Result> {
    if (this.#piscina === undefined) return (await import(module.href)).default(task);
    return (await this.#piscina).run(task, { filename: module.href });
  }

  recycle(bytes: Uint8Array<ArrayBuffer>): void {
    // What is under way has its memory already; one more for each that may be sent off next is all that is ever used.
    if (this.#spare.length < this.#threads * TASKS_PER_WORKER) this.#spare.push(new Uint8Array(bytes.buffer));
  }

  async destroy(): Promise<void> {
    this.#slots.fail(new PzipError('PZIP_COMPRESS_FAILED', 'The compressing threads were ended'));
    await (await this.#piscina)?.destroy();
  }

  async #compressHere(task: BatchTask): Promise<BatchResult> {
    this.#inline ??= startInline(this.#settings);
    return (await this.#inline).compressBatch(task);
  }

  async #runOnThread<Task extends CompressTask>(
    task: Task,
    moved: Uint8Array<ArrayBuffer> | undefined,
  ): Promise<ResultOf<Task>> {
    this.#piscina ??= startPiscina(this.#threads, this.#settings);
    const piscina = await this.#piscina;
    await this.#slots.acquire(1);
    const output = this.#spare.pop();
    try {
      const transferList = [moved?.buffer, output?.buffer].filter((buffer) => buffer !== undefined);
      return await piscina.run({ ...task, output }, { transferList });
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new PzipError('PZIP_COMPRESS_FAILED', `A compressing thread failed: ${message}`, { cause });
    } finally {
      this.#slots.release(1);
    }
  }
}

async function startPiscina(threads: number, workerData: WorkerSettings): Promise<Piscina> {
  const { Piscina } = await import('piscina');
  const piscina = new Piscina({
    filename: new URL('./worker.js', import.meta.url).href,
    workerData,
    minThreads: 0,
    maxThreads: threads,
    // A worker once started serves to the end of the archive, through lulls of the input too.
    idleTimeout: Number.POSITIVE_INFINITY,
    concurrentTasksPerWorker: TASKS_PER_WORKER,
    // The writer takes results in order, so a task that is overtaken holds up everything behind it.
    stricterFIFO: true,
    recordTiming: false,
  });
  // A thread that dies takes its tasks with it, and their promises tell; the event would end the process.
  piscina.on('error', () => {});
  return piscina;
}

async function startInline(settings: WorkerSettings): Promise<Compressor> {
  const [{ Compressor }, { createEngine }] = await Promise.all([
    import('./compressor.js'),
    import('../deflate/create-engine.js'),
  ]);
  return new Compressor(createEngine(settings.engine));
}
