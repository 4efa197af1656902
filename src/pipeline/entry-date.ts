/** The date that an entry's headers will have. Predicting an archive's size takes it too: not every date has a timestamp. */
import type { Source } from '../common/entry.js';

export interface DateOptions {
  /** Milliseconds since 1970 UTC, in place of a source's own date; undefined leaves it. */
  readonly fixedDate?: number | undefined;
  /** Milliseconds since 1970 UTC: no source's own date is later. */
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
