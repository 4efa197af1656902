/** The part of an archive that `shard` asks for. */
import { PzipError } from '../common/errors.js';
import { chooseEngine, engineIdentity } from '../deflate/create-engine.js';
import { EntryPlanner } from '../pipeline/entry-planner.js';
import type { PartOptions, SelectedPart } from '../shard/select-part.js';
import { internalsOf } from './pool-internals.js';
import type { CreateOptions, ResolvedArchiveOptions } from './resolve-options.js';
import { runOptions } from './start-run.js';

/**
 * Raised when the bytes of archives change for another reason than the engine: parts of different versions of pzip are refused
 * then. test/golden.test.ts notices such a change.
 */
const BYTES_VERSION = 1;

/** @returns undefined for the whole archive */
export async function selectedPart(
  { archive, shard }: CreateOptions,
  planned: Pick<PartOptions, 'expected' | 'find'> = {},
): Promise<SelectedPart | undefined> {
  if (shard === undefined) return undefined;
  const { reuse } = archive;
  if (reuse !== undefined) {
    const message = 'Option `reuse` cannot be combined with `shard`: what a part was made with is not recorded';
    throw new PzipError('PZIP_USAGE', message);
  }
  const { SelectedPart } = await import('../shard/select-part.js');
  return new SelectedPart({
    shard,
    comment: archive.comment ?? '',
    settings: partSettings(archive),
    planner: new EntryPlanner(runOptions(archive)),
    ...planned,
  });
}

/** What of the options decides bytes, besides what the entries show. */
export function partSettings({ pool, engine: asked }: ResolvedArchiveOptions): string {
  const engine = (pool && internalsOf(pool)?.engineChoice) ?? chooseEngine(asked);
  return `engine=${engineIdentity(engine.name)} bytes=${BYTES_VERSION}`;
}
