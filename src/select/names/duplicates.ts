/** Chooses one of several sources of one name, where that is no error. */
import type { Source } from '../../common/entry.js';
import type { DuplicatePolicy } from '../select-options.js';

/**
 * @param batches in order, so that equal names are neighbours
 * @returns the same without all but the first or the last of each name
 */
export function* chooseOneOfEach(batches: Iterable<Source[]>, policy: DuplicatePolicy): Generator<Source[]> {
  if (policy === 'error') {
    yield* batches;
    return;
  }
  let chosen: Source | undefined;
  for (const batch of batches) {
    const complete: Source[] = [];
    for (const source of batch) {
      if (chosen?.name === source.name) {
        const isReplaced = policy === 'last' ? rankOf(source) >= rankOf(chosen) : rankOf(source) < rankOf(chosen);
        if (isReplaced) chosen = source;
        continue;
      }
      if (chosen !== undefined) complete.push(chosen);
      chosen = source;
    }
    yield complete;
  }
  if (chosen !== undefined) yield [chosen];
}

/** Archives come first, in their order; of what has one rank, the one that comes out later is later. */
function rankOf({ copied }: Source): number {
  return copied?.archive.rank ?? Number.POSITIVE_INFINITY;
}
