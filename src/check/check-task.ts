/** What crosses the thread boundary while an archive is checked, and nothing else. */
import { MAX_WHOLE_LENGTH } from '../reader/limits.js';
import type { EntryExtent, ParsedCentralDirectoryHeader } from '../zip/parse-records.js';
import type { EntryFinding } from './findings.js';

/** Some entries, to be compared with what the directory says. */
export interface CheckTask {
  readonly source: CheckSource;
  /** Their headers of the central directory, back to back. Copied. */
  readonly directory: Uint8Array<ArrayBuffer>;
  /** For each entry, bytes from the start of the file to its local header, and to the next record of whatever entry. */
  readonly positions: Float64Array<ArrayBuffer>;
  readonly limits: Float64Array<ArrayBuffer>;
}

/** A file, by its absolute path, or the bytes of an archive in memory from `start` on. */
export type CheckSource =
  | { readonly path: string }
  | { readonly bytes: Uint8Array<ArrayBuffer>; readonly start: number };

export interface CheckedEntry {
  /** Of the entry in the task. */
  readonly index: number;
  readonly entryName: string;
  readonly findings: readonly EntryFinding[];
}

export type CheckResult =
  /** The entries that something is wrong with. */
  | { readonly entries: readonly CheckedEntry[] }
  /** The file cannot be read any more: the system's code, or '' where the file became shorter. */
  | { readonly failure: string };

/** An entry as a thread works with it. */
export interface EntryToCheck extends EntryExtent {
  readonly central: ParsedCentralDirectoryHeader;
  /** Of the local header, and of the record behind the entry. */
  readonly position: number;
  readonly limit: number;
}

/** Whether an entry is a task by itself, and is read and inflated in pieces. */
export function isLarge({ compressedSize, uncompressedSize }: EntryExtent): boolean {
  return Math.max(compressedSize, uncompressedSize) > MAX_WHOLE_LENGTH;
}
