/**
 * The types that cross the thread boundary, and no others. All of them survive structured clone. A buffer marked "moved" is
 * transferred: the receiver owns it, and the sender's view is detached.
 */
import type { FileSource } from '../common/entry.js';
import type { PzipErrorCode } from '../common/errors.js';
import type { ContentKey } from '../reuse/content-table.js';
import type { MadeChunk, ReuseTask } from '../reuse/reuse-task.js';
import type { WrittenTask } from '../reuse/written-contents.js';
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

/** What all tasks of an archive have in common: where compressed data of equal content may be, and what is computed. */
export interface KnownData {
  /** Left out unless the archive is made with `reuse`. */
  readonly reuse?: ReuseTask | undefined;
  /** Of the archive itself, if it is a file. */
  readonly written?: WrittenTask | undefined;
  /** Whether content is hashed: all of it is read then. */
  readonly hashes?: boolean | undefined;
  /** Whether it is noted how entries are made. */
  readonly takesNotes?: boolean | undefined;
}

interface TaskFacts extends KnownData {
  /**
   * Memory for the result, which the worker uses if it is long enough. It is shared, so that a few buffers are reused:
   * allocating one per task left 60 MB of garbage, and transferring them doubled the frequency of garbage collection, 31 ms
   * instead of 15 while storing 435 MB.
   */
  readonly output: SharedArrayBuffer | undefined;
}

/** Many whole entries, each at most MAX_PIECE_LENGTH long, packed and read by batch.ts. */
export interface BatchTask extends TaskFacts {
  /** The same number of columns for each entry. Moved. */
  readonly rows: Float64Array<ArrayBuffer>;
  /** Names, comments, and contents that were in memory. Moved. */
  readonly packed: Uint8Array<ArrayBuffer>;
  /** Of the entries that are files. */
  readonly paths: readonly string[];
  /** Whether the first entry is the archive's first and is called `mimetype`. */
  readonly startsWithMimetype: boolean;
  /** Most bytes of their local headers and data. */
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
 * Consecutive entries, each a local file header and its data, ready to be written. `bytes` is in a pooled buffer, or at the
 * start of its own ArrayBuffer, which is transferred like the others.
 */
export interface BatchResult extends FramedEntries {
  /** Bytes of all contents. */
  readonly uncompressedSize: number;
  /** Of the last entry of the task, if it is in `bytes`. */
  readonly lastName: string | undefined;
  /** How many are stored, without links and directories. */
  readonly storedCount: number;
  /** How many have the compressed data of an earlier archive. */
  readonly reusedCount: number;
  /** MADE_COLUMNS numbers for each entry in `bytes`, if the task asks for them. */
  readonly made: Float64Array<ArrayBuffer> | undefined;
  /** CONTENT_COLUMNS numbers for each entry that may be met again, if the task has `written`. */
  readonly contents: Uint32Array<ArrayBuffer> | undefined;
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

/** A file to read again, because it changed or is longer than its size. */
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
   * A byte-aligned piece of a deflate stream, or the data itself if deflate does not shrink it. In the pooled buffer, or at the
   * start of its own ArrayBuffer, which is transferred.
   */
  readonly bytes: Uint8Array;
  readonly isDeflated: boolean;
  readonly crc32: number;
  /** Less than requested if the file ended early. */
  readonly uncompressedSize: number;
  /** CRC-32 of the dictionary if it was read from a file, later or earlier than as the end of the previous chunk. */
  readonly dictionaryCrc32: number | undefined;
  /** Of the end of the data, which the next chunk has as its dictionary. */
  readonly tailCrc32: number | undefined;
  /** Whether its data is that of an earlier archive. */
  readonly isReused: boolean;
  /** Undefined if the file changed. */
  readonly made: MadeChunk | undefined;
  /** By which it is found if it is met again. */
  readonly content: ContentKey | undefined;
  /** The change of the file, if that causes a warning. */
  readonly change: string | undefined;
  /** Why there is no piece. */
  readonly failure: TaskFailure | undefined;
}

/** The digest of a large file. */
export interface FileDigest {
  readonly sha256: Uint8Array;
  /** Of the content that was hashed. */
  readonly crc32: number;
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
