/**
 * What every part of the selection needs to know and whom it tells: the options, resolved once.
 */
import type { Stats } from 'node:fs';
import type { PzipError } from '../errors.js';
import type { PzipWarning } from '../warnings.js';

export interface SelectContext {
  readonly platform: NodeJS.Platform;
  readonly separator: '/' | '\\';
  /** Absolute; patterns and names start from it. */
  readonly cwd: string;
  /** Entries for directories, not only for what is in them. */
  readonly directoryEntries: boolean;
  /** st_mode as it goes into the archive. */
  readonly entryMode: (mode: number) => number;
  /** Whether a regular file is the archive being written. */
  readonly isOwnOutput: (path: string, stats: Stats) => boolean;
  readonly warn: (warning: PzipWarning) => void;
  /** Throws the error, or reports the path as skipped and gives undefined, so that the caller goes on without it. */
  readonly problem: (error: PzipError) => undefined;
}
