/** MS-DOS date and time (APPNOTE 4.4.6): no zone, steps of two seconds, 1980 to 2107. */

export interface DosDateTime {
  readonly date: number;
  readonly time: number;
}

/**
 * `local` is what the format specifies and readers without the extended timestamp show; `utc` is the same on every machine.
 */
export type DosTimeZone = 'local' | 'utc';

/** The date of entries without one: the earliest in the format, so that the same calls give the same bytes. */
export const DEFAULT_LAST_MODIFIED = Date.UTC(1980, 0, 1);

const FIRST_YEAR = 1980;
const LAST_YEAR = 2107;
const MAX_DATE = 8.64e15; // the milliseconds a Date can hold
const EARLIEST: DosDateTime = { date: packDate(FIRST_YEAR, 1, 1), time: packTime(0, 0, 0) };
const LATEST: DosDateTime = { date: packDate(LAST_YEAR, 12, 31), time: packTime(23, 59, 58) };

// Many files have the same date (a checkout, an unpacked package, `--reproducible`), so the last result is cached.
let lastMilliseconds = Number.NaN;
let lastZone: DosTimeZone = 'utc';
let lastDateTime = EARLIEST;

/**
 * @param milliseconds Since 1970 UTC. Odd seconds and fractions are rounded down; dates outside the range of MS-DOS are clamped.
 * @throws RangeError for NaN.
 */
export function toDosDateTime(milliseconds: number, zone: DosTimeZone): DosDateTime {
  if (milliseconds === lastMilliseconds && zone === lastZone) return lastDateTime;
  lastDateTime = convert(milliseconds, zone);
  lastMilliseconds = milliseconds;
  lastZone = zone;
  return lastDateTime;
}

/**
 * Milliseconds since 1970 UTC of an MS-DOS date in local time. Out-of-range values such as month 0 or second 62 overflow, as in
 * `new Date(1980, -1, 0)`: every combination of values is a date.
 */
export function fromDosDateTime({ date, time }: DosDateTime): number {
  return new Date(
    FIRST_YEAR + (date >>> 9),
    ((date >>> 5) & 0xf) - 1,
    date & 0x1f,
    time >>> 11,
    (time >>> 5) & 0x3f,
    (time & 0x1f) * 2,
  ).getTime();
}

function convert(milliseconds: number, zone: DosTimeZone): DosDateTime {
  if (Number.isNaN(milliseconds)) throw new RangeError('An invalid date has no MS-DOS form');
  const date = new Date(Math.max(-MAX_DATE, Math.min(milliseconds, MAX_DATE)));
  return zone === 'utc' ? inUtc(date) : inLocalTime(date);
}

function inUtc(date: Date): DosDateTime {
  const year = date.getUTCFullYear();
  if (year < FIRST_YEAR) return EARLIEST;
  if (year > LAST_YEAR) return LATEST;
  return {
    date: packDate(year, date.getUTCMonth() + 1, date.getUTCDate()),
    time: packTime(date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()),
  };
}

function inLocalTime(date: Date): DosDateTime {
  const year = date.getFullYear();
  if (year < FIRST_YEAR) return EARLIEST;
  if (year > LAST_YEAR) return LATEST;
  return {
    date: packDate(year, date.getMonth() + 1, date.getDate()),
    time: packTime(date.getHours(), date.getMinutes(), date.getSeconds()),
  };
}

function packDate(year: number, month: number, day: number): number {
  return ((year - FIRST_YEAR) << 9) | (month << 5) | day;
}

function packTime(hours: number, minutes: number, seconds: number): number {
  return (hours << 11) | (minutes << 5) | (seconds >>> 1);
}
