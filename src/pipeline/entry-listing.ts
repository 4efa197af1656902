/** The entries that a run has written, for its result and for the caller's listener. */
import type { WrittenEntry } from '../common/entry.js';

export class EntryListing {
  /** Empty unless they are asked for. */
  readonly entries: WrittenEntry[] = [];
  /** Undefined where nothing listens. */
  readonly listener: ((entry: WrittenEntry) => void) | undefined;

  constructor(isListed: boolean, onEntry: ((entry: WrittenEntry) => void) | undefined) {
    if (!isListed) {
      this.listener = onEntry;
      return;
    }
    this.listener = (entry) => {
      this.entries.push(entry);
      onEntry?.(entry);
    };
  }
}
