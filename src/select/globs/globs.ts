/**
 * Patterns among the inputs: what they match in the tree. fast-glob walks it, through an adapter that lists directories,
 * matches what is in them, and leaves out of each listing the directories in which nothing can match.
 */
import { type Dirent, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import type { FileSystemAdapter } from 'fast-glob';
import { PzipError, quote } from '../../common/errors.js';
import { systemCode, unreadable } from '../failures.js';
import { linkRefused } from '../links.js';
import { isSuspectName, withoutBadNames } from '../names/bad-names.js';
import { absolutePath, entryNameOf, joinPath } from '../names/entry-names.js';
import type { SelectContext } from '../select-context.js';
import { type GlobPattern, parseGlob } from './glob-pattern.js';
import { GlobSet, type GlobState } from './glob-set.js';

/** What a pattern matches: a file, a link, or a directory, which goes in with all that is in it. */
export interface GlobMatch {
  /** Absolute. */
  readonly path: string;
  /** In the archive, without a slash at its end. */
  readonly name: string;
  readonly isDirectory: boolean;
}

/** A directory that a walk has to look into, and what is left of the patterns there. */
interface Visit {
  readonly path: string;
  /** Its name in the archive with a slash; empty for the working directory. */
  readonly name: string;
  readonly state: GlobState;
}

interface Child {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** As much of a Dirent as fast-glob looks at. */
class Directory {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  isDirectory(): boolean {
    return true;
  }

  isFile(): boolean {
    return false;
  }

  isSymbolicLink(): boolean {
    return false;
  }
}

/** Up to so many names are looked up one by one; for more, the directory is listed once. */
const MAX_LOOKED_UP = 32;

/**
 * @param nameOf names a path in the archive, and reports what it leaves out at its head
 * @returns the matches, not sorted; what several patterns match is there once
 * @throws PzipError PZIP_NOTHING_MATCHED naming the pattern that matches nothing, PZIP_USAGE for one that is out of bounds
 */
export async function matchPatterns(
  patterns: readonly string[],
  nameOf: (path: string) => string,
  context: SelectContext,
): Promise<GlobMatch[]> {
  const byHead = new Map<string, GlobPattern[]>();
  for (const pattern of patterns) {
    for (const parsed of parseGlob(pattern, context.exists, context.platform)) {
      const group = byHead.get(parsed.head);
      if (group === undefined) byHead.set(parsed.head, [parsed]);
      else group.push(parsed);
    }
  }
  const matches = new Map<string, GlobMatch>();
  const used = new Set<string>();
  for (const [head, group] of byHead) await new GlobWalk(head, group, nameOf, matches, used, context).run();
  for (const pattern of patterns) if (!used.has(pattern)) reportUnmatched(pattern, context);
  return [...matches.values()];
}

/** The patterns that start in one directory. */
class GlobWalk {
  readonly #head: string;
  readonly #patterns: readonly GlobPattern[];
  readonly #nameOf: (path: string) => string;
  readonly #matches: Map<string, GlobMatch>;
  readonly #used: Set<string>;
  readonly #context: SelectContext;
  readonly #realPaths = new Map<string, string>();
  #isNamed = false;

  constructor(
    head: string,
    patterns: readonly GlobPattern[],
    nameOf: (path: string) => string,
    matches: Map<string, GlobMatch>,
    used: Set<string>,
    context: SelectContext,
  ) {
    this.#head = head;
    this.#patterns = patterns;
    this.#nameOf = nameOf;
    this.#matches = matches;
    this.#used = used;
    this.#context = context;
  }

  async run(): Promise<void> {
    const context = this.#context;
    const spelled = this.#head === '' ? '.' : this.#head;
    const path = absolutePath(context.cwd, spelled, context.platform);
    if (context.symlinks !== 'follow') {
      const link = context.links.linkInDirectory(path);
      if (link !== undefined) return this.#takeLink(link);
    }
    context.paths.trustAbove(path);
    const { name } = entryNameOf(spelled, context.platform);
    const root = { path, name: name === '' ? '' : `${name}/`, state: new GlobSet(this.#patterns).root };
    const waiting: Visit[] = this.#isLeftOut(root.path, root.name) ? [] : [root];
    for (let visit = waiting.pop(); visit !== undefined; visit = waiting.pop()) {
      if (visit.state.onlyNames === undefined) await this.#walk(visit);
      else waiting.push(...(await this.#lookInto(visit)));
    }
  }

  /** A directory that has to be listed, and all below it. Loading fast-glob takes 25 ms, so looking up names does without. */
  async #walk(root: Visit): Promise<void> {
    const { default: fastGlob } = await import('fast-glob');
    const { separator } = this.#context;
    /** By the path that fast-glob asks for, which it joins with slashes on every system. */
    const visits = new Map<string, Visit>();
    const list = async (path: string): Promise<Directory[]> => {
      const visit = visits.get(path) ?? root;
      visits.delete(path);
      const below = await this.#lookInto(visit);
      return below.map((child) => {
        const name = child.path.slice(child.path.lastIndexOf(separator) + 1);
        visits.set(path.endsWith('/') ? path + name : `${path}/${name}`, child);
        return new Directory(name);
      });
    };
    const readdir = (
      path: string,
      _options: unknown,
      done: (error: Error | null, listed: Directory[]) => void,
    ): void => {
      list(path).then(
        (listed) => done(null, listed),
        (error: Error) => done(error, []),
      );
    };
    const fs: Partial<FileSystemAdapter> = { readdir: readdir as NonNullable<FileSystemAdapter['readdir']> };
    // Matching is done in the adapter, so only directories are left to walk; a followed link is one of them by then.
    const options = { cwd: root.path, dot: true, followSymbolicLinks: false, fs };
    for await (const _ of fastGlob.stream('**', options));
  }

  /** Takes what matches in a directory. @returns the directories in it in which something may match */
  async #lookInto(visit: Visit): Promise<Visit[]> {
    const { pace } = this.#context;
    const below: Visit[] = [];
    for (const child of this.#children(visit)) {
      if (pace.isDue) await pace.turn();
      const next = this.#look(visit, child);
      if (next !== undefined) below.push(next);
    }
    if (pace.isDue) await pace.turn();
    return below;
  }

  /** The head leads through a link, behind which nothing matches: the link itself goes in, as it does with its directory. */
  #takeLink(link: string): void {
    const { cwd, separator, symlinks } = this.#context;
    if (symlinks === 'error') throw linkRefused(link);
    const spelled = isAbsolute(this.#head) ? link : link.slice(cwd.endsWith(separator) ? cwd.length : cwd.length + 1);
    const match = { path: link, name: entryNameOf(spelled, this.#context.platform).name, isDirectory: false };
    if (this.#isLeftOut(link, match.name)) {
      this.#context.counts.ignored++;
      return;
    }
    for (const { source } of this.#patterns) this.#used.add(source);
    this.#nameOf(spelled);
    this.#matches.set(link, match);
  }

  /** @returns the child, where something below it may match */
  #look(visit: Visit, child: Child): Visit | undefined {
    const context = this.#context;
    const path = joinPath(visit.path, child.name, context.separator);
    const name = visit.name + child.name;
    const matching = visit.state.matching(child.name, child.isDirectory);
    const next = child.isDirectory ? visit.state.enter(child.name) : undefined;
    if (matching.length === 0 && (next === undefined || next.isDead)) return undefined;
    if (this.#isLeftOut(path, child.isDirectory ? `${name}/` : name)) {
      if (matching.length > 0) context.counts.ignored++;
      return undefined;
    }
    if (matching.length > 0) {
      for (const { source } of matching) this.#used.add(source);
      this.#take({ path, name, isDirectory: child.isDirectory });
      // All that is in it goes in; only a pattern that has matched nothing so far still has to be looked for.
      if (next?.isWanted(this.#used) !== true) return undefined;
    }
    return next === undefined || next.isDead ? undefined : { path, name: `${name}/`, state: next };
  }

  #take(match: GlobMatch): void {
    if (isSuspectName(match.path) && !hasGoodName(match.path, this.#context)) return;
    if (!this.#isNamed) this.#nameOf(this.#head);
    this.#isNamed = true;
    this.#matches.set(match.path, match);
  }

  /** @param name a directory's ends in `/` */
  #isLeftOut(path: string, name: string): boolean {
    const { ignore } = this.#context;
    if (ignore.isIdle || name === '') return false;
    const child = name.slice(name.lastIndexOf('/', name.length - 2) + 1);
    return ignore.ignoresEntry(path, child, name.endsWith('/') ? name.slice(0, -1) : name);
  }

  #children({ path, state }: Visit): Child[] {
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
      // The directory before the first wildcard need not exist; any other was there a moment ago.
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

  /** A link that is followed stands for what it leads to, and for nothing where that is a directory it lies in. */
  #child(name: string, path: string, what: Dirent | Stats): Child | [] {
    if (this.#context.symlinks !== 'follow' || !what.isSymbolicLink()) return { name, isDirectory: what.isDirectory() };
    if (this.#leadsBack(path)) return [];
    try {
      return { name, isDirectory: statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false };
    } catch {
      // A link to itself, or through what may not be searched: reported when the entry is looked at.
      return { name, isDirectory: false };
    }
  }

  /** Whether a link leads to a directory that the path goes through, links on the way included. */
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
      // A dangling link: not a directory, and reported when the entry is looked at.
    }
    return false;
  }
}

function isAbsolute(head: string): boolean {
  return /^(?:\/|[A-Za-z]:)/.test(head);
}

function isAbsence(cause: unknown): boolean {
  const code = systemCode(cause);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';
}

/** Whether the last component is a name that can go in; reported when not. */
function hasGoodName(path: string, context: SelectContext): boolean {
  const slash = path.lastIndexOf(context.separator);
  return withoutBadNames(path.slice(0, slash), [path.slice(slash + 1)], context).length > 0;
}

function reportUnmatched(pattern: string, context: SelectContext): void {
  const where = quote(context.cwd);
  const message = context.ignore.isIdle
    ? `The pattern ${quote(pattern)} matches nothing in ${where}; correct it or leave it out`
    : `The pattern ${quote(pattern)} matches nothing in ${where} that is not ignored; correct it or the ignore patterns`;
  if (context.ifEmpty === 'error') throw new PzipError('PZIP_NOTHING_MATCHED', message, { path: pattern });
  if (context.ifEmpty === 'warn') {
    context.warn({ code: 'PZIP_NOTHING_MATCHED', severity: 'warning', message, path: pattern });
  }
}
