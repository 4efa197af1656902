import type { WrittenEntry } from '../common/entry.js';
import type { PzipWarning } from '../common/warnings.js';
import type { OnChange } from '../compress/tasks.js';
import type { EngineName } from '../deflate/engine.js';
import type { Progress } from '../pipeline/progress.js';
import type { LevelRule, Renaming, SelectOptions } from '../select/select-options.js';
import type { StreamContent } from '../sources/stream-content.js';
import type { Pool } from './pool.js';

/**
 * 0 stores; 1 is the fastest that deflates, 6 the default, 9 thorough; 10 as small as can be, for a long time's work. The
 * engine `zlib` has no 10: it compresses at 9 then, with a warning.
 */
export type CompressionLevel = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

export interface ArchiveOptions {
  /**
   * How hard to compress.
   * @default 6
   */
  level?: CompressionLevel | undefined;
  /**
   * Worker threads at most; 0 for none, so that the calling thread compresses. The archive is the same for any number. Where
   * fewer can be started, fewer do the work, with the warning PZIP_FEWER_THREADS.
   * @default os.availableParallelism()
   */
  threads?: number | undefined;
  /**
   * Bytes of input and output that may be held at a time, whatever is archived; the program itself comes on top.
   * @default 64 MiB, or 8 MiB for each thread where that is more
   */
  memory?: number | undefined;
  /** The archive's comment. ASCII, at most 65,535 bytes. */
  comment?: string | undefined;
  /**
   * The same bytes on every machine, for the same content under the same names: all dates are `mtime`, 1980-01-01
   * UTC unless it is given, MS-DOS dates are in UTC, and createArchive() normalizes modes.
   * @default false
   */
  reproducible?: boolean | undefined;
  /** The date of every entry that was not given one of its own, in place of the file's. */
  mtime?: Date | undefined;
  /** Files that are younger have this date instead: what SOURCE_DATE_EPOCH asks for. */
  latestMtime?: Date | undefined;
  /**
   * Extended timestamps: to the second, and in UTC. Without them a date is what MS-DOS can tell, in local time.
   * @default true
   */
  extendedTimestamps?: boolean | undefined;
  /**
   * Leave out what cannot be read when its turn comes, with a warning for each, instead of failing. A file of more than a
   * MiB that is gone or cannot be read any more in the middle is left out as well where the archive is a file, which takes
   * its beginning out again; in a stream, which cannot, it is an error.
   * @default false
   */
  skipUnreadable?: boolean | undefined;
  /**
   * A file that is written while it is read:
   *
   * - `error`: the archive fails with PZIP_SOURCE_CHANGED, or goes on without it under `skipUnreadable`.
   * - `retry`: it is read again, up to three times, until it stays as it is meanwhile; then as `error`. In a stream a file of
   *   more than a MiB cannot be taken back any more once its beginning is out.
   * - `warn`: what was read goes in, with a warning: of a file that has grown as much as there was when it was selected, of
   *   one that has become shorter what is left. Each part is as it was at one moment; the whole need not be.
   *
   * A file in whose place there is another one is read by `retry` only.
   * @default 'error'
   */
  onChange?: OnChange | undefined;
  /** Fail at the first warning (not at a notice) with PZIP_STRICT. @default false */
  strict?: boolean | undefined;
  /**
   * Read the finished archive back before it takes its name: every header, every byte inflated, every checksum. Takes a
   * path, not a stream.
   * @default false
   */
  verify?: boolean | undefined;
  /** Whether a file that has the archive's name is replaced; else PZIP_OUTPUT_EXISTS. @default true */
  overwrite?: boolean | undefined;
  /**
   * Whether an archive in a file is on the disk before it has its name, so that a failure of power leaves the old archive or
   * the complete new one. Without it the system writes back in its own time, and nobody waits for a slow disk.
   * @default where a file has that name, which the archive will replace
   */
  flush?: boolean | undefined;
  /**
   * What compresses: pzip's own deflate in WebAssembly, or Node's zlib, which is slower. Readers make no difference between
   * the two; the bytes differ.
   * @default 'wasm'; where it cannot run, as under `node --jitless`, 'zlib' with a warning
   */
  engine?: EngineName | undefined;
  /** Worker threads that several archives share; `threads` and `engine` are the pool's. @default threads of its own */
  pool?: Pool | undefined;
  /** Whether the result is to list the entries: some 200 bytes of memory for each. @default false */
  listEntries?: boolean | undefined;
  /** Stops everything; the archive rejects with the signal's reason and leaves nothing behind. */
  signal?: AbortSignal | undefined;
  /**
   * Called with the whole picture at most ten times a second, and once at the end, when the archive is complete and has its
   * name. What it throws before then fails the archive; thrown at the end, where there is nothing left to fail, it is an
   * uncaught exception, like that of any event's listener.
   */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Called with each entry as it has been written, in the archive's order. What it throws fails the archive. */
  onEntry?: ((entry: WrittenEntry) => void) | undefined;
  /** Called with each warning. */
  onWarning?: ((warning: PzipWarning) => void) | undefined;
}

/** Paths and patterns, of which one will do; a file URL stands for its path. */
export type Inputs = string | URL | readonly (string | URL)[];

/** What createArchive() and addGlob() can be asked for beyond the patterns. */
export interface SelectionOptions
  extends Omit<
    SelectOptions,
    | 'additional'
    | 'additionalAsInputs'
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
    | 'platform'
    | 'rename'
    | 'skipUnreadable'
  > {
  /** Inputs and patterns are relative to it, and so are the names in the archive. @default process.cwd() */
  readonly cwd?: string | URL | undefined;
  /**
   * Names of files, links and directories, each one entry, taken literally: a directory stands for itself, so that what a
   * list leaves out stays out.
   */
  readonly filesFrom?: Inputs | undefined;
  /** Patterns with the meaning of .gitignore's lines, held against names in the archive before renaming. */
  readonly exclude?: string | readonly string[] | undefined;
  /** Files of such patterns, relative to `cwd`; the patterns of `exclude` come after theirs. */
  readonly ignoreFiles?: Inputs | undefined;
  /** Patterns of .gitignore's form for names in the archive: matches come first, in the order of the patterns. */
  readonly first?: string | readonly string[] | undefined;
  /** New names for old, the first that matches; after `stripComponents` and `junkPaths`, before `prefix`. */
  readonly rename?: Renaming | readonly Renaming[] | undefined;
  /** Compression levels for what such patterns match; the last match wins. */
  readonly levelFor?: LevelRule | readonly LevelRule[] | undefined;
}

export interface CreateArchiveOptions extends ArchiveOptions, SelectionOptions {
  /** Entries besides what the inputs select. Their names are as given; they take their place in the order. */
  entries?: ArchiveEntry | readonly ArchiveEntry[] | undefined;
  /**
   * Treat `entries` like inputs: `exclude`, `stripComponents`, `junkPaths`, `rename` and `prefix` apply to their names.
   * @default false
   */
  entriesAsInputs?: boolean | undefined;
}

export interface EntryOptions {
  /**
   * Permission bits, such as 0o755; the owner's right to read is added. setuid, setgid and sticky go in only from here.
   * @default those of the file; 0o644 for a buffer, 0o755 for a directory
   */
  mode?: number | undefined;
  /** @default that of the file; for the rest 1980-01-01, so that the same calls make the same archive */
  mtime?: Date | undefined;
  comment?: string | undefined;
}

export interface FileEntryOptions extends EntryOptions {
  /** @default the archive's */
  level?: CompressionLevel | undefined;
  /** The same as `level: 0`. */
  store?: boolean | undefined;
}

/** Content in memory; a string is taken as UTF-8. */
export type EntryContent = string | ArrayBufferView | ArrayBufferLike | Blob;

export interface StreamEntryOptions extends FileEntryOptions {
  /** Bytes that the stream will give, where that is known. Any other number of them is an error. */
  size?: number | undefined;
  /**
   * Bytes that it may give at most, about, where the size is not known. From 4 GiB on, an archive that is a stream announces
   * sizes of 64 bits, without which bsdtar cannot read such an entry from a pipe. Many readers cannot read the entry from a
   * pipe with them, should it be shorter: Java's, unzipper, Perl's Archive::Zip.
   * @default less than 4 GiB; a longer stream is read by the archive's directory
   */
  sizeHint?: number | undefined;
}

/** An entry as a record, for addEntries(): its name, exactly one field that says what it is, and its options. */
export type ArchiveEntry = FileEntry | DataEntry | StreamEntry | DirectoryEntry | SymlinkEntry;

export interface FileEntry extends FileEntryOptions {
  name: string;
  /** Of a file, or of what a link leads to. */
  path: string | URL;
}

export interface DataEntry extends FileEntryOptions {
  name: string;
  data: EntryContent;
}

export interface StreamEntry extends StreamEntryOptions {
  name: string;
  /** Called when the entry's turn comes. */
  stream: () => StreamContent | Promise<StreamContent>;
}

export interface DirectoryEntry extends EntryOptions {
  name: string;
  directory: true;
}

export interface SymlinkEntry extends EntryOptions {
  name: string;
  /** The link's text. */
  linkTarget: string;
}

export interface PredictSizeOptions {
  /** As it will be given to the archive. Whatever is not stored cannot be predicted. @default 6 */
  level?: CompressionLevel | undefined;
  /** As it will be given to the archive. */
  comment?: string | undefined;
  /** As it will be given to the archive. @default true */
  extendedTimestamps?: boolean | undefined;
  /** As it will be given to the archive: dates before 1970 and from 2038-01-19 on take no extended timestamp. */
  mtime?: Date | undefined;
  /** As it will be given to the archive. */
  latestMtime?: Date | undefined;
  /** As it will be given to the archive. @default false */
  reproducible?: boolean | undefined;
  /** Where the archive will go: what is longer than 1 MiB takes a few bytes more in a stream. @default 'stream' */
  target?: 'stream' | 'file' | undefined;
}
