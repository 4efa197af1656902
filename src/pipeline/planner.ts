/**
 * Turns Sources, in the order of the archive, into jobs in the same order: many small entries to one task, one large
 * entry to many. Which task an entry falls into never shows in the archive, so a batch may be sent off half full.
 *
 * A whole file is a file of one piece: an entry of up to MAX_PIECE_LENGTH bytes is compressed in one call, a longer one
 * in pieces of that length, each primed with the 32 KiB before it (RFC 1951 has no notion of the joints).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BytesSource, ContentReader, FileSource, Source, StreamSource } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { BATCH_CAPACITY, BatchBuilder, type EntryPlan } from '../compress/batch.js';
import type { BatchResult, FileRange, MemoryRange, OnChange, SourceChange } from '../compress/tasks.js';
import { batchTask, chunkTask } from '../compress/thread-tasks.js';
import { MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH } from '../deflate/engine.js';
import type { Executor } from '../threads/executor.js';
import { DEFAULT_LAST_MODIFIED, toDosDateTime } from '../zip/dates.js';
import { MIMETYPE } from '../zip/mimetype.js';
import type { Budget } from './budget.js';
import { Channel } from './channel.js';
import { PieceBuffer } from './chunk-buffer.js';
import { type DateOptions, entryDate } from './entry-date.js';
import { inOrder, type Piece, type SentChunk } from './ordered-chunks.js';
import { readAgain } from './read-again.js';

/**
 * A batch ends at this many bytes of input, or when it is full. On 124 MB in 32,000 files 64 KiB took 1284 ms, 512 KiB
 * 1075, 1 MiB 1098 and 4 MiB 1104.
 */
const MAX_BATCH_BYTES = MAX_PIECE_LENGTH;

/**
 * Milliseconds that a batch waits for a producer to fill it, with nothing else to do. Long enough for a producer that
 * looks something up for each entry to fill a batch with more than one, too short for whoever waits for the archive's bytes.
 */
const LINGER = 20;

/**
 * Bytes that the budget counts for an entry besides its data, from its planning to its writing: its row, its headers, its
 * part of a task's promises, and the buffers of tasks that wait for the garbage collector. 8192 is 32 full batches in 64
 * MiB, four for each thread of eight; with 16,384 and 32,768 a million buffers peaked 30 and 60 MB lower before their
 * results had buffers of the right length, and took as long.
 */
const ENTRY_OVERHEAD = 8192;

export type Job = BatchJob | ChunkedJob;

export interface BatchJob {
  readonly kind: 'batch';
  readonly result: Promise<BatchResult>;
  /** Bytes of the budget that it holds besides those of its result; to be released with them when it is written. */
  readonly overhead: number;
}

/** A Source with what its headers will say of its dates, decided once for both of them. */
export interface PlannedEntry extends EntryPlan {
  readonly source: Source;
}

/** What may be too long for one piece. */
export type LargeSource = FileSource | BytesSource | StreamSource;

export interface ChunkedJob {
  readonly kind: 'chunked';
  readonly entry: PlannedEntry;
  readonly source: LargeSource;
  /** In order; what they hold of the budget is to be released as each is written. */
  readonly pieces: AsyncIterable<Piece>;
}

export interface PlanOptions extends DateOptions {
  /** Of entries that have none of their own. */
  readonly level: number;
  readonly zone: 'local' | 'utc';
  readonly extendedTimestamp: boolean;
  readonly onChange: OnChange;
  /** See ReadAgainOptions. */
  readonly roots: readonly string[];
  /** Told of a large file that changed and goes in as it was read; what it throws fails the entry. */
  readonly warnOfChange: (change: SourceChange) => void;
}

export class Plan {
  readonly jobs = new Channel<Job>();
  readonly #executor: Executor;
  readonly #budget: Budget;
  readonly #options: PlanOptions;
  readonly #batch = new BatchBuilder();
  #failure: { error: unknown } | undefined;
  readonly #waiting = new Set<(error: unknown) => void>();
  /** Whether no entry has been planned yet. */
  #isFirst = true;
  /** How many entries, so far. */
  #added = 0;
  /** The batch that was sent off last. */
  #sent: Promise<void> | undefined;
  /** Tasks. */
  #underWay = 0;
  #isFinished = false;
  #tellCompressed: () => void = () => {};
  /** Resolves when no more entries will come and all that came has been compressed, though it may not have been written yet. */
  readonly compressed = new Promise<void>((resolve) => {
    this.#tellCompressed = resolve;
  });

  constructor(executor: Executor, budget: Budget, options: PlanOptions) {
    this.#executor = executor;
    this.#budget = budget;
    this.#options = options;
  }

  /** Takes the next entry. Gives something to await where the budget is used up or a task has been sent off. */
  add(source: Source): Promise<void> | undefined {
    if (source.kind === 'stream') return this.whileProducing(this.#addStream(source));
    const size = contentLength(source);
    if (size > MAX_PIECE_LENGTH && (source.kind === 'file' || source.kind === 'bytes')) {
      return this.#addLarge(source, size);
    }
    return this.#addSmall(source, size);
  }

  /**
   * Awaits a loop that adds what a caller's producer gives. While nothing comes, what is there is sent off; and the wait is
   * over when the archive has failed, whatever the producer does. One timer and one promise serve for all that it gives:
   * a pair for each entry was a third of what a million entries left to be collected.
   */
  async whileProducing(loop: Promise<void>): Promise<void> {
    let before = this.#added;
    const timer = setInterval(() => {
      if (this.#added === before) this.flush().catch(() => {});
      before = this.#added;
    }, LINGER).unref();
    await this.#unlessFailed(loop).finally(() => clearInterval(timer));
  }

  /** Whoever waits for a producer, for room or for a job gets the error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const giveUp of this.#waiting) giveUp(error);
    this.#budget.fail(error);
    this.jobs.fail(error);
  }

  /** Sends the entries off that wait for their batch to be full. What is added from then on comes behind them. */
  async flush(isFinal = false): Promise<void> {
    if (this.#batch.count > 0) this.#sent = this.#send(isFinal);
    await this.#sent;
  }

  async #send(isFinal: boolean): Promise<void> {
    const { count, contentLength: inputBytes } = this.#batch;
    const task = this.#batch.take(this.#options.onChange);
    const overhead = count * ENTRY_OVERHEAD;
    const contents = inputBytes + task.packed.length;
    await this.#budget.acquire(contents + overhead);
    const result = this.#executor.run(batchTask(task, inputBytes), !isFinal).then((batch) => {
      this.#budget.release(contents - batch.bytes.length);
      this.#underWay += batch.deferred.length;
      return batch;
    });
    this.jobs.push({ kind: 'batch', result: this.#underWayUntil(result), overhead });
    // Lets the event loop in: workers report for duty, finished tasks are written, while the walk goes on in between.
    await nextTurn();
  }

  /** No more entries. */
  async finish(): Promise<void> {
    await this.flush(true);
    this.jobs.end();
    this.#isFinished = true;
    if (this.#underWay === 0) this.#tellCompressed();
  }

  /** The writer awaits it when its turn comes; a failure before then is not an unhandled one. */
  #underWayUntil<T>(result: Promise<T>): Promise<T> {
    const isDone = (): void => this.#finishOne();
    this.#underWay++;
    result.then(isDone, isDone);
    return result;
  }

  /** A file that was deferred is done with: until then the threads are needed. */
  hasReadAgain(): void {
    this.#finishOne();
  }

  #finishOne(): void {
    this.#underWay--;
    if (this.#isFinished && this.#underWay === 0) this.#tellCompressed();
  }

  #addSmall(source: Exclude<Source, StreamSource>, size: number): Promise<void> | undefined {
    const { count, contentLength: batchBytes } = this.#batch;
    const sent = batchBytes + size > MAX_BATCH_BYTES || count >= BATCH_CAPACITY ? this.flush() : undefined;
    this.#batch.add(source, this.#plan(source));
    this.#added++;
    return sent;
  }

  async #addLarge(source: FileSource | BytesSource, size: number): Promise<void> {
    await this.flush();
    const results = this.#pushChunked(source);
    for (let start = 0; start < size; start += MAX_PIECE_LENGTH) {
      const end = Math.min(start + MAX_PIECE_LENGTH, size);
      const reserved = 2 * (end - start);
      await this.#budget.acquire(reserved);
      const input =
        source.kind === 'file'
          ? fileRange(source, start, end, this.#options.onChange)
          : memoryRange(source.bytes, start, end);
      this.#sendChunk(results, source, input, end === size, reserved);
    }
    results.end();
  }

  /**
   * A stream that ends within a piece becomes a whole entry like any other. A longer one goes piece by piece: a full piece
   * is held back until there is more, since the last one has to be known as the last. What is being filled, a piece and
   * what the stream gives at a time, is the one thing outside the budget, of which there is one at any moment.
   */
  async #addStream(source: StreamSource): Promise<void> {
    const opening = source.open();
    const reader = await this.#unlessFailed(opening).catch((error) => {
      // What is opened only now must not stay open.
      opening.then((late) => late.cancel(error)).catch(() => {});
      throw error;
    });
    let results: Channel<SentChunk> | undefined;
    try {
      const filling = new PieceBuffer(source.size);
      let length = 0;
      for (;;) {
        const bytes = await this.#read(source, reader, length);
        if (bytes === undefined) break;
        length += bytes.length;
        for (let rest = bytes; rest.length > 0; ) {
          if (filling.isFull) {
            await this.flush();
            results ??= this.#pushChunked(source);
            await this.#sendStreamed(results, source, filling, false);
          }
          rest = rest.subarray(filling.append(rest));
        }
      }
      if (results === undefined) {
        await this.#addSmall(asBytes(source, filling.data), filling.data.length);
      } else {
        await this.#sendStreamed(results, source, filling, true);
        results.end();
      }
    } catch (error) {
      reader.cancel(error);
      results?.fail(error);
      throw error;
    }
  }

  async #read({ name, size }: StreamSource, reader: ContentReader, length: number): Promise<Uint8Array | undefined> {
    const bytes = await this.#unlessFailed(reader.read());
    const sofar = length + (bytes?.length ?? 0);
    if (size === undefined || (bytes === undefined ? sofar === size : sofar <= size)) return bytes;
    const what = bytes === undefined ? `${sofar} bytes, and ended` : `${sofar} bytes and goes on, or has more`;
    throw new PzipError(
      'PZIP_SIZE_MISMATCH',
      `The stream of ${quote(name)} was to give ${size} bytes and gave ${what}`,
      { entryName: name },
    );
  }

  async #sendStreamed(
    results: Channel<SentChunk>,
    source: StreamSource,
    filling: PieceBuffer,
    isLast: boolean,
  ): Promise<void> {
    const reserved = 2 * filling.data.length;
    await this.#budget.acquire(reserved);
    this.#sendChunk(results, source, filling.take(), isLast, reserved);
  }

  #pushChunked(source: LargeSource): Channel<SentChunk> {
    const results = new Channel<SentChunk>();
    this.jobs.push(this.#chunkedJob(source, this.#plan(source), results));
    return results;
  }

  #chunkedJob(source: LargeSource, plan: EntryPlan, chunks: AsyncIterable<SentChunk>): ChunkedJob {
    const pieces = inOrder(chunks, {
      entryName: source.name,
      onChange: this.#options.onChange,
      run: (task) => this.#executor.run(chunkTask(task)),
      budget: this.#budget,
      warnOfChange: this.#options.warnOfChange,
    });
    // Whether it is stored has to be known before it is read.
    const unixTime = plan.isMimetype && plan.level === 0 ? undefined : plan.unixTime;
    return { kind: 'chunked', entry: { source, ...plan, unixTime }, source, pieces };
  }

  /**
   * A file that has changed, or that is longer than its size says, from its beginning, as a job of its own.
   *
   * @param isMimetype see EntryPlan
   * @throws PzipError PZIP_SOURCE_CHANGED, PZIP_SOURCE_MISSING or PZIP_SOURCE_UNREADABLE
   */
  async readAgain(selected: FileSource, isMimetype: boolean): Promise<Job> {
    const level = selected.level ?? this.#options.level;
    const content = await readAgain(selected, {
      onChange: this.#options.onChange,
      roots: this.#options.roots,
      budget: this.#budget,
      run: (input, isLast) => this.#executor.run(chunkTask({ input, isLast, level, output: undefined })),
    });
    const plan = { ...this.#plan(content.source), isMimetype };
    if (content.kind === 'large') return this.#chunkedJob(content.source, plan, content.chunks);
    const batch = new BatchBuilder();
    batch.add(content.source, plan);
    const task = batch.take(this.#options.onChange);
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
    const level = source.level ?? this.#options.level;
    const task = { input, isLast, level, output: undefined };
    const result = this.#executor.run(chunkTask(task)).then((chunk) => {
      this.#budget.release(reserved - chunk.bytes.length);
      return chunk;
    });
    // What is in memory has been moved; of a file, the range is kept in case it has to be read once more.
    const range = 'path' in input ? input : undefined;
    results.push({ result: this.#underWayUntil(result), range, level, isLast });
  }

  async #unlessFailed<T>(given: Promise<T>): Promise<T> {
    let giveUp: (error: unknown) => void = () => {};
    try {
      return await new Promise<T>((resolve, reject) => {
        giveUp = reject;
        this.#waiting.add(giveUp);
        given.then(resolve, reject);
        if (this.#failure) reject(this.#failure.error);
      });
    } finally {
      this.#waiting.delete(giveUp);
    }
  }

  #plan(source: Source): EntryPlan {
    const { zone, extendedTimestamp } = this.#options;
    const milliseconds = entryDate(source, this.#options);
    // What has no date of its own has the first one of the format, and that is to be the same in every time zone.
    const { date, time } = toDosDateTime(milliseconds, milliseconds === DEFAULT_LAST_MODIFIED ? 'utc' : zone);
    const hasContent = source.kind !== 'directory' && source.kind !== 'symlink';
    const level = hasContent ? (source.level ?? this.#options.level) : 0;
    const isMimetype = this.#isFirst && source.name === MIMETYPE;
    this.#isFirst = false;
    return {
      lastModFileTime: time,
      lastModFileDate: date,
      unixTime: extendedTimestamp ? Math.floor(milliseconds / 1000) : undefined,
      level,
      isMimetype,
    };
  }
}

/** What a stream turned out to hold, now that it has been read to its end. */
function asBytes({ name, mode, mtimeMs, lastModified, comment, level }: StreamSource, bytes: Uint8Array): BytesSource {
  return {
    kind: 'bytes',
    name,
    mode,
    mtimeMs,
    bytes,
    lastModified,
    comment,
    level,
  };
}

function contentLength(source: Source): number {
  switch (source.kind) {
    case 'file':
      return source.size;
    case 'bytes':
      return source.bytes.length;
    case 'stream':
      return source.size ?? 0;
    case 'symlink':
      return source.target.length;
    case 'directory':
      return 0;
  }
}

function fileRange(source: FileSource, start: number, end: number, onChange: OnChange): FileRange {
  const { path, size, mtimeMs, ctimeMs, dev, ino, isFollowed } = source;
  return { path, size, mtimeMs, ctimeMs, dev, ino, isFollowed, start, end, onChange, isPrimed: true };
}

/** A copy, so that it can be moved to a worker: the caller's buffer stays the caller's. */
function memoryRange(bytes: Uint8Array, start: number, end: number): MemoryRange {
  const dictionaryLength = Math.min(MAX_DICTIONARY_LENGTH, start);
  return { bytes: new Uint8Array(bytes.subarray(start - dictionaryLength, end)), dictionaryLength };
}
