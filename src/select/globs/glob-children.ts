/** Lists the children of a directory that patterns may match, and follows links if the caller asked for that. */
import { type Dirent, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { PzipError } from '../../common/errors.js';
import { hasCode } from '../../common/file-errors.js';
import { unreadable } from '../failures.js';
import { withoutBadNames } from '../names/bad-names.js';
import { joinPath } from '../names/entry-names.js';
import { isSuspectName } from '../names/suspect-names.js';
import type { SelectContext } from '../select-context.js';
import type { GlobState } from './glob-set.js';

export interface Child {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** Up to this many names are looked up one by one; for more, the directory is listed once. */
const MAX_LOOKED_UP = 32;

export class GlobChildren {
  readonly #context: SelectContext;
  readonly #realPaths = new Map<string, string>();

  constructor(context: SelectContext) {
    this.#context = context;
  }

  /** @param path of a directory, absolute */
  of(path: string, state: GlobState): Child[] {
    const names = state.onlyNames;
    return names !== undefined && names.length <= MAX_LOOKED_UP ? this.#lookUp(path, names) : this.#list(path);
  }

  #lookUp(directory: string, names: readonly string[]): Child[] {
    return names.flatMap((name) => {
      const path = joinPath(directory, name, this.#context.separator);
      try {
        const stats = lstatSync(this.#context.paths.locate(path), { throwIfNoEntry: false });
        if (stats === undefined) return [];
        return this.#child(name, path, stats);
      } catch (cause) {
        this.#report(path, cause);
        return [];
      }
    });
  }

  #list(path: string): Child[] {
    let dirents: Dirent[];
    try {
      dirents = readdirSync(this.#context.paths.locateDirectory(path), { withFileTypes: true });
    } catch (cause) {
      // The directory before the first wildcard need not exist; any other existed a moment ago.
      if (!isAbsence(cause)) this.#report(path, cause);
      else if (isSuspectName(path)) hasGoodName(path, this.#context);
      return [];
    }
    const { separator } = this.#context;
    return dirents.flatMap((dirent) => this.#child(dirent.name, joinPath(path, dirent.name, separator), dirent));
  }

  #report(path: string, cause: unknown): void {
    if (cause instanceof PzipError) this.#context.problem(cause);
    else if (!isAbsence(cause)) this.#context.problem(unreadable(path, cause));
  }

  /** A followed link counts as its target, or is left out if the target is a directory that contains it. */
  #child(name: string, path: string, what: Dirent | Stats): Child | [] {
    if (this.#context.symlinks !== 'follow' || !what.isSymbolicLink()) return { name, isDirectory: what.isDirectory() };
    if (this.#leadsBack(path)) return [];
    try {
      return { name, isDirectory: statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false };
    } catch {
      // A link to itself, or through a directory without search permission: reported with the entry.
      return { name, isDirectory: false };
    }
  }

  /** Whether a link leads to a directory on its own path, other links included. */
  #leadsBack(link: string): boolean {
    const { separator } = this.#context;
    const realPathOf = (path: string): string => {
      const known = this.#realPaths.get(path) ?? realpathSync(path);
      this.#realPaths.set(path, known);
      return known;
    };
    try {
      const target = realpathSync(link);
      for (let end = link.lastIndexOf(separator); end > 0; end = link.lastIndexOf(separator, end - 1)) {
        if (realPathOf(link.slice(0, end)) === target) return true;
      }
    } catch {
      // A dangling link is no directory; it is reported with the entry.
    }
    return false;
  }
}

function isAbsence(cause: unknown): boolean {
  return hasCode(cause, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG');
}

/** Whether the last component of a path can be a name in an archive; reports one that cannot. */
export function hasGoodName(path: string, context: SelectContext): boolean {
  const slash = path.lastIndexOf(context.separator);
  return withoutBadNames(path.slice(0, slash), [path.slice(slash + 1)], context).length > 0;
}
