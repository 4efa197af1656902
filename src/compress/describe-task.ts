/** Batches and chunks as a trace shows them: each entry by its name, its bytes in the task and its level. */
import { shortened, type TraceDetails } from '../common/trace.js';
import {
  COLUMNS,
  COMMENT_LENGTH,
  KIND,
  KIND_FILE,
  KIND_FOLLOWED_FILE,
  LEVEL,
  NAME_LENGTH,
  SIZE,
} from './batch-columns.js';
import type { BatchTask, ChunkTask } from './tasks.js';

export function describeBatch({ rows, packed }: BatchTask): TraceDetails {
  const text = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  const entries: TraceDetails[] = [];
  let bytes = 0;
  let position = 0;
  for (let row = 0; row < rows.length; row += COLUMNS) {
    const column = (index: number): number => rows[row + index] ?? 0;
    const nameEnd = position + column(NAME_LENGTH);
    const name = shortened(text.toString('utf8', position, nameEnd));
    const isFile = column(KIND) === KIND_FILE || column(KIND) === KIND_FOLLOWED_FILE;
    entries.push({ name, bytes: column(SIZE), level: column(LEVEL) });
    bytes += column(SIZE);
    position = nameEnd + column(COMMENT_LENGTH) + (isFile ? 0 : column(SIZE));
  }
  return { bytes, entries };
}

export function describeChunk({ input, level, isLast }: ChunkTask, label = ''): TraceDetails {
  const inMemory = 'bytes' in input;
  const bytes = inMemory ? input.bytes.length - input.dictionaryLength : input.end - input.start;
  const position = inMemory ? {} : { start: input.start };
  return { bytes, ...position, isLast, entries: [{ name: shortened(label), bytes, level }] };
}
