/** The entries of a caller's iterable, one at a time, for ZipArchive.addEntries(). */
import type { Source } from '../common/entry.js';
import { PzipError } from '../common/errors.js';
import { show } from '../common/option-rules.js';
import type { Sources } from '../pipeline/feeder.js';
import type { ArchiveEntry } from './options.js';

/** The entries of an iterable as sources: of a synchronous one at once, of another one as they come. */
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

/** The producer may wait for something that never comes, and there is an error already: do not wait for its answer. */
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
