/** What comes of a chunk. */
import type { ContentKey } from '../reuse/content-table.js';
import type { UnreadChunk } from '../reuse/earlier-data.js';
import { toFailure } from './failure.js';
import { OutputBuffer } from './result-buffer.js';
import type { TaskReuse } from './task-reuse.js';
import type { ChunkResult, ChunkTask } from './tasks.js';

/** @param chunk compressed now, or by an earlier run; copied */
export function chunkResult(
  { output: lent, isLast }: ChunkTask,
  chunk: Omit<UnreadChunk, 'dataCrc32'>,
  reuse: TaskReuse,
  content?: ContentKey,
): ChunkResult {
  const { deflated, data, crc32, uncompressedSize, dictionaryCrc32, tailCrc32 } = chunk;
  const fileData = deflated ?? data;
  const output = new OutputBuffer(lent);
  output.buffer.set(fileData, output.reserve(fileData.length));
  return {
    bytes: output.finish(),
    isDeflated: deflated !== undefined,
    crc32,
    uncompressedSize,
    dictionaryCrc32: undefined,
    tailCrc32,
    isReused: reuse.reusedCount > 0,
    made: reuse.recordChunk({ crc32, uncompressedSize, dictionaryCrc32, isLast }, deflated),
    content,
    change: undefined,
    failure: undefined,
  };
}

/** The result of a chunk that there is no piece of. */
export function failedChunk(error: unknown, path: string | undefined): ChunkResult {
  return {
    bytes: new Uint8Array(),
    isDeflated: false,
    crc32: 0,
    uncompressedSize: 0,
    dictionaryCrc32: undefined,
    tailCrc32: undefined,
    isReused: false,
    made: undefined,
    content: undefined,
    change: undefined,
    failure: toFailure(error, undefined, path),
  };
}
