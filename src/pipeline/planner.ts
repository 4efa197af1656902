/**
 * Converts Sources into jobs, in the order of the archive: many small entries become one task, a large entry becomes many. The
 * archive does not depend on the batches, so a batch may be sent before it is full.
 *
 * An entry of up to MAX_PIECE_LENGTH bytes is compressed in one call; a longer one in pieces of that length, each primed with
 * the 32 KiB before it. The pieces form one deflate stream (RFC 1951).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type BytesSource,
  type CopiedSource,
  contentSize,
  type FileSource,
  isCopied,
  type SmallSource,
  type Source,
  type StreamSource,
} from '../common/entry.js';
import { BATCH_CAPACITY, BatchBuilder } from '../compress/batch-builder.js';
import type { FileRange, MemoryRange, OnChange, SourceChange } from '../compress/tasks.js';
import { batchTask, chunkTask } from '../compress/thread-tasks.js';
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';
import type { ReuseTask } from '../reuse/reuse-task.js';
import type { Executor } from '../threads/executor.js';
import type { Budget } from './budget.js';
import { Channel } from './channel.js';
import { fileRange, memoryRange } from './chunk-ranges.js';
import { type ChunkedJobOptions, chunkedJob, onChangeOf } from './chunked-job.js';
import { isSmallCopy } from './copy-batch.js';
import { CopyPlanner } from './copy-planner.js';
import { EntryPlanner, type EntryPlannerOptions } from './entry-planner.js';
import { FailableWaits } from './failable-waits.js';
import type { Job, LargeSource } from './jobs.js';
import type { SentChunk } from './ordered-chunks.js';
import { readAgain } from './read-again.js';
import type { RunTrace } from './run-trace.js';
import { splitStream } from './stream-splitter.js';
import { TasksUnderWay } from './tasks-under-way.js';

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

export interface PlannerOptions extends EntryPlannerOptions {
  readonly onChange: OnChange;
  /** See ReadAgainOptions. */
  readonly roots: readonly string[];
  /** Called for a large file that changed and is archived as it was read; if it throws, the entry fails. */
  readonly warnOfChange: (change: SourceChange) => void;
  readonly trace: RunTrace | undefined;
}

export class Planner {
  readonly jobs = new Channel<Job>();
  readonly trace: RunTrace | undefined;
  /** To be set before the first entry is added. */
  reuse: ReuseTask | undefined;
  readonly #executor: Executor;
  readonly #budget: Budget;
  readonly #options: PlannerOptions;
  readonly #batch = new BatchBuilder();
  readonly #copies: CopyPlanner;
  readonly #entries: EntryPlanner;
  readonly #chunks: ChunkedJobOptions;
  readonly #waits = new FailableWaits();
  readonly #underWay = new TasksUnderWay();
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
    this.#chunks = { executor, budget, onChange: options.onChange, warnOfChange: options.warnOfChange };
    this.#copies = new CopyPlanner(this.jobs, budget, ENTRY_OVERHEAD);
  }

  /** Resolves when no more entries will come and all are compressed, even if not written. */
  get compressed(): Promise<void> {
    return this.#underWay.finished;
  }

  /** Plans the next entry. Returns a promise if the budget is used up or a task has been sent. */
  add(source: Source): Promise<void> | undefined {
    if (isCopied(source)) return this.#addCopy(source);
    if (source.kind === 'stream') return this.whileProducing(this.#addStream(source));
    const size = contentSize(source) ?? 0;
    if (source.kind === 'file' || source.kind === 'bytes') {
      if (size > MAX_PIECE_LENGTH || source.fragment !== undefined) return this.#addLarge(source);
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
    const task = this.#batch.take(this.#options.onChange, this.reuse);
    const overhead = count * ENTRY_OVERHEAD;
    const contents = inputBytes + task.packed.length;
    this.trace?.planning.did('find and plan a batch', { entries: count, bytes: inputBytes });
    await this.#budget.acquire(contents + overhead);
    this.trace?.planning.did('wait for memory');
    const result = this.#executor.run(batchTask(task, inputBytes), !isFinal).then((batch) => {
      this.#budget.release(contents - batch.bytes.length);
      this.#underWay.add(batch.deferred.length);
      return batch;
    });
    this.jobs.push({ kind: 'batch', result: this.#underWay.until(result), overhead });
    // Lets the event loop run: workers come online and finished tasks are written during the walk.
    await nextTurn();
  }

  /** No more entries. */
  async finish(): Promise<void> {
    await this.flush(true);
    this.jobs.end();
    this.#underWay.end();
  }

  /** Called when a deferred file has been read again; the threads are needed until then. */
  hasReadAgain(): void {
    this.#underWay.done();
  }

  #addCopy(source: CopiedSource): Promise<void> | undefined {
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

  async #addLarge(source: FileSource | BytesSource): Promise<void> {
    await this.flush();
    const results = this.#pushChunked(source);
    const size = source.kind === 'file' ? source.size : source.bytes.length;
    const range = source.fragment ?? { start: 0, end: size };
    for (let { start } = range; start < range.end; start += MAX_PIECE_LENGTH) {
      const end = Math.min(start + MAX_PIECE_LENGTH, range.end);
      const reserved = 2 * (end - start);
      await this.#acquireForChunk(reserved);
      const input =
        source.kind === 'file'
          ? fileRange(source, start, end, onChangeOf(source, this.#options.onChange))
          : memoryRange(source.bytes, start, end);
      this.#sendChunk(results, source, input, end === size, reserved);
    }
    results.end();
  }

  async #addStream(source: StreamSource): Promise<void> {
    let results: Channel<SentChunk> | undefined;
    try {
      await splitStream(source, {
        wait: (read) => this.#waits.unlessFailed(read),
        small: (whole) => this.#addSmall(whole, whole.bytes.length),
        piece: async (filled, isLast) => {
          await this.flush();
          results ??= this.#pushChunked(source);
          const reserved = 2 * filled.data.length;
          await this.#acquireForChunk(reserved);
          this.#sendChunk(results, source, filled.take(), isLast, reserved);
        },
      });
      results?.end();
    } catch (error) {
      results?.fail(error);
      throw error;
    }
  }

  #acquireForChunk(bytes: number): Promise<void> | undefined {
    if (this.trace === undefined) return this.#budget.acquire(bytes);
    const { planning } = this.trace;
    planning.did('plan a chunk', { bytes: bytes / 2 });
    return this.#budget.acquire(bytes)?.then(() => planning.did('wait for memory'));
  }

  #pushChunked(source: LargeSource): Channel<SentChunk> {
    const results = new Channel<SentChunk>();
    this.jobs.push(chunkedJob(source, this.#entries.plan(source), results, this.#chunks));
    return results;
  }

  /**
   * Reads a file that has changed, or is longer than its size, from the beginning, as a separate job.
   *
   * @param isMimetype see EntryPlan
   * @throws PzipError PZIP_SOURCE_CHANGED, PZIP_SOURCE_MISSING or PZIP_SOURCE_UNREADABLE
   */
  async readAgain(selected: FileSource, isMimetype: boolean): Promise<Job> {
    const level = this.#entries.levelOf(selected);
    const chunk = { level, output: undefined, reuse: this.reuse };
    const content = await readAgain(selected, {
      onChange: this.#options.onChange,
      roots: this.#options.roots,
      budget: this.#budget,
      run: (input, isLast) => this.#executor.run(chunkTask({ ...chunk, input, isLast }, selected.name)),
    });
    const plan = { ...this.#entries.plan(content.source), isMimetype };
    if (content.kind === 'large') return chunkedJob(content.source, plan, content.chunks, this.#chunks);
    const batch = new BatchBuilder();
    batch.add(content.source, plan);
    const task = batch.take(this.#options.onChange, this.reuse);
    const result = this.#executor.run(batchTask(task, content.source.bytes.length)).then((batchResult) => {
      this.#budget.take(batchResult.bytes.length);
      return batchResult;
    });
    return { kind: 'batch', result, overhead: 0 };
  }

  #sendChunk(
    results: Channel<SentChunk>,
    source: LargeSource,
    input: FileRange | MemoryRange,
    isLast: boolean,
    reserved: number,
  ): void {
    const level = this.#entries.levelOf(source);
    const task = { input, isLast, level, output: undefined, reuse: this.reuse };
    const result = this.#executor.run(chunkTask(task, source.name)).then((chunk) => {
      this.#budget.release(reserved - chunk.bytes.length);
      return chunk;
    });
    // Content in memory has been transferred; for a file, the range is kept in case it is read again.
    const range = 'path' in input ? input : undefined;
    results.push({ result: this.#underWay.until(result), range, level, isLast });
  }
}
