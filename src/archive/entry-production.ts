/** The entries of a caller's iterable, one at a time, for ZipArchive.addEntries(). */
import type { Source } from '../common/entry.js';
import { PzipError } from '../common/errors.js';
import { show } from '../common/option-rules.js';
import type { Sources } from '../pipeline/feeder.js';
import type { ArchiveEntry } from './options.js';

/** Converts an iterable's entries to sources: all at once if it is synchronous, otherwise as they arrive. */
export function production(
  entries: AsyncIterable<ArchiveEntry> | Iterable<ArchiveEntry>,
  toSource: (entry: ArchiveEntry) => Source,
): Sources {
  if (!(Symbol.asyncIterator in entries)) return mapEach(entries, (entry) => [toSource(entry)]);
  const iterator = entries[Symbol.asyncIterator]();
  return {
    next: async () => {
      const next = await iterator.next();
      return next.done === true ? undefined : toSource(next.value);
    },
    letGo: () => letGo(iterator),
  };
}

/** Does not await the producer, which may be waiting for something that never happens. */
function letGo(iterator: AsyncIterator<unknown>): void {
  try {
    Promise.resolve(iterator.return?.()).catch(() => {});
  } catch {
    // The same.
  }
}

/** @throws PzipError PZIP_USAGE */
export function checkIterable(entries: unknown): void {
  if (
    typeof entries === 'object' &&
    entries !== null &&
    (Symbol.asyncIterator in entries || Symbol.iterator in entries)
  ) {
    return;
  }
  throw new PzipError('PZIP_USAGE', `addEntries() takes an iterable of entries (got ${show(entries)})`);
}

function* mapEach<T, U>(iterable: Iterable<T>, map: (value: T) => U): Generator<U> {
  for (const value of iterable) yield map(value);
}
