/** What of a large entry a chunk task gets: a range of a file, or a copy of a part of a buffer. */
import type { FileSource } from '../common/entry.js';
import type { FileRange, MemoryRange, OnChange } from '../compress/tasks.js';
import { MAX_DICTIONARY_LENGTH } from '../deflate/engine.js';

export function fileRange(source: FileSource, start: number, end: number, onChange: OnChange): FileRange {
  const { path, size, mtimeMs, ctimeMs, dev, ino, isFollowed } = source;
  return { path, size, mtimeMs, ctimeMs, dev, ino, isFollowed, start, end, onChange, isPrimed: true };
}

/** A copy, which can be transferred to a worker without detaching the caller's buffer. */
export function memoryRange(bytes: Uint8Array, start: number, end: number): MemoryRange {
  const dictionaryLength = Math.min(MAX_DICTIONARY_LENGTH, start);
  return { bytes: new Uint8Array(bytes.subarray(start - dictionaryLength, end)), dictionaryLength };
}
