/** The worker thread: one engine, one task after another. Loads only what compressing needs. */
import { workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { createEngine } from '../deflate/create-engine.js';
import { Compressor } from './compressor.js';
import type { CompressTask, ModuleTask, WorkerSettings } from './task.js';

const settings: WorkerSettings = workerData;
const compressor = new Compressor(createEngine(settings.engine));
// Later than now: Node has more to do with a module that has been evaluated, and must not be interrupted in that either.
queueMicrotask(() => Atomics.add(new Int32Array(settings.ready), 0, 1));

export default function run(task: CompressTask | ModuleTask): unknown {
  if (task.kind === 'module') return runModule(task);
  if (task.kind === 'batch') {
    const result = compressor.compressBatch(task);
    return move({ [transferableSymbol]: [result.bytes.buffer, result.directory.buffer], [valueSymbol]: result });
  }
  const result = compressor.compressChunk(task);
  return move({ [transferableSymbol]: [result.bytes.buffer], [valueSymbol]: result });
}

/** Imported here instead of by piscina, which would require() it: a thread that is ended in that takes the process with it. */
async function runModule({ module, task }: ModuleTask): Promise<unknown> {
  return (await import(module)).default(task);
}
