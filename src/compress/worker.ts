/** The worker thread: one engine, one task after another. Loads only what compressing needs. */
import { workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { createEngine } from '../deflate/create-engine.js';
import { Compressor } from './compressor.js';
import type { CompressTask, WorkerSettings } from './task.js';

const settings: WorkerSettings = workerData;
const compressor = new Compressor(createEngine(settings.engine));

export default function compress(task: CompressTask): unknown {
  const result = task.kind === 'batch' ? compressor.compressBatch(task) : compressor.compressChunk(task);
  return move({ [transferableSymbol]: [result.bytes.buffer], [valueSymbol]: result });
}
