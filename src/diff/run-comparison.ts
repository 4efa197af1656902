/**
 * Finds the differences, in the order of the names. Pairs whose contents must be read are batched into tasks for threads; a
 * large pair gets a task of its own. Tasks end in any order; their results wait in a bounded queue.
 */
import { PzipError } from '../common/errors.js';
import { MAX_TASK_ENTRIES, MAX_TASK_LENGTH, MAX_WHOLE_LENGTH } from '../reader/limits.js';
import type { CompareFailure, CompareTask, CompareVerdict, TaskPlace } from './compare-task.js';
import {
  bothSides,
  type CompareRules,
  type ContentPair,
  contentAspect,
  type DiffAspect,
  type DiffEntry,
  decide,
  toDiffEntry,
} from './decide.js';
import type { ContentPlace, Facts, Operand } from './facts.js';
import { mergeFacts, type Pair } from './merge-facts.js';

/** Something in which two archives, directories or manifests differ. */
export interface Difference {
  /** `added`: only in B. `removed`: only in A. `failed`: it could not be compared, for the reason in `error`. */
  readonly change: 'added' | 'removed' | 'changed' | 'failed';
  /** A directory's ends in `/`. */
  readonly name: string;
  /** What differs; empty unless `change` is `changed`. */
  readonly aspects: readonly DiffAspect[];
  /** Undefined if only B has the entry. */
  readonly a: DiffEntry | undefined;
  /** Undefined if only A has the entry. */
  readonly b: DiffEntry | undefined;
  readonly error: PzipError | undefined;
}

export interface ComparisonOptions extends CompareRules {
  readonly comparesDirectories: boolean;
  /** Runs a task on any thread. */
  readonly run: (task: CompareTask, contentLength: number) => Promise<readonly CompareVerdict[]>;
  /** Maximum number of tasks in progress. */
  readonly concurrency: number;
  /** Called regularly; throws to stop the comparison. */
  readonly checkpoint: () => void;
  /** Errors since the last call about files that could not be examined. */
  readonly takeFailures: () => readonly Difference[];
  /** Called for each entry that is the same on both sides. */
  readonly onEqual: () => void;
}

/** The differences that a task will complete. */
interface Slot {
  readonly a: Facts;
  readonly b: Facts;
  readonly aspects: readonly DiffAspect[];
  readonly content: ContentPair | undefined;
}

export async function* compareOperands(
  a: Operand,
  b: Operand,
  options: ComparisonOptions,
): AsyncGenerator<Difference, void, undefined> {
  const queue: Promise<Difference[]>[] = [];
  const batch = new Batch(a, b, options);
  const comparesDirectories = options.comparesDirectories && a.listsDirectories && b.listsDirectories;
  const flush = (): void => {
    const done = batch.flush();
    // It is awaited in its turn, or never if an earlier one fails.
    done.catch(() => {});
    queue.push(done);
  };
  for await (const pair of mergeFacts(a.batches(), b.batches(), comparesDirectories)) {
    for (const failure of options.takeFailures()) batch.add(failure);
    if (batch.mustFlushBefore(pair)) flush();
    batch.addPair(pair);
    if (!batch.isFull) continue;
    flush();
    options.checkpoint();
    if (queue.length > options.concurrency) yield* (await queue.shift()) ?? [];
  }
  for (const failure of options.takeFailures()) batch.add(failure);
  flush();
  for (const done of queue) yield* await done;
}

/** Decided differences and pairs to read, in order. */
class Batch {
  readonly #a: Operand;
  readonly #b: Operand;
  readonly #options: ComparisonOptions;
  #items: (Difference | Slot)[] = [];
  #pairCount = 0;
  #contentLength = 0;

  constructor(a: Operand, b: Operand, options: ComparisonOptions) {
    this.#a = a;
    this.#b = b;
    this.#options = options;
  }

  get isFull(): boolean {
    return (
      this.#items.length >= 4 * MAX_TASK_ENTRIES ||
      this.#pairCount >= MAX_TASK_ENTRIES ||
      this.#contentLength >= MAX_TASK_LENGTH
    );
  }

  /** A large pair would delay the small ones. */
  mustFlushBefore({ a, b }: Pair): boolean {
    return this.#pairCount > 0 && Math.max(a?.size ?? 0, b?.size ?? 0) > MAX_WHOLE_LENGTH;
  }

  add(difference: Difference): void {
    this.#items.push(difference);
  }

  addPair(pair: Pair): void {
    const both = bothSides(pair);
    if (both === undefined) {
      const change = pair.a === undefined ? 'added' : 'removed';
      this.add(difference(change, (pair.a ?? pair.b)?.name ?? '', pair, []));
      return;
    }
    const { aspects, content } = decide(both.a, both.b, this.#options);
    if (content !== undefined) {
      this.#pairCount++;
      this.#contentLength += Math.max(both.a.size ?? 0, both.b.size ?? 0);
      this.#items.push({ a: both.a, b: both.b, aspects, content });
    } else if (aspects.length > 0) this.add(difference('changed', both.a.name, both, aspects));
    else this.#options.onEqual();
  }

  async flush(): Promise<Difference[]> {
    const items = this.#items;
    const contentLength = this.#contentLength;
    this.#items = [];
    this.#pairCount = 0;
    this.#contentLength = 0;
    const pairs = items.flatMap((item) => ('change' in item ? [] : (item.content ?? [])));
    const verdicts = pairs.length === 0 ? [] : await this.#options.run(this.#task(pairs), contentLength);
    let next = 0;
    return items.flatMap((item) => ('change' in item ? item : this.#complete(item, verdicts[next++])));
  }

  #complete({ a, b, aspects }: Slot, verdict: CompareVerdict | undefined): Difference | [] {
    const { name } = a;
    if (typeof verdict === 'object')
      return { ...difference('failed', name, { a, b }, []), error: toError(verdict, name) };
    const all = verdict === true ? aspects : [contentAspect(a.kind), ...aspects];
    if (all.length > 0) return difference('changed', name, { a, b }, all);
    this.#options.onEqual();
    return [];
  }

  #task(pairs: readonly ContentPair[]): CompareTask {
    const headers: Buffer[] = [];
    let length = 0;
    const place = (content: ContentPlace): TaskPlace => {
      if (content.kind !== 'entry') return content;
      headers.push(content.header);
      length += content.header.length;
      return { kind: 'entry', headerAt: length - content.header.length, localPosition: content.localPosition };
    };
    const places = pairs.map(({ a, b }) => ({ a: place(a), b: place(b) }));
    return {
      archives: { a: this.#a.archive, b: this.#b.archive },
      headers: new Uint8Array(Buffer.concat(headers)),
      pairs: places,
      usesCrc: this.#options.check === 'crc',
    };
  }
}

function difference(
  change: Difference['change'],
  name: string,
  { a, b }: Pair,
  aspects: readonly DiffAspect[],
): Difference {
  return { change, name, aspects, a: toDiffEntry(a), b: toDiffEntry(b), error: undefined };
}

/** For a file of which only the path is known. */
export function failure(error: PzipError): Difference {
  const none = { a: undefined, b: undefined };
  return { ...difference('failed', error.entryName ?? error.path ?? '', none, []), error };
}

function toError({ code, message, path, offset }: CompareFailure, entryName: string): PzipError {
  return new PzipError(code, message, { path, entryName, offset });
}
