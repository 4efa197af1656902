/** Adds selected files to a run, for createArchive(), addGlob() and preview(). */
import { resolve } from 'node:path';
import { PzipError } from '../common/errors.js';
import { activeTrace } from '../common/trace.js';
import { usableDirectory } from '../common/working-directory.js';
import type { ArchiveOutput } from '../output/open-sink.js';
import type { ArchiveRun } from '../pipeline/archive-run.js';
import type { Selected } from '../pipeline/feeder.js';
import { selectSources } from '../select/select.js';
import type { SelectOptions } from '../select/select-options.js';
import { recordSource } from '../sources/record-source.js';
import type { CreateOptions } from './resolve-options.js';

/** The archive options that a selection depends on. */
export interface SelectionDefaults {
  readonly reproducible?: boolean | undefined;
  readonly skipUnreadable?: boolean | undefined;
}

/**
 * @param selection resolved already
 * @throws PzipError PZIP_USAGE for an unusable working directory
 */
export function selectionOf(
  paths: readonly string[],
  selection: SelectOptions,
  { reproducible = false, skipUnreadable = false }: SelectionDefaults,
): SelectOptions {
  const { ignoreFiles = [], filesFrom = [] } = selection;
  const usable = usableDirectory(selection.cwd, [...paths, ...ignoreFiles, ...filesFrom]);
  if ('problem' in usable) throw new PzipError('PZIP_USAGE', usable.problem);
  const { cwd } = usable;
  return {
    ...selection,
    ...(cwd === undefined ? {} : { cwd }),
    skipUnreadable,
    modes: selection.modes ?? (reproducible ? 'normalize' : 'keep'),
  };
}

/** @param selection as selectionOf() gives it */
export function selectFor(run: ArchiveRun, paths: readonly string[], selection: SelectOptions): Selected {
  const trace = activeTrace();
  return selectSources(paths, {
    ...selection,
    counts: run.expectSelection(resolve(selection.cwd ?? '.')),
    isOwnOutput: (stats, path) => run.isOutput(stats, path) || trace?.isFile(stats) === true,
    onWarning: (warning) => run.warn(warning),
    checkpoint: () => run.checkpoint(),
  });
}

/**
 * The selection of createArchive() and preview().
 *
 * @param output of the archive; a path is looked at
 */
export function createSelection(
  paths: readonly string[],
  { archive, selection, entries, entriesAsInputs }: CreateOptions,
  output?: ArchiveOutput,
): SelectOptions {
  return {
    ...selectionOf(paths, selection, archive),
    outputPath: typeof output === 'string' ? resolve(output) : undefined,
    additional: entries.map(recordSource),
    additionalAsInputs: entriesAsInputs,
  };
}
