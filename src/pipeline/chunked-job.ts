/** The job of one large entry, or of a fragment of one: its chunks become pieces, in order. */
import type { EntryPlan } from '../compress/batch-builder.js';
import type { OnChange, SourceChange } from '../compress/tasks.js';
import { chunkTask } from '../compress/thread-tasks.js';
import type { Executor } from '../threads/executor.js';
import { timestampOf } from '../zip/mimetype.js';
import type { Budget } from './budget.js';
import type { EntryDigest } from './entry-digests.js';
import type { ChunkedJob, LargeSource } from './jobs.js';
import { inOrder, type Joint, type SentChunk } from './ordered-chunks.js';

export interface ChunkedJobOptions {
  readonly executor: Executor;
  readonly budget: Budget;
  readonly onChange: OnChange;
  readonly warnOfChange: (change: SourceChange) => void;
}

export function chunkedJob(
  source: LargeSource,
  plan: EntryPlan,
  chunks: AsyncIterable<SentChunk>,
  { executor, budget, onChange, warnOfChange }: ChunkedJobOptions,
  digest: EntryDigest | undefined,
): ChunkedJob {
  const joint: Joint | undefined = source.fragment && { dictionaryCrc32: undefined, tailCrc32: undefined };
  const ordered = inOrder(chunks, {
    entryName: source.name,
    joint,
    onChange: onChangeOf(source, onChange),
    run: (task) => executor.run(chunkTask(task, source.name)),
    budget,
    warnOfChange,
  });
  const pieces = digest?.watch(ordered, budget) ?? ordered;
  // Whether it is stored must be known before it is read.
  const unixTime = timestampOf(plan.isMimetype, plan.level === 0, plan.unixTime);
  const fragment = source.fragment && joint && { ...source.fragment, joint };
  return { kind: 'chunked', entry: { source, ...plan, unixTime }, source, pieces, fragment, digest };
}

/** A fragment cannot be cut off or read again: other machines have the rest of the file as it was. */
export function onChangeOf({ fragment }: LargeSource, onChange: OnChange): OnChange {
  return fragment === undefined ? onChange : 'error';
}
