/** The public types of diffArchives(). */
import type { Difference } from '../diff/run-comparison.js';
import type { ModePolicy, SymlinkPolicy } from '../select/select-options.js';
import type { ArchiveOptions } from './options.js';
import type { Pool } from './pool.js';

export interface DiffOptions {
  /** Directory that `a` and `b` are relative to. @default process.cwd() */
  readonly cwd?: string | URL | undefined;
  /** Patterns with .gitignore syntax: names on both sides that match are left out. Matched before `prefix`. */
  readonly exclude?: string | readonly string[] | undefined;
  /** Of a directory, leaves out what git ignores, as createArchive() does. @default false */
  readonly gitignore?: boolean | undefined;
  /**
   * Directory put before the names of a directory's entries, as createArchive() puts it.
   * @default the last components of the directory's path, where all names of the other side begin with them
   */
  readonly prefix?: string | undefined;
  /** Removes that many leading components from names in archives and manifests; names with no more are left out. @default 0 */
  readonly stripComponents?: number | undefined;
  /** What to do with symbolic links in a directory. @default 'keep' */
  readonly symlinks?: SymlinkPolicy | undefined;
  /** Whether directories themselves are compared. One that the other side only implies is never a difference. @default true */
  readonly directoryEntries?: boolean | undefined;
  /**
   * How createArchive() would write a directory's modes; `'ignore'` compares none. Between two archives, all bits count; with a
   * directory, setuid, setgid and sticky only with `'keep-special'`.
   * @default 'keep'
   */
  readonly modes?: ModePolicy | 'ignore' | undefined;
  /**
   * - `content`: compares all bytes. Compressed data that is the same in two archives is not inflated.
   * - `crc`: trusts sizes and CRC-32 of an archive's directory. Content made to have the same CRC-32 counts as equal.
   * @default 'content'
   */
  readonly check?: 'content' | 'crc' | undefined;
  /**
   * Whether to compare modification times of files and symlinks, to the second. MS-DOS dates may be off by two seconds.
   * @default false
   */
  readonly times?: boolean | undefined;
  /** Maximum number of worker threads; 0 compares on the calling thread. @default os.availableParallelism() */
  readonly threads?: number | undefined;
  /** Worker threads from createPool(). Excludes `threads`. @default own threads */
  readonly pool?: Pool | undefined;
  /** Aborts the comparison: the iteration throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each warning, such as that of a socket in a directory, which is left out. */
  readonly onWarning?: ArchiveOptions['onWarning'];
}

/** The differences, in the order of the names' UTF-8 bytes. A loop that is left early ends the comparison. */
export interface Diff extends AsyncIterable<Difference> {
  /** How many entries found so far are the same on both sides. */
  readonly equalCount: number;
}
