/** Merges two sorted streams of entries: those on both sides, and those on one. */
import { compareNames } from '../common/name-order.js';
import type { Facts } from './facts.js';

/** An entry of one side, or of both. */
export interface Pair {
  readonly a: Facts | undefined;
  readonly b: Facts | undefined;
}

type Batches = AsyncGenerator<readonly Facts[], void, undefined>;

/** The next entry of a stream; undefined at its end. */
class Head {
  facts: Facts | undefined;
  readonly #batches: Batches;
  readonly #takes: (facts: Facts) => boolean;
  #batch: readonly Facts[] = [];
  #next = 0;

  constructor(batches: Batches, takes: (facts: Facts) => boolean) {
    this.#batches = batches;
    this.#takes = takes;
  }

  /** @returns false if the next batch must be awaited */
  step(): boolean {
    while (this.#next < this.#batch.length) {
      const facts = this.#batch[this.#next++];
      if (facts === undefined || !this.#takes(facts)) continue;
      this.facts = facts;
      return true;
    }
    return false;
  }

  async advance(): Promise<void> {
    while (!this.step()) {
      const { done, value } = await this.#batches.next();
      if (done === true) {
        this.facts = undefined;
        return;
      }
      this.#batch = value;
      this.#next = 0;
    }
  }

  async end(): Promise<void> {
    await this.#batches.return();
  }
}

/**
 * If a name occurs several times on a side, its entries are paired in the order of the side. A directory that only one side has
 * an entry for is omitted if the other side has entries in it.
 *
 * @param comparesDirectories false omits all entries for directories
 */
export async function* mergeFacts(
  a: Batches,
  b: Batches,
  comparesDirectories: boolean,
): AsyncGenerator<Pair, void, undefined> {
  const takes = ({ kind }: Facts): boolean => comparesDirectories || kind !== 'directory';
  const left = new Head(a, takes);
  const right = new Head(b, takes);
  try {
    await left.advance();
    await right.advance();
    while (left.facts !== undefined || right.facts !== undefined) {
      const order = compareHeads(left.facts, right.facts);
      const pair = { a: order <= 0 ? left.facts : undefined, b: order >= 0 ? right.facts : undefined };
      if (order <= 0 && !left.step()) await left.advance();
      if (order >= 0 && !right.step()) await right.advance();
      const isImplied =
        isImpliedBy(pair.a, order < 0 ? right : undefined) || isImpliedBy(pair.b, order > 0 ? left : undefined);
      if (!isImplied) yield pair;
    }
  } finally {
    await left.end();
    await right.end();
  }
}

function compareHeads(a: Facts | undefined, b: Facts | undefined): number {
  if (a === undefined) return 1;
  return b === undefined ? -1 : compareNames(a.name, b.name);
}

/** In the order of names, a directory's contents follow it. */
function isImpliedBy(facts: Facts | undefined, other: Head | undefined): boolean {
  return facts?.kind === 'directory' && other?.facts?.name.startsWith(facts.name) === true;
}
