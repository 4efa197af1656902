/**
 * Converts Sources into jobs, in the order of the archive: many small entries become one task, a large entry becomes many. The
 * archive does not depend on the batches, so a batch may be sent before it is full.
 *
 * An entry of up to MAX_PIECE_LENGTH bytes is compressed in one call; a longer one in pieces of that length, each primed with
 * the 32 KiB before it. The pieces form one deflate stream (RFC 1951).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type CopiedSource,
  contentSize,
  type FileSource,
  isCopied,
  type SmallSource,
  type Source,
} from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { BATCH_CAPACITY, BatchBuilder } from '../compress/batch-builder.js';
import type { KnownData } from '../compress/tasks.js';
import { batchTask } from '../compress/thread-tasks.js';
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';
import type { Executor } from '../threads/executor.js';
import type { Budget } from './budget.js';
import { Channel } from './channel.js';
import { ChunkPlanner, type ChunkPlannerOptions } from './chunk-planner.js';
import { isSmallCopy } from './copy-batch.js';
import { CopyPlanner } from './copy-planner.js';
import type { EntryDigests } from './entry-digests.js';
import { EntryPlanner, type EntryPlannerOptions } from './entry-planner.js';
import { FailableWaits } from './failable-waits.js';
import type { Job } from './jobs.js';
import { PendingTasks } from './pending-tasks.js';
import type { RunTrace } from './run-trace.js';

/**
 * A batch ends at this many bytes of input, or when it is full. On 124 MB in 32,000 files 64 KiB took 1284 ms, 512 KiB
 * 1075, 1 MiB 1098 and 4 MiB 1104.
 */
const MAX_BATCH_BYTES = MAX_PIECE_LENGTH;

/**
 * Milliseconds that a batch waits for a slow producer. Long enough for a producer that does a lookup per entry to put several
 * into a batch, and too short to delay a reader noticeably.
 */
const LINGER = 20;

/**
 * Bytes that the budget counts for an entry besides its data, until it is written: its row, its headers, its share of a task's
 * promises, and buffers that await garbage collection. 8192 allows 32 full batches in 64 MiB, four for each of eight threads.
 * With 16,384 and 32,768, a million buffers peaked 30 and 60 MB lower before their results had buffers of the right length,
 * and took as long.
 */
const ENTRY_OVERHEAD = 8192;

export interface PlannerOptions
  extends EntryPlannerOptions,
    Pick<ChunkPlannerOptions, 'onChange' | 'roots' | 'warnOfChange' | 'trace'> {}

/** What the reports of a run need of its tasks. */
export interface PlannedReports {
  readonly digests: EntryDigests | undefined;
  readonly json: object | undefined;
}

export class Planner {
  readonly jobs = new Channel<Job>();
  readonly trace: RunTrace | undefined;
  readonly #executor: Executor;
  readonly #budget: Budget;
  readonly #options: PlannerOptions;
  readonly #batch = new BatchBuilder();
  readonly #copies: CopyPlanner;
  readonly #entries: EntryPlanner;
  readonly #chunks: ChunkPlanner;
  readonly #waits = new FailableWaits();
  readonly #pending = new PendingTasks();
  /** Number of entries so far. */
  #added = 0;
  /** The last batch that was sent. */
  #sent: Promise<void> | undefined;

  constructor(executor: Executor, budget: Budget, options: PlannerOptions) {
    this.#executor = executor;
    this.#budget = budget;
    this.#options = options;
    this.trace = options.trace;
    this.#entries = new EntryPlanner(options);
    this.#chunks = new ChunkPlanner({
      ...options,
      jobs: this.jobs,
      executor,
      budget,
      entries: this.#entries,
      waits: this.#waits,
      pending: this.#pending,
      flush: () => this.flush(),
      addSmall: (whole) => this.#addSmall(whole, whole.bytes.length),
    });
    this.#copies = new CopyPlanner(this.jobs, budget, ENTRY_OVERHEAD);
  }

  /** Resolves when no more entries will come and all are compressed, even if not written. */
  get compressed(): Promise<void> {
    return this.#pending.finished;
  }

  /**
   * To be called before the first entry is added.
   *
   * @param reports undefined unless something is reported beside the archive
   */
  prepare(known: KnownData, reports: PlannedReports | undefined): void {
    const hashes = reports?.digests !== undefined;
    this.#chunks.known = reports === undefined ? known : { ...known, hashes, takesNotes: reports.json !== undefined };
    this.#chunks.digests = reports?.digests;
  }

  /** Plans the next entry. Returns a promise if the budget is used up or a task has been sent. */
  add(source: Source): Promise<void> | undefined {
    if (isCopied(source)) return this.#addCopy(source);
    if (source.kind === 'stream') return this.whileProducing(this.#chunks.addStream(source));
    const size = contentSize(source) ?? 0;
    if (source.kind === 'file' || source.kind === 'bytes') {
      if (size > MAX_PIECE_LENGTH || source.fragment !== undefined) return this.#chunks.add(source);
    }
    return this.#addSmall(source, size);
  }

  /**
   * Awaits a loop that adds the entries of a caller's producer. If it stalls, the waiting entries are sent; if the archive
   * fails, the wait ends, whatever the producer does. One timer and one promise serve all entries: a pair for each was a third
   * of the garbage of a million entries.
   */
  async whileProducing(loop: Promise<void>): Promise<void> {
    let before = this.#added;
    const timer = setInterval(() => {
      if (this.#added === before) this.flush().catch(() => {});
      before = this.#added;
    }, LINGER).unref();
    await this.#waits.unlessFailed(loop).finally(() => clearInterval(timer));
  }

  /** Rejects everything that waits for a producer, for memory or for a job. */
  fail(error: unknown): void {
    this.#waits.fail(error);
    this.#budget.fail(error);
    this.jobs.fail(error);
  }

  /** Sends the entries that wait for a full batch. */
  async flush(isFinal = false): Promise<void> {
    if (this.#batch.count > 0) this.#sent = this.#send(isFinal);
    else if (this.#copies.count > 0) this.#sent = this.#copies.send();
    await this.#sent;
  }

  async #send(isFinal: boolean): Promise<void> {
    const { count, contentLength: inputBytes } = this.#batch;
    const task = this.#batch.take(this.#options.onChange, this.#chunks.known);
    const overhead = count * ENTRY_OVERHEAD;
    const contents = inputBytes + task.packed.length;
    this.trace?.planning.did('find and plan a batch', { entries: count, bytes: inputBytes });
    await this.#budget.acquire(contents + overhead);
    this.trace?.planning.did('wait for memory');
    const result = this.#executor.run(batchTask(task, inputBytes), !isFinal).then((batch) => {
      this.#budget.release(contents - batch.bytes.length);
      this.#pending.add(batch.deferred.length);
      return batch;
    });
    this.jobs.push({ kind: 'batch', result: this.#pending.until(result), overhead });
    // Lets the event loop run: workers come online and finished tasks are written during the walk.
    await nextTurn();
  }

  /** No more entries. */
  async finish(): Promise<void> {
    await this.flush(true);
    this.jobs.end();
    this.#pending.end();
  }

  /** Called when a deferred file has been read again; the threads are needed until then. */
  hasReadAgain(): void {
    this.#pending.done();
  }

  /** See ChunkPlanner. */
  readAgain(selected: FileSource, isMimetype: boolean): Promise<Job> {
    return this.#chunks.readAgain(selected, isMimetype);
  }

  #addCopy(source: CopiedSource): Promise<void> | undefined {
    if (this.#chunks.digests !== undefined) throw cannotHash(source.name);
    this.#entries.planCopy();
    this.#added++;
    if (!isSmallCopy(source)) return this.#addLargeCopy(source);
    const sent = this.#batch.count > 0 || !this.#copies.hasRoomFor(source) ? this.flush() : undefined;
    this.#copies.add(source);
    return sent;
  }

  async #addLargeCopy(source: CopiedSource): Promise<void> {
    await this.flush();
    this.jobs.push({ kind: 'copy', source });
  }

  #addSmall(source: SmallSource, size: number): Promise<void> | undefined {
    const { count, contentLength: batchBytes } = this.#batch;
    const isFull = batchBytes + size > MAX_BATCH_BYTES || count >= BATCH_CAPACITY;
    const sent = isFull || this.#copies.count > 0 ? this.flush() : undefined;
    this.#batch.add(source, this.#entries.plan(source));
    this.#added++;
    return sent;
  }
}

function cannotHash(entryName: string): PzipError {
  const message = `${quote(entryName)} is copied from another archive without being read: a manifest needs its content`;
  return new PzipError('PZIP_USAGE', message, { entryName });
}
