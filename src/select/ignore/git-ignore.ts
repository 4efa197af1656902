/**
 * Applies git's ignore rules to the selected directories: finds their repositories, decides which are trusted, and reads the
 * ignore files on the path. Loaded only if requested.
 */
import { statSync } from 'node:fs';
import { PzipError, quote } from '../../common/errors.js';
import type { PzipWarning } from '../../common/warnings.js';
import { joinPath } from '../names/entry-names.js';
import { realPathOf } from './git-config.js';
import {
  type FoundRepository,
  findRepository,
  foreignOwner,
  Repository,
  type RepositoryContext,
} from './git-repository.js';
import { type IgnoreState, MOST_COMPONENTS_IN_DIRECTORY } from './ignore-state.js';
import { PatternReader } from './pattern-files.js';

/** The ignore file of each directory, and the mark of a repository, which is never selected with it. */
export const IGNORE_FILE = '.gitignore';
export const REPOSITORY = '.git';

export interface GitIgnoreOptions {
  /** Absolute. */
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  readonly warn: (warning: PzipWarning) => void;
}

/** A directory that contains `.git`. */
type Top =
  | { readonly kind: 'repository'; readonly repository: Repository }
  /** A separate repository, of which only the working tree is read. */
  | { readonly kind: 'separate' };

export class GitIgnore {
  readonly #separator: string;
  /** The path as given, and resolved: git searches for the repository above the latter. */
  readonly #givenCwd: string;
  readonly #realCwd: string;
  /** Components of the path, of which the first is empty or a drive. */
  readonly #cwd: readonly string[];
  readonly #context: RepositoryContext;
  /** By directory that contains `.git`; undefined if that is not a repository. */
  readonly #tops = new Map<string, Top | undefined>();
  /** By directory, the number of components in the path of its repository. */
  readonly #depths = new Map<string, number | undefined>();
  readonly #ceilings: ReadonlySet<string>;

  constructor({ cwd, platform, warn }: GitIgnoreOptions) {
    const separator = platform === 'win32' ? '\\' : '/';
    this.#separator = separator;
    this.#givenCwd = cwd;
    this.#realCwd = realPathOf(cwd) ?? cwd;
    this.#cwd = (this.#realCwd.endsWith(separator) ? this.#realCwd.slice(0, -1) : this.#realCwd).split(separator);
    const environment = process.env;
    this.#context = { environment, platform, separator, warn, patternFiles: new PatternReader(warn) };
    const ceilings = (environment.GIT_CEILING_DIRECTORIES ?? '').split(platform === 'win32' ? ';' : ':');
    this.#ceilings = new Set(ceilings.filter((path) => path !== '').map((path) => path.replace(/(?<=.)[/\\]$/, '')));
  }

  /** A path below the working directory, with the links in the latter resolved. */
  realPath(path: string): string {
    const given = this.#givenCwd;
    if (given === this.#realCwd || !path.startsWith(given)) return path;
    const rest = path.slice(given.length);
    return rest === '' || rest.startsWith(this.#separator) ? this.#realCwd + rest : path;
  }

  /**
   * The state of a directory with known children, including its own ignore file.
   *
   * @param state from before it was listed
   * @param given the directory's path, absolute
   * @param location the path of the directory for system calls, with a separator at the end
   */
  listed(state: IgnoreState, given: string, children: readonly string[], location: string): IgnoreState {
    const path = this.realPath(given);
    let own = state;
    if (children.includes(`${REPOSITORY}/`) || children.includes(REPOSITORY)) {
      const top = this.#top(path);
      if (top !== undefined) own = state.withRepository(top.kind === 'repository' ? top.repository : undefined);
    }
    const file = joinPath(path, IGNORE_FILE, this.#separator);
    const { patternFiles } = this.#context;
    if (!children.includes(IGNORE_FILE)) {
      if (own.repository?.lacksIgnoreFile(path) === true) patternFiles.reportMissing(file);
      return own;
    }
    const ignoresCase = own.repository?.ignoresCase ?? false;
    const set = patternFiles.read(file, { follows: false, ignoresCase, location: location + IGNORE_FILE });
    const inside = set === undefined ? own : own.withFile(set);
    if (inside.components > MOST_COMPONENTS_IN_DIRECTORY) {
      const message = `With ${quote(file)}, the ignore files on the way to it hold too many patterns`;
      throw new PzipError('PZIP_SOURCE_UNSUPPORTED', message, { path: file });
    }
    return inside;
  }

  /** Whether an entry that git ignores is tracked, or is a directory with tracked files. */
  isTracked(state: IgnoreState, given: string, isDirectory: boolean): boolean {
    return state.repository?.isTracked(this.realPath(given), isDirectory) === true;
  }

  /** Whether an entry's name is that of a repository's directory, `.git`. */
  isRepositoryMark(state: IgnoreState, child: string): boolean {
    if (child.length > REPOSITORY.length + 1 || child.charCodeAt(0) !== 0x2e) return false;
    const name = child.endsWith('/') ? child.slice(0, -1) : child;
    return name === REPOSITORY || (state.repository?.ignoresCase === true && name.toLowerCase() === REPOSITORY);
  }

  /**
   * The depth from which ignore files apply to a directory: the top of its repository or, without one, the working directory.
   * Outside of that, only those found by the walk apply.
   */
  filesFrom(directory: readonly string[]): number {
    const depth = this.#repositoryDepth(directory);
    const isInside = this.#isInsideCwd(directory);
    if (depth !== undefined) {
      const top = this.#top(this.#pathOf(directory.slice(0, depth)));
      // Any user may have created what is above the working directory.
      if (top?.kind === 'repository' || (isInside && depth >= this.#cwd.length)) return depth;
    }
    return isInside ? this.#cwd.length : Number.POSITIVE_INFINITY;
  }

  #isInsideCwd(directory: readonly string[]): boolean {
    return this.#cwd.every((component, index) => component === directory[index]);
  }

  #pathOf(directory: readonly string[]): string {
    const path = directory.join(this.#separator);
    return directory.length === 1 ? path + this.#separator : path;
  }

  #repositoryDepth(directory: readonly string[]): number | undefined {
    const path = this.#pathOf(directory);
    if (this.#depths.has(path)) return this.#depths.get(path);
    const depth = this.#top(path) !== undefined ? directory.length : this.#depthAbove(directory, path);
    this.#depths.set(path, depth);
    return depth;
  }

  #depthAbove(directory: readonly string[], path: string): number | undefined {
    if (directory.length === 1) return undefined;
    const parent = directory.slice(0, -1);
    const parentPath = this.#pathOf(parent);
    // Above the working directory git stops at its ceiling directories and at the root of a file system.
    const isAbove = this.#cwd.length >= directory.length && parent.every((name, at) => name === this.#cwd[at]);
    if (isAbove && (this.#ceilings.has(parentPath) || this.#isMountPoint(path, parentPath))) return undefined;
    return this.#repositoryDepth(parent);
  }

  #isMountPoint(path: string, parent: string): boolean {
    if (/^(?:true|yes|on|1)$/i.test(this.#context.environment.GIT_DISCOVERY_ACROSS_FILESYSTEM ?? '')) return false;
    try {
      return statSync(path).dev !== statSync(parent).dev;
    } catch {
      return false;
    }
  }

  #top(path: string): Top | undefined {
    if (this.#tops.has(path)) return this.#tops.get(path);
    const found = hasMark(path) ? findRepository(path) : undefined;
    const top = found === undefined ? undefined : this.#open(path, found);
    // Most directories are already known to have no mark.
    if (found !== undefined) this.#tops.set(path, top);
    return top;
  }

  #open(path: string, found: FoundRepository): Top {
    if (found.kind === 'separate') return found;
    if (found.kind === 'unreadable') {
      this.#skip(path, `cannot be read (${found.code}), so its excludes and its index do not count`);
      return { kind: 'separate' };
    }
    const owner = foreignOwner(path, found.place, this.#context);
    if (owner === undefined) {
      return { kind: 'repository', repository: new Repository(path, found.place, this.#context) };
    }
    const trust = `git config --global --add safe.directory ${quote(path)}`;
    this.#skip(
      path,
      `belongs to another user (uid ${owner}), so its excludes and its index do not count; trust it with ${trust}`,
    );
    return { kind: 'separate' };
  }

  #skip(path: string, why: string): void {
    const message = `The repository ${quote(path)} ${why}`;
    this.#context.warn({ code: 'PZIP_REPOSITORY_SKIPPED', severity: 'warning', message, path });
  }
}

function hasMark(path: string): boolean {
  try {
    return statSync(`${path}/${REPOSITORY}`, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
