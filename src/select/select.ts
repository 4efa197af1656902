/**
 * Selects files, their names and their order.
 *
 * Each directory among the inputs yields a stream of entries, which its walk sorts. Files and links that were given by name
 * are another sorted stream, and so are the matches of patterns, which are kept as paths and stat'ed late. The streams are
 * merged by name, so entries come out in the archive's order during the traversal. Conflicts (one name from two sources, a
 * file where a directory must be) become adjacent, and are detected without a set of all names.
 *
 * Only options that change the order need the whole selection in memory before the first entry: stripping, junking, renaming,
 * and `first`. That takes some 350 bytes per source (measured on 300,000).
 */

import { resolve } from 'node:path';
import type { Source } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { sortByName } from '../common/name-order.js';
import { selectArchived } from './archived-entries.js';
import { countIgnored } from './count-ignored.js';
import { existenceIn } from './existence.js';
import { findEntry } from './found-entry.js';
import { type Inputs, type NamedPath, resolveInputs, sortOutInputs } from './inputs.js';
import { locate } from './locate.js';
import { mergeStreams, type SortedStream } from './merge.js';
import { checkNames } from './names/checked-names.js';
import { distinctSources } from './names/distinct.js';
import { chooseOneOfEach } from './names/duplicates.js';
import { NamePattern } from './names/name-patterns.js';
import { type Naming, resolveNaming } from './names/naming.js';
import { watchPortability } from './names/portable-names.js';
import { reportPrivateNames } from './names/private-names.js';
import { requireNames } from './names/required-names.js';
import { reportOutsideLinks } from './outside-links.js';
import { resolveOptions, type SelectContext } from './select-context.js';
import type { LevelRule, SelectOptions } from './select-options.js';
import { walkDirectory } from './walk.js';

/**
 * Yields the selected entries in small batches, in the order of their names' UTF-8 bytes. The stages are lazy and synchronous.
 * After 20 ms without an entry they yield an empty batch, so that the event loop can run.
 *
 * @param inputs files, directories (with their contents), patterns, and `!patterns`, which exclude from all of them; an
 * existing path is taken literally
 * @throws PzipError on the first step for a missing input or a pattern without a match, later for a file that cannot be read
 * or archived
 */
export async function* selectSources(
  inputs: readonly string[],
  options: SelectOptions = {},
): AsyncGenerator<Source[], void, undefined> {
  const exists = existenceIn(resolve(options.cwd ?? '.'), options.platform ?? process.platform);
  const given = sortOutInputs(inputs, exists);
  const listed = options.filesFrom ?? [];
  const hasOutside = [given.paths, given.patterns, listed].some((paths) => paths.some(isOutside));
  const context = await resolveOptions(options, { negated: given.negated, hasOutside, exists });
  try {
    yield* selectFound(await resolveInputs(given, listed, context), inputs, options, context);
  } finally {
    context.paths.close();
  }
}

async function* selectFound(
  { directories, sources, matches }: Inputs,
  inputs: readonly string[],
  options: SelectOptions,
  context: SelectContext,
): AsyncGenerator<Source[], void, undefined> {
  const { archived = [] } = options;
  const streams: SortedStream[] = directories.map((directory) => ({
    head: directory.name,
    batches: walkDirectory(directory, context),
  }));
  if (sources.length > 0) streams.push({ head: '', batches: [sources].values() });
  if (matches.length > 0) streams.push({ head: '', batches: statMatches(matches, context) });
  if (archived.length > 0) streams.push({ head: '', batches: selectArchived(archived, context) });

  let isEmpty = true;
  for (const batch of arrange(mergeStreams(streams), inputs, options, context)) {
    if (batch.length > 0) {
      isEmpty = false;
      yield batch;
    }
    if (context.pace.isDue) await context.pace.turn();
  }
  if (isEmpty)
    reportEmpty([...(options.archivePaths ?? []), ...inputs, ...(options.filesFrom ?? [])], options, context);
}

/** Whether an input is absolute or begins with `../`, so that its entries' names do not begin like its path. */
function isOutside(input: string): boolean {
  return /^(?:[\\/]|\.\.|[A-Za-z]:)/.test(input);
}

/** Entries per batch, as of a walk. */
const BATCH_LENGTH = 256;

function* statMatches(matches: readonly NamedPath[], context: SelectContext): Generator<Source[]> {
  for (let start = 0; start < matches.length; start += BATCH_LENGTH) {
    const batch: Source[] = [];
    for (const { path, name } of matches.slice(start, start + BATCH_LENGTH)) {
      const location = locate(path, context);
      const source = location === undefined ? undefined : findEntry(path, name, context, location);
      if (source !== undefined) batch.push(source);
    }
    context.paths.check();
    yield batch;
  }
}

/** Adds the stages for names, order and levels that the options require. */
function arrange(
  found: Iterable<Source[]>,
  inputs: readonly string[],
  options: SelectOptions,
  context: SelectContext,
): Iterable<Source[]> {
  const naming = resolveNaming(options);
  let batches = found;
  if (naming !== undefined) {
    batches = renameSources(batches, naming);
    if (!naming.keepsOrder) batches = sortSources(batches);
  }
  const { first = [], required = [], levelFor = [], portableNames = 'warn', onDuplicate = 'error' } = options;
  const added = sortByName(additionalSources(options, naming, context));
  if (added.length > 0) {
    const streams = [batches, [added]].map((stream) => ({ head: '', batches: stream[Symbol.iterator]() }));
    batches = mergeStreams(streams);
  }
  batches = distinctSources(chooseOneOfEach(checkNames(batches, context), onDuplicate));
  batches = reportOutsideLinks(watchPortability(batches, portableNames, context), context);
  batches = reportPrivateNames(batches, inputs, options, context);
  if (required.length > 0) batches = requireNames(batches, required);
  if (levelFor.length > 0) batches = setLevels(batches, levelFor);
  return first.length > 0 ? putFirst(batches, first) : batches;
}

function additionalSources(options: SelectOptions, naming: Naming | undefined, context: SelectContext): Source[] {
  const { additional = [], additionalAsInputs = false } = options;
  if (!additionalAsInputs) return [...additional];
  return additional.flatMap((source) => {
    const isExcluded = context.excludesName(source.name);
    const name = naming === undefined ? source.name : naming.rename(source.name);
    if (!isExcluded && name !== undefined) return { ...source, name };
    if (isExcluded) countIgnored(context.counts, source.name);
    const reason = isExcluded ? 'an ignore pattern' : 'renaming: no name is left of it';
    const message = `${quote(source.name)} is left out by ${reason}`;
    context.warn({ code: 'PZIP_INPUT_IGNORED', severity: 'notice', message, path: source.name });
    return [];
  });
}

function* renameSources(batches: Iterable<Source[]>, naming: Naming): Generator<Source[]> {
  for (const batch of batches) {
    yield batch.flatMap((source) => {
      const name = naming.rename(source.name);
      return name === undefined ? [] : { ...source, name };
    });
  }
}

function* sortSources(batches: Iterable<Source[]>): Generator<Source[]> {
  const sources: Source[] = [];
  for (const batch of batches) {
    sources.push(...batch);
    yield [];
  }
  yield* inBatches(sortByName(sources));
}

function* setLevels(batches: Iterable<Source[]>, rules: readonly LevelRule[]): Generator<Source[]> {
  const patterns = rules.map(({ pattern, level }) => ({ pattern: new NamePattern(pattern), level }));
  for (const batch of batches) {
    yield batch.map((source) => {
      if (source.kind === 'directory' || source.kind === 'symlink' || source.kind === 'archived') return source;
      const level = patterns.findLast(({ pattern }) => pattern.matches(source.name))?.level;
      return level === undefined ? source : { ...source, level };
    });
  }
}

function* putFirst(batches: Iterable<Source[]>, first: readonly string[]): Generator<Source[]> {
  const patterns = first.map((pattern) => new NamePattern(pattern));
  const groups: Source[][] = patterns.map(() => []);
  const rest: Source[] = [];
  for (const batch of batches) {
    for (const source of batch) {
      const index = patterns.findIndex((pattern) => pattern.matches(source.name));
      (groups[index] ?? rest).push(source);
    }
    yield [];
  }
  yield* inBatches([...groups.flat(), ...rest]);
}

function* inBatches(sources: readonly Source[]): Generator<Source[]> {
  for (let start = 0; start < sources.length; start += BATCH_LENGTH) yield sources.slice(start, start + BATCH_LENGTH);
}

/** The error if there is neither an input nor a listed name. */
function nothingNamed(filesFrom: readonly string[] | undefined): string {
  return filesFrom === undefined ? 'no inputs were given' : 'the list of names is empty';
}

function reportEmpty(inputs: readonly string[], options: SelectOptions, context: SelectContext): void {
  const reason = context.metOwnOutput()
    ? ', as the archive does not go into itself; name what goes in'
    : context.counts.ignored > 0
      ? ' once the ignored entries were left out'
      : '';
  const named = inputs.length > 3 ? [...inputs.slice(0, 3).map(quote), '…'] : inputs.map(quote);
  const what = named.length > 0 ? `${named.join(', ')} came out empty` : nothingNamed(options.filesFrom);
  const message = `Nothing to archive: ${what}${reason}`;
  const path = inputs[0] ?? '';
  switch (options.ifEmpty ?? 'error') {
    case 'error':
      throw new PzipError('PZIP_NOTHING_MATCHED', message, { path });
    case 'warn':
      context.warn({ code: 'PZIP_NOTHING_MATCHED', severity: 'warning', message, path });
      break;
    case 'ignore':
      break;
  }
}
