/** Counts what a pattern leaves out, and says its name where that is asked for. */
import type { SelectionCounts } from './select-options.js';

/** @param name a directory's ends in `/`, and stands for all that is in it */
export function countIgnored(counts: SelectionCounts, name: string): void {
  counts.ignored++;
  counts.onIgnored?.(name);
}
