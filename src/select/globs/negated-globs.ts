/**
 * The negated inputs, without their `!`. Each has the same meaning as that text among the inputs, and excludes the matches from
 * all of them, directories with their contents.
 */
import { quote } from '../../common/errors.js';
import { entryNameOf } from '../names/entry-names.js';
import type { PatternScope } from './caller-patterns.js';
import { type GlobPattern, parseGlob } from './glob-pattern.js';
import { GlobSet, type GlobState } from './glob-set.js';
import type { WithinCwd } from './within-cwd.js';

/** Names of an input that is absolute or begins with `../`, and is in the working directory. */
interface Alias {
  /** Ends in `/`, or is empty. */
  readonly name: string;
  /** The same from the working directory. */
  readonly path: string;
}

/** A directory in which everything is left out. */
const ALL = Symbol('all');

export class NegatedGlobs {
  readonly #root: GlobState;
  readonly #aliases: Alias[] = [];
  /** The state of the last directory: names come directory by directory. */
  #directory: string | undefined;
  #state: GlobState | typeof ALL = ALL;

  /** @param patterns whose start is a prefix of names, or a path inside the working directory and relative to it */
  constructor(patterns: readonly GlobPattern[]) {
    this.#root = new GlobSet(patterns).root;
  }

  /**
   * Maps names to paths: `name` in the archive is `path` in the working directory, as are its descendants, and its ancestors as
   * far as the ends of both are equal. Patterns are then matched against the path.
   */
  addAlias(name: string, path: string): void {
    const alias = name.endsWith(path)
      ? { name: name.slice(0, name.length - path.length), path: '' }
      : { name: directoryOf(name), path: directoryOf(path) };
    if (
      alias.name === alias.path ||
      this.#aliases.some((known) => known.name === alias.name && known.path === alias.path)
    )
      return;
    this.#aliases.push(alias);
    this.#directory = undefined;
  }

  /** @param name in the archive before renaming; a directory's ends in `/` */
  excludes(name: string): boolean {
    const isDirectory = name.endsWith('/');
    // Neither the working directory nor its ancestors are matched.
    if (isDirectory && this.#aliases.some((alias) => alias.name.startsWith(name))) return false;
    const end = isDirectory ? name.length - 1 : name.length;
    const start = name.lastIndexOf('/', end - 1) + 1;
    if (this.#directory === undefined || start !== this.#directory.length || !name.startsWith(this.#directory)) {
      this.#directory = name.slice(0, start);
      this.#state = this.#stateIn(this.#directory);
    }
    return this.#state === ALL || this.#state.covers(name.slice(start, end), isDirectory);
  }

  #stateIn(directory: string): GlobState | typeof ALL {
    const alias = this.#aliases.find(({ name }) => directory.startsWith(name));
    const path = alias === undefined ? directory : alias.path + directory.slice(alias.name.length);
    let state = this.#root;
    for (const component of path.split('/').slice(0, -1)) {
      if (state.covers(component, true)) return ALL;
      state = state.enter(component);
    }
    return state;
  }
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/', path.length - 2) + 1);
}

/**
 * Converts a pattern for matching names: `./x`, `../here/x` and the absolute path of `x` in the working directory become `x`.
 * A pattern outside of it becomes the name of the entries there.
 *
 * @returns undefined for a pattern that leads out of its start, which matches nothing
 */
function negatedPattern(
  pattern: GlobPattern,
  within: WithinCwd,
  platform: NodeJS.Platform,
): { readonly pattern: GlobPattern; readonly isInside: boolean } | undefined {
  const inside = within.locate(pattern.head === '' ? '.' : pattern.head);
  let directory = inside;
  if (directory === undefined) {
    try {
      directory = entryNameOf(pattern.head, platform).name;
    } catch {
      return undefined;
    }
  }
  const components = directory.split('/').filter((component) => component !== '');
  const literals = components.map((literal) => ({ literal, matches: (name: string) => name === literal }));
  return {
    pattern: { ...pattern, head: '', segments: [...literals, ...pattern.segments] },
    isInside: inside !== undefined,
  };
}

/** @returns undefined if there is no such path */
export function negatedGlobs(patterns: readonly string[], scope: PatternScope): NegatedGlobs | undefined {
  if (patterns.length === 0) return undefined;
  const { within, platform, exists, warn, hasOutsideInputs } = scope;
  const globs = patterns.flatMap((pattern) => {
    const placed = parseGlob(pattern, exists, platform).map((parsed) => negatedPattern(parsed, within, platform));
    if (!hasOutsideInputs && placed.every((one) => one === undefined || !one.isInside)) {
      const message = `The pattern ${quote(`!${pattern}`)} can match nothing: it names what lies outside, and no input does`;
      warn({ code: 'PZIP_PATTERN_UNMATCHABLE', severity: 'warning', message, path: pattern });
    }
    return placed.flatMap((one) => one?.pattern ?? []);
  });
  return new NegatedGlobs(globs);
}
