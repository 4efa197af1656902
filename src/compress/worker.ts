/** The worker thread: one engine, one task after another. Loads only what compressing needs. */
import { workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { createEngine } from '../deflate/create-engine.js';
import type { VerifyResult } from '../verify/task.js';
import { Compressor } from './compressor.js';
import type { BatchResult, ChunkResult, CompressTask, ReadBackTask, ReadyTask, WorkerSettings } from './task.js';

const settings: WorkerSettings = workerData;
const compressor = new Compressor(createEngine(settings.engine));

export default function run(task: CompressTask | ReadBackTask | ReadyTask): unknown {
  switch (task.kind) {
    case 'ready':
      return undefined;
    case 'read back':
      return readBack(task);
    case 'batch': {
      const result = compressor.compressBatch(task);
      return moving(result, [result.bytes, result.directory]);
    }
    case 'chunk': {
      const result = compressor.compressChunk(task);
      return moving(result, [result.bytes]);
    }
  }
}

/** What is in memory that was lent is not moved. */
function moving(result: BatchResult | ChunkResult, all: readonly Uint8Array[]): unknown {
  const moved = all.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? buffer : []));
  return move({ [transferableSymbol]: moved, [valueSymbol]: result });
}

/** Most archives are not read back: what that takes is loaded with the first task. */
async function readBack({ task }: ReadBackTask): Promise<VerifyResult> {
  const { default: verify } = await import('../verify/worker.js');
  return verify(task);
}
