/** Runs tasks on the calling thread. What that takes is loaded with the first. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EngineName } from '../deflate/engine.js';
import type { VerifyResult, VerifyTask } from '../verify/task.js';
import type { Compressor } from './compressor.js';
import type { BatchResult, BatchTask, ChunkResult, ChunkTask, CompressTask, ReadBackTask } from './task.js';

export class Inline {
  readonly #engine: EngineName;
  #compressor: Promise<Compressor> | undefined;
  /** The one of many that is to be done before the next. */
  #before: Promise<void> = Promise.resolve();

  constructor(engine: EngineName) {
    this.#engine = engine;
  }

  async runBatch(task: BatchTask): Promise<BatchResult> {
    return (await this.#load()).compressBatch(task);
  }

  async runChunk(task: ChunkTask): Promise<ChunkResult> {
    return (await this.#load()).compressChunk(task);
  }

  async verify(task: VerifyTask): Promise<VerifyResult> {
    return (await import('../verify/worker.js')).default(task);
  }

  /** One of many: the event loop gets its turn first, for signals, timers and the program whose thread this is. */
  runOneOfMany(task: BatchTask): Promise<BatchResult>;
  runOneOfMany(task: ChunkTask): Promise<ChunkResult>;
  runOneOfMany(task: CompressTask): Promise<BatchResult | ChunkResult>;
  runOneOfMany(task: ReadBackTask): Promise<VerifyResult>;
  runOneOfMany(task: CompressTask | ReadBackTask): Promise<BatchResult | ChunkResult | VerifyResult>;
  runOneOfMany(task: CompressTask | ReadBackTask): Promise<BatchResult | ChunkResult | VerifyResult> {
    const done = this.#before.then(() => this.#runAfterTurn(task));
    this.#before = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  async #runAfterTurn(task: CompressTask | ReadBackTask): Promise<BatchResult | ChunkResult | VerifyResult> {
    await nextTurn();
    if (task.kind === 'read back') return this.verify(task.task);
    return task.kind === 'batch' ? this.runBatch(task) : this.runChunk(task);
  }

  #load(): Promise<Compressor> {
    this.#compressor ??= load(this.#engine);
    return this.#compressor;
  }
}

async function load(engine: EngineName): Promise<Compressor> {
  const [{ Compressor }, { createEngine }] = await Promise.all([
    import('./compressor.js'),
    import('../deflate/create-engine.js'),
  ]);
  return new Compressor(createEngine(engine));
}
