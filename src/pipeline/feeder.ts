/**
 * The feeding loop: passes added entries to the planner, in the order of the calls. A slow sink stops it through the memory
 * budget, and with it a caller that awaits its add calls.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { contentSize, type Source, type StreamSource } from '../common/entry.js';
import { PzipError } from '../common/errors.js';
import { LONGEST_STRETCH } from '../common/pace.js';
import { Channel } from './channel.js';
import type { EngineWarnings } from './engine-warnings.js';
import type { Planner } from './planner.js';
import type { ProgressCounter } from './progress.js';
import type { SkipPolicy } from './skip-policy.js';

/** Entries of a caller's iterable. */
export interface Production {
  readonly next: () => Promise<Source | undefined>;
  /** Tells the producer that the loop ended early, without waiting for its reaction. */
  readonly letGo: () => void;
}

export type Selected = AsyncGenerator<readonly Source[], void, undefined>;
export type Sources = Iterable<readonly Source[]> | Selected | Production;

/** The entries of one add call. */
export interface Addition {
  /** Called when it is the entry's turn; only then is a file examined. */
  readonly sources: () => Sources;
  /** Whether it is one entry of known size, which progress has already counted. */
  readonly isCounted: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The stream or iterable that is being read, which may never end. */
export interface Producer {
  /** Undefined for the iterable of addEntries(). */
  readonly entryName?: string;
}

export interface FeederOptions {
  readonly planner: Planner;
  readonly progress: ProgressCounter;
  readonly skips: SkipPolicy;
  readonly engineWarnings: EngineWarnings;
  /** The level of entries without their own. */
  readonly level: number;
  /** Throws if the archive has failed. */
  readonly checkpoint: () => void;
}

/**
 * Entries of a selection that are found in advance if progress is reported, so that totals are known before the first byte.
 * A Source takes some 300 bytes; the totals of a larger selection are unknown at first.
 */
const MAX_LOOK_AHEAD = 100_000;

export class Feeder {
  readonly #additions = new Channel<Addition>();
  readonly #options: FeederOptions;
  /** Number of queued additions whose entries are not counted yet. */
  #uncounted = 0;
  #producer: Producer | undefined;

  constructor(options: FeederOptions) {
    this.#options = options;
  }

  get producer(): Producer | undefined {
    return this.#producer;
  }

  get isEnded(): boolean {
    return this.#additions.isEnded;
  }

  add(addition: Addition): void {
    if (!addition.isCounted) this.#uncounted++;
    this.#additions.push(addition);
  }

  /** No more entries will be added. */
  end(): void {
    this.#additions.end();
    this.#noticeTotals();
  }

  /** Rejects additions that were not processed. */
  fail(error: unknown): void {
    for (const { reject } of this.#additions.fail(error)) reject(error);
  }

  async run(): Promise<void> {
    const { planner } = this.#options;
    for await (const addition of this.#additions) {
      try {
        await this.#feed(addition);
        addition.resolve();
      } catch (error) {
        addition.reject(error);
        throw error;
      }
      // Nothing else is queued, so the entries do not wait until their batch is full.
      if (this.#additions.isEmpty) await nextTurn();
      if (this.#additions.isEmpty && !this.#additions.isEnded) await planner.flush();
    }
    this.#noticeTotals();
    await planner.finish();
  }

  async #feed({ sources, isCounted }: Addition): Promise<void> {
    const found = this.#look(sources);
    if ('letGo' in found) {
      await this.#feedProduction(found);
    } else if (Symbol.asyncIterator in found) {
      const { ahead, isAll } = await this.#lookAhead(found);
      if (isAll) this.#counted();
      await this.#feedAll(ahead, true);
      if (isAll) return;
      await this.#feedSelected(found);
    } else {
      await this.#feedAll(found, isCounted);
    }
    if (!isCounted) this.#counted();
  }

  /** A file that cannot be read may be skipped. */
  #look(sources: Addition['sources']): Sources {
    try {
      return sources();
    } catch (error) {
      if (!(error instanceof PzipError)) throw error;
      this.#options.skips.skip(error);
      return [];
    }
  }

  async #feedAll(sources: Iterable<readonly Source[]>, isCounted: boolean): Promise<void> {
    let lastTurn = performance.now();
    for (const several of sources) {
      for (const source of several) {
        const wait = this.#planNext(isCounted ? source : this.#count(source));
        if (wait) {
          await wait;
          lastTurn = performance.now();
        }
      }
      if (performance.now() - lastTurn > LONGEST_STRETCH) {
        await nextTurn();
        this.#options.checkpoint();
        lastTurn = performance.now();
      }
    }
  }

  async #feedProduction(production: Production): Promise<void> {
    let isGivenUp = false;
    const addEach = async (): Promise<void> => {
      for (;;) {
        const source = await production.next();
        if (isGivenUp || source === undefined) return;
        const wait = this.#planNext(this.#count(source));
        if (wait) await wait;
      }
    };
    try {
      this.#producer = {};
      await this.#options.planner.whileProducing(addEach());
    } catch (error) {
      isGivenUp = true;
      production.letGo();
      throw error;
    } finally {
      this.#producer = undefined;
    }
  }

  async #feedSelected(found: Selected): Promise<void> {
    for await (const several of found) {
      for (const source of several) {
        const wait = this.#planNext(this.#count(source));
        if (wait) await wait;
      }
    }
  }

  #planNext(source: Source): Promise<void> | undefined {
    const { planner, engineWarnings, level, progress } = this.#options;
    progress.limits?.checkFound();
    const isCompressed = source.kind === 'file' || source.kind === 'bytes' || source.kind === 'stream';
    if (isCompressed) engineWarnings.compressing(source.level ?? level);
    const planned = planner.add(source);
    return source.kind === 'stream' && planned !== undefined ? this.#producing(source.name, planned) : planned;
  }

  async #producing(entryName: string, planned: Promise<void>): Promise<void> {
    const outer = this.#producer;
    this.#producer = { entryName };
    await planned;
    this.#producer = outer;
  }

  /** If progress is reported, finds entries of a selection in advance, so that its totals are known. */
  async #lookAhead(found: Selected): Promise<{ ahead: Generator<Source[]>; isAll: boolean }> {
    const { progress, checkpoint } = this.#options;
    const ahead: Source[][] = [];
    let entries = 0;
    let isAll = false;
    const { limits } = progress;
    if (progress.isWatched || limits?.looksAhead === true) {
      progress.phase = 'finding';
      while (!isAll && (entries < MAX_LOOK_AHEAD || limits?.isExceeded === true)) {
        const next = await found.next();
        checkpoint();
        if (next.done === true) {
          isAll = true;
        } else {
          const counted = next.value.map((source) => this.#count(source));
          // Only the totals matter if they are too large.
          if (limits?.isExceeded !== true) ahead.push(counted);
          entries += next.value.length;
          progress.report();
        }
      }
      limits?.checkFound();
      checkpoint();
      progress.phase = 'archiving';
    }
    return { ahead: emptying(ahead), isAll };
  }

  /** Counts an entry as found; bytes of a stream of unknown length are counted as they arrive. */
  #count(source: Source): Source {
    const { progress } = this.#options;
    const size = contentSize(source);
    const { limits } = progress;
    progress.found(1, size ?? 0, size === undefined ? undefined : source.name);
    if (source.kind !== 'stream' || size !== undefined || !(progress.isWatched || limits?.looksAhead)) return source;
    let total = 0;
    return countingStream(source, (bytes) => {
      total += bytes;
      progress.found(0, bytes);
      limits?.arrived(source.name, bytes, total);
    });
  }

  #counted(): void {
    this.#uncounted--;
    this.#noticeTotals();
  }

  #noticeTotals(): void {
    if (this.#additions.isEnded && this.#uncounted === 0) this.#options.progress.isTotalKnown = true;
  }
}

function countingStream(source: StreamSource, count: (bytes: number) => void): StreamSource {
  return {
    ...source,
    open: async () => {
      const reader = await source.open();
      return {
        read: async () => {
          const bytes = await reader.read();
          count(bytes?.length ?? 0);
          return bytes;
        },
        cancel: (reason) => reader.cancel(reason),
      };
    },
  };
}

/** Yields the values and releases each one. */
function* emptying<T>(values: T[]): Generator<T> {
  values.reverse();
  for (let value = values.pop(); value !== undefined; value = values.pop()) yield value;
}
