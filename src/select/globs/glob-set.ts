/**
 * Matches many patterns against the names of a tree during the traversal. A state contains the rest of each pattern in one
 * directory. Literal segments are looked up in a map, so that thousands of patterns cost no more than a few.
 */
import { GLOBSTAR, type GlobPattern, type GlobSegment, isLiteral } from './glob-pattern.js';

/** The rest of a pattern from one of its segments on. */
interface Item {
  readonly pattern: GlobPattern;
  readonly segment: GlobSegment;
  readonly isLast: boolean;
  /** The rest that applies in a directory that the segment matches. */
  readonly next: Item | undefined;
  readonly number: number;
}

/** Limit of cached states; hostile patterns can have one for each subset of the patterns. */
const MAX_STATES = 4096;

export class GlobSet {
  readonly root: GlobState;

  constructor(patterns: readonly GlobPattern[]) {
    const states = new Map<string, GlobState>();
    const items: Item[] = [];
    let number = 0;
    for (const pattern of patterns) {
      const { segments } = pattern;
      const first = segments.reduceRight<Item | undefined>(
        (next, segment) => ({ pattern, segment, isLast: next === undefined, next, number: number++ }),
        undefined,
      );
      if (first !== undefined) items.push(first);
    }
    this.root = stateOf(items, states);
  }
}

export class GlobState {
  readonly #states: Map<string, GlobState>;
  readonly #literals = new Map<string, Item[]>();
  readonly #wildcards: Item[] = [];
  readonly #globstars: Item[] = [];
  /** The state of a directory that only `**` matches. */
  #otherwise: GlobState | undefined;

  constructor(items: Iterable<Item>, states: Map<string, GlobState>) {
    this.#states = states;
    for (const item of items) {
      if (item.segment === GLOBSTAR) this.#globstars.push(item);
      else if (isLiteral(item.segment)) {
        const known = this.#literals.get(item.segment.literal);
        if (known === undefined) this.#literals.set(item.segment.literal, [item]);
        else known.push(item);
      } else this.#wildcards.push(item);
    }
  }

  /** Nothing below can match. */
  get isDead(): boolean {
    return this.#literals.size === 0 && this.#wildcards.length === 0 && this.#globstars.length === 0;
  }

  /** Whether a pattern that is still without a match may find one below. */
  isWanted(used: ReadonlySet<string>): boolean {
    const isUnused = ({ pattern }: Item): boolean => !used.has(pattern.source);
    return (
      this.#wildcards.some(isUnused) ||
      this.#globstars.some(isUnused) ||
      [...this.#literals.values()].flat().some(isUnused)
    );
  }

  /** Only literal names can match here, so the directory need not be listed. */
  get onlyNames(): readonly string[] | undefined {
    return this.#wildcards.length === 0 && this.#globstars.length === 0 ? [...this.#literals.keys()] : undefined;
  }

  /** The patterns that match a child with its contents. A `**` matches only files and links. */
  matching(child: string, isDirectory: boolean): readonly GlobPattern[] {
    const found: GlobPattern[] = [];
    for (const { pattern, isLast } of this.#matched(child)) {
      if (isLast && (isDirectory || !pattern.isDirectoryOnly)) found.push(pattern);
    }
    for (const { pattern, isLast } of this.#globstars) {
      if (isLast && isDirectory === pattern.isDirectoryOnly) found.push(pattern);
    }
    return found;
  }

  /** Whether a child matches with its contents, or all of its contents do. */
  covers(child: string, isDirectory: boolean): boolean {
    for (const { pattern, isLast } of this.#globstars)
      if (isLast && (isDirectory || !pattern.isDirectoryOnly)) return true;
    for (const { pattern, isLast, next } of this.#matched(child)) {
      if (isLast && (isDirectory || !pattern.isDirectoryOnly)) return true;
      if (isDirectory && next?.segment === GLOBSTAR && next.isLast && !pattern.isDirectoryOnly) return true;
    }
    return false;
  }

  /** The state of a subdirectory. */
  enter(child: string): GlobState {
    const next = new Set<Item>();
    for (const { next: item } of this.#matched(child)) if (item !== undefined) next.add(item);
    if (next.size === 0) {
      this.#otherwise ??= stateOf(this.#globstars, this.#states);
      return this.#otherwise;
    }
    for (const item of this.#globstars) next.add(item);
    return stateOf(next, this.#states);
  }

  *#matched(child: string): Generator<Item> {
    yield* this.#literals.get(child) ?? [];
    for (const item of this.#wildcards) {
      if (item.segment !== GLOBSTAR && item.segment.matches(child)) yield item;
    }
  }
}

/** A `**` also matches no directory, so the segments after it apply at once. */
function stateOf(items: Iterable<Item>, states: Map<string, GlobState>): GlobState {
  const all = new Set<Item>();
  for (let item of items) {
    all.add(item);
    while (item.segment === GLOBSTAR && item.next !== undefined) {
      item = item.next;
      all.add(item);
    }
  }
  const key = [...all].map(({ number }) => number).join();
  const known = states.get(key);
  if (known !== undefined) return known;
  if (states.size >= MAX_STATES) states.clear();
  const state = new GlobState(all, states);
  states.set(key, state);
  return state;
}
