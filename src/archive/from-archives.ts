/** Archives whose entries go into a new one: opened for a run, closed at its end. */
import type { CopiedSource } from '../common/entry.js';
import { sortByName } from '../common/name-order.js';
import type { ArchiveRun } from '../pipeline/archive-run.js';
import type { Selected } from '../pipeline/feeder.js';
import type { SelectOptions } from '../select/select-options.js';
import { selectFor } from './add-selection.js';

/** Entries of an archive between two turns of the event loop, and two looks at whether the run has failed. */
const ENTRIES_PER_TURN = 4096;

/**
 * Selects from archives together with what `paths` select. Some 500 bytes an entry are held, since entries are sorted.
 *
 * @param archives in the order that decides between entries of one name
 */
export async function* selectWithArchives(
  run: ArchiveRun,
  archives: readonly (string | Uint8Array)[],
  paths: readonly string[],
  selection: SelectOptions,
): Selected {
  const archived: CopiedSource[] = [];
  // Loaded here: most archives are made of files only.
  const { EntriesToCopy } = await import('../reader/copied-archive.js');
  for (const [rank, input] of archives.entries()) {
    const archive = await EntriesToCopy.open(input, rank);
    run.copyFrom(archive);
    for await (const source of archive.sources()) {
      archived.push(source);
      if (archived.length % ENTRIES_PER_TURN === 0) run.checkpoint();
    }
  }
  sortByName(archived);
  const archivePaths = archives.map((input) => (typeof input === 'string' ? input : 'the archive given as bytes'));
  yield* selectFor(run, paths, { ...selection, archived, archivePaths });
}
