/**
 * Plans entries that may be longer than one chunk: files and buffers of known size, streams, and files that are read again. A
 * chunk is sent as soon as the budget has room for its input and its output.
 */
import type { BytesSource, FileSource, StreamSource } from '../common/entry.js';
import { BatchBuilder } from '../compress/batch-builder.js';
import type { FileRange, KnownData, MemoryRange, OnChange, SourceChange } from '../compress/tasks.js';
import { batchTask, chunkTask, hashTask } from '../compress/thread-tasks.js';
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';
import type { Executor } from '../threads/executor.js';
import type { Budget } from './budget.js';
import { Channel } from './channel.js';
import { fileRange, memoryRange } from './chunk-ranges.js';
import { chunkedJob, onChangeOf } from './chunked-job.js';
import type { EntryDigest, EntryDigests } from './entry-digests.js';
import type { EntryPlanner } from './entry-planner.js';
import type { FailableWaits } from './failable-waits.js';
import type { Job, LargeSource } from './jobs.js';
import type { SentChunk } from './ordered-chunks.js';
import type { PendingTasks } from './pending-tasks.js';
import { readAgain } from './read-again.js';
import type { RunTrace } from './run-trace.js';
import { splitStream } from './stream-splitter.js';

export interface ChunkPlannerOptions {
  readonly jobs: Channel<Job>;
  readonly executor: Executor;
  readonly budget: Budget;
  readonly entries: EntryPlanner;
  readonly waits: FailableWaits;
  readonly pending: PendingTasks;
  readonly onChange: OnChange;
  /** See ReadAgainOptions. */
  readonly roots: readonly string[];
  /** Called for a large file that changed and is archived as it was read; if it throws, the entry fails. */
  readonly warnOfChange: (change: SourceChange) => void;
  readonly trace: RunTrace | undefined;
  /** Sends the small entries before this one. */
  readonly flush: () => Promise<void>;
  /** Plans a stream that turned out to be small. */
  readonly addSmall: (whole: BytesSource) => Promise<void> | undefined;
}

interface PushedEntry {
  readonly results: Channel<SentChunk>;
  readonly digest: EntryDigest | undefined;
}

export class ChunkPlanner {
  /** To be set before the first entry is added. */
  known: KnownData = {};
  /** Undefined unless content is hashed; as above. */
  digests: EntryDigests | undefined;
  readonly #options: ChunkPlannerOptions;

  constructor(options: ChunkPlannerOptions) {
    this.#options = options;
  }

  async add(source: FileSource | BytesSource): Promise<void> {
    await this.#options.flush();
    const { results, digest } = this.#pushChunked(source);
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
      if ('bytes' in input) digest?.add(input.bytes.subarray(input.dictionaryLength));
      this.#sendChunk(results, source, input, end === size, reserved);
    }
    results.end();
  }

  async addStream(source: StreamSource): Promise<void> {
    let pushed: PushedEntry | undefined;
    try {
      await splitStream(source, {
        wait: (read) => this.#options.waits.unlessFailed(read),
        small: (whole) => this.#options.addSmall(whole),
        piece: async (filled, isLast) => {
          await this.#options.flush();
          pushed ??= this.#pushChunked(source);
          const reserved = 2 * filled.data.length;
          await this.#acquireForChunk(reserved);
          const input = filled.take();
          pushed.digest?.add(input.bytes.subarray(input.dictionaryLength));
          this.#sendChunk(pushed.results, source, input, isLast, reserved);
        },
      });
      pushed?.results.end();
    } catch (error) {
      pushed?.results.fail(error);
      throw error;
    }
  }

  /**
   * Reads a file that has changed, or is longer than its size, from the beginning, as a separate job.
   *
   * @param isMimetype see EntryPlan
   * @throws PzipError PZIP_SOURCE_CHANGED, PZIP_SOURCE_MISSING or PZIP_SOURCE_UNREADABLE
   */
  async readAgain(selected: FileSource, isMimetype: boolean): Promise<Job> {
    const level = this.#options.entries.levelOf(selected);
    const chunk = { level, output: undefined, ...this.known };
    const digest = this.digests?.ofMemory();
    const content = await readAgain(selected, {
      onChange: this.#options.onChange,
      roots: this.#options.roots,
      budget: this.#options.budget,
      run: (input, isLast) => {
        digest?.add(input.bytes.subarray(input.dictionaryLength));
        return this.#options.executor.run(chunkTask({ ...chunk, input, isLast }, selected.name));
      },
    });
    const plan = { ...this.#options.entries.plan(content.source), isMimetype };
    if (content.kind === 'large') return chunkedJob(content.source, plan, content.chunks, this.#options, digest);
    const batch = new BatchBuilder();
    batch.add(content.source, plan);
    const task = batch.take(this.#options.onChange, this.known);
    const result = this.#options.executor.run(batchTask(task, content.source.bytes.length)).then((batchResult) => {
      this.#options.budget.take(batchResult.bytes.length);
      return batchResult;
    });
    return { kind: 'batch', result, overhead: 0 };
  }

  #acquireForChunk(bytes: number): Promise<void> | undefined {
    if (this.#options.trace === undefined) return this.#options.budget.acquire(bytes);
    const { planning } = this.#options.trace;
    planning.did('plan a chunk', { bytes: bytes / 2 });
    return this.#options.budget.acquire(bytes)?.then(() => planning.did('wait for memory'));
  }

  #pushChunked(source: LargeSource): PushedEntry {
    const results = new Channel<SentChunk>();
    const digest = this.#digestOf(source);
    this.#options.jobs.push(chunkedJob(source, this.#options.entries.plan(source), results, this.#options, digest));
    return { results, digest };
  }

  /** The file is hashed beside its chunks, and before them: it takes less time, and its bytes are in memory afterwards. */
  #digestOf(source: LargeSource): EntryDigest | undefined {
    if (source.kind !== 'file' || this.digests === undefined) return this.digests?.ofMemory();
    const { path, size, mtimeMs, ctimeMs, dev, ino, isFollowed, name } = source;
    const task = hashTask({ path, size, mtimeMs, ctimeMs, dev, ino, isFollowed }, name);
    return this.digests.ofFile(source, this.#options.pending.until(this.#options.executor.run(task)));
  }

  #sendChunk(
    results: Channel<SentChunk>,
    source: LargeSource,
    input: FileRange | MemoryRange,
    isLast: boolean,
    reserved: number,
  ): void {
    const level = this.#options.entries.levelOf(source);
    const task = { input, isLast, level, output: undefined, ...this.known };
    const result = this.#options.executor.run(chunkTask(task, source.name)).then((chunk) => {
      this.#options.budget.release(reserved - chunk.bytes.length);
      return chunk;
    });
    // Content in memory has been transferred; for a file, the range is kept in case it is read again.
    const range = 'path' in input ? input : undefined;
    results.push({ result: this.#options.pending.until(result), range, level, isLast });
  }
}
