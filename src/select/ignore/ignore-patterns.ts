/**
 * The patterns of gitignore(5) on the way down a tree. A walk carries a state with it: the pattern sets that apply, each
 * compiled once, and where in each of them the walk stands.
 *
 * On a node_modules of 31,500 files, 23 patterns of a .gitignore and three excludes add 10 % to the CPU time of the walk.
 */
import { PzipError } from '../../common/errors.js';
import type { Pace } from '../../common/pace.js';
import type { Repository } from './git-repository.js';
import { enterNodes, MOST_CALLER_COMPONENTS, MOST_COMPONENTS, type Node, nameFor, PatternSet } from './pattern-set.js';
import { toByteString } from './wildmatch.js';

/** A few patterns of the caller's, as lines of an ignore file have them. */
export function parsePatterns(lines: readonly string[]): PatternSet {
  const set = new PatternSet(false);
  if (lines.every((line) => set.add(toByteString(line)))) return set;
  throw tooManyPatterns(MOST_COMPONENTS);
}

/**
 * All patterns of the caller's.
 *
 * @throws PzipError PZIP_USAGE where they are too many
 */
export async function compilePatterns(lines: readonly string[], pace: Pace): Promise<PatternSet> {
  const set = new PatternSet(false, MOST_CALLER_COMPONENTS);
  for (const [index, line] of lines.entries()) {
    if (!set.add(toByteString(line))) throw tooManyPatterns(MOST_CALLER_COMPONENTS);
    if (index % LINES_BETWEEN_LOOKS === 0 && pace.isDue) await pace.turn();
  }
  return set;
}

/** Lines that are read or compiled before the clock is looked at, which takes as long as one line. */
export const LINES_BETWEEN_LOOKS = 64;

function tooManyPatterns(limit: number): PzipError {
  const message = `There are too many patterns: they have more than ${limit} components between slashes`;
  return new PzipError('PZIP_USAGE', message);
}

/**
 * The patterns of a file of git's.
 *
 * @returns undefined where they are too many
 */
export function parsePatternFile(bytes: Buffer, ignoresCase: boolean): PatternSet | undefined {
  const set = new PatternSet(ignoresCase);
  const text = bytes.toString('latin1', bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0);
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const next = end === -1 ? text.length : end;
    if (!set.add(text.slice(start, text.charCodeAt(next - 1) === CARRIAGE_RETURN ? next - 1 : next))) return undefined;
    start = next + 1;
  }
  return set;
}

const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
const CARRIAGE_RETURN = 0x0d;

/** A pattern set, and where the walk stands in it. */
interface Frame {
  readonly set: PatternSet;
  readonly nodes: readonly Node[];
}

/** Which patterns keep a name out. Only what git's ignore is taken back for a tracked file. */
export type Verdict = 'kept' | 'ignored-by-caller' | 'ignored-by-git';

/** What the patterns that apply in a directory say of the names in it. */
export class IgnoreState {
  static readonly empty = new IgnoreState([], undefined, undefined, false);

  /** Of git's files, the one that counts least first. */
  readonly #files: readonly Frame[];
  /** Has the last word. */
  readonly #caller: Frame | undefined;
  /** That the directory belongs to. */
  readonly repository: Repository | undefined;
  /** The directory is ignored, and entered for the tracked files in it. */
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

  /** The state in a directory of this one, named without a slash. */
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

  /** With the patterns of an ignore file that lies in this directory. */
  withFile(set: PatternSet): IgnoreState {
    // Git does not look for any in a directory that it ignores.
    if (set.components === 0 || this.#isTrackedOnly) return this;
    return new IgnoreState([...this.#files, begin(set)], this.#caller, this.repository, false);
  }

  /** With the caller's patterns, which start in this directory. */
  withCaller(set: PatternSet): IgnoreState {
    return set.components === 0 ? this : new IgnoreState(this.#files, begin(set), this.repository, this.#isTrackedOnly);
  }

  /** At the top of a repository, without what ignore files above say: one inside another is separate. */
  withRepository(repository: Repository | undefined): IgnoreState {
    if (this.#files.length === 0 && repository === this.repository && !this.#isTrackedOnly) return this;
    const files = repository?.patternSets.map(begin) ?? [];
    return new IgnoreState(files, this.#caller, repository, false);
  }

  /** Components of the patterns that git's files have here, all together. */
  get components(): number {
    return this.#files.reduce((sum, { set }) => sum + set.components, 0);
  }
}

/** Of all files that apply in one directory: a deep tree must not hold the most of one file at every level. */
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
