/** The layout of a batch's rows: one row of numbers for each entry, written by BatchBuilder and read by BatchReader. */
import type { BatchTask } from './tasks.js';

// The columns of a row
export const KIND = 0;
export const MODE = 1;
export const LAST_MOD_FILE_TIME = 2;
export const LAST_MOD_FILE_DATE = 3;
/** NaN for none. */
export const UNIX_TIME = 4;
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
export const LAST_MODIFIED = 13;
export const COLUMNS = 14;

export const KIND_FILE = 0;
export const KIND_BYTES = 1;
export const KIND_OTHER = 2;
/** A file that may be reached through a link. */
export const KIND_FOLLOWED_FILE = 3;

export function countEntries({ rows }: Pick<BatchTask, 'rows'>): number {
  return rows.length / COLUMNS;
}
