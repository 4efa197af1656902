/**
 * Decides what is excluded: by the caller's patterns, which are relative to the start of names, and by the tree's .gitignore
 * files, each relative to its directory. A walk carries an IgnoreState; for other paths, the state is computed from the top
 * down.
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
  /** From the caller's ignore files, then from the command line. */
  readonly patterns: PatternSet;
  /** The negated inputs (`!`); undefined if there are none. */
  readonly negated: NegatedGlobs | undefined;
  /** Git's rules, if requested. */
  readonly git: GitIgnore | undefined;
}

export class IgnoreRules {
  readonly #options: IgnoreOptions;
  readonly #patterns: PatternSet;
  /** States by directory; undefined for an ignored one. */
  readonly #states = new Map<string, IgnoreState | undefined>();
  /** The undecoded names of the last directory with names that are not UTF-8. */
  #undecoded: { readonly path: string; readonly bytes: ReadonlyMap<string, string> } | undefined;
  /** Upper bound of the pattern components in these states. */
  #componentsHeld = 0;

  constructor(options: IgnoreOptions) {
    this.#options = options;
    this.#patterns = options.patterns;
  }

  /** Whether no name can be ignored. */
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

  /** The bytes of a name that Node could not decode, as a byte string; undefined if it is valid UTF-8. */
  #bytesOf(child: string, path: string): string | undefined {
    if (this.#undecoded?.path !== path) {
      const names = listBytes(path).filter((name) => isSuspectName(name.toString()));
      const bytes = new Map(names.map((name) => [name.toString(), name.toString('latin1')]));
      this.#undecoded = { path, bytes };
    }
    return this.#undecoded.bytes.get(child.endsWith('/') ? child.slice(0, -1) : child);
  }

  /**
   * The state of a directory with known children, including its own ignore file.
   *
   * @param state from before it was listed
   * @param location the path of the directory for system calls, with a separator at the end
   */
  listed(state: IgnoreState, path: string, children: readonly string[], location: string): IgnoreState {
    return this.#options.git?.listed(state, path, children, location) ?? state;
  }

  /**
   * Whether an entry that was not found by a walk is excluded, itself or by one of its parent directories.
   *
   * @param path absolute
   * @param child its last component; a directory's ends in `/`
   * @param name in the archive, which is a suffix of the path
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
   * The initial state of a directory that was not found by a walk; undefined if it is excluded.
   *
   * @param name in the archive, with a `/` at the end; empty for the current directory
   */
  enterDirectory(path: string, name: string): IgnoreState | undefined {
    if (this.isIdle) return IgnoreState.empty;
    const { directory, start } = this.#locate(path, name);
    return this.#stateInto(directory, start);
  }

  /** The components of a path, the first of which is empty or a drive, and the number of them before the name. */
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

  /** The state of a directory, including its own ignore file, for its entries. */
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

  /** The relevant names in a directory that is not listed. */
  #presentIn(path: string): string[] {
    return ['.git', '.gitignore'].filter((name) => {
      try {
        return lstatSync(joinPath(path, name, this.#options.separator), { throwIfNoEntry: false }) !== undefined;
      } catch {
        // Reading it will report the error.
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

/** Cache limit of states for directories that were not found by a walk; they share components with their parents. */
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
