/** The part of an archive that `shard` asks for. */
import { chooseEngine } from '../deflate/create-engine.js';
import { outputVersion } from '../deflate/output-version.js';
import { EntryPlanner } from '../pipeline/entry-planner.js';
import type { PartOptions, SelectedPart } from '../shard/select-part.js';
import { internalsOf } from './pool-internals.js';
import type { CreateOptions, ResolvedArchiveOptions } from './resolve-options.js';
import { runOptions } from './start-run.js';

/**
 * Raised when bytes of archives change that are not compressed data, which has its own version: parts of different versions of
 * pzip are rejected then. test/golden.test.ts notices such a change.
 */
const HEADERS_VERSION = 1;

/** @returns undefined for the whole archive */
export async function selectedPart(
  { archive, shard }: CreateOptions,
  planned: Pick<PartOptions, 'expected' | 'find'> = {},
): Promise<SelectedPart | undefined> {
  if (shard === undefined) return undefined;
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
  return `engine=${outputVersion(engine.name)}; headers=${HEADERS_VERSION}`;
}
