/** The layout of a batch's rows: one row of numbers for each entry, written by BatchBuilder and read by BatchReader. */
import type { EntryDates, EntryDescription } from '../zip/entry-facts.js';
import type { BatchTask } from './tasks.js';

// The columns of a row
export const KIND = 0;
const MODE = 1;
const LAST_MOD_FILE_TIME = 2;
const LAST_MOD_FILE_DATE = 3;
/** NaN for none. */
const UNIX_TIME = 4;
export const LEVEL = 5;
/** Lengths in bytes of name, comment and content, which follow one another in `packed`. */
export const NAME_LENGTH = 6;
export const COMMENT_LENGTH = 7;
export const SIZE = 8;
export const MTIME = 9;
export const DEV = 10;
export const INO = 11;
export const CTIME = 12;
/** The date that the caller set; NaN for none. */
export const GIVEN_MTIME = 13;
export const COLUMNS = 14;

export const KIND_FILE = 0;
export const KIND_BYTES = 1;
export const KIND_OTHER = 2;
/** A file that may be reached through a link. */
export const KIND_FOLLOWED_FILE = 3;

/** Writes the facts that headers take from a row. To add one, add a column, and read it in readDescription(). */
export function writeDescription(rows: Float64Array, row: number, mode: number, dates: EntryDates): void {
  rows[row + MODE] = mode;
  rows[row + LAST_MOD_FILE_TIME] = dates.lastModFileTime;
  rows[row + LAST_MOD_FILE_DATE] = dates.lastModFileDate;
  rows[row + UNIX_TIME] = dates.unixTime;
}

export function readDescription(rows: Float64Array, row: number, facts: EntryDescription): void {
  facts.mode = rows[row + MODE] ?? 0;
  facts.lastModFileTime = rows[row + LAST_MOD_FILE_TIME] ?? 0;
  facts.lastModFileDate = rows[row + LAST_MOD_FILE_DATE] ?? 0;
  facts.unixTime = rows[row + UNIX_TIME] ?? Number.NaN;
}

export function countEntries({ rows }: Pick<BatchTask, 'rows'>): number {
  return rows.length / COLUMNS;
}
