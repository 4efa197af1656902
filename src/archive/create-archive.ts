/** Creates an archive of selected files, or a part of it, in a single call. */
import { resolve } from 'node:path';
import { entryCost } from '../compress/thread-tasks.js';
import type { ArchiveOutput } from '../output/open-sink.js';
import type { ArchiveResult } from '../pipeline/run-options.js';
import { estimateWork } from '../select/estimate-work.js';
import { createSelection, selectFor } from './add-selection.js';
import { selectWithArchives } from './from-archives.js';
import type { CreateArchiveOptions, Inputs } from './options.js';
import { resolveCreateOptions, resolveInputs } from './resolve-options.js';
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
  const run = startRun(
    target,
    archive,
    part && { comment: part.marker, isContinued: part.isContinued, needsFile: true },
  );
  const selected =
    from.length === 0 ? selectFor(run, paths, selection) : selectWithArchives(run, from, paths, selection);
  const sources = part === undefined ? selected : part.select(selected);
  const cwd = resolve(selection.cwd ?? '.');
  run.expectWork((enough) => estimateWork(paths, cwd, enough, entryCost));
  void run.add(() => sources);
  return run.close();
}
