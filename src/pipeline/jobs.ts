/** What the planner hands to the writer: one batch of small entries, or one large entry, in the order of the archive. */
import type { BytesSource, FileSource, Source, StreamSource } from '../common/entry.js';
import type { EntryPlan } from '../compress/batch-builder.js';
import type { BatchResult } from '../compress/tasks.js';
import type { Piece } from './ordered-chunks.js';

export type Job = BatchJob | ChunkedJob;

export interface BatchJob {
  readonly kind: 'batch';
  readonly result: Promise<BatchResult>;
  /** Bytes of the budget that it holds besides those of its result; released with them once it is written. */
  readonly overhead: number;
}

/** A source that may be longer than one chunk. */
export type LargeSource = FileSource | BytesSource | StreamSource;

export interface ChunkedJob {
  readonly kind: 'chunked';
  readonly entry: PlannedEntry;
  readonly source: LargeSource;
  /** In order. What each holds of the budget is released as it is written. */
  readonly pieces: AsyncIterable<Piece>;
}

/** A source with the dates of its headers, decided once for both of them. */
export interface PlannedEntry extends EntryPlan {
  readonly source: Source;
}
