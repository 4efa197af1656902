/** The result of a run: what its parts have counted. */
import type { WrittenEntry } from '../common/entry.js';
import type { PzipWarning } from '../common/warnings.js';
import type { ArchiveResult } from './run-options.js';
import type { RunOutput } from './run-output.js';
import type { Selections } from './selections.js';
import type { SkipPolicy } from './skip-policy.js';

export interface CountingParts {
  readonly output: RunOutput;
  readonly selections: Selections;
  readonly skips: SkipPolicy;
  readonly bytesRead: number;
  readonly warnings: readonly PzipWarning[];
  /** As performance.now() gives it. */
  readonly startedAt: number;
  /** Undefined unless the result lists them. */
  readonly listed: readonly WrittenEntry[] | undefined;
}

type Facts = Omit<ArchiveResult, 'entryCount' | 'storedCount' | 'reusedCount' | 'bytesWritten' | 'threads' | 'engine'>;

export function factsOf({ output, selections, skips, bytesRead, warnings, startedAt, listed }: CountingParts): Facts {
  return {
    path: output.path,
    isChanged: output.isChanged,
    skippedCount: selections.skippedCount + skips.count,
    ignoredCount: selections.ignoredCount,
    bytesRead,
    warnings,
    durationMs: performance.now() - startedAt,
    ...output.reports?.result,
    ...(listed === undefined ? {} : { entries: listed, records: listed }),
  };
}
