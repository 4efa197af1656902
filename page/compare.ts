/** What differs between two archives, by name, size and CRC-32. */
import type { Entries } from './read-entries.js';

export interface Difference {
  readonly name: string;
  readonly change: 'new' | 'gone' | 'larger' | 'smaller' | 'changed';
  /** Undefined if it is gone. */
  readonly entry: number | undefined;
  /** Compressed sizes. */
  readonly before: number;
  readonly after: number;
}

/** @returns the differences, by the bytes that they make, and how many entries have none */
export function compare(earlier: Entries, now: Entries): { differences: Difference[]; same: number } {
  const numbers = new Map(earlier.names.map((name, number) => [name, number]));
  const differences: Difference[] = [];
  let same = 0;
  for (const [entry, name] of now.names.entries()) {
    const old = numbers.get(name);
    const after = now.compressedSizes[entry] ?? 0;
    if (old === undefined) {
      differences.push({ name, change: 'new', entry, before: 0, after });
      continue;
    }
    numbers.delete(name);
    const before = earlier.compressedSizes[old] ?? 0;
    const isSame = earlier.crc32s[old] === now.crc32s[entry] && earlier.sizes[old] === now.sizes[entry];
    if (isSame && before === after) same++;
    else {
      const change = after > before ? 'larger' : after < before ? 'smaller' : 'changed';
      differences.push({ name, change, entry, before, after });
    }
  }
  for (const [name, old] of numbers) {
    const before = earlier.compressedSizes[old] ?? 0;
    differences.push({ name, change: 'gone', entry: undefined, before, after: 0 });
  }
  differences.sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
  return { differences, same };
}
