/** The messages between threads that compare contents. */
import type { PzipErrorCode } from '../common/errors.js';
import type { ArchivePlace, BytesPlace, FilePlace } from './facts.js';

/** An entry of an archive; its header is in `headers` of the task. */
export interface TaskEntryPlace {
  readonly kind: 'entry';
  readonly headerAt: number;
  readonly localPosition: number;
}

export interface TaskHashPlace {
  readonly kind: 'hash';
  readonly sha256: Uint8Array;
}

export type TaskPlace = TaskEntryPlace | TaskHashPlace | FilePlace | BytesPlace;

export interface CompareTask {
  /** The sides that are archives. */
  readonly archives: { readonly a: ArchivePlace | undefined; readonly b: ArchivePlace | undefined };
  /** Central directory headers, concatenated. */
  readonly headers: Uint8Array<ArrayBuffer>;
  readonly pairs: readonly { readonly a: TaskPlace; readonly b: TaskPlace }[];
  /** Compares the CRC-32 in an archive's directory instead of the entry's content. */
  readonly usesCrc: boolean;
}

/** For each pair, whether the contents are equal, or why they cannot be compared. */
export type CompareVerdict = boolean | CompareFailure;

export interface CompareFailure {
  readonly code: PzipErrorCode;
  readonly message: string;
  readonly path: string | undefined;
  readonly entryName: string | undefined;
  readonly offset: number | undefined;
}
