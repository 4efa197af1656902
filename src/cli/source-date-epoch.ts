/** SOURCE_DATE_EPOCH, as reproducible-builds.org specifies it: the one date that a build may mention. */
import type { CreateArchiveOptions } from '../index.js';
import { UsageError } from './usage-error.js';

/**
 * With --reproducible it is the date of everything; without, no date is later.
 *
 * @throws UsageError for a value that is not a number of seconds, which the specification wants to end the build
 */
export function datesFromEnvironment(
  isReproducible: boolean,
): Pick<CreateArchiveOptions, 'lastModified' | 'latestModified'> {
  const value = process.env.SOURCE_DATE_EPOCH;
  if (value === undefined || value === '') return {};
  const date = new Date(/^\d+$/.test(value) ? Number(value) * 1000 : Number.NaN);
  if (Number.isNaN(date.getTime())) {
    throw new UsageError(
      `SOURCE_DATE_EPOCH is seconds since 1970 as a whole number, not '${value}': set it right or unset it`,
    );
  }
  return isReproducible ? { lastModified: date } : { latestModified: date };
}
