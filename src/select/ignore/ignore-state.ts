/**
 * Applies the patterns of gitignore(5) during the traversal of a tree. A walk carries a state: the pattern sets that apply,
 * each compiled once, and the walk's position in each of them.
 *
 * On a node_modules of 31,500 files, 23 patterns of a .gitignore and three excludes add 10 % to the CPU time of the walk.
 */
import type { Repository } from './git-repository.js';
import { enterNodes, MOST_COMPONENTS, type Node, nameFor, type PatternSet } from './pattern-set.js';
import { toByteString } from './wildmatch.js';

/** A pattern set and the walk's position in it. */
interface Frame {
  readonly set: PatternSet;
  readonly nodes: readonly Node[];
}

/** Whose patterns exclude a name. Git's do not exclude a tracked file, the caller's do. */
export type Verdict = 'kept' | 'ignored-by-caller' | 'ignored-by-git';

/** The patterns that apply in one directory. */
export class IgnoreState {
  static readonly empty = new IgnoreState([], undefined, undefined, false);

  /** Of git's files, lowest precedence first. */
  readonly #files: readonly Frame[];
  /** The caller's patterns, which take precedence. */
  readonly #caller: Frame | undefined;
  /** The repository that contains the directory. */
  readonly repository: Repository | undefined;
  /** The directory is ignored; the walk enters it for its tracked files. */
  readonly #isTrackedOnly: boolean;

  private constructor(
    files: readonly Frame[],
    caller: Frame | undefined,
    repository: Repository | undefined,
    isTrackedOnly: boolean,
  ) {
    this.#files = files;
    this.#caller = caller;
    this.repository = repository;
    this.#isTrackedOnly = isTrackedOnly;
  }

  /** @param name in this directory; a directory's ends in `/` */
  ignores(name: string): boolean {
    return this.judge(name) !== 'kept';
  }

  /**
   * @param name in this directory; a directory's ends in `/`
   * @param undecoded its bytes, where they are not UTF-8
   */
  judge(name: string, undecoded?: string): Verdict {
    const isDirectory = name.endsWith('/');
    const bytes = undecoded ?? toByteString(isDirectory ? name.slice(0, -1) : name);
    const caller = this.#caller === undefined ? undefined : judge(this.#caller, bytes, isDirectory);
    if (caller === 'ignored') return 'ignored-by-caller';
    if (this.#isTrackedOnly) return 'ignored-by-git';
    return caller === 'kept' ? 'kept' : this.#judgeByFiles(bytes, isDirectory);
  }

  #judgeByFiles(bytes: string, isDirectory: boolean): Verdict {
    for (let index = this.#files.length - 1; index >= 0; index--) {
      const frame = this.#files[index];
      const verdict = frame === undefined ? undefined : judge(frame, bytes, isDirectory);
      if (verdict !== undefined) return verdict === 'ignored' ? 'ignored-by-git' : 'kept';
    }
    return 'kept';
  }

  /** Returns the state of a subdirectory, named without a slash. */
  enter(name: string): IgnoreState {
    const bytes = toByteString(name);
    const caller = this.#caller === undefined ? undefined : enterFrame(this.#caller, bytes);
    // Only tracked files bring a walk into a directory that git ignores.
    if (this.#files.length > 0 && this.judge(`${name}/`) === 'ignored-by-git') {
      return new IgnoreState([], caller, this.repository, true);
    }
    let isChanged = caller !== this.#caller;
    const files = this.#files.map((frame) => {
      const entered = enterFrame(frame, bytes);
      if (entered !== frame) isChanged = true;
      return entered;
    });
    return isChanged ? new IgnoreState(files, caller, this.repository, this.#isTrackedOnly) : this;
  }

  /** Adds the patterns of an ignore file in this directory. */
  withFile(set: PatternSet): IgnoreState {
    // Git does not read ignore files in a directory that it ignores.
    if (set.components === 0 || this.#isTrackedOnly) return this;
    return new IgnoreState([...this.#files, begin(set)], this.#caller, this.repository, false);
  }

  /** Adds the caller's patterns, which start in this directory. */
  withCaller(set: PatternSet): IgnoreState {
    return set.components === 0 ? this : new IgnoreState(this.#files, begin(set), this.repository, this.#isTrackedOnly);
  }

  /** Enters a repository, where ignore files above it no longer apply. */
  withRepository(repository: Repository | undefined): IgnoreState {
    if (this.#files.length === 0 && repository === this.repository && !this.#isTrackedOnly) return this;
    const files = repository?.patternSets.map(begin) ?? [];
    return new IgnoreState(files, this.#caller, repository, false);
  }

  /** Components of all patterns of git's files that apply here. */
  get components(): number {
    return this.#files.reduce((sum, { set }) => sum + set.components, 0);
  }
}

/** Limit for all files that apply in one directory: a deep tree must not reach one file's limit at every level. */
export const MOST_COMPONENTS_IN_DIRECTORY = 2 * MOST_COMPONENTS;

function begin(set: PatternSet): Frame {
  return { set, nodes: set.start };
}

function judge({ set, nodes }: Frame, bytes: string, isDirectory: boolean): 'ignored' | 'kept' | undefined {
  return set.judge(nodes, nameFor(set, bytes), isDirectory);
}

function enterFrame(frame: Frame, bytes: string): Frame {
  if (frame.nodes.length === 0) return frame;
  const nodes = enterNodes(frame.nodes, nameFor(frame.set, bytes));
  return nodes === frame.nodes ? frame : { set: frame.set, nodes };
}
