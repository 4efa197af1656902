/**
 * What crosses the thread boundary, and nothing else. All of it survives structured clone. A buffer named "moved" is
 * owned by the receiver; the sender's view of it is dead.
 */
import type { EngineName } from '../deflate/engine.js';
import type { PzipErrorCode } from '../errors.js';

/** What a worker thread is told once, when it starts. */
export interface WorkerSettings {
  readonly engine: EngineName;
}

export type CompressTask = BatchTask | ChunkTask;

interface TaskFacts {
  /**
   * Memory for the result, which the worker uses where it is long enough. Moved, like the result, so that a few buffers go
   * round and round: of new ones for each task, 60 MB lay about waiting for the garbage collector.
   */
  readonly output: Uint8Array<ArrayBuffer> | undefined;
}

/** Many whole entries, each at most MAX_PIECE_LENGTH long. */
export interface BatchTask extends TaskFacts {
  readonly kind: 'batch';
  readonly entries: readonly BatchEntry[];
  /** What the entries' PackedBytes refer to, one buffer for all of them. Moved. */
  readonly packed: Uint8Array<ArrayBuffer>;
}

/** Enough of an entry to read it, compress it and frame its local header. */
export interface BatchEntry {
  readonly name: string;
  readonly mode: number;
  readonly lastModFileTime: number;
  readonly lastModFileDate: number;
  readonly unixTime: number | undefined;
  /** Here only because a comment outside ASCII sets a flag in the local header too; undefined for none. */
  readonly comment: string | undefined;
  /** 0 stores. */
  readonly level: number;
  readonly content: WholeFile | PackedBytes;
}

/** Bytes of BatchTask.packed: content that was in memory, the target of a link, nothing at all for a directory. */
export interface PackedBytes {
  readonly packedAt: number;
  readonly size: number;
}

export interface WholeFile {
  readonly path: string;
  /** Bytes, and milliseconds: as they were when the file was selected. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Which file it was. */
  readonly dev: number;
  readonly ino: number;
}

/** The entries one after the other, each a local file header and its data, ready to be written. */
export interface BatchResult {
  /** Moved; the start of an ArrayBuffer of its own. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** BATCH_COLUMNS numbers for each entry, in the order of the task. */
  readonly table: Uint32Array;
  /** The entries that could not be read or compressed; nothing of them is in `bytes`. */
  readonly failures: readonly TaskFailure[];
}

/** Columns of BatchResult.table: all below 4 GiB, since a batch is. */
export const COLUMN_METHOD = 0;
export const COLUMN_CRC32 = 1;
export const COLUMN_COMPRESSED_SIZE = 2;
export const COLUMN_UNCOMPRESSED_SIZE = 3;
/** From the start of BatchResult.bytes. */
export const COLUMN_OFFSET = 4;
export const BATCH_COLUMNS = 5;

/** One chunk of a large entry. */
export interface ChunkTask extends TaskFacts {
  readonly kind: 'chunk';
  readonly input: FileRange | MemoryRange;
  /** The chunk that finishes the deflate stream. */
  readonly isLast: boolean;
  /** 0 stores. */
  readonly level: number;
}

/** Read by the worker itself; what precedes `start` in the file is the dictionary. */
export interface FileRange extends WholeFile {
  readonly start: number;
  readonly end: number;
}

/** Already in memory: the dictionary, then the data. Moved. */
export interface MemoryRange {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly dictionaryLength: number;
}

export interface ChunkResult {
  /**
   * A byte-aligned piece of a deflate stream, or the data itself where deflate would not have shrunk it. Moved; the start
   * of an ArrayBuffer of its own.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isDeflated: boolean;
  readonly crc32: number;
  readonly uncompressedSize: number;
  /** Why there is no piece. */
  readonly failure: TaskFailure | undefined;
}

/** An error as data: structured clone would strip an Error of its class and its fields. */
export interface TaskFailure {
  /** Which entry of a batch; 0 for a chunk. */
  readonly index: number;
  readonly code: PzipErrorCode;
  readonly message: string;
  readonly path: string | undefined;
  /** The system's error underneath, such as EACCES; undefined where there is none. */
  readonly cause: { readonly code: string | undefined; readonly message: string } | undefined;
}
