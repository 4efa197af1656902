/** The selections of one archive: where each starts, and what they leave out. */
import type { SelectionCounts } from './run-options.js';

export class Selections {
  /** Absolute working directories. */
  readonly roots: string[] = [];
  readonly #counts: SelectionCounts[] = [];

  /** @returns what the selection counts in */
  add(root: string, onIgnored: SelectionCounts['onIgnored']): SelectionCounts {
    const counts: SelectionCounts = { ignored: 0, skipped: 0, onIgnored };
    this.#counts.push(counts);
    this.roots.push(root);
    return counts;
  }

  get ignoredCount(): number {
    return this.#counts.reduce((sum, { ignored }) => sum + ignored, 0);
  }

  get skippedCount(): number {
    return this.#counts.reduce((sum, { skipped }) => sum + skipped, 0);
  }
}
