/** SOURCE_DATE_EPOCH, as reproducible-builds.org specifies it: the one date that a build may mention. */
import type { CreateArchiveOptions } from '../index.js';
import { UsageError } from './usage-error.js';

export type Dates = Pick<CreateArchiveOptions, 'mtime' | 'latestMtime'>;

/** The first MS-DOS date. */
const FIRST_DATE = new Date(Date.UTC(1980, 0, 1));

/**
 * With --reproducible it is the date of everything; without, no date is later.
 *
 * @throws UsageError for a value that is not a number of seconds, which the specification wants to end the build
 */
export function datesOfArchive(isReproducible: boolean): Dates {
  const date = sourceDateEpoch();
  if (isReproducible) return { mtime: date ?? FIRST_DATE };
  return date === undefined ? {} : { latestMtime: date };
}

function sourceDateEpoch(): Date | undefined {
  const value = process.env.SOURCE_DATE_EPOCH;
  if (value === undefined || value === '') return undefined;
  const date = new Date(/^\d+$/.test(value) ? Number(value) * 1000 : Number.NaN);
  if (!Number.isNaN(date.getTime())) return date;
  const wanted = 'SOURCE_DATE_EPOCH is seconds since 1970 as a whole number';
  throw new UsageError(`${wanted}, not '${value}': set it right or unset it`);
}
