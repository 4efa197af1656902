/** Options of the selection. */
import type { Stats } from 'node:fs';
import type { CopiedSource, Source } from '../common/entry.js';
import type { PzipWarning } from '../common/warnings.js';
import type { ModePolicy } from './modes.js';

export type { ModePolicy } from './modes.js';

/**
 * - `keep`: links are archived as links, dangling ones too.
 * - `follow`: the target of a link is archived under the link's name. A link to a directory that contains it is left out with
 *   a warning; a dangling link is an error.
 * - `skip`: links are left out.
 * - `error`: a link is an error.
 */
export type SymlinkPolicy = 'keep' | 'follow' | 'skip' | 'error';

/** See SelectOptions.onDuplicate. */
export type DuplicatePolicy = 'error' | 'first' | 'last';

export interface SelectOptions {
  /** Inputs and patterns are relative to it, and so are the names in the archive. @default process.cwd() */
  readonly cwd?: string | undefined;
  /**
   * Names of files, links and directories, taken literally, each one entry. A directory is added without its contents, so
   * that files missing in the list are left out.
   */
  readonly filesFrom?: readonly string[] | undefined;
  /** Sources that are not on disk, such as standard input; they are sorted like the others. */
  readonly additional?: readonly Source[] | undefined;
  /** Whether patterns, renaming and `prefix` apply to those sources too. @default false */
  readonly additionalAsInputs?: boolean | undefined;

  /** Entries of other archives, in the archive's order; patterns and renaming apply to them as to files. */
  readonly archived?: readonly CopiedSource[] | undefined;
  /** What the archives of those are called, for messages. */
  readonly archivePaths?: readonly string[] | undefined;
  /**
   * Which of several entries of one name goes in, in the order of the archives and then of the inputs: an error, the first or
   * the last one. @default 'error'
   */
  readonly onDuplicate?: DuplicatePolicy | undefined;

  /** Patterns with .gitignore syntax, matched against names in the archive before renaming. */
  readonly exclude?: readonly string[] | undefined;
  /** Files of such patterns, relative to `cwd`; the patterns of `exclude` come after theirs. */
  readonly ignoreFiles?: readonly string[] | undefined;
  /**
   * Select the files that `git ls-files -co --exclude-standard` lists: leave out untracked files that git ignores, and `.git`.
   * docs/gitignore.md lists the ignore files that count. @default false
   */
  readonly gitignore?: boolean | undefined;
  /** Absolute paths that are never archived: the archive and its temporary file. */
  readonly excludePaths?: ReadonlySet<string> | undefined;
  /** Whether a file is the archive being written, whatever path leads to it; called for regular files only. */
  readonly isOwnOutput?: ((stats: Pick<Stats, 'dev' | 'ino' | 'size' | 'mode'>, path: string) => boolean) | undefined;

  /** A folder in the archive for all entries. */
  readonly prefix?: string | undefined;
  /** Only the last component of each name; directories have no entries then. @default false */
  readonly junkPaths?: boolean | undefined;
  /** Removes this many leading components of each name; entries without a name left are dropped. @default 0 */
  readonly stripComponents?: number | undefined;
  /**
   * Renamings, of which the first match is applied, after `stripComponents` and `junkPaths`, before `prefix`. See naming.ts for
   * the syntax of `from` and `to`.
   */
  readonly rename?: readonly Renaming[] | undefined;
  /** Patterns with .gitignore syntax, matched against names in the archive: matches come first, in the order of the patterns. */
  readonly first?: readonly string[] | undefined;
  /** Compression levels by such patterns; the last match wins. */
  readonly levelFor?: readonly LevelRule[] | undefined;

  /** @default 'keep' */
  readonly symlinks?: SymlinkPolicy | undefined;
  /** Entries for directories, not only for what is in them. @default true */
  readonly directoryEntries?: boolean | undefined;
  /** @default 'keep' */
  readonly modes?: ModePolicy | undefined;
  /** Names that not every system can extract: at most a few warnings, or an error. @default 'warn' */
  readonly portableNames?: 'warn' | 'error' | 'off' | undefined;
  /**
   * Patterns with .gitignore syntax for names of the archive that may be in it, although they are those of version control,
   * of secrets or keys, or of earlier archives. `*` allows all.
   */
  readonly allow?: readonly string[] | undefined;
  /** Names that the archive must have; that of a directory stands for anything in it. If one is missing, it is an error. */
  readonly required?: readonly string[] | undefined;
  /** Absolute path of the archive being written: other archives beside it are reported. */
  readonly outputPath?: string | undefined;

  /** What to do about an empty selection. @default 'error' */
  readonly ifEmpty?: 'error' | 'warn' | 'ignore' | undefined;
  /** Skip unreadable, missing and misnamed files with a warning for each, instead of throwing. @default false */
  readonly skipUnreadable?: boolean | undefined;
  readonly onWarning?: ((warning: PzipWarning) => void) | undefined;
  /** Counts, updated during the selection. */
  readonly counts?: SelectionCounts | undefined;
  /** Called from time to time during the selection, which ends if it throws. */
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
  /** Excluded by patterns; a directory counts once, with its contents. */
  ignored: number;
  /** Left out because they cannot be archived: unreadable or special files, and links under `skip`. */
  skipped: number;
  /** Called with each name that is counted as ignored. */
  onIgnored?: ((name: string) => void) | undefined;
}
