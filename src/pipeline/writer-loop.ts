/** The writing loop: awaits the jobs in the order in which they were planned, and writes them. */
import { contentSize, type FileSource } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import type { PzipWarning } from '../common/warnings.js';
import { toPzipError } from '../compress/failure.js';
import type { BatchResult, OnChange, SourceChange } from '../compress/tasks.js';
import type { ArchiveWriter } from '../output/archive-writer.js';
import type { LargeEntry } from '../output/large-entry.js';
import { MADE_COLUMNS } from '../reuse/reuse-task.js';
import type { WrittenContents } from '../reuse/written-contents.js';
import type { Executor } from '../threads/executor.js';
import { METHOD_STORED } from '../zip/constants.js';
import { type EntryDescription, encodeEntryText } from '../zip/entry-facts.js';
import { NOTE_REUSED } from '../zip/entry-notes.js';
import { countFramed, sliceFramed } from '../zip/framed-entries.js';
import type { Budget } from './budget.js';
import { copiedFacts } from './copy-batch.js';
import type { BatchJob, ChunkedJob, CopyJob, Job, LargeSource, PlannedEntry } from './jobs.js';
import { MadeLarge } from './made-large.js';
import type { Piece } from './ordered-chunks.js';
import type { Planner } from './planner.js';
import type { ProgressCounter } from './progress.js';
import { MAX_ATTEMPTS } from './read-again.js';
import { reread } from './reread.js';
import type { ArchiveResult } from './run-options.js';
import type { RunReuse } from './run-reuse.js';
import type { SkipPolicy } from './skip-policy.js';

export interface WriterLoopOptions {
  readonly planner: Planner;
  readonly budget: Budget;
  readonly executor: Executor;
  readonly progress: ProgressCounter;
  readonly skips: SkipPolicy;
  readonly onChange: OnChange;
  /** Whether the archive is a file, from which a failed entry can be removed again. */
  readonly isRewritable: boolean;
  readonly warnOfChange: (change: SourceChange) => void;
  readonly reuse: RunReuse | undefined;
  readonly written: WrittenContents | undefined;
}

export class WriterLoop {
  readonly #writer: ArchiveWriter;
  readonly #options: WriterLoopOptions;
  #storedCount = 0;
  #reusedCount = 0;

  constructor(writer: ArchiveWriter, options: WriterLoopOptions) {
    this.#writer = writer;
    this.#options = options;
  }

  /** Entries so far that are stored, without directories and links, and that have the data of an earlier archive. */
  get counts(): Pick<ArchiveResult, 'storedCount' | 'reusedCount'> {
    return { storedCount: this.#storedCount, reusedCount: this.#reusedCount };
  }

  async run(): Promise<void> {
    const { planner, progress } = this.#options;
    for await (const job of planner.jobs) {
      planner.trace?.writing.did('wait for the next task');
      await this.#writeJob(job, 0);
      progress.entriesWritten = this.#writer.entryCount;
      progress.bytesWritten = this.#writer.position;
      this.#checkLength();
      progress.report();
    }
  }

  #checkLength(): void {
    this.#options.progress.limits?.checkLength(this.#writer.leastLength, this.#options.isRewritable);
  }

  async #writeJob(job: Job, attempt: number): Promise<void> {
    if (job.kind === 'batch') await this.#writeBatch(job);
    else if (job.kind === 'copy') await this.#copyLarge(job);
    else await this.#writeLarge(job, attempt);
  }

  async #copyLarge({ source }: CopyJob): Promise<void> {
    const { progress, planner } = this.#options;
    const { copied } = source;
    const located = await copied.archive.locate(copied);
    const facts = copiedFacts(source, located, this.#writer.position);
    const { bytesRead } = progress;
    await this.#writer.writeCopied(facts, located.data(), (bytes) => {
      // Of a copy, progress is known in compressed bytes only.
      const part = Math.min(1, (this.#writer.position - facts.relativeOffsetOfLocalHeader) / copied.compressedSize);
      progress.bytesRead = bytesRead + Math.floor(part * copied.uncompressedSize);
      progress.bytesWritten = this.#writer.position;
      progress.currentEntry = source.name;
      this.#checkLength();
      progress.report();
      planner.trace?.writing.did('copy a part of an entry', { entry: source.name, bytes });
    });
    progress.bytesRead = bytesRead + copied.uncompressedSize;
    this.#options.reuse?.recorder?.addOthers(1);
    if (facts.compressionMethod === METHOD_STORED) this.#storedCount++;
  }

  async #writeBatch({ result, overhead }: BatchJob): Promise<void> {
    const { skips, warnOfChange, budget, executor, progress, planner, written } = this.#options;
    const batch = await result;
    planner.trace?.writing.did('wait for a batch');
    const { bytes } = batch;
    for (const failure of batch.failures) skips.skip(toPzipError(failure, failure.entryName ?? ''));
    for (const change of batch.changes) warnOfChange(change);
    // A sink may detach the buffer, whose length is 0 then.
    const heldBytes = bytes.length + overhead;
    const onWritten = (): void => {
      budget.release(heldBytes);
      executor.recycle(bytes);
    };
    if (batch.deferred.length === 0) {
      const { position } = this.#writer;
      await this.#writer.writeFramed(batch, () => {
        onWritten();
        if (batch.contents !== undefined) written?.addBatch(batch.contents, position);
      });
      this.#record(batch, 0, countFramed(batch));
    } else {
      await this.#writeAround(batch);
      onWritten();
    }
    planner.trace?.writing.did('write a batch', { bytes: heldBytes - overhead });
    progress.bytesRead += batch.uncompressedSize;
    progress.currentEntry = batch.lastName ?? progress.currentEntry;
    this.#storedCount += batch.storedCount;
    this.#reusedCount += batch.reusedCount;
  }

  /** Writes a batch some of whose entries are read again, in their order. */
  async #writeAround(batch: BatchResult): Promise<void> {
    let from = 0;
    for (const { source, isMimetype, at } of batch.deferred) {
      await this.#writer.writeFramed(sliceFramed(batch, from, at), () => {});
      this.#record(batch, from, at);
      await this.#writeAgain(source, isMimetype, 1);
      this.#options.planner.hasReadAgain();
      from = at;
    }
    await this.#writer.writeFramed(sliceFramed(batch, from, countFramed(batch)), () => {});
    this.#record(batch, from, countFramed(batch));
  }

  /** Records how entries of a batch that have been written were made. */
  #record({ made }: BatchResult, from: number, to: number): void {
    const recorder = this.#options.reuse?.recorder;
    if (made === undefined) recorder?.addOthers(to - from);
    else recorder?.addBatch(made.subarray(from * MADE_COLUMNS, to * MADE_COLUMNS));
  }

  /** @param attempt at a file that is too large to be read before it is written */
  async #writeAgain(source: FileSource, isMimetype: boolean, attempt: number): Promise<void> {
    let job: Job;
    try {
      job = await this.#options.planner.readAgain(source, isMimetype);
    } catch (error) {
      this.#options.skips.skip(error);
      return;
    }
    await this.#writeJob(job, attempt);
  }

  async #writeLarge(job: ChunkedJob, attempt: number): Promise<void> {
    const { progress, isRewritable, reuse } = this.#options;
    const pieces = job.pieces[Symbol.asyncIterator]();
    let first: IteratorResult<Piece, void>;
    try {
      first = await pieces.next();
    } catch (error) {
      // Nothing of it is in the archive yet.
      await this.#retryOrSkip(error, job, attempt);
      return;
    }
    const all = startingWith(first, { [Symbol.asyncIterator]: () => pieces });
    const { bytesRead } = progress;
    const made = reuse && new MadeLarge();
    try {
      const method = await this.#writer.writeLarge(this.#largeEntry(job, made?.watch(all) ?? all, made));
      if (made?.isReused) this.#reusedCount++;
      if (reuse?.recorder) made?.recordIn(reuse.recorder, method, job.entry);
      if (method === METHOD_STORED) this.#storedCount++;
    } catch (error) {
      // In a file, the writer has removed its beginning.
      if (job.source.kind !== 'file' || !isRewritable || !(error instanceof PzipError)) throw error;
      progress.bytesRead = bytesRead;
      await this.#retryOrSkip(error, job, attempt);
    }
  }

  async #retryOrSkip(error: unknown, { source, entry, fragment }: ChunkedJob, attempt: number): Promise<void> {
    // Other machines have the rest of the entry.
    if (fragment !== undefined) throw error;
    if (this.#isRetried(error, source, attempt)) await this.#writeAgain(source, entry.isMimetype, attempt + 1);
    else this.#options.skips.skip(error);
  }

  /** Whether a file has changed and should be read again. */
  #isRetried(error: unknown, source: LargeSource, attempt: number): source is FileSource {
    const isChanged = error instanceof PzipError && error.code === 'PZIP_SOURCE_CHANGED';
    return isChanged && this.#options.onChange === 'retry' && source.kind === 'file' && attempt <= MAX_ATTEMPTS;
  }

  #largeEntry(
    { entry, source, fragment, digest }: ChunkedJob,
    pieces: AsyncIterable<Piece>,
    made: MadeLarge | undefined,
  ): LargeEntry {
    const { budget, executor, progress, onChange, warnOfChange, planner, written } = this.#options;
    // A large file of size 0 is generated by the system as it is read; only its end shows its size.
    const isUnsized = contentSize(source) === 0;
    return {
      description: describe(entry),
      uncompressedSize: isUnsized ? undefined : contentSize(source),
      sizeHint: source.kind === 'stream' ? source.sizeHint : undefined,
      pieces,
      fragment,
      note: () => entry.level | (made?.isReused === true ? NOTE_REUSED : 0),
      digest: digest && (() => digest.sha256),
      reread:
        source.kind === 'stream' || isUnsized ? undefined : (crc32) => reread(source, crc32, onChange, warnOfChange),
      onPieceWritten: (piece: Piece, heldBytes, dataStart) => {
        if (dataStart !== undefined && piece.content !== undefined) {
          written?.addPiece(piece.content, heldBytes, dataStart);
        }
        planner.trace?.writing.did('wait for a chunk and write it', { entry: source.name, bytes: heldBytes });
        budget.release(heldBytes);
        executor.recycle(piece.bytes);
        progress.bytesRead += piece.uncompressedSize;
        progress.bytesWritten = this.#writer.position;
        progress.currentEntry = source.name;
        this.#checkLength();
        progress.report();
      },
    };
  }
}

export function changeWarning({ path, how }: SourceChange): PzipWarning {
  const message = `${quote(path)} changed while it was read (${how}); what was read is in the archive`;
  return { code: 'PZIP_SOURCE_CHANGED', severity: 'warning', message, path };
}

/** Yields a piece that was already taken, then the rest. */
async function* startingWith<T>(
  first: IteratorResult<T, void>,
  rest: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

function describe({ source, level, isMimetype, ...dates }: PlannedEntry): EntryDescription {
  return { ...encodeEntryText(source.name, source.comment), ...dates, mode: source.mode };
}
