import type { WrittenEntry } from '../common/entry.js';
import type { CompressionLevel } from '../common/level.js';
import type { PzipWarning } from '../common/warnings.js';
import type { OnChange } from '../compress/tasks.js';
import type { EngineName } from '../deflate/engine.js';
import type { Progress } from '../pipeline/progress.js';
import type { ReuseCheck } from '../reuse/reuse-task.js';
import type { LevelRule, Renaming, SelectOptions } from '../select/select-options.js';
import type { ShardNumber } from '../shard/shard-number.js';
import type { ArchiveEntry } from './entry-types.js';
import type { Pool } from './pool.js';
import type { ReportOptions } from './report-options.js';

export type { CompressionLevel } from '../common/level.js';
export type {
  ArchiveEntry,
  DataEntry,
  DirectoryEntry,
  EntryContent,
  EntryOptions,
  FileEntry,
  FileEntryOptions,
  StreamEntry,
  StreamEntryOptions,
  SymlinkEntry,
} from './entry-types.js';

export interface ArchiveOptions extends ReportOptions {
  /**
   * Compression level of entries that have none of their own.
   * @default 6
   */
  level?: CompressionLevel | undefined;
  /**
   * Maximum number of worker threads; 0 compresses on the calling thread. The bytes of the archive do not depend on it. If fewer
   * threads can be started, fewer do the work, with the warning PZIP_FEWER_THREADS.
   * @default os.availableParallelism()
   */
  threads?: number | undefined;
  /**
   * Maximum number of bytes of input and output held at a time, without the memory of the program itself.
   * @default 64 MiB, or 8 MiB for each thread if that is more
   */
  memory?: number | undefined;
  /**
   * Maximum number of bytes of the archive; more is an error, PZIP_TOO_LARGE, before a file is replaced. The error's `largest`
   * lists the ten largest entries. Excludes `shard`: pass it to mergeArchives().
   */
  maxSize?: number | undefined;
  /** Maximum number of bytes of all content, uncompressed. It fails like `maxSize`, before anything is compressed if it can. */
  maxUnpacked?: number | undefined;
  /** Comment of the archive: ASCII, at most 65,535 bytes (APPNOTE 4.3.16). */
  comment?: string | undefined;
  /**
   * Writes the same bytes on every machine for the same content and names: all dates are `mtime`, or 1980-01-01 UTC by default,
   * MS-DOS dates are in UTC, and createArchive() normalizes modes.
   * @default false
   */
  reproducible?: boolean | undefined;
  /** Modification time of every entry that has none of its own, in place of the file's. */
  mtime?: Date | undefined;
  /** Clamps newer modification times of files to this one, as SOURCE_DATE_EPOCH requires. */
  latestMtime?: Date | undefined;
  /**
   * Writes extended timestamps, in UTC and to the second. Without them, dates are MS-DOS dates: local time, to two seconds.
   * @default true
   */
  extendedTimestamps?: boolean | undefined;
  /**
   * Skips files that cannot be read, with a warning for each, instead of failing. A file of more than 1 MiB that becomes unreadable
   * halfway is skipped if the archive is a file, because a file can be truncated; in a stream, it is an error.
   * @default false
   */
  skipUnreadable?: boolean | undefined;
  /**
   * What to do with a file that changes while it is read:
   *
   * - `error`: fail with PZIP_SOURCE_CHANGED, or skip the file with `skipUnreadable`.
   * - `retry`: read the file again, up to three times, until it stays unchanged; then as `error`. In a stream, a file of more than
   *   1 MiB cannot be retried once part of it is written.
   * - `warn`: archive what was read, with a warning: for a file that grew, up to its size when it was selected; for one that shrank,
   *   what is left. Each chunk is consistent; the whole may not be.
   *
   * If another file replaced it, only `retry` reads the new one; `warn` is an error.
   * @default 'error'
   */
  onChange?: OnChange | undefined;
  /** Makes every warning an error, PZIP_STRICT. Notices are not warnings. @default false */
  strict?: boolean | undefined;
  /**
   * Verifies the archive before it is renamed: compares every header with the central directory, inflates every entry and
   * checks its CRC-32. Requires a path as output.
   * @default false
   */
  verify?: boolean | undefined;
  /**
   * Archive of an earlier run, which may be the output: the compressed data of files that have not changed is copied from it.
   * The new archive has the same bytes as without it. What an archive was made with is recorded in a file beside it,
   * `NAME.pzip-state`, by runs with this option. Without an archive or a state that fits, everything is compressed.
   */
  reuse?: string | URL | undefined;
  /**
   * What shows that a file has not changed: `content` reads it and compares it with an inflated entry of the same size and
   * CRC-32; `crc` reads it and trusts CRC-32 and size; `stat` does not open it if its size, times, inode and device are
   * those of the last run.
   * @default 'content'
   */
  reuseCheck?: ReuseCheck | undefined;
  /**
   * Leaves an existing file as it is if the archive has the same bytes, so that its inode and modification time stay. Requires
   * a path as output.
   * @default false
   */
  writeIfChanged?: boolean | undefined;
  /** Whether to replace an existing file; if not, it is an error, PZIP_OUTPUT_EXISTS. @default true */
  overwrite?: boolean | undefined;
  /**
   * Whether to sync an archive in a file to disk before it is renamed, so that a power failure leaves the old archive or the
   * complete new one.
   * @default true if the archive replaces a file
   */
  flush?: boolean | undefined;
  /**
   * Deflate engine: pzip's own in WebAssembly, or Node's zlib, which is slower. Every reader reads both; their bytes differ.
   * @default 'wasm', or 'zlib' with a warning where WebAssembly is unavailable, as under `node --jitless`
   */
  engine?: EngineName | undefined;
  /**
   * Worker threads shared by several archives, from createPool(). Excludes `threads` and `engine`. @default own threads
   */
  pool?: Pool | undefined;
  /** Whether the result lists the entries, at some 200 bytes of memory each. @default false */
  listEntries?: boolean | undefined;
  /** Aborts the archive: close() rejects with the signal's reason, and nothing is left behind. */
  signal?: AbortSignal | undefined;
  /**
   * Called with a complete snapshot at most ten times a second, and once at the end, when the archive has been renamed. An exception
   * fails the archive; thrown by the last call, it is an uncaught exception.
   */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Called with each entry after it is written, in the order of the archive. An exception fails the archive. */
  onEntry?: ((entry: WrittenEntry) => void) | undefined;
  /** Called with each warning. */
  onWarning?: ((warning: PzipWarning) => void) | undefined;
}

/** Paths and patterns, one or several; a `file:` URL stands for its path. */
export type Inputs = string | URL | readonly (string | URL)[];

/** Options of a selection, for createArchive() and addGlob(). */
export interface SelectionOptions
  extends Omit<
    SelectOptions,
    | 'additional'
    | 'additionalAsInputs'
    | 'allow'
    | 'archived'
    | 'archivePaths'
    | 'checkpoint'
    | 'counts'
    | 'cwd'
    | 'exclude'
    | 'excludePaths'
    | 'filesFrom'
    | 'first'
    | 'ignoreFiles'
    | 'isOwnOutput'
    | 'levelFor'
    | 'onWarning'
    | 'outputPath'
    | 'platform'
    | 'rename'
    | 'required'
    | 'skipUnreadable'
  > {
  /** Directory that inputs and names in the archive are relative to. @default process.cwd() */
  readonly cwd?: string | URL | undefined;
  /** Names of files, links and directories, taken literally. A directory adds its own entry, not its contents. */
  readonly filesFrom?: Inputs | undefined;
  /** Patterns with .gitignore syntax, matched against names in the archive before renaming. */
  readonly exclude?: string | readonly string[] | undefined;
  /** Files with such patterns, relative to `cwd`; the patterns of `exclude` apply after theirs. */
  readonly ignoreFiles?: Inputs | undefined;
  /**
   * Patterns with .gitignore syntax for names that may be in the archive without a warning: version control, secrets, keys and
   * earlier archives beside the new one. `*` allows all of them.
   */
  readonly allow?: string | readonly string[] | undefined;
  /** Names that the archive must have, or that of a directory for anything in it; else PZIP_ENTRY_MISSING. */
  readonly required?: string | readonly string[] | undefined;
  /** Patterns with .gitignore syntax: entries that match come first, in the order of the patterns. */
  readonly first?: string | readonly string[] | undefined;
  /** Renamings; the first that matches applies, after `stripComponents` and `junkPaths` and before `prefix`. */
  readonly rename?: Renaming | readonly Renaming[] | undefined;
  /** Compression levels for names that match a pattern; the last match applies. */
  readonly levelFor?: LevelRule | readonly LevelRule[] | undefined;
}

export interface CreateArchiveOptions extends ArchiveOptions, SelectionOptions {
  /** Entries in addition to what the inputs select. Their names are not changed; they are sorted with the rest. */
  entries?: ArchiveEntry | readonly ArchiveEntry[] | undefined;
  /**
   * Whether `exclude`, `stripComponents`, `junkPaths`, `rename` and `prefix` apply to `entries` as well.
   * @default false
   */
  entriesAsInputs?: boolean | undefined;
  /**
   * Archives whose entries are inputs and come before all others: paths, or the bytes of an archive. Patterns, renaming and
   * sorting apply to them. Their data is copied without recompression; modes, dates, comments and extra fields are kept. One of
   * them may be the output, which is replaced when the new archive is complete.
   */
  from?: ArchiveInput | readonly ArchiveInput[] | undefined;
  /**
   * Creates one of several parts of the archive, which mergeArchives() joins into the bytes of the archive that the same call
   * without it creates. Each machine lists all inputs, and reads the files of its part only. Requires a path as output.
   */
  shard?: ShardNumber | undefined;
  /**
   * An earlier archive, its report (`--json`), or a manifest with sizes: the result's `sizeChanges` says what has grown, shrunk, been
   * added and removed. It may be the output. Excludes `shard`.
   */
  sizeOf?: string | URL | undefined;
  /**
   * A file of createPlan() that lists the entries, in place of inputs and of the options that decide what goes in, and how. The
   * files of the part are looked for below `cwd`, and must have the sizes and dates of the plan. Requires `shard`.
   */
  plan?: string | URL | undefined;
}

/** Selects and renames the entries of another archive. */
export type CopyOptions = Pick<
  SelectionOptions,
  | 'allow'
  | 'directoryEntries'
  | 'exclude'
  | 'first'
  | 'ifEmpty'
  | 'junkPaths'
  | 'onDuplicate'
  | 'portableNames'
  | 'prefix'
  | 'rename'
  | 'stripComponents'
>;

/** Options of mergeArchives(). */
export type MergeOptions = Pick<
  ArchiveOptions,
  | 'comment'
  | 'flush'
  | 'listEntries'
  | 'maxSize'
  | 'maxUnpacked'
  | 'memory'
  | 'onEntry'
  | 'onProgress'
  | 'onWarning'
  | 'overwrite'
  | 'signal'
  | 'strict'
  | 'threads'
  | 'verify'
> &
  Pick<SelectionOptions, 'onDuplicate'>;

/** An input archive: a path, a `file:` URL, or its bytes, which must not change during the call. */
export type ArchiveInput = string | URL | Uint8Array;

export interface PredictSizeOptions {
  /** As for the archive. Only stored entries can be predicted. @default 6 */
  level?: CompressionLevel | undefined;
  /** As for the archive. */
  comment?: string | undefined;
  /** As for the archive. @default true */
  extendedTimestamps?: boolean | undefined;
  /** As for the archive: dates before 1970 and from 2038-01-19 on have no extended timestamp. */
  mtime?: Date | undefined;
  /** As for the archive. */
  latestMtime?: Date | undefined;
  /** As for the archive. @default false */
  reproducible?: boolean | undefined;
  /** Kind of output: in a stream, an entry longer than 1 MiB takes a few more bytes. @default 'stream' */
  target?: 'stream' | 'file' | undefined;
}
