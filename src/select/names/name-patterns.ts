/**
 * Patterns with .gitignore syntax that select names in the archive (`first`, levels) instead of excluding them. Most names come
 * sorted, so the state of the last directory is kept.
 */
import { checkPatternLength } from '../globs/caller-patterns.js';
import { parsePatterns } from '../ignore/ignore-patterns.js';
import { IgnoreState } from '../ignore/ignore-state.js';
import type { PatternSet } from '../ignore/pattern-set.js';

export class NamePattern {
  readonly #root: IgnoreState;
  #directory = '';
  /** Undefined in a directory that the pattern matches, contents included. */
  #state: IgnoreState | undefined;

  /**
   * @param pattern one, or several of which the last match decides
   * @throws PzipError PZIP_USAGE for a pattern that is longer than any path
   */
  constructor(pattern: string | PatternSet) {
    this.#root = IgnoreState.empty.withCaller(typeof pattern === 'string' ? parseName(pattern) : pattern);
    this.#state = this.#root;
  }

  /** @param name a directory's ends in `/` */
  matches(name: string): boolean {
    const slash = name.lastIndexOf('/', name.length - 2) + 1;
    if (slash !== this.#directory.length || !name.startsWith(this.#directory)) {
      this.#directory = name.slice(0, slash);
      this.#state = this.#stateIn(this.#directory);
    }
    return this.#state === undefined || this.#state.ignores(name.slice(slash));
  }

  #stateIn(directory: string): IgnoreState | undefined {
    let state = this.#root;
    for (const component of directory.split('/').slice(0, -1)) {
      if (state.ignores(`${component}/`)) return undefined;
      state = state.enter(component);
    }
    return state;
  }
}

/** A set of patterns, of which the last that matches decides. @throws PzipError PZIP_USAGE, as the constructor */
export function patternsOf(patterns: readonly string[]): NamePattern {
  return new NamePattern(parseNames(patterns));
}

function parseName(pattern: string): PatternSet {
  return parseNames([pattern]);
}

function parseNames(patterns: readonly string[]): PatternSet {
  for (const pattern of patterns) checkPatternLength(pattern);
  // Users write paths with `./`, but names never begin so.
  return parsePatterns(patterns.map((pattern) => pattern.replace(/^(!?)(?:\.\/+)+/, '$1/')));
}
