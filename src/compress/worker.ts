/** The worker thread: one engine, one task after another. Loads only what compressing needs. */
import { parentPort, workerData } from 'node:worker_threads';
import { createEngine } from '../deflate/create-engine.js';
import type { VerifyResult } from '../verify/task.js';
import { Compressor } from './compressor.js';
import type {
  BatchResult,
  ChunkResult,
  CompressTask,
  NumberedTask,
  ReadBackTask,
  TaskAnswer,
  WorkerSettings,
} from './task.js';

const port = parentPort;
if (port === null) throw new Error('pzip/worker is the file of a worker thread, which pzip starts by itself');
const settings: WorkerSettings = workerData;
const compressor = new Compressor(createEngine(settings.engine));

port.on('message', ({ id, task }: NumberedTask) => {
  try {
    if (task.kind === 'read back') void readBack(id, task);
    else answer({ id, result: compress(task) });
  } catch (failure) {
    answer({ id, failure });
  }
});
// Later than now: Node has more to do with a module that has been evaluated, and must not be interrupted in that either.
queueMicrotask(() => port.postMessage('ready'));

function compress(task: CompressTask): BatchResult | ChunkResult {
  return task.kind === 'batch' ? compressor.compressBatch(task) : compressor.compressChunk(task);
}

/** Most archives are not read back: what that takes is loaded with the first task. */
async function readBack(id: number, { task }: ReadBackTask): Promise<void> {
  try {
    const { default: verify } = await import('../verify/worker.js');
    answer({ id, result: await verify(task) });
  } catch (failure) {
    answer({ id, failure });
  }
}

function answer(message: TaskAnswer): void {
  port?.postMessage(message, 'result' in message ? movedBuffers(message.result) : []);
}

/** What is in memory that was lent is not moved. */
function movedBuffers(result: BatchResult | ChunkResult | VerifyResult): ArrayBuffer[] {
  if (result === undefined || !('bytes' in result)) return [];
  const all = 'directory' in result ? [result.bytes, result.directory] : [result.bytes];
  return all.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? buffer : []));
}
