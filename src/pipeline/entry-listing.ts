/** The entries that a run has written, for its result, its limits and the caller's listener. */
import type { WrittenEntry } from '../common/entry.js';
import type { RunOptions } from './run-options.js';
import type { SizeLimits } from './size-limits.js';

export class EntryListing {
  /** Empty unless they are asked for. */
  readonly entries: WrittenEntry[] = [];
  /** Undefined where nothing listens. */
  readonly listener: ((entry: WrittenEntry) => void) | undefined;

  constructor({ listEntries, onEntry }: Pick<RunOptions, 'listEntries' | 'onEntry'>, limits: SizeLimits | undefined) {
    if (!listEntries && limits === undefined) {
      this.listener = onEntry;
      return;
    }
    this.listener = (entry) => {
      if (listEntries) this.entries.push(entry);
      limits?.written(entry);
      onEntry?.(entry);
    };
  }
}
