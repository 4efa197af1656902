/** The whole road in one call: what the inputs select goes into an archive, or into a list of what would. */
import { resolve } from 'node:path';
import { throwIfAborted } from '../common/abort-signal.js';
import { contentSize, type Source } from '../common/entry.js';
import { isOptionsObject, refuse } from '../common/option-rules.js';
import { passWarning } from '../common/warnings.js';
import { entryCost } from '../compress/thread-tasks.js';
import { type ArchiveOutput, findReplaced } from '../output/open-sink.js';
import type { ArchiveResult } from '../pipeline/run-options.js';
import { glanceAt } from '../select/glance.js';
import { selectSources } from '../select/select.js';
import type { SelectionCounts, SelectOptions } from '../select/select-options.js';
import { recordSource } from '../sources/entry-sources.js';
import { selectFor, selectionOf } from './add-selection.js';
import type { CreateArchiveOptions, Inputs } from './options.js';
import { type CreateOptions, resolveCreateOptions, resolveInputs } from './resolve-options.js';
import { checkOutput } from './resolve-output.js';
import { startRun } from './start-run.js';

/**
 * Makes an archive of files, directories and what patterns match.
 *
 * @param output a path, which holds the old archive until the new one is complete, or a stream
 * @param inputs paths and patterns, `!pattern` taking away from all of them; what exists is taken literally. A
 * directory stands for all that is in it. Names in the archive are as given, relative to `cwd`; entries are sorted by the
 * bytes of their names.
 * @throws PzipError, or the signal's reason; nothing is left behind then
 */
export async function createArchive(
  output: ArchiveOutput,
  inputs: Inputs,
  options: CreateArchiveOptions = {},
): Promise<ArchiveResult> {
  const target = checkOutput(output);
  const paths = resolveInputs(inputs, 'inputs');
  const resolved = resolveCreateOptions(options);
  const selection = toSelectOptions(paths, resolved);
  const run = startRun(target, resolved.archive);
  const sources = selectFor(run, paths, selection);
  const cwd = resolve(selection.cwd ?? '.');
  run.expectWork((enough) => glanceAt(paths, cwd, enough, entryCost));
  void run.add(() => sources);
  return run.close();
}

/** An entry that an archive would get. */
export interface PreviewedEntry {
  /** In the archive; a directory's ends in `/`. */
  readonly name: string;
  readonly kind: Source['kind'];
  /** Bytes of content; undefined for what tells its length only by ending. */
  readonly size: number | undefined;
  /** Where it was found, absolute; undefined for what comes from nowhere on disk. */
  readonly path: string | undefined;
  /** Permission bits as they would be written. */
  readonly mode: number;
  /** @default the archive's */
  readonly level: number | undefined;
}

/**
 * What createArchive() would put into an archive with the same arguments, in the same order, as far as it shows without
 * opening a file. Nothing is written. Warnings come as they would.
 *
 * @param counts receives what was ignored and skipped
 * @throws PzipError as createArchive() does for what cannot be selected
 */
export async function* previewArchive(
  output: ArchiveOutput,
  inputs: Inputs,
  options: CreateArchiveOptions = {},
  counts: SelectionCounts = { ignored: 0, skipped: 0 },
): AsyncGenerator<PreviewedEntry[], void, undefined> {
  const paths = resolveInputs(inputs, 'inputs');
  const resolved = resolveCreateOptions(options);
  if (!isOptionsObject(counts)) refuse('counts', 'an object that receives the counts', counts);
  const { signal } = resolved.archive;
  const sources = selectSources(paths, {
    ...toSelectOptions(paths, resolved),
    counts,
    isOwnOutput: findReplaced(checkOutput(output)),
    onWarning: (warning) => passWarning(warning, resolved.archive),
    checkpoint: () => throwIfAborted(signal),
  });
  throwIfAborted(signal);
  for await (const batch of sources) {
    yield batch.map(toPreview);
    throwIfAborted(signal);
  }
}

function toSelectOptions(
  paths: readonly string[],
  { archive, selection, entries, entriesAsInputs }: CreateOptions,
): SelectOptions {
  return {
    ...selectionOf(paths, selection, archive),
    additional: entries.map(recordSource),
    additionalAsInputs: entriesAsInputs,
  };
}

function toPreview(source: Source): PreviewedEntry {
  const { name, kind, mode, path } = source;
  const level = 'level' in source ? source.level : undefined;
  return { name, kind, size: contentSize(source), path, mode: mode & 0o7777, level };
}
