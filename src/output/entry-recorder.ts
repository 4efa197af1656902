/** Gets the entries of an archive as they are written. */
export interface EntryRecorder {
  /**
   * @param headers central directory headers of entries that are complete, back to back; valid during the call
   * @param notes see zip/entry-notes.ts; undefined for entries of other archives, or if the run takes none
   * @param digests SHA-256 of each entry's content, DIGEST_LENGTH bytes each, if the run computes them
   */
  add(headers: Uint8Array, notes: Uint8Array | undefined, digests: Uint8Array | undefined): Promise<void> | undefined;
}
