/**
 * What stays out of the selection: by the caller's patterns, which start where names start, and by the .gitignore files of
 * the tree, each of which starts in its directory. A walk carries an IgnoreState with it; for paths that were reached another
 * way the state is found by going down to them.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { unreadable } from '../failures.js';
import type { NegatedGlobs } from '../globs/negated-globs.js';
import { joinPath } from '../names/entry-names.js';
import { isSuspectName } from '../names/suspect-names.js';
import type { GitIgnore } from './git-ignore.js';
import { IgnoreState } from './ignore-state.js';
import { MOST_COMPONENTS, type PatternSet } from './pattern-set.js';

export interface IgnoreOptions {
  readonly separator: string;
  /** Of ignore files that the caller names, then of the command line. */
  readonly patterns: PatternSet;
  /** The inputs that began with `!`; undefined where none did. */
  readonly negated: NegatedGlobs | undefined;
  /** What git ignores, where that is honoured. */
  readonly git: GitIgnore | undefined;
}

export class IgnoreRules {
  readonly #options: IgnoreOptions;
  readonly #patterns: PatternSet;
  /** By directory; undefined for one that is ignored itself. */
  readonly #states = new Map<string, IgnoreState | undefined>();
  /** Of the last directory with names that are not UTF-8. */
  #undecoded: { readonly path: string; readonly bytes: ReadonlyMap<string, string> } | undefined;
  /** Components of the patterns that these hold, at most. */
  #componentsHeld = 0;

  constructor(options: IgnoreOptions) {
    this.#options = options;
    this.#patterns = options.patterns;
  }

  /** Nothing is ignored, whatever it is called. */
  get isIdle(): boolean {
    const { git, negated } = this.#options;
    return this.#patterns.components === 0 && git === undefined && negated === undefined;
  }

  /**
   * @param state of the directory
   * @param path of the directory, absolute
   * @param child its name in the directory; a directory's ends in `/`
   * @param name its whole name in the archive before renaming; a directory's ends in `/`
   */
  ignores(state: IgnoreState, path: string, child: string, name: string): boolean {
    const { git, separator } = this.#options;
    const verdict = state.judge(child, isSuspectName(child) ? this.#bytesOf(child, path) : undefined);
    if (verdict === 'ignored-by-caller') return true;
    if (git?.isRepositoryMark(state, child) === true) return true;
    if (verdict === 'ignored-by-git') {
      const isDirectory = child.endsWith('/');
      const entry = joinPath(path, isDirectory ? child.slice(0, -1) : child, separator);
      if (git?.isTracked(state, entry, isDirectory) !== true) return true;
    }
    return this.#options.negated?.excludes(name) ?? false;
  }

  /** The bytes of a name that Node could not decode, as a byte string; undefined where it is what it looks like. */
  #bytesOf(child: string, path: string): string | undefined {
    if (this.#undecoded?.path !== path) {
      const names = listBytes(path).filter((name) => isSuspectName(name.toString()));
      const bytes = new Map(names.map((name) => [name.toString(), name.toString('latin1')]));
      this.#undecoded = { path, bytes };
    }
    return this.#undecoded.bytes.get(child.endsWith('/') ? child.slice(0, -1) : child);
  }

  /**
   * The state in a directory whose children are known, with what its own ignore file says.
   *
   * @param state as entered, before it was listed
   * @param location by which the system reaches the directory, ending in a separator
   */
  listed(state: IgnoreState, path: string, children: readonly string[], location: string): IgnoreState {
    return this.#options.git?.listed(state, path, children, location) ?? state;
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
    const around = directory.slice(0, -1);
    const state = this.#stateAt(around, start);
    const whole = child.endsWith('/') ? `${name}/` : name;
    return state === undefined || this.ignores(state, this.#pathOf(around), child, whole);
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
    const absolute = resolve(path);
    const directory = components(this.#options.git?.realPath(absolute) ?? absolute, this.#options.separator);
    const names = components(name, '/');
    return { directory, start: directory.length - names.length };
  }

  #pathOf(directory: readonly string[]): string {
    const { separator } = this.#options;
    const path = directory.join(separator);
    return directory.length === 1 ? path + separator : path;
  }

  /** The state in a directory with its own ignore file, for judging what is in it. */
  #stateAt(directory: readonly string[], start: number): IgnoreState | undefined {
    const { git } = this.#options;
    const path = this.#pathOf(directory);
    const key = `${start}:${path}`;
    if (this.#states.has(key)) return this.#states.get(key);
    let state = this.#stateInto(directory, start);
    if (state !== undefined && git !== undefined && directory.length >= git.filesFrom(directory)) {
      const { separator } = this.#options;
      const location = path.endsWith(separator) ? path : path + separator;
      state = git.listed(state, path, this.#presentIn(path), location);
    }
    this.#componentsHeld += state?.components ?? 0;
    if (this.#componentsHeld > MOST_COMPONENTS_HELD) {
      this.#states.clear();
      this.#componentsHeld = state?.components ?? 0;
    }
    this.#states.set(key, state);
    return state;
  }

  /** Of a directory that is not listed, the names that matter here. */
  #presentIn(path: string): string[] {
    return ['.git', '.gitignore'].filter((name) => {
      try {
        return lstatSync(joinPath(path, name, this.#options.separator), { throwIfNoEntry: false }) !== undefined;
      } catch {
        // Reading it will say what is wrong.
        return true;
      }
    });
  }

  #stateInto(directory: readonly string[], start: number): IgnoreState | undefined {
    const depth = directory.length;
    let state = IgnoreState.empty;
    if (depth > Math.min(start, this.#options.git?.filesFrom(directory) ?? Number.POSITIVE_INFINITY)) {
      const around = directory.slice(0, -1);
      const parent = this.#stateAt(around, start);
      const child = directory.at(-1) ?? '';
      if (parent === undefined) return undefined;
      const name = `${directory.slice(start).join('/')}/`;
      if (depth > start && this.ignores(parent, this.#pathOf(around), `${child}/`, name)) return undefined;
      state = parent.enter(child);
    }
    return depth === start ? state.withCaller(this.#patterns) : state;
  }
}

/** Of states for directories that no walk came to, which share what they hold with those above them. */
const MOST_COMPONENTS_HELD = 10 * MOST_COMPONENTS;

function listBytes(path: string): Buffer[] {
  try {
    return readdirSync(path, { encoding: 'buffer' });
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function components(path: string, separator: string): string[] {
  if (path === '') return [];
  return (path.endsWith(separator) ? path.slice(0, -1) : path).split(separator);
}
