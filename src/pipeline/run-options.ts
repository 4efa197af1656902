/** Options and result of a run. */
import type { WrittenEntry } from '../common/entry.js';
import type { SizeChanges } from '../common/size-changes.js';
import type { PzipWarning } from '../common/warnings.js';
import type { OnChange } from '../compress/tasks.js';
import type { EngineChoice } from '../deflate/create-engine.js';
import type { EngineName } from '../deflate/engine.js';
import type { Executor } from '../threads/executor.js';
import type { Budget } from './budget.js';
import type { PlannerOptions } from './planner.js';
import type { Progress } from './progress.js';
import type { ReportOptions, ReportResult } from './run-reports.js';
import type { ReuseOptions } from './run-reuse.js';
import type { SizeLimitOptions } from './size-limits.js';

/** Options of a run, checked and with defaults applied. */
export interface RunOptions extends Omit<PlannerOptions, 'roots' | 'warnOfChange'>, SizeLimitOptions {
  readonly onChange: OnChange;
  /** Called when all entries are written. */
  readonly comment: (entryCount: number) => string;
  readonly skipUnreadable: boolean;
  readonly strict: boolean;
  readonly verify: boolean;
  readonly overwrite: boolean;
  /** Whether the output must be a file, in which headers can be completed. */
  readonly needsFile?: boolean | undefined;
  /** Undefined: only if the archive replaces a file. */
  readonly flush: boolean | undefined;
  readonly listEntries: boolean;
  readonly reuse: ReuseOptions | undefined;
  readonly writeIfChanged: boolean;
  readonly reports: ReportOptions;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly onEntry: ((entry: WrittenEntry) => void) | undefined;
  readonly onWarning: ((warning: PzipWarning) => void) | undefined;
}

/** Resources of a run. */
export interface RunResources {
  readonly budget: Budget;
  readonly engine: EngineChoice;
  /** Most worker threads. */
  readonly threads: number;
  /** @param onFewer called at most once, with the reason why not all threads can be started */
  readonly executor: (onFewer: (cause: Error) => void) => Executor;
}

export interface ArchiveResult extends ReportResult {
  /** Absolute path of the archive; undefined where it is a stream. */
  readonly path: string | undefined;
  /** How many entries the archive holds. */
  readonly entryCount: number;
  /** How many of them are stored rather than deflated, without directories and links. */
  readonly storedCount: number;
  /** How many have the compressed data of the archive that the option `reuse` names. */
  readonly reusedCount: number;
  /** False where `writeIfChanged` has found the same bytes in place, and nothing was written there. */
  readonly isChanged: boolean;
  /** How many were left out although they were asked for: unreadable, or nothing that an archive can hold. */
  readonly skippedCount: number;
  /** How many were excluded by patterns; a directory counts once, with all that is in it. */
  readonly ignoredCount: number;
  /** Bytes of content that went in. */
  readonly bytesRead: number;
  /** Bytes of the archive. */
  readonly bytesWritten: number;
  /** Worker threads that were started; 0 where the work was too little to pay for one. */
  readonly threads: number;
  /** What compressed. */
  readonly engine: EngineName;
  /** Warnings and notices, in the order in which they came; the first 10,000 of them. */
  readonly warnings: readonly PzipWarning[];
  /** Milliseconds from the first entry, or the first read, to the end. */
  readonly durationMs: number;
  /** The entries in the archive's order, where the option `listEntries` asked for them. */
  readonly entries?: readonly WrittenEntry[];
  /** What grew, shrank, was added and removed, if createArchive() has the option `sizeOf` and that file exists. */
  readonly sizeChanges?: SizeChanges;
  /** @deprecated the same as `entries` */
  readonly records?: readonly WrittenEntry[];
}

/** An archive that entries are copied from. */
export interface ArchiveToCopy {
  /** @throws PzipError PZIP_SOURCE_CHANGED if it was written since it was opened */
  checkUnchanged(): Promise<void>;
  close(): Promise<void>;
}

/** What a selection excluded and could not take; counted while it runs. */
export interface SelectionCounts {
  ignored: number;
  skipped: number;
  /** Called with each name that is counted as ignored. */
  onIgnored?: ((name: string) => void) | undefined;
}
