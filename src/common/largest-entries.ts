/** The ten largest of many entries. */
import type { SizedEntry } from './errors.js';

const MOST = 10;

/** By `size`, whichever size that is. */
export class LargestEntries<Entry extends SizedEntry = SizedEntry> {
  /** The largest first; equal ones in the order in which they came. */
  readonly #entries: Entry[] = [];

  get list(): readonly Entry[] {
    return this.#entries.map((entry) => ({ ...entry }));
  }

  add(entry: Entry): void {
    const { size } = entry;
    const entries = this.#entries;
    const smallest = entries.length < MOST ? -1 : (entries[MOST - 1]?.size ?? 0);
    if (size <= smallest || size === 0) return;
    const position = entries.findIndex((other) => other.size < size);
    entries.splice(position === -1 ? entries.length : position, 0, entry);
    if (entries.length > MOST) entries.pop();
  }

  /** Replaces the size of an entry that arrives in pieces. */
  grow(entry: Entry): void {
    const position = this.#entries.findIndex(({ name }) => name === entry.name);
    if (position !== -1) this.#entries.splice(position, 1);
    this.add(entry);
  }
}
