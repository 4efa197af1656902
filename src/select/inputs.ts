/**
 * Classifies the inputs: a directory to walk, a file or a link, a pattern, or nothing that exists. All are examined before the
 * first is read, so that a missing one is reported before any work is done.
 */

import { lstatSync, readdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Source } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { hasCode } from '../common/file-errors.js';
import { sortByName } from '../common/name-order.js';
import { countIgnored } from './count-ignored.js';
import { dangling, unreadable } from './failures.js';
import { sourceOf } from './found-entry.js';
import { isPattern } from './globs/glob-pattern.js';
import { matchPatterns } from './globs/globs.js';
import { linkRejected, rejectBehindLink } from './links.js';
import { absolutePath, entryNameOf, joinPath } from './names/entry-names.js';
import type { SelectContext } from './select-context.js';
import { openInput } from './special-inputs.js';
import { isTemporary, leadsToTemporary } from './temporaries.js';
import type { WalkRoot } from './walk.js';

export interface Inputs {
  readonly directories: readonly WalkRoot[];
  /** Files, links and listed directories that were given by name, in the archive's order. */
  readonly sources: Source[];
  /** Files and links that matched patterns, in the archive's order, not yet stat'ed. */
  readonly matches: readonly NamedPath[];
}

export interface NamedPath {
  /** Absolute. */
  readonly path: string;
  /** In the archive; a directory's ends in `/`, the current directory's is empty. */
  readonly name: string;
}

/** The inputs of a command line or a caller, classified by their text. */
export interface GivenInputs {
  readonly paths: readonly string[];
  readonly patterns: readonly string[];
  /** Patterns that began with `!`, without the `!`. */
  readonly negated: readonly string[];
}

/**
 * An existing path is taken literally, whatever characters it has. `!(` begins a negative group, as in a shell, not a negated
 * pattern.
 */
export function sortOutInputs(inputs: readonly string[], exists: (path: string) => boolean): GivenInputs {
  const paths: string[] = [];
  const patterns: string[] = [];
  const negated: string[] = [];
  for (const input of inputs) {
    const isNegated = input.startsWith('!') && input.length > 1 && input[1] !== '(';
    if (!isNegated && !isPattern(input)) paths.push(input);
    else if (exists(input)) paths.push(input);
    else if (isNegated) negated.push(input.slice(1));
    else patterns.push(input);
  }
  return { paths, patterns, negated };
}

/**
 * @param listed names from a list, each one entry
 * @throws PzipError PZIP_SOURCE_MISSING, PZIP_SOURCE_UNREADABLE, PZIP_NOTHING_MATCHED or PZIP_NAME_INVALID, naming the input
 */
export async function resolveInputs(
  given: GivenInputs,
  listed: readonly string[],
  context: SelectContext,
): Promise<Inputs> {
  const directories: WalkRoot[] = [];
  const sources: Source[] = [];
  const ignored: string[] = [];
  const nameOf = namer(context);

  const takeDirectory = (input: string, path: string, name: string, identity?: WalkRoot['identity']): void => {
    const directoryName = name === '' ? '' : `${name}/`;
    placeInside(path, directoryName, context);
    const ignore = context.ignore.enterDirectory(path, directoryName);
    if (ignore === undefined) ignored.push(input);
    else directories.push({ path, name: directoryName, ignore, identity });
  };
  const takeEntry = (input: string, { path, location, stats }: FoundInput, name: string): void => {
    const child = `${name.slice(name.lastIndexOf('/') + 1)}${stats.isDirectory() ? '/' : ''}`;
    if (name === '') return;
    placeInside(path, name, context);
    if (context.ignore.ignoresEntry(path, child, name)) {
      ignored.push(input);
      return;
    }
    if (isTemporary(path, basename(path), context, input)) return;
    const source = sourceOf(path, name, stats, context, location);
    if (source !== undefined) sources.push(source);
  };

  for (const input of given.paths) {
    if (context.pace.isDue) await context.pace.turn();
    const found = lookUp(input, context);
    if (found === undefined) continue;
    if (found.stats.isDirectory()) takeDirectory(input, found.path, nameOf(input), identify(found, context));
    else takeEntry(input, found, nameOf(input));
  }
  for (const input of listed) {
    if (context.pace.isDue) await context.pace.turn();
    const found = lookUp(input, context);
    if (found !== undefined) takeEntry(input, found, nameOf(input));
  }
  const matches: NamedPath[] = [];
  if (given.patterns.length > 0) {
    for (const { path, name, isDirectory } of await matchPatterns(given.patterns, nameOf, context)) {
      if (isDirectory) takeDirectory(name, path, name);
      else matches.push({ path, name });
    }
    sortByName(matches);
  }
  context.paths.check();
  sortByName(sources);
  reportIgnored(ignored, context);
  if (listed.length > 0) reportDirectoriesOnly(sources, context);
  return { directories, sources, matches };
}

/** Converts paths to names, and reports each removed prefix once. */
function namer(context: SelectContext): (path: string) => string {
  const reported = new Set<string>();
  return (path) => {
    const { name, removed } = entryNameOf(path, context.platform);
    if (removed !== '' && !reported.has(removed) && reported.size < MAX_HEADS_REPORTED) {
      reported.add(removed);
      const message = `Names in the archive are without the leading ${quote(removed)} of ${quote(path)}`;
      context.warn({ code: 'PZIP_PREFIX_REMOVED', severity: 'notice', message, path });
    }
    return name;
  };
}

/** Prefixes to remember: `/`, `../` and the like. A list can have another one on every line. */
const MAX_HEADS_REPORTED = 4;

/**
 * A negated input excludes its path in any spelling: an absolute path, or one with `../`, may be in the working directory,
 * although its text does not show it.
 */
function placeInside(path: string, name: string, { negated, within, cwd, separator }: SelectContext): void {
  if (negated === undefined || path.startsWith(joinPath(cwd, name, separator))) return;
  const inside = within.locate(path);
  if (inside !== undefined) negated.addAlias(name, name.endsWith('/') && inside !== '' ? `${inside}/` : inside);
}

/** Whether a link at the end of the path is resolved, because a slash or `/.` follows it. */
function isDirectoryMeant(input: string, platform: NodeJS.Platform): boolean {
  return (platform === 'win32' ? /(?:^|[\\/])\.{0,2}$/ : /(?:^|\/)\.{0,2}$/).test(input);
}

function inputPath(input: string, cwd: string, platform: NodeJS.Platform): string {
  const path = absolutePath(cwd, input, platform);
  const separator = platform === 'win32' ? '\\' : '/';
  return input !== '' && isDirectoryMeant(input, platform) && !path.endsWith(separator) ? path + separator : path;
}

interface FoundInput {
  /** Absolute. */
  readonly path: string;
  /** The path for system calls. */
  readonly location: string;
  readonly stats: Stats;
}

/** The file of an input under the policy for links. Undefined if an error was reported and may be skipped. */
function lookUp(input: string, context: SelectContext): FoundInput | undefined {
  const path = inputPath(input, context.cwd, context.platform);
  let stats: Stats | undefined;
  let location = path;
  let obstacle: PzipError | undefined;
  try {
    try {
      location = context.paths.locate(path);
    } catch (error) {
      // The policy decides about a link on the path; one that has appeared since is an error.
      if (error instanceof PzipError) obstacle = error;
    }
    stats = statInput(input, path, location);
  } catch (cause) {
    return context.problem(cause instanceof PzipError ? cause : unreadable(path, cause));
  }
  if (stats === undefined) return context.problem(missing(input, context));
  // A file whose location differs from its path was reached without a link.
  if (context.symlinks !== 'follow' && location === path) {
    const isDirectory = isDirectoryMeant(input, context.platform);
    const link = isDirectory ? context.links.linkInDirectory(path) : context.links.linkAbove(path);
    if (link !== undefined && !(isDirectory && isMeant(link, path, context))) {
      return rejectBehindLink(input, link, context);
    }
  }
  if (obstacle !== undefined) return context.problem(obstacle);
  const special = openInput(input, path, stats, context);
  if (special !== undefined) return special.isRejected ? undefined : { location: special.path, ...special };
  if (context.symlinks === 'follow' && stats.isSymbolicLink()) return followed(path, context);
  return { path: withoutNeedlessSeparator(path, context), location, stats };
}

/** Removes a separator at the end, which only matters after a link, so that a directory has one path. */
function withoutNeedlessSeparator(path: string, { separator }: SelectContext): string {
  const bare = path.endsWith(separator) ? path.slice(0, -1) : path;
  if (bare === path || bare === '' || bare.endsWith(':')) return path;
  return lstatSync(bare, { throwIfNoEntry: false })?.isSymbolicLink() === true ? path : bare;
}

function followed(path: string, context: SelectContext): FoundInput | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() === true && leadsToTemporary(path, context)) return undefined;
    return stats === undefined ? context.problem(dangling(path, readlinkSync(path))) : { path, location: path, stats };
  } catch (cause) {
    return context.problem(cause instanceof PzipError ? cause : unreadable(path, cause));
  }
}

/** If links are kept, `LINK/` and `LINK/.` mean the directory to which the link leads. */
function isMeant(link: string, path: string, { symlinks, separator }: SelectContext): boolean {
  if (symlinks === 'error') throw linkRejected(link);
  return symlinks === 'keep' && path === link + separator;
}

/** The stats of a directory after an automount: lstat(2) does not trigger it, and the walk would. */
function identify({ location, stats }: FoundInput, { separator }: SelectContext): WalkRoot['identity'] {
  try {
    return statSync(location.endsWith(separator) ? location : location + separator);
  } catch {
    // The walk will report the error.
    return stats;
  }
}

/** Undefined if it does not exist. */
function statInput(input: string, path: string, location: string): Stats | undefined {
  if (input === '') return undefined;
  try {
    return lstatSync(location, { throwIfNoEntry: false });
  } catch (cause) {
    // The path has a file in place of a directory, so it does not exist.
    if (hasCode(cause, 'ENOTDIR', 'ENAMETOOLONG')) return undefined;
    throw unreadable(path, cause);
  }
}

function missing(input: string, context: SelectContext): PzipError {
  const message =
    input === ''
      ? 'An input is empty; name a file, a directory or a pattern'
      : `${quote(input)} does not exist in ${quote(context.cwd)}; check its spelling and the working directory`;
  return new PzipError('PZIP_SOURCE_MISSING', message, { path: input });
}

/** Reports an input that is left out. A shell may have expanded `*` to many such. */
function reportIgnored(ignored: readonly string[], context: SelectContext): void {
  const [first] = ignored;
  if (first === undefined) return;
  for (const input of ignored) countIgnored(context.counts, input);
  const others = ignored.length > 1 ? ` and ${ignored.length - 1} more inputs are` : ' is';
  const message = `${quote(first)}${others} left out by an ignore pattern`;
  context.warn({ code: 'PZIP_INPUT_IGNORED', severity: 'notice', message, path: first });
}

/** A list contains every entry. Reports a directory in it without any of its contents. */
function reportDirectoriesOnly(sources: readonly Source[], context: SelectContext): void {
  const bare = sources.filter((source, index) => {
    if (source.kind !== 'directory' || source.path === undefined) return false;
    return sources[index + 1]?.name.startsWith(source.name) !== true && !isEmptyDirectory(source.path);
  });
  const [first] = bare;
  if (first === undefined) return;
  const others = bare.length > 1 ? ` and ${bare.length - 1} more listed directories go` : ' goes';
  const message = `${quote(first.name)}${others} in without content: a list names each entry; give a directory as an input instead`;
  context.warn({ code: 'PZIP_DIRECTORY_ONLY', severity: 'notice', message, path: first.name });
}

function isEmptyDirectory(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch {
    return true;
  }
}
