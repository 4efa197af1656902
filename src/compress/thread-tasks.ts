/** Compressing as work for threads: the two kinds of task, what they cost, and the functions that carry them out. */
import { shortened } from '../common/trace.js';
import type { DeflateEngine } from '../deflate/engine.js';
import { type TaskFunctions, TaskKind, type ThreadTask } from '../threads/task.js';
import { countEntries } from './batch-columns.js';
import type { Compressor } from './compressor.js';
import { describeBatch, describeChunk } from './describe-task.js';
import { hashFile } from './hash-file.js';
import type { BatchResult, BatchTask, ChunkResult, ChunkTask, FileDigest, SelectedFile } from './tasks.js';

const BATCH = new TaskKind<BatchTask, BatchResult>('batch', describeBatch);
const HASH = new TaskKind<SelectedFile, FileDigest>('hash', ({ size }, label = '') => {
  return { bytes: size, entries: [{ name: shortened(label), bytes: size }] };
});
const CHUNK = new TaskKind<ChunkTask, ChunkResult>('chunk', describeChunk);

/** Bytes whose compression takes as long as opening, reading and framing an entry does: 25 µs or so. */
const ENTRY_COST = 2 * 1024;

/** Bytes of output up to which a task gets a buffer of its own, of the right length. */
const SHORT_OUTPUT = 128 * 1024;

/** @param contentLength bytes of the entries that are in the batch */
export function batchTask(message: BatchTask, contentLength: number): ThreadTask<BatchResult> {
  return BATCH.task(message, {
    transfer: [message.rows.buffer, message.packed.buffer],
    // A long buffer holds up to 1 MiB for the 28 KB that a batch of small entries becomes: the system's allocator clears all
    // of it where it hands out memory that was in use before, and 32 of them under way took 35 MB (measured on Node 24).
    usesLent: message.longestOutput > SHORT_OUTPUT,
    cost: contentLength + countEntries(message) * ENTRY_COST,
  });
}

/** @param entryName of the entry that the chunk is of */
export function chunkTask(message: ChunkTask, entryName: string): ThreadTask<ChunkResult> {
  const { input } = message;
  return CHUNK.task(message, {
    transfer: 'bytes' in input ? [input.bytes.buffer] : [],
    usesLent: true,
    label: entryName,
    cost: 'bytes' in input ? input.bytes.length : input.end - input.start,
  });
}

/** Hashing a file takes a twentieth of the time of compressing it. */
const HASHING = 20;

/** @param entryName of the entry that the file is for */
export function hashTask(file: SelectedFile, entryName: string): ThreadTask<FileDigest> {
  return HASH.task(file, { label: entryName, cost: Math.floor(file.size / HASHING) });
}

/** @param bytes of an entry's content */
export function entryCost(bytes: number): number {
  return bytes + ENTRY_COST;
}

export function compressFunctions(compressor: Compressor, engine: DeflateEngine): TaskFunctions {
  return new Map([
    BATCH.implementedBy((message) => {
      const result = compressor.compressBatch(message);
      const { bytes, directory, rows, contents, digests, notes } = result;
      const buffers = [bytes, directory, rows, contents, digests, notes].filter((each) => each !== undefined);
      return { result, buffers };
    }),
    CHUNK.implementedBy((message) => {
      const result = compressor.compressChunk(message);
      return { result, buffers: [result.bytes] };
    }),
    HASH.implementedBy(async (file) => ({ result: await hashFile(engine, file), buffers: [] })),
  ]);
}
