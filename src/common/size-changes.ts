/** How the entries of an archive differ in size from those of an earlier one. */

export interface SizeChanges {
  /** What is compared: uncompressed sizes if the earlier list is a manifest, which has no others. */
  readonly measure: 'compressed' | 'uncompressed';
  /** Bytes of all entries of the earlier archive, without headers. */
  readonly before: number;
  /** Bytes of all entries of the new archive, without headers. */
  readonly after: number;
  readonly grown: SizeTotal;
  readonly shrunk: SizeTotal;
  readonly added: SizeTotal;
  readonly removed: SizeTotal;
  /** The ten largest changes, the largest first. */
  readonly largest: readonly SizeChange[];
}

/** Entries of one kind of change. */
export interface SizeTotal {
  readonly count: number;
  /** Bytes that they add to the archive; negative if they take less. */
  readonly bytes: number;
}

export interface SizeChange {
  /** Name in the archive. */
  readonly name: string;
  /** Bytes; undefined if the earlier archive has no such entry. */
  readonly before: number | undefined;
  /** Bytes; undefined if the new archive has no such entry. */
  readonly after: number | undefined;
}
