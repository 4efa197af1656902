/** What the selection can be asked for. */
import type { Stats } from 'node:fs';
import type { Source } from '../common/entry.js';
import type { PzipWarning } from '../common/warnings.js';
import type { ModePolicy } from './modes.js';

export type { ModePolicy } from './modes.js';

/**
 * - `keep`: links go in as links, dangling ones too.
 * - `follow`: what a link leads to goes in under the link's name. A link that leads back to a directory it lies in is left
 *   out with a warning; one that leads nowhere is an error.
 * - `skip`: links stay out.
 * - `error`: a link is an error.
 */
export type SymlinkPolicy = 'keep' | 'follow' | 'skip' | 'error';

export interface SelectOptions {
  /** Inputs and patterns are relative to it, and so are the names in the archive. @default process.cwd() */
  readonly cwd?: string | undefined;
  /**
   * Names of files, links and directories, each one entry, taken literally: a directory stands for itself, so that what a
   * list leaves out stays out.
   */
  readonly filesFrom?: readonly string[] | undefined;
  /** Sources that were not found on disk, such as standard input; they take their place in the order. */
  readonly additional?: readonly Source[] | undefined;
  /** Whether patterns, renaming and `prefix` apply to those too. @default false */
  readonly additionalAsInputs?: boolean | undefined;

  /** Patterns with .gitignore syntax, matched against names in the archive before renaming. */
  readonly exclude?: readonly string[] | undefined;
  /** Files of such patterns, relative to `cwd`; the patterns of `exclude` come after theirs. */
  readonly ignoreFiles?: readonly string[] | undefined;
  /**
   * Take what `git ls-files -co --exclude-standard` lists: leave out what git ignores, unless it is tracked, and `.git`.
   * docs/gitignore.md says which files are honoured. @default false
   */
  readonly gitignore?: boolean | undefined;
  /** Absolute paths that never go in: the archive and its temporary. */
  readonly excludePaths?: ReadonlySet<string> | undefined;
  /** Whether a file is the archive being written, whatever path leads to it; called for regular files only. */
  readonly isOwnOutput?: ((stats: Pick<Stats, 'dev' | 'ino' | 'size' | 'mode'>, path: string) => boolean) | undefined;

  /** A folder that everything goes into. */
  readonly prefix?: string | undefined;
  /** Only the last component of each name; directories have no entries then. @default false */
  readonly junkPaths?: boolean | undefined;
  /** Leaves out that many components at the head of each name, and what has no more. @default 0 */
  readonly stripComponents?: number | undefined;
  /**
   * New names for old, the first that matches; after `stripComponents` and `junkPaths`, before `prefix`.
   * See naming.ts for what `from` and `to` can say.
   */
  readonly rename?: readonly Renaming[] | undefined;
  /** Patterns with .gitignore syntax, matched against names in the archive: matches come first, in the order of the patterns. */
  readonly first?: readonly string[] | undefined;
  /** Compression levels for what such patterns match; the last match wins. */
  readonly levelFor?: readonly LevelRule[] | undefined;

  /** @default 'keep' */
  readonly symlinks?: SymlinkPolicy | undefined;
  /** Entries for directories, not only for what is in them. @default true */
  readonly directoryEntries?: boolean | undefined;
  /** @default 'keep' */
  readonly modes?: ModePolicy | undefined;
  /** Names that not every system can extract: at most a few warnings, or an error. @default 'warn' */
  readonly portableNames?: 'warn' | 'error' | 'off' | undefined;

  /** A selection that comes out empty. @default 'error' */
  readonly ifEmpty?: 'error' | 'warn' | 'ignore' | undefined;
  /** Leave out what cannot be read, is gone or misnamed, with a warning for each, instead of throwing. @default false */
  readonly skipUnreadable?: boolean | undefined;
  readonly onWarning?: ((warning: PzipWarning) => void) | undefined;
  /** Counted while the selection goes on. */
  readonly counts?: SelectionCounts | undefined;
  /** Called now and then while the selection goes on; what it throws ends that. */
  readonly checkpoint?: (() => void) | undefined;
  /** Rules for paths and modes. @default process.platform */
  readonly platform?: NodeJS.Platform | undefined;
}

export interface Renaming {
  readonly from: string;
  readonly to: string;
}

export interface LevelRule {
  readonly pattern: string;
  /** 0 stores. */
  readonly level: number;
}

export interface SelectionCounts {
  /** Kept out by patterns; a directory counts once, with all that is in it. */
  ignored: number;
  /** Left out because they cannot go in: unreadable, special, links that were not wanted. */
  skipped: number;
}
