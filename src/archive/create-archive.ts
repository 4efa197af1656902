/** Creates an archive of selected files, or a part of it, in a single call. */
import { resolve } from 'node:path';
import type { WrittenEntry } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import type { SizeChanges } from '../common/size-changes.js';
import type { PzipWarning } from '../common/warnings.js';
import { entryCost } from '../compress/thread-tasks.js';
import type { ArchiveOutput } from '../output/open-sink.js';
import type { ArchiveResult } from '../pipeline/run-options.js';
import { estimateWork } from '../select/estimate-work.js';
import { createSelection, selectFor } from './add-selection.js';
import { selectWithArchives } from './from-archives.js';
import type { CreateArchiveOptions, Inputs } from './options.js';
import { type CreateOptions, resolveCreateOptions, resolveInputs } from './resolve-options.js';
import { checkOutput } from './resolve-output.js';
import { selectedPart } from './selected-part.js';
import { startRun } from './start-run.js';

/**
 * Creates an archive of files, directories and matches of patterns.
 *
 * @param output a path, which holds the old archive until the new one is complete, a stream or a Sink
 * @param inputs paths and patterns; `!pattern` excludes from all of them. An input that exists is taken literally. A directory
 * includes everything in it. Names in the archive are the given paths, relative to `cwd`; entries are sorted by the bytes of
 * their names.
 * @throws PzipError, or the signal's reason; nothing is left behind
 */
export async function createArchive(
  output: ArchiveOutput,
  inputs: Inputs,
  options: CreateArchiveOptions = {},
): Promise<ArchiveResult> {
  const target = checkOutput(output);
  const paths = resolveInputs(inputs, 'inputs');
  const resolved = resolveCreateOptions(options);
  if (resolved.plan !== undefined) {
    const { createPlannedPart } = await import('./planned-part.js');
    return createPlannedPart(target, paths, resolved, resolved.plan);
  }
  const selection = createSelection(paths, resolved, target);
  const { from, archive } = resolved;
  const part = await selectedPart(resolved);
  const notices: PzipWarning[] = [];
  const comparison = await openComparison(resolved, notices);
  const run = startRun(
    target,
    comparison === undefined ? archive : { ...archive, onEntry: comparison.onEntry },
    part && { comment: part.marker, isContinued: part.isContinued, needsFile: true },
    { inputs: paths, ...resolved.selection, shard: resolved.shard },
  );
  const selected =
    from.length === 0 ? selectFor(run, paths, selection) : selectWithArchives(run, from, paths, selection);
  const sources = part === undefined ? selected : part.select(selected);
  const cwd = resolve(selection.cwd ?? '.');
  run.expectWork((enough) => estimateWork(paths, cwd, enough, entryCost));
  void run.add(() => {
    for (const notice of notices) run.warn(notice);
    return sources;
  });
  const result = await run.close();
  return comparison === undefined ? result : { ...result, sizeChanges: comparison.finish() };
}

interface Comparison {
  readonly onEntry: (entry: WrittenEntry) => void;
  readonly finish: () => SizeChanges;
}

/**
 * Reads the archive that `sizeOf` names before it may be replaced. The first archive of its name has no earlier one.
 *
 * @returns undefined if there is nothing to compare with
 */
async function openComparison(
  { archive, sizeOf }: CreateOptions,
  notices: PzipWarning[],
): Promise<Comparison | undefined> {
  if (sizeOf === undefined) return undefined;
  const { SizeComparison } = await import('./compare-sizes.js');
  try {
    const comparison = await SizeComparison.open(sizeOf);
    return {
      onEntry: (entry) => {
        comparison.onEntry(entry);
        archive.onEntry?.(entry);
      },
      finish: () => comparison.finish(),
    };
  } catch (error) {
    if (!(error instanceof PzipError && error.code === 'PZIP_SOURCE_MISSING')) throw error;
    const message = `Sizes are not compared: there is no ${quote(sizeOf)}`;
    notices.push({ code: 'PZIP_NOT_COMPARED', severity: 'notice', message, path: sizeOf });
    return undefined;
  }
}
