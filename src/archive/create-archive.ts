/** The whole road in one call: what the inputs select goes into an archive, or into a list of what would. */
import { resolve } from 'node:path';
import { contentSize, type Source } from '../common/entry.js';
import { PzipError } from '../common/errors.js';
import { isOptionsObject, refuse } from '../common/option-rules.js';
import { passWarning } from '../common/warnings.js';
import { usableDirectory } from '../common/working-directory.js';
import { type ArchiveOutput, findReplaced } from '../output/open-sink.js';
import { glanceAt } from '../select/glance.js';
import { selectSources } from '../select/select.js';
import type { SelectionCounts, SelectOptions } from '../select/select-options.js';
import { recordSource } from '../sources/entry-sources.js';
import { throwIfAborted } from './abort-signal.js';
import type { ArchiveResult, CreateArchiveOptions, Inputs } from './options.js';
import { type CreateOptions, resolveCreateOptions, resolveInputs } from './resolve-options.js';
import { checkOutput } from './resolve-output.js';
import { ZipArchive } from './zip-archive.js';

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
  checkOutput(output);
  const paths = resolveInputs(inputs, 'inputs');
  const resolved = resolveCreateOptions(options);
  const archive = new ZipArchive(output, resolved.archive);
  const counts: SelectionCounts = { ignored: 0, skipped: 0 };
  const selection = toSelectOptions(paths, resolved);
  const sources = selectSources(paths, {
    ...selection,
    counts,
    isOwnOutput: (stats, path) => archive.isOutput(stats, path),
    checkpoint: () => archive.checkpoint(),
    onWarning: (warning) => archive.warn(warning),
  });
  const cwd = resolve(selection.cwd ?? '.');
  archive.expect((enough, weigh) => glanceAt(paths, cwd, enough, weigh));
  void archive.addSelection(sources, cwd);
  const result = await archive.close();
  return {
    ...result,
    entriesSkipped: result.entriesSkipped + counts.skipped,
    entriesIgnored: result.entriesIgnored + counts.ignored,
  };
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
  const { reproducible = false, skipUnreadable = false } = archive;
  const { ignoreFiles = [], filesFrom = [] } = selection;
  const usable = usableDirectory(selection.cwd, [...paths, ...ignoreFiles, ...filesFrom]);
  if ('problem' in usable) throw new PzipError('PZIP_USAGE', usable.problem);
  const { cwd } = usable;
  return {
    ...selection,
    ...(cwd === undefined ? {} : { cwd }),
    skipUnreadable,
    additional: entries.map(recordSource),
    additionalAsInputs: entriesAsInputs,
    modes: selection.modes ?? (reproducible ? 'normalize' : 'keep'),
  };
}

function toPreview(source: Source): PreviewedEntry {
  const { name, kind, mode, path } = source;
  const level = 'level' in source ? source.level : undefined;
  return { name, kind, size: contentSize(source), path, mode: mode & 0o7777, level };
}
