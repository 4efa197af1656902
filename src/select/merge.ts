/**
 * Merges sorted streams into one and reads each as late as possible: an input's directory is opened after all entries that
 * sort before it have been yielded.
 */
import type { Source } from '../common/entry.js';
import { compareNames } from '../common/name-order.js';

export interface SortedStream {
  /** A lower bound of the stream's names. */
  readonly head: string;
  /** Sources in order, within and across batches. */
  readonly batches: Iterator<Source[]>;
}

interface Cursor {
  head: string;
  readonly batches: Iterator<Source[]>;
  batch: readonly Source[];
  next: number;
}

/** Among equal names, the earlier stream's comes first, unless a later stream has already started. */
export function* mergeStreams(streams: readonly SortedStream[]): Generator<Source[]> {
  // In reverse order, so that the next one can be popped.
  const waiting: Cursor[] = streams
    .map(({ head, batches }) => ({ head, batches, batch: [], next: 0 }))
    .reverse()
    .sort((a, b) => compareNames(b.head, a.head));
  try {
    yield* mergeWaiting(waiting);
  } finally {
    // An abandoned walk would keep directories open.
    for (const { batches } of streams) batches.return?.();
  }
}

function* mergeWaiting(waiting: Cursor[]): Generator<Source[]> {
  for (let cursor = waiting.pop(); cursor !== undefined; cursor = waiting.pop()) {
    const limit = waiting.at(-1)?.head;
    while (yield* fill(cursor)) {
      const { batch, next } = cursor;
      const end = limit === undefined ? batch.length : firstAbove(batch, next, limit);
      if (end > next) yield batch.slice(next, end);
      cursor.next = end;
      const rest = batch[end];
      if (rest !== undefined) {
        cursor.head = rest.name;
        insert(waiting, cursor);
        break;
      }
    }
  }
}

/** Advances to the next source; returns whether there is one. Yields the empty batches before it. */
function* fill(cursor: Cursor): Generator<Source[], boolean> {
  while (cursor.next >= cursor.batch.length) {
    const step = cursor.batches.next();
    if (step.done === true) return false;
    cursor.batch = step.value;
    cursor.next = 0;
    if (step.value.length === 0) yield [];
  }
  return true;
}

/** The first index whose name sorts after the limit. */
function firstAbove(batch: readonly Source[], from: number, limit: string): number {
  let low = from;
  let high = batch.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const name = batch[middle]?.name ?? '';
    if (compareNames(name, limit) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

function insert(waiting: Cursor[], cursor: Cursor): void {
  let low = 0;
  let high = waiting.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const head = waiting[middle]?.head ?? '';
    if (compareNames(head, cursor.head) > 0) low = middle + 1;
    else high = middle;
  }
  waiting.splice(low, 0, cursor);
}
