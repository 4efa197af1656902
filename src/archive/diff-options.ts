/** The public types of diffArchives(). */
import type { Difference } from '../diff/run-comparison.js';
import type { ModePolicy, SymlinkPolicy } from '../select/select-options.js';
import type { ArchiveOptions } from './options.js';
import type { Pool } from './pool.js';

export interface DiffOptions {
  /** Directory that `a` and `b` are relative to. @default process.cwd() */
  readonly cwd?: string | URL | undefined;
  /** Patterns with .gitignore syntax: matching names are excluded on both sides. Matched before `prefix`. */
  readonly exclude?: string | readonly string[] | undefined;
  /** Excludes what git ignores in a directory, as createArchive() does. @default false */
  readonly gitignore?: boolean | undefined;
  /**
   * Prepended to the names of a directory's entries, as in createArchive().
   * @default the last components of the directory's path, if all names on the other side begin with them
   */
  readonly prefix?: string | undefined;
  /** Removes that many leading components from names in archives and manifests; shorter names are excluded. @default 0 */
  readonly stripComponents?: number | undefined;
  /** What to do with symbolic links in a directory. @default 'keep' */
  readonly symlinks?: SymlinkPolicy | undefined;
  /** Whether to compare directories. One that the other side only implies is never a difference. @default true */
  readonly directoryEntries?: boolean | undefined;
  /**
   * The `modes` that the archive was created with; `'ignore'` compares no modes. Between two archives, all bits are compared; with
   * a directory, setuid, setgid and sticky only with `'keep-special'`.
   * @default 'keep'
   */
  readonly modes?: ModePolicy | 'ignore' | undefined;
  /**
   * - `content`: compares all bytes. Data with the same compressed form in both archives is not inflated.
   * - `crc`: trusts sizes and CRC-32 in an archive's directory. Content forged to have the same CRC-32 is reported as equal.
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
  /** Called with each warning, such as for a socket in a directory, which is skipped. */
  readonly onWarning?: ArchiveOptions['onWarning'];
}

/** The differences, in the order of the names' UTF-8 bytes. Leaving the loop early stops the comparison. */
export interface Diff extends AsyncIterable<Difference> {
  /** Number of entries found equal so far. */
  readonly equalCount: number;
}
