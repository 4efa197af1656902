/**
 * What stays out of the selection: by the caller's patterns, which start where names start, and by the .gitignore files of
 * the tree, each of which starts in its directory. A walk carries an IgnoreState with it; for paths that were reached another
 * way the state is found by going down to them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { unreadable } from './failures.js';
import { IgnoreState, ignoreFileLines, type PatternList, parsePatterns } from './ignore-patterns.js';
import { joinPath } from './names.js';

export interface IgnoreOptions {
  readonly cwd: string;
  readonly separator: string;
  /** Lines of ignore files, then patterns of the command line. */
  readonly patterns: readonly string[];
  /** fast-glob patterns that began with `!`, without it. */
  readonly negatedGlobs: readonly string[];
  readonly gitignore: boolean;
}

/** The file whose patterns are honoured in each directory, and the mark of a repository, which never goes in with them. */
const IGNORE_FILE = '.gitignore';
const REPOSITORY = '.git';

export class IgnoreRules {
  readonly #options: IgnoreOptions;
  readonly #patterns: PatternList;
  readonly #cwd: readonly string[];
  readonly #isGlobbedOut: ((name: string) => boolean) | undefined;
  /** By directory; undefined for one that is ignored itself. */
  readonly #states = new Map<string, IgnoreState | undefined>();
  readonly #repositories = new Map<string, number | undefined>();

  constructor(options: IgnoreOptions) {
    this.#options = options;
    this.#patterns = parsePatterns(options.patterns);
    this.#cwd = components(options.cwd, options.separator);
    this.#isGlobbedOut = globMatcher(options.negatedGlobs);
  }

  /** Nothing is ignored, whatever it is called. */
  get isIdle(): boolean {
    return this.#patterns.length === 0 && !this.#options.gitignore && this.#isGlobbedOut === undefined;
  }

  /**
   * @param state of the directory
   * @param child its name in the directory; a directory's ends in `/`
   * @param name its whole name in the archive before renaming
   */
  ignores(state: IgnoreState, child: string, name: string): boolean {
    if (state.ignores(child)) return true;
    if (this.#options.gitignore && (child === '.git/' || child === REPOSITORY)) return true;
    return this.#isGlobbedOut?.(name) ?? false;
  }

  /**
   * The state in a directory whose children are known, with what its own ignore file says.
   *
   * @param state as entered, before it was listed
   */
  listed(state: IgnoreState, path: string, children: readonly string[]): IgnoreState {
    if (!this.#options.gitignore) return state;
    const own = children.includes('.git/') || children.includes(REPOSITORY) ? state.withoutFiles() : state;
    return children.includes(IGNORE_FILE) ? own.withFile(this.#readPatterns(path)) : own;
  }

  /**
   * Whether an entry stays out that no walk came to, by itself or because a directory above it does.
   *
   * @param path absolute
   * @param child as its last component is asked for: a directory's ends in `/`
   * @param name in the archive, which is the end of the path
   */
  ignoresEntry(path: string, child: string, name: string): boolean {
    if (this.isIdle) return false;
    const { directory, start } = this.#locate(path, name);
    const state = this.#stateAt(directory.slice(0, -1), start);
    return state === undefined || this.ignores(state, child, name);
  }

  /**
   * The state with which a directory is entered that no walk came to; undefined when it stays out.
   *
   * @param name in the archive ending in `/`, or empty for the current directory
   */
  enterDirectory(path: string, name: string): IgnoreState | undefined {
    if (this.isIdle) return IgnoreState.empty;
    const { directory, start } = this.#locate(path, name);
    return this.#stateInto(directory, start);
  }

  /** The components of a path, of which the first is empty or a drive, and how many of them lie above the name. */
  #locate(path: string, name: string): { directory: string[]; start: number } {
    const directory = components(resolve(path), this.#options.separator);
    const names = components(name, '/');
    return { directory, start: directory.length - names.length };
  }

  /** The state in a directory with its own ignore file, for judging what is in it. */
  #stateAt(directory: readonly string[], start: number): IgnoreState | undefined {
    const { separator, gitignore } = this.#options;
    const path = directory.join(separator);
    const key = `${start}:${path}`;
    if (this.#states.has(key)) return this.#states.get(key);
    let state = this.#stateInto(directory, start);
    if (state !== undefined && gitignore && directory.length >= this.#filesFrom(directory)) {
      const present = [REPOSITORY, IGNORE_FILE].filter((name) => existsSync(`${path}${separator}${name}`));
      state = this.listed(state, path, present);
    }
    this.#states.set(key, state);
    return state;
  }

  #stateInto(directory: readonly string[], start: number): IgnoreState | undefined {
    const depth = directory.length;
    let state = IgnoreState.empty;
    if (depth > Math.min(start, this.#filesFrom(directory))) {
      const parent = this.#stateAt(directory.slice(0, -1), start);
      const child = directory.at(-1) ?? '';
      if (parent === undefined) return undefined;
      if (depth > start && this.ignores(parent, `${child}/`, directory.slice(start).join('/'))) return undefined;
      state = parent.enter(child);
    }
    return depth === start ? state.withCaller(this.#patterns) : state;
  }

  /**
   * From which depth on ignore files count for a directory: from the root of the repository it is in; without one, from the
   * working directory; for what lies outside of that, only the walk finds any.
   */
  #filesFrom(directory: readonly string[]): number {
    if (!this.#options.gitignore) return Number.POSITIVE_INFINITY;
    const repository = this.#repositoryDepth(directory);
    if (repository !== undefined) return repository;
    const isInside = this.#cwd.every((component, index) => component === directory[index]);
    return isInside ? this.#cwd.length : Number.POSITIVE_INFINITY;
  }

  /** How many components the path of the repository has that a directory belongs to. */
  #repositoryDepth(directory: readonly string[]): number | undefined {
    const path = directory.join(this.#options.separator);
    if (this.#repositories.has(path)) return this.#repositories.get(path);
    const isRepository = existsSync(`${path}${this.#options.separator}${REPOSITORY}`);
    const depth = isRepository
      ? directory.length
      : directory.length > 1
        ? this.#repositoryDepth(directory.slice(0, -1))
        : undefined;
    this.#repositories.set(path, depth);
    return depth;
  }

  #readPatterns(directory: string): PatternList {
    const path = joinPath(directory, IGNORE_FILE, this.#options.separator);
    try {
      return parsePatterns(ignoreFileLines(readFileSync(path, 'utf8')));
    } catch (cause) {
      throw unreadable(path, cause);
    }
  }
}

function components(path: string, separator: string): string[] {
  if (path === '') return [];
  return (path.endsWith(separator) ? path.slice(0, -1) : path).split(separator);
}

/** As fast-glob takes away what `!pattern` matches: dotfiles too, and with a directory all that is in it. */
function globMatcher(globs: readonly string[]): ((name: string) => boolean) | undefined {
  if (globs.length === 0) return undefined;
  const micromatch: typeof import('micromatch') = createRequire(import.meta.url)('micromatch');
  const expressions = globs.map((glob) => micromatch.makeRe(glob.replace(/^(?:\/|\.{1,2}\/)+/, ''), { dot: true }));
  return (name) => expressions.some((expression) => expression.test(name.replace(/\/$/, '')));
}
