/**
 * What crosses the thread boundary, and nothing else. All of it survives structured clone. A buffer named "moved" is
 * owned by the receiver; the sender's view of it is dead.
 */
import type { FileSource } from '../common/entry.js';
import type { PzipErrorCode } from '../common/errors.js';
import type { FramedEntries } from '../zip/framed-entries.js';

/**
 * A file that is written while it is read:
 *
 * - `error`: the archive fails.
 * - `retry`: the file is read again, a few times, until nothing writes to it meanwhile.
 * - `warn`: what was read goes in, with a warning: of a file that has grown as much as it was long when it was selected.
 *
 * A file that another one has replaced is `retry`'s only; for the other two it is an error.
 */
export type OnChange = 'error' | 'retry' | 'warn';

interface TaskFacts {
  /**
   * Memory for the result, which the worker uses where it is long enough. It is shared, so that a few buffers go round and
   * round: of new ones for each task, 60 MB lay about waiting for the garbage collector, and of buffers that were moved to
   * and fro it kept accounts, so that it came twice as often: 31 ms in place of 15 while 435 MB were stored.
   */
  readonly output: SharedArrayBuffer | undefined;
}

/** Many whole entries, each at most MAX_PIECE_LENGTH long, packed and read by batch.ts. */
export interface BatchTask extends TaskFacts {
  /** The same number of columns for each entry. Moved. */
  readonly rows: Float64Array<ArrayBuffer>;
  /** Names, comments and what of the contents was in memory. Moved. */
  readonly packed: Uint8Array<ArrayBuffer>;
  /** Of the entries that are files. */
  readonly paths: readonly string[];
  /** Whether the first entry is the archive's first and is called `mimetype`. */
  readonly startsWithMimetype: boolean;
  /** Bytes that their local headers and their data take, at most. */
  readonly longestOutput: number;
  readonly onChange: OnChange;
}

/** What a file has to be when it is read. */
export interface SelectedFile {
  readonly path: string;
  /** Bytes, and milliseconds: as they were when the file was selected. */
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  /** Which file it was. */
  readonly dev: number;
  readonly ino: number;
  /** Whether a symbolic link at the path is followed. */
  readonly isFollowed: boolean;
}

/**
 * The entries one after the other, each a local file header and its data, ready to be written. `bytes` is in lent memory, or
 * at the start of an ArrayBuffer of its own, which is moved as are the others.
 */
export interface BatchResult extends FramedEntries {
  /** Bytes of all contents. */
  readonly uncompressedSize: number;
  /** Of the last entry of the task, if it is in `bytes`. */
  readonly lastName: string | undefined;
  /** How many are stored, without links and directories. */
  readonly storedCount: number;
  /** The entries that could not be read or compressed; they are not in `bytes`. */
  readonly failures: readonly TaskFailure[];
  /** Files that changed, and are in `bytes` as they were read. */
  readonly changes: readonly SourceChange[];
  /** Files that are to be read again, each before the entry that follows it. */
  readonly deferred: readonly DeferredFile[];
}

export interface SourceChange {
  readonly path: string;
  /** What has changed, for people. */
  readonly how: string;
}

/** A file that has changed and is to be read again, or that is longer than its size says. */
export interface DeferredFile {
  readonly source: FileSource;
  /** See EntryPlan. */
  readonly isMimetype: boolean;
  /** How many entries of the result come before it. */
  readonly at: number;
}

/** One chunk of a large entry. */
export interface ChunkTask extends TaskFacts {
  readonly input: FileRange | MemoryRange;
  /** The chunk that finishes the deflate stream. */
  readonly isLast: boolean;
  /** 0 stores. */
  readonly level: number;
}

/** Read by the worker itself. */
export interface FileRange extends SelectedFile {
  readonly start: number;
  readonly end: number;
  readonly onChange: OnChange;
  /** Whether what precedes `start` is the dictionary. */
  readonly isPrimed: boolean;
}

/** Already in memory: the dictionary, then the data. Moved. */
export interface MemoryRange {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly dictionaryLength: number;
}

export interface ChunkResult {
  /**
   * A byte-aligned piece of a deflate stream, or the data itself where deflate would not have shrunk it. In the memory that
   * was lent, or the start of an ArrayBuffer of its own, which is moved.
   */
  readonly bytes: Uint8Array;
  readonly isDeflated: boolean;
  readonly crc32: number;
  /** Less than was asked for where the file ended early. */
  readonly uncompressedSize: number;
  /** Of the dictionary, where it was read from a file: another moment's reading than that of the chunk that it is the end of. */
  readonly dictionaryCrc32: number | undefined;
  /** Of the end of the data, which the next chunk has as its dictionary. */
  readonly tailCrc32: number | undefined;
  /** What has changed in the file, where that is to be a warning. */
  readonly change: string | undefined;
  /** Why there is no piece. */
  readonly failure: TaskFailure | undefined;
}

/** An error as data: structured clone would strip an Error of its class and its fields. */
export interface TaskFailure {
  /** The entry, in a batch; the sender of a chunk knows it. */
  readonly entryName: string | undefined;
  readonly code: PzipErrorCode;
  readonly message: string;
  readonly path: string | undefined;
  /** The system's error, such as EACCES, if there is one. */
  readonly cause: { readonly code: string | undefined; readonly message: string } | undefined;
}
