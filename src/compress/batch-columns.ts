/** The layout of a batch's rows: one row of numbers for each entry, written by BatchBuilder and read by BatchReader. */
import { DESCRIPTION_COLUMNS } from '../zip/entry-facts.js';
import type { BatchTask } from './tasks.js';

// The columns of a row
/** Start of the facts for the headers, as writeDescription() packs them. */
export const DESCRIPTION = 0;
export const KIND = DESCRIPTION_COLUMNS;
export const LEVEL = KIND + 1;
/** Lengths in bytes of name, comment and content, which follow one another in `packed`. */
export const NAME_LENGTH = KIND + 2;
export const COMMENT_LENGTH = KIND + 3;
export const SIZE = KIND + 4;
export const MTIME = KIND + 5;
export const DEV = KIND + 6;
export const INO = KIND + 7;
export const CTIME = KIND + 8;
/** The date that the caller set; NaN for none. */
export const GIVEN_MTIME = KIND + 9;
export const COLUMNS = KIND + 10;

export const KIND_FILE = 0;
export const KIND_BYTES = 1;
export const KIND_OTHER = 2;
/** A file that may be reached through a link. */
export const KIND_FOLLOWED_FILE = 3;

export function countEntries({ rows }: Pick<BatchTask, 'rows'>): number {
  return rows.length / COLUMNS;
}
