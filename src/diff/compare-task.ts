/** What crosses the thread boundary while contents are compared, and nothing else. */
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
  /** The archives that the sides are, if they are. */
  readonly archives: { readonly a: ArchivePlace | undefined; readonly b: ArchivePlace | undefined };
  /** Central headers, back to back. */
  readonly headers: Uint8Array<ArrayBuffer>;
  readonly pairs: readonly { readonly a: TaskPlace; readonly b: TaskPlace }[];
  /** A CRC-32 that an archive's directory gives is compared in place of the entry's content. */
  readonly usesCrc: boolean;
}

/** Whether the contents are equal, or why that cannot be known; one for each pair. */
export type CompareVerdict = boolean | CompareFailure;

export interface CompareFailure {
  readonly code: PzipErrorCode;
  readonly message: string;
  readonly path: string | undefined;
  readonly entryName: string | undefined;
  readonly offset: number | undefined;
}
