/** Lists the entries of an archive without creating it. */
import { throwIfAborted } from '../common/abort-signal.js';
import { contentSize, type Source } from '../common/entry.js';
import { PzipError } from '../common/errors.js';
import { passWarning } from '../common/warnings.js';
import { type ArchiveOutput, findReplaced } from '../output/open-sink.js';
import { SizeLimits } from '../pipeline/size-limits.js';
import { selectSources } from '../select/select.js';
import type { SelectionCounts } from '../select/select-options.js';
import { createSelection } from './add-selection.js';
import type { CreateArchiveOptions, Inputs } from './options.js';
import { type CreateOptions, resolveInputs, resolvePreviewOptions } from './resolve-options.js';
import { checkOutput } from './resolve-output.js';
import { selectedPart } from './selected-part.js';

export interface PreviewOptions extends CreateArchiveOptions {
  /** The archive that will be written, which is excluded from itself. @default none */
  output?: ArchiveOutput | undefined;
}

/** An entry of the future archive. */
export interface PreviewedEntry {
  /** Name in the archive; that of a directory ends in `/`. */
  readonly name: string;
  readonly kind: Source['kind'];
  /** Bytes of content; undefined for a stream of unknown length. */
  readonly size: number | undefined;
  /** Absolute path of the file; undefined for an entry that is not on disk. */
  readonly path: string | undefined;
  /** Permission bits as they would be written. */
  readonly mode: number;
  /** @default the archive's */
  readonly level: number | undefined;
}

/** The entries, in the order of the archive. */
export interface Preview extends AsyncIterable<PreviewedEntry> {
  /** Number of files and directories excluded by patterns so far. */
  readonly ignoredCount: number;
  /** Number of files skipped so far because they cannot be archived. */
  readonly skippedCount: number;
}

/**
 * Lists the entries that createArchive() would write for the same inputs and options, in the same order, with the same
 * warnings. No file is opened or written.
 *
 * @throws PzipError PZIP_USAGE at once; the iteration throws the errors of createArchive() about inputs
 */
export function preview(inputs: Inputs, options: PreviewOptions = {}): Preview {
  const paths = resolveInputs(inputs, 'inputs');
  const { output, ...resolved } = resolvePreviewOptions(options);
  if (resolved.plan !== undefined) throw new PzipError('PZIP_USAGE', 'A plan is a list itself: preview() takes inputs');
  const counts: SelectionCounts = { ignored: 0, skipped: 0 };
  const target = output === undefined ? undefined : checkOutput(output);
  const outputs = target === undefined ? [] : [target];
  const { sha256, manifest, json, jsonLines, html } = resolved.archive;
  for (const file of [sha256, manifest, json, jsonLines, html]) if (typeof file === 'string') outputs.push(file);
  const replaced = outputs.map(findReplaced);
  const isOwnOutput: IsOwnOutput = (stats, path) => replaced.some((isReplaced) => isReplaced(stats, path));
  return {
    get ignoredCount() {
      return counts.ignored;
    },
    get skippedCount() {
      return counts.skipped;
    },
    [Symbol.asyncIterator]: () => entriesOf(paths, resolved, counts, { target, isOwnOutput }),
  };
}

type IsOwnOutput = ReturnType<typeof findReplaced>;

async function* entriesOf(
  paths: readonly string[],
  resolved: CreateOptions,
  counts: SelectionCounts,
  { target, isOwnOutput }: { target: ArchiveOutput | undefined; isOwnOutput: IsOwnOutput },
): AsyncGenerator<PreviewedEntry, void, undefined> {
  const { archive } = resolved;
  const checkpoint = (): void => throwIfAborted(archive.signal);
  counts.ignored = 0;
  counts.skipped = 0;
  const part = await selectedPart(resolved);
  const selected = selectSources(paths, {
    ...createSelection(paths, resolved, target),
    counts,
    isOwnOutput,
    onWarning: (warning) => passWarning(warning, archive),
    checkpoint,
  });
  const sources = part === undefined ? selected : part.select(selected);
  const { maxUnpacked } = archive;
  const limits = SizeLimits.of({ maxUnpacked }, (error) => {
    throw error;
  });
  checkpoint();
  for await (const batch of sources) {
    for (const source of batch) {
      limits?.found(source.name, contentSize(source) ?? 0);
      yield toPreview(source);
    }
    checkpoint();
  }
  limits?.checkFound();
}

function toPreview(source: Source): PreviewedEntry {
  const { name, kind, mode, path } = source;
  const level = 'level' in source ? source.level : undefined;
  return { name, kind, size: contentSize(source), path, mode: mode & 0o7777, level };
}
