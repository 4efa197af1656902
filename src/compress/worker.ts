/** The worker thread: one engine, one task after another. Loads only what compressing needs. */
import { workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { createEngine } from '../deflate/create-engine.js';
import { Compressor } from './compressor.js';
import type { CompressTask, WorkerSettings } from './task.js';

const settings: WorkerSettings = workerData;
const compressor = new Compressor(createEngine(settings.engine));
Atomics.add(new Int32Array(settings.loaded), 0, 1);

export default function compress(task: CompressTask): unknown {
  if (task.kind === 'batch') {
    const result = compressor.compressBatch(task);
    return move({ [transferableSymbol]: [result.bytes.buffer, result.directory.buffer], [valueSymbol]: result });
  }
  const result = compressor.compressChunk(task);
  return move({ [transferableSymbol]: [result.bytes.buffer], [valueSymbol]: result });
}
