/** Jobs from the planner to the writer: a batch of small entries, or one large entry, in the order of the archive. */
import type { BytesSource, CopiedSource, FileSource, Source, StreamSource } from '../common/entry.js';
import type { EntryPlan } from '../compress/batch-builder.js';
import type { BatchResult } from '../compress/tasks.js';
import type { FragmentToWrite } from '../output/large-entry.js';
import type { EntryDigest } from './entry-digests.js';
import type { Piece } from './ordered-chunks.js';

export type Job = BatchJob | ChunkedJob | CopyJob;

export interface BatchJob {
  readonly kind: 'batch';
  readonly result: Promise<BatchResult>;
  /** Bytes of the budget besides those of its result; both are released once it is written. */
  readonly overhead: number;
}

/** A source that may be longer than one chunk. */
export type LargeSource = FileSource | BytesSource | StreamSource;

export interface ChunkedJob {
  readonly kind: 'chunked';
  readonly entry: PlannedEntry;
  readonly source: LargeSource;
  /** In order. Each releases its bytes of the budget when it is written. */
  readonly pieces: AsyncIterable<Piece>;
  readonly fragment: FragmentToWrite | undefined;
  /** Undefined unless it is hashed. */
  readonly digest: EntryDigest | undefined;
}

/** A source with the dates of both its headers. */
export interface PlannedEntry extends EntryPlan {
  readonly source: Source;
}

/** A large entry of another archive. It is read when its turn comes. */
export interface CopyJob {
  readonly kind: 'copy';
  readonly source: CopiedSource;
}
