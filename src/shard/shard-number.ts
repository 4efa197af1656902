/** Which part of an archive a machine creates. */

/** Parts of one archive at most. */
export const MOST_SHARDS = 100_000;

export interface ShardNumber {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}
