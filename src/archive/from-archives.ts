/** Input archives of a run: opened at its start, closed at its end. */
import type { CopiedSource } from '../common/entry.js';
import { sortByName } from '../common/name-order.js';
import type { ArchiveRun } from '../pipeline/archive-run.js';
import type { Selected } from '../pipeline/feeder.js';
import type { SelectOptions } from '../select/select-options.js';
import { selectFor } from './add-selection.js';

/** Entries processed between yields to the event loop and checks for an abort. */
const ENTRIES_PER_TURN = 4096;

/**
 * Selects from archives and from `paths`. Because entries are sorted, this takes about 500 bytes per entry.
 *
 * @param archives in the order that decides between entries with the same name
 */
export async function* selectWithArchives(
  run: ArchiveRun,
  archives: readonly (string | Uint8Array)[],
  paths: readonly string[],
  selection: SelectOptions,
): Selected {
  const archived: CopiedSource[] = [];
  // Loaded on demand: most archives contain only files.
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
