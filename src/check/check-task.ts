/** The messages between threads that check an archive. */
import { MAX_WHOLE_LENGTH } from '../reader/limits.js';
import type { EntryExtent, ParsedCentralDirectoryHeader } from '../zip/parse-records.js';
import type { EntryFinding } from './findings.js';

/** Entries to compare with the directory. */
export interface CheckTask {
  readonly source: CheckSource;
  /** Copies of their central directory headers, concatenated. */
  readonly directory: Uint8Array<ArrayBuffer>;
  /** For each entry, the positions in the file of its local header and of the next record. */
  readonly positions: Float64Array<ArrayBuffer>;
  readonly limits: Float64Array<ArrayBuffer>;
  readonly stop: StopFlag;
}

/** One number, shared by all threads: not 0 as soon as results are no longer wanted, so that a large entry is left at once. */
export type StopFlag = Int32Array<SharedArrayBuffer>;

/** A file, by its absolute path, or the bytes of an archive in memory from `start` on. */
export type CheckSource =
  | { readonly path: string }
  | { readonly bytes: Uint8Array<ArrayBuffer>; readonly start: number };

export interface CheckedEntry {
  /** Index of the entry in the task. */
  readonly index: number;
  readonly entryName: string;
  readonly findings: readonly EntryFinding[];
}

export type CheckResult =
  /** The entries with findings. */
  | { readonly entries: readonly CheckedEntry[] }
  /** The file cannot be read: the system's error code, or '' if it was truncated. */
  | { readonly failure: string };

/** An entry as checked by a thread. */
export interface EntryToCheck extends EntryExtent {
  readonly central: ParsedCentralDirectoryHeader;
  /** Positions of the local header, and of the record after the entry. */
  readonly position: number;
  readonly limit: number;
}

/** Whether an entry gets a task of its own and is streamed. */
export function isLarge({ compressedSize, uncompressedSize }: EntryExtent): boolean {
  return Math.max(compressedSize, uncompressedSize) > MAX_WHOLE_LENGTH;
}
