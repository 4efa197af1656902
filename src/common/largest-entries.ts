/** The ten largest of many entries. */
import type { SizedEntry } from './errors.js';

const MOST = 10;

export class LargestEntries {
  /** The largest first; equal ones in the order in which they came. */
  readonly #entries: { name: string; size: number }[] = [];

  get list(): readonly SizedEntry[] {
    return this.#entries.map((entry) => ({ ...entry }));
  }

  add(name: string, size: number): void {
    const entries = this.#entries;
    const smallest = entries.length < MOST ? -1 : (entries[MOST - 1]?.size ?? 0);
    if (size <= smallest || size === 0) return;
    const position = entries.findIndex((entry) => entry.size < size);
    entries.splice(position === -1 ? entries.length : position, 0, { name, size });
    if (entries.length > MOST) entries.pop();
  }

  /** Replaces the size of an entry that arrives in pieces. */
  grow(name: string, size: number): void {
    const position = this.#entries.findIndex((entry) => entry.name === name);
    if (position !== -1) this.#entries.splice(position, 1);
    this.add(name, size);
  }
}
