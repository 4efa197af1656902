/**
 * What goes in, under which name, in which order.
 *
 * Each directory among the inputs is a stream of entries that comes sorted out of its walk; the files and links that were
 * named are one more sorted stream, and what patterns matched another, held as paths and stat'ed in their turn. The streams
 * are merged by name, so that the whole selection comes out in the archive's order while it is still being found, and what
 * collides (one name from two sources, a file where a directory must be) comes out side by side and is caught without a set
 * of all names.
 */
import { resolve } from 'node:path';
import type { Source } from '../entry.js';
import { PzipError } from '../errors.js';
import { distinctSources } from './distinct.js';
import { findEntry } from './found-entry.js';
import { type NamedPath, resolveInputs } from './inputs.js';
import { mergeStreams, type SortedStream } from './merge.js';
import { entryMode } from './modes.js';
import { quote } from './names.js';
import type { SelectContext } from './select-context.js';
import type { SelectOptions } from './select-options.js';
import { walkDirectory } from './walk.js';

/**
 * Finds what the inputs name and yields it a few entries at a time in the order of the names' UTF-8 bytes.
 *
 * @param inputs files, directories (with all that is in them), fast-glob patterns and `!patterns`; what exists is taken
 * literally
 * @throws PzipError on the first step for an input that is missing or a pattern without a match, later for what cannot be
 * read or has no place in an archive
 */
export function* selectSources(inputs: readonly string[], options: SelectOptions = {}): Generator<Source[]> {
  const context = resolveOptions(options);
  const { directories, sources, matches } = resolveInputs(inputs, context);
  const streams: SortedStream[] = directories.map(({ path, name }) => ({
    head: name,
    batches: walkDirectory(path, name, context),
  }));
  if (sources.length > 0) streams.push({ head: '', batches: [sources].values() });
  if (matches.length > 0) streams.push({ head: '', batches: statMatches(matches, context) });

  let isEmpty = true;
  for (const batch of distinctSources(mergeStreams(streams))) {
    isEmpty = false;
    yield batch;
  }
  if (isEmpty) {
    const message = `Nothing to archive: ${inputs.map(quote).join(', ') || 'no input'} came out empty`;
    throw new PzipError('PZIP_NOTHING_MATCHED', message, { path: inputs[0] });
  }
}

/** Every question the options leave open is answered here. */
function resolveOptions(options: SelectOptions): SelectContext {
  const platform = options.platform ?? process.platform;
  const excludePaths = options.excludePaths ?? new Set<string>();
  const isOwnOutput = options.isOwnOutput ?? (() => false);
  const warn = options.onWarning ?? (() => {});
  return {
    platform,
    separator: platform === 'win32' ? '\\' : '/',
    cwd: resolve(options.cwd ?? '.'),
    directoryEntries: options.directoryEntries ?? true,
    entryMode: (mode) => entryMode(mode, platform),
    isOwnOutput: (path, stats) => excludePaths.has(path) || isOwnOutput(stats),
    warn,
    problem: (error) => {
      if (options.skipUnreadable !== true) throw error;
      const path = error.path ?? '';
      warn({ code: 'PZIP_SOURCE_SKIPPED', severity: 'warning', message: `Skipped: ${error.message}`, path });
      return undefined;
    },
  };
}

/** Entries per batch, as of a walk. */
const BATCH_LENGTH = 256;

function* statMatches(matches: readonly NamedPath[], context: SelectContext): Generator<Source[]> {
  for (let start = 0; start < matches.length; start += BATCH_LENGTH) {
    const batch: Source[] = [];
    for (const { path, name } of matches.slice(start, start + BATCH_LENGTH)) {
      const source = findEntry(path, name, context);
      if (source !== undefined) batch.push(source);
    }
    yield batch;
  }
}
