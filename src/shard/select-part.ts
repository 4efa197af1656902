/**
 * Selects the part of an archive that one machine creates. Every machine lists the whole tree: the boundaries follow from the
 * sizes of all entries. The list is held in memory until the boundaries are known.
 */
import type { Fragment, FragmentOutcome, Source } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import type { EntryPlanner } from '../pipeline/entry-planner.js';
import type { Selected } from '../pipeline/feeder.js';
import { entriesOfPart, type PlannedRange } from './boundaries.js';
import { encodeMarker, type FragmentMark, fitsMarker, type PlanFacts } from './part-marker.js';
import { PlanDigest } from './plan-digest.js';
import type { ShardNumber } from './shard-number.js';

/** Entries that are passed on together. */
const BATCH_LENGTH = 256;

export interface PartOptions {
  readonly shard: ShardNumber;
  /** Of the whole archive. */
  readonly comment: string;
  /** What of the options decides bytes, besides what the entries show. */
  readonly settings: string;
  readonly planner: EntryPlanner;
  /** Of a plan in a file, which the selection must have: known when its entries are. */
  readonly expected?: (() => PlanFacts | undefined) | undefined;
  /** Looks at a file of a plan before it goes in. */
  readonly find?: ((source: Source) => Source) | undefined;
}

export class SelectedPart {
  readonly #options: PartOptions;
  #plan: PlanFacts | undefined;
  #plannedCount = 0;
  #isContinued = false;
  #head: FragmentMark | null = null;
  #tail: FragmentMark | null = null;

  /** @throws PzipError PZIP_COMMENT_INVALID for a comment that leaves no room for the part's marker */
  constructor(options: PartOptions) {
    this.#options = options;
    if (fitsMarker(options.comment)) return;
    const message = `The archive's comment has ${options.comment.length} bytes, too many for a part; merge adds it with its own option`;
    throw new PzipError('PZIP_COMMENT_INVALID', message);
  }

  /** Whether other parts have the entries before those of this one. */
  readonly isContinued = (): boolean => this.#isContinued;

  /** The part's archive comment, once all of its entries are written. */
  readonly marker = (entryCount: number): string => {
    if (this.#plan === undefined) throw new Error('The part has not been selected');
    return encodeMarker({
      ...this.#options.shard,
      plan: this.#plan,
      entryCount,
      skippedCount: this.#plannedCount - entryCount,
      head: this.#head,
      tail: this.#tail,
      comment: this.#options.comment,
    });
  };

  /** @param found the selection of the whole archive */
  async *select(found: Selected): Selected {
    const { shard, planner, settings, comment } = this.#options;
    const digest = new PlanDigest(planner);
    const sources: Source[] = [];
    for await (const batch of found) {
      for (const source of batch) {
        if (source.kind === 'stream') throw isStream(source.name);
        digest.add(source);
        sources.push(source);
      }
      yield [];
    }
    this.#plan = digest.finish(settings, comment);
    rejectOtherPlan(this.#plan, this.#options.expected?.());
    const planned = [...entriesOfPart(sources, shard)];
    this.#plannedCount = planned.length;
    const [first] = planned;
    this.#isContinued = first === undefined || first.index > 0 || (first.range?.start ?? 0) > 0;
    for (let start = 0; start < planned.length; start += BATCH_LENGTH) {
      yield planned.slice(start, start + BATCH_LENGTH).map((entry) => this.#toSource(entry, sources, planned));
    }
  }

  #toSource({ index, range }: PlannedRange, sources: readonly Source[], planned: readonly PlannedRange[]): Source {
    const listed = sources[index];
    if (listed === undefined) throw new Error('A part has entries that were not selected');
    const source = this.#options.find?.(listed) ?? listed;
    if (range === undefined || (source.kind !== 'file' && source.kind !== 'bytes')) return source;
    const size = source.kind === 'file' ? source.size : source.bytes.length;
    const { name } = source;
    const onWritten = (outcome: FragmentOutcome): void => {
      const mark: FragmentMark = {
        nameLength: name.length,
        size,
        ...range,
        rawChunks: outcome.rawChunks,
        crc32: outcome.crc32,
        dictionaryCrc32: outcome.dictionaryCrc32 ?? null,
        tailCrc32: outcome.tailCrc32 ?? null,
      };
      if (range.start > 0) this.#head = mark;
      if (range.end < size) this.#tail = mark;
    };
    const fragment: Fragment = { ...range, onWritten };
    return { ...source, name: this.#fragmentName(name, sources, planned), fragment };
  }

  /** A name that no other entry of the part has, nor begins with. */
  #fragmentName(name: string, sources: readonly Source[], planned: readonly PlannedRange[]): string {
    let fragment = `${name}.pzip-fragment-${this.#options.shard.index}`;
    while (planned.some(({ index }) => sources[index]?.name.startsWith(fragment))) fragment += '~';
    return fragment;
  }
}

function isStream(name: string): PzipError {
  const message = `${quote(name)} is a stream, which only one machine can read: parts are made of files, and of content in memory`;
  return new PzipError('PZIP_USAGE', message, { entryName: name });
}

/** The plan has the dates of files, and each machine writes them in its own time zone. */
function rejectOtherPlan(plan: PlanFacts, expected: PlanFacts | undefined): void {
  if (expected === undefined || plan.digest === expected.digest) return;
  const why =
    plan.settings !== expected.settings
      ? `its settings are ${expected.settings}, and ${plan.settings} here`
      : plan.dates !== expected.dates
        ? 'dates are others here: set the same time zone (TZ), or create it with `reproducible`'
        : 'its entries and its digest disagree';
  throw new PzipError('PZIP_PARTS_MISMATCH', `The plan cannot be followed: ${why}`);
}
