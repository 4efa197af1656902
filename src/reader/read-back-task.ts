/** The messages between threads that verify an archive. */

/** Consecutive entries to verify. */
export interface VerifyTask {
  /** Absolute path of the archive. */
  readonly path: string;
  /** Copies of their central directory headers, concatenated. */
  readonly directory: Uint8Array<ArrayBuffer>;
  /** Bytes from the start of the archive to the first one's local header, and to the end of the last one's data. */
  readonly start: number;
  readonly end: number;
}

/** The first entry that differs from the directory; undefined if none does. */
export type VerifyResult = { readonly entryName: string; readonly fault: string } | undefined;
