/** Entries of other archives among what is selected: by their names alone, since they are nowhere on disk. */

import type { CopiedSource, Source } from '../common/entry.js';
import { countIgnored } from './count-ignored.js';
import type { SelectContext } from './select-context.js';

/** Entries of a batch, as of a walk. */
const BATCH_LENGTH = 256;

/** @param sources in the archive's order */
export function* selectArchived(sources: readonly CopiedSource[], context: SelectContext): Generator<Source[]> {
  for (let start = 0; start < sources.length; start += BATCH_LENGTH) {
    yield sources.slice(start, start + BATCH_LENGTH).filter(({ name, kind }) => {
      if (kind === 'directory' && !context.directoryEntries) return false;
      if (!context.excludesName(name)) return true;
      countIgnored(context.counts, name);
      return false;
    });
  }
}
