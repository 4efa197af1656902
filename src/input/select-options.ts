/** What the selection can be asked for. */
import type { Stats } from 'node:fs';
import type { PzipWarning } from '../warnings.js';

export interface SelectOptions {
  /** Inputs and patterns are relative to it, and so are the names in the archive. @default process.cwd() */
  readonly cwd?: string;
  /** Absolute paths that never go in: the archive and its temporary. */
  readonly excludePaths?: ReadonlySet<string>;
  /** Whether a file is the archive being written, reached by another path; called for regular files only. */
  readonly isOwnOutput?: (stats: Stats) => boolean;
  /** Entries for directories, not only for what is in them. @default true */
  readonly directoryEntries?: boolean;
  /** Leave out what cannot be read, is gone or misnamed, with a warning for each, instead of throwing. @default false */
  readonly skipUnreadable?: boolean;
  readonly onWarning?: (warning: PzipWarning) => void;
  /** Rules for paths and modes. @default process.platform */
  readonly platform?: NodeJS.Platform;
}
