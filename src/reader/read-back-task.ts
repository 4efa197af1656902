/** What crosses the thread boundary while an archive is read back, and nothing else. */

/** Some entries that lie one after the other. */
export interface VerifyTask {
  /** Of the archive, absolute. */
  readonly path: string;
  /** Their headers of the central directory, back to back. Copied. */
  readonly directory: Uint8Array<ArrayBuffer>;
  /** Bytes from the start of the archive to the first one's local header, and to the end of the last one's data. */
  readonly start: number;
  readonly end: number;
}

/** The first entry that is not what the directory says; undefined where all are. */
export type VerifyResult = { readonly entryName: string; readonly fault: string } | undefined;
