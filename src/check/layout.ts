/**
 * The positions of entries, found before any is read: each entry is read no further than the record after it. Entries in the
 * order of the directory need no memory; others take 8 bytes each.
 */
import { ArchiveError } from '../reader/archive-error.js';
import { readDirectory } from '../reader/directory.js';
import type { EndOfArchive } from '../reader/end-records.js';
import type { RandomAccess } from '../reader/random-access.js';

export interface Layout {
  /** Position of the first local header in the file, or of the directory in an archive without entries. */
  readonly start: number;
  readonly isOrdered: boolean;
  /** False if the directory is damaged: an apparent gap between two entries may then be another entry. */
  readonly isWhole: boolean;
  /**
   * @param next position of the next entry in the directory, undefined for the last one
   * @returns where the next record begins; `position` itself if another entry begins there
   */
  limitOf(position: number, next: number | undefined): number;
}

/** @param checkpoint called regularly; throws to stop the check */
export async function findLayout(archive: RandomAccess, end: EndOfArchive, checkpoint: () => void): Promise<Layout> {
  const { directoryStart } = end;
  let count = 0;
  let last = -1;
  let start = directoryStart;
  let isOrdered = true;
  const isWhole = await eachPosition(archive, end, checkpoint, (position) => {
    if (position <= last) isOrdered = false;
    last = position;
    start = Math.min(start, position);
    count++;
  });
  if (isOrdered) {
    return { start, isOrdered, isWhole, limitOf: (_, next) => Math.min(next ?? directoryStart, directoryStart) };
  }
  // The directory has been read up to here: its length bounds the count.
  const positions = new Float64Array(count);
  let index = 0;
  await eachPosition(archive, end, checkpoint, (position) => {
    positions[index++] = position;
  });
  positions.sort();
  return {
    start,
    isOrdered,
    isWhole,
    limitOf: (position) => {
      const above = firstAbove(positions, position);
      if (above >= 2 && positions[above - 2] === position) return position;
      return Math.min(positions[above] ?? directoryStart, directoryStart);
    },
  };
}

/** @returns false if the directory is damaged; the second pass reports how */
async function eachPosition(
  archive: RandomAccess,
  end: EndOfArchive,
  checkpoint: () => void,
  take: (position: number) => void,
): Promise<boolean> {
  let count = 0;
  try {
    for await (const { localPosition } of readDirectory(archive, end)) {
      if (count++ % ENTRIES_BETWEEN === 0) checkpoint();
      take(localPosition);
    }
    return true;
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    // If only the count is wrong, all headers have been read.
    return error.kind === 'entry-count';
  }
}

const ENTRIES_BETWEEN = 1024;

/** The index of the first number above `value`, or the length. */
function firstAbove(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
