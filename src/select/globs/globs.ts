/**
 * Finds the files and directories that the patterns among the inputs match. fast-glob walks the tree through an adapter,
 * which lists and matches directories, and hides those in which nothing can match.
 */

import type { FileSystemAdapter } from 'fast-glob';
import { PzipError, quote } from '../../common/errors.js';
import { countIgnored } from '../count-ignored.js';
import { linkRejected } from '../links.js';
import { absolutePath, entryNameOf, joinPath } from '../names/entry-names.js';
import { isSuspectName } from '../names/suspect-names.js';
import type { SelectContext } from '../select-context.js';
import { type Child, GlobChildren, hasGoodName } from './glob-children.js';
import { type GlobPattern, parseGlob } from './glob-pattern.js';
import { GlobSet, type GlobState } from './glob-set.js';

/** A match: a file, a link, or a directory, which is added with its contents. */
export interface GlobMatch {
  /** Absolute. */
  readonly path: string;
  /** Name in the archive, without a trailing slash. */
  readonly name: string;
  readonly isDirectory: boolean;
}

/** A directory to look into, and the rest of the patterns there. */
interface Visit {
  readonly path: string;
  /** Name in the archive with a trailing slash; empty for the working directory. */
  readonly name: string;
  readonly state: GlobState;
}

/** The part of Dirent that fast-glob uses. */
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

/**
 * @param nameOf names a path in the archive, and reports the components that it drops at the head
 * @returns the matches, unsorted and without duplicates
 * @throws PzipError PZIP_NOTHING_MATCHED for a pattern without a match, PZIP_USAGE for one that exceeds a limit
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

/** Matches the patterns that start in one directory. */
class GlobWalk {
  readonly #head: string;
  readonly #patterns: readonly GlobPattern[];
  readonly #nameOf: (path: string) => string;
  readonly #matches: Map<string, GlobMatch>;
  readonly #used: Set<string>;
  readonly #context: SelectContext;
  readonly #children: GlobChildren;
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
    this.#children = new GlobChildren(context);
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

  /** Lists a directory and all below it. Loading fast-glob takes 25 ms, so a lookup of literal names does without it. */
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

  /** Takes the matches in a directory. @returns the subdirectories that may contain more */
  async #lookInto(visit: Visit): Promise<Visit[]> {
    const { pace } = this.#context;
    const below: Visit[] = [];
    for (const child of this.#children.of(visit.path, visit.state)) {
      if (pace.isDue) await pace.turn();
      const next = this.#look(visit, child);
      if (next !== undefined) below.push(next);
    }
    if (pace.isDue) await pace.turn();
    return below;
  }

  /** Adds the link that the head leads through, as its directory would. Nothing behind a link matches. */
  #takeLink(link: string): void {
    const { cwd, separator, symlinks } = this.#context;
    if (symlinks === 'error') throw linkRejected(link);
    const spelled = isAbsolute(this.#head) ? link : link.slice(cwd.endsWith(separator) ? cwd.length : cwd.length + 1);
    const match = { path: link, name: entryNameOf(spelled, this.#context.platform).name, isDirectory: false };
    if (this.#isLeftOut(link, match.name)) {
      countIgnored(this.#context.counts, match.name);
      return;
    }
    for (const { source } of this.#patterns) this.#used.add(source);
    this.#nameOf(spelled);
    this.#matches.set(link, match);
  }

  /** @returns the child, if something below it may match */
  #look(visit: Visit, child: Child): Visit | undefined {
    const context = this.#context;
    const path = joinPath(visit.path, child.name, context.separator);
    const name = visit.name + child.name;
    const matching = visit.state.matching(child.name, child.isDirectory);
    const next = child.isDirectory ? visit.state.enter(child.name) : undefined;
    if (matching.length === 0 && (next === undefined || next.isDead)) return undefined;
    if (this.#isLeftOut(path, child.isDirectory ? `${name}/` : name)) {
      if (matching.length > 0) countIgnored(context.counts, child.isDirectory ? `${name}/` : name);
      return undefined;
    }
    if (matching.length > 0) {
      for (const { source } of matching) this.#used.add(source);
      this.#take({ path, name, isDirectory: child.isDirectory });
      // Its contents are included; only a pattern without a match so far is still searched for.
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
}

function isAbsolute(head: string): boolean {
  return /^(?:\/|[A-Za-z]:)/.test(head);
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
