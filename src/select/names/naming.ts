/**
 * Renames entries. In this order: components are stripped, paths junked, the first matching renaming is applied, and the prefix
 * is added.
 */

import { PzipError, quote } from '../../common/errors.js';
import { isIntegerFrom } from '../../common/integers.js';
import { checkEntryName } from '../../zip/names.js';
import { checkPatternLength } from '../globs/caller-patterns.js';
import type { Renaming, SelectOptions } from '../select-options.js';
import { isWildcard, matchWildcards, splitAtWildcards } from './rename-pattern.js';

export interface Naming {
  /** Returns undefined for an entry without a name left; a directory's names end in `/`. */
  readonly rename: (name: string) => string | undefined;
  /** Whether sorted names stay sorted, as with a prefix alone. */
  readonly keepsOrder: boolean;
}

/**
 * @returns undefined if no name changes
 * @throws PzipError PZIP_USAGE for invalid options
 */
export function resolveNaming(options: SelectOptions): Naming | undefined {
  const { stripComponents = 0, junkPaths = false, rename = [], prefix = '' } = options;
  if (!isIntegerFrom(0, Number.MAX_SAFE_INTEGER, stripComponents)) {
    throw new PzipError('PZIP_USAGE', `\`stripComponents\` must be an integer of 0 or more (got ${stripComponents})`);
  }
  const keepsOrder = stripComponents === 0 && !junkPaths && rename.length === 0;
  const folder = checkedFolder(prefix);
  if (keepsOrder && folder === '') return undefined;
  const renamings = rename.map(compileRenaming);

  const renamed = (name: string): string | undefined => {
    const stripped = stripComponents === 0 ? name : withoutComponents(name, stripComponents);
    const junked = junkPaths ? lastComponent(stripped) : stripped;
    if (junked === '') return undefined;
    for (const renaming of renamings) {
      const result = renaming(junked);
      if (result !== undefined) return result;
    }
    return junked;
  };
  return {
    keepsOrder,
    rename: (name) => {
      const result = renamed(name);
      return result === undefined || result === '' ? undefined : folder + result;
    },
  };
}

function checkedFolder(prefix: string): string {
  if (prefix === '' || prefix === '/' || prefix === './') return '';
  const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
  const broken = checkEntryName(folder, true);
  if (broken !== undefined) throw new PzipError('PZIP_NAME_INVALID', `The prefix ${quote(prefix)} ${broken}`);
  return folder;
}

function withoutComponents(name: string, count: number): string {
  let start = 0;
  for (let i = 0; i < count; i++) {
    const slash = name.indexOf('/', start);
    if (slash === -1) return '';
    start = slash + 1;
  }
  return name.slice(start);
}

/** Empty for a directory, because without paths there are no directories. */
function lastComponent(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/**
 * `from` is a name, which also matches the contents of a directory of that name, or a pattern for whole names, in which `*`
 * and `?` match within a component and `**` across components. The same wildcards in `to`, in the same order, stand for the
 * matched text: `src/**` to `lib/**`, `*.jpeg` to `*.jpg`. A pattern to a folder (`*.md` to `docs/`) keeps the last component.
 *
 * @returns a function that returns the new name: undefined if nothing matches, empty if no name is left
 */
export function compileRenaming({ from, to }: Renaming): (name: string) => string | undefined {
  if (from === '') throw new PzipError('PZIP_USAGE', `A renaming to ${quote(to)} needs the name to rename: FROM=TO`);
  checkPatternLength(from);
  const [source, target] = [from, to].map(withoutDotSlash) as [string, string];
  const rename = /[*?]/.test(source) ? patternRenaming(source, target) : literalRenaming(source, target);
  return (name) => {
    const result = rename(name);
    if (result === undefined || result === '') return result;
    const broken = checkEntryName(result, name.endsWith('/'));
    if (broken === undefined) return result;
    const message = `${quote(name)} cannot be renamed to ${quote(result)} (${quote(`${from}=${to}`)}): the name ${broken}`;
    throw new PzipError('PZIP_NAME_INVALID', message, { entryName: name });
  };
}

/** Removes a leading `./`, which users write in paths and names never have. */
function withoutDotSlash(path: string): string {
  return path.replace(/^(?:\.\/+)+/, '');
}

function literalRenaming(from: string, to: string): (name: string) => string | undefined {
  const source = from.replace(/\/+$/, '');
  const target = to.replace(/\/+$/, '');
  const isFolderMeant = from.endsWith('/');
  return (name) => {
    if (name === source) return isFolderMeant ? undefined : to.endsWith('/') ? to + lastComponent(name) : to;
    if (!name.startsWith(`${source}/`)) return undefined;
    const rest = name.slice(source.length + 1);
    return target === '' ? rest : `${target}/${rest}`;
  };
}

function patternRenaming(from: string, to: string): (name: string) => string | undefined {
  const parts = splitAtWildcards(from);
  const targetParts = splitAtWildcards(to);
  const wanted = targetParts.filter(isWildcard).length;
  const had = parts.filter(isWildcard).length;
  if (wanted > had) {
    throw new PzipError(
      'PZIP_USAGE',
      `${quote(to)} has ${wanted} wildcards, ${quote(from)} only ${had} to fill them with`,
    );
  }
  return (name) => {
    const found = matchWildcards(parts, name);
    if (found === undefined) return undefined;
    if (wanted === 0 && to.endsWith('/')) return to + lastComponent(name);
    let next = 0;
    return targetParts.map((part) => (isWildcard(part) ? (found[next++] ?? '') : part)).join('');
  };
}
