/**
 * What each input is: a directory to walk, a file or a link, a pattern, or nothing at all. All are looked at before the first
 * is read, so that a missing one is told before any work is done.
 */
import { lstatSync, type Stats } from 'node:fs';
import type { Source } from '../entry.js';
import { PzipError } from '../errors.js';
import { sourceOf, systemCode, unreadable } from './found-entry.js';
import { isPattern, matchPatterns } from './globs.js';
import { compareNames } from './name-order.js';
import { absolutePath, entryNameOf, quote } from './names.js';
import type { SelectContext } from './select-context.js';

export interface Inputs {
  /** To be walked. Names end in `/` or are empty. */
  readonly directories: readonly NamedPath[];
  /** Single files and links that were named, in the archive's order. */
  readonly sources: Source[];
  /** Single files and links that patterns matched, in the archive's order, not yet stat'ed. */
  readonly matches: readonly NamedPath[];
}

export interface NamedPath {
  readonly path: string;
  readonly name: string;
}

/**
 * @throws PzipError PZIP_SOURCE_MISSING, PZIP_SOURCE_UNREADABLE, PZIP_NOTHING_MATCHED or PZIP_NAME_INVALID, naming the input
 */
export function resolveInputs(inputs: readonly string[], context: SelectContext): Inputs {
  const directories: NamedPath[] = [];
  const sources: Source[] = [];
  const patterns: string[] = [];
  const excluded: string[] = [];
  const nameOf = namer(context);

  const take = (input: string, path: string, stats: Stats): void => {
    const name = nameOf(input);
    if (stats.isDirectory()) directories.push({ path, name: name === '' ? '' : `${name}/` });
    else {
      const source = sourceOf(path, name, stats, context);
      if (source !== undefined) sources.push(source);
    }
  };

  for (const input of inputs) {
    const path = inputPath(input, context);
    const stats = statInput(input, path);
    if (stats !== undefined) take(input, path, stats);
    else if (input.startsWith('!') && input.length > 1) excluded.push(input.slice(1));
    else if (isPattern(input)) patterns.push(input);
    else context.problem(missing(input, context));
  }
  const matches: NamedPath[] = [];
  if (patterns.length > 0) {
    for (const match of matchPatterns(patterns, excluded, context)) {
      const path = absolutePath(context.cwd, match, context.platform);
      const name = nameOf(match);
      if (match.endsWith('/')) directories.push({ path, name: `${name}/` });
      else matches.push({ path, name });
    }
    matches.sort((a, b) => compareNames(a.name, b.name));
  }
  sources.sort((a, b) => compareNames(a.name, b.name));
  return { directories, sources, matches };
}

/** Names paths and tells once, at the first, that something was left out at their head. */
function namer(context: SelectContext): (path: string) => string {
  let isTold = false;
  return (path) => {
    const { name, removed } = entryNameOf(path, context.platform);
    if (removed !== '' && !isTold) {
      isTold = true;
      const message = `Names in the archive are without the leading ${quote(removed)} of ${quote(path)}`;
      context.warn({ code: 'PZIP_PREFIX_REMOVED', severity: 'notice', message, path });
    }
    return name;
  };
}

/** A link itself is meant unless a slash after it says the directory behind it; the system takes the slash the same way. */
function inputPath(input: string, context: SelectContext): string {
  const path = absolutePath(context.cwd, input, context.platform);
  const isDirectoryMeant = input.endsWith('/') || (context.platform === 'win32' && input.endsWith('\\'));
  return isDirectoryMeant && !path.endsWith(context.separator) ? path + context.separator : path;
}

/** Undefined for what is not there. */
function statInput(input: string, path: string): Stats | undefined {
  if (input === '') return undefined;
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    // A file where the path needs a directory: nothing by that name exists.
    if (systemCode(cause) === 'ENOTDIR' || systemCode(cause) === 'ENAMETOOLONG') return undefined;
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
