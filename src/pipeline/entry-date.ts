/** The date in an entry's headers. Needed to predict an archive's size too, because not every date has a timestamp. */
import type { Source } from '../common/entry.js';

export interface DateOptions {
  /** Replaces every source's date, in milliseconds since 1970 UTC; undefined keeps them. */
  readonly fixedDate?: number | undefined;
  /** Upper bound of a source's date, in milliseconds since 1970 UTC. */
  readonly latestDate?: number | undefined;
}

/** Milliseconds since 1970 UTC. */
export function entryDate(
  source: Pick<Source, 'givenMtimeMs' | 'mtimeMs' | 'isTimeRoundedUp'>,
  options: DateOptions,
): number {
  const { fixedDate, latestDate = Number.POSITIVE_INFINITY } = options;
  const modified = source.isTimeRoundedUp === true ? source.mtimeMs - 1 : source.mtimeMs;
  return source.givenMtimeMs ?? fixedDate ?? Math.min(modified, latestDate);
}
