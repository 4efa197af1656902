/**
 * Creates one archive, from the first entry to its completion or failure.
 *
 * Two loops run side by side. The feeding loop (feeder.ts) takes what was added, in the order of the calls, and the planner
 * turns it into tasks: many small entries to one, one large entry to many. Worker threads read, checksum and compress;
 * content is never touched on this thread. The writing loop (writer-loop.ts) awaits the tasks in the order in which they
 * were planned. So the bytes depend on what was added, and never on what is finished first.
 *
 * Memory is bounded by the budget: the planner acquires the bytes of a task before it is sent off, and the writing loop
 * releases them once they are written. The first failure ends both loops, the threads and the sink.
 */
import { reasonOf, throwIfAborted } from '../common/abort-signal.js';
import { contentSize, type Source } from '../common/entry.js';
import { PzipError } from '../common/errors.js';
import type { PzipWarning } from '../common/warnings.js';
import { ArchiveWriter } from '../output/archive-writer.js';
import type { ArchiveOutput } from '../output/open-sink.js';
import type { FileIdentity, Sink } from '../output/sink.js';
import type { ReadableSink } from '../output/stream/readable-sink.js';
import { WrittenContents } from '../reuse/written-contents.js';
import type { Executor } from '../threads/executor.js';
import { EngineWarnings } from './engine-warnings.js';
import { EntryListing } from './entry-listing.js';
import { FailableWaits } from './failable-waits.js';
import { type Addition, Feeder } from './feeder.js';
import { finishArchive } from './finish-archive.js';
import { closingPromise, type OpenArchive, type Registration, registerOpen, whyStuck } from './open-archives.js';
import { openReuse } from './open-reuse.js';
import { Planner } from './planner.js';
import { ProgressCounter } from './progress.js';
import { released } from './released.js';
import type { ArchiveResult, ArchiveToCopy, RunOptions, RunResources, SelectionCounts } from './run-options.js';
import { RunOutput } from './run-output.js';
import { factsOf } from './run-result.js';
import type { RunReuse } from './run-reuse.js';
import { Selections } from './selections.js';
import { SizeLimits } from './size-limits.js';
import { SkipPolicy } from './skip-policy.js';
import { WarningLog } from './warning-log.js';
import { changeWarning, WriterLoop } from './writer-loop.js';

export class ArchiveRun {
  readonly #output: RunOutput;
  readonly #options: RunOptions;
  readonly #resources: RunResources;
  readonly #executor: Executor;
  readonly #planner: Planner;
  readonly #feeder: Feeder;
  readonly #progress: ProgressCounter;
  readonly #engineWarnings: EngineWarnings;
  readonly #skips: SkipPolicy;
  readonly #listing: EntryListing;
  readonly #warnings: WarningLog;
  #startedAt = 0;
  readonly #copied: ArchiveToCopy[] = [];
  #reuse: RunReuse | undefined;
  readonly #selections = new Selections();
  readonly #waits = new FailableWaits();
  #running: Promise<ArchiveResult> | undefined;
  #closing: Promise<ArchiveResult> | undefined;
  #registration: Registration | undefined;
  #isComplete = false;
  /** Bytes of content in memory that were added before anything read the archive. */
  #addedUnread = 0;

  constructor(output: ArchiveOutput | ReadableSink, options: RunOptions, resources: RunResources) {
    this.#output = new RunOutput(output, (error) => this.#fail(error));
    this.#options = options;
    this.#resources = resources;
    this.#progress = new ProgressCounter(options.onProgress, SizeLimits.of(options, this.#fail));
    this.#warnings = new WarningLog(options);
    this.#listing = new EntryListing(options, this.#progress.limits);
    this.#engineWarnings = new EngineWarnings(resources.engine, this.#warnings.pass);
    this.#skips = new SkipPolicy(options.skipUnreadable, this.#warnings.pass);
    // A shared pool calls back in here already, where nothing can fail yet.
    this.#executor = resources.executor((cause) => {
      queueMicrotask(() => this.#failing(() => this.#engineWarnings.fewerThreads(cause)));
    });
    this.#planner = new Planner(this.#executor, resources.budget, {
      ...options,
      roots: this.#selections.roots,
      warnOfChange: (change) => this.warn(changeWarning(change)),
    });
    this.#feeder = new Feeder({
      planner: this.#planner,
      progress: this.#progress,
      skips: this.#skips,
      engineWarnings: this.#engineWarnings,
      level: options.level,
      checkpoint: () => this.checkpoint(),
    });
  }

  /** @returns a promise that resolves when the budget has room for the entry, and rejects if the run fails */
  addSource(source: Source): Promise<void> {
    const size = contentSize(source);
    if (source.kind === 'bytes' && this.#output.isUnread) this.#addedUnread += source.bytes.length;
    if (size !== undefined) this.#progress.found(1, size, source.name);
    return this.add(() => [[source]], size !== undefined);
  }

  /** @returns a promise that resolves when the budget has room for all of it, and rejects if the run fails */
  add(sources: Addition['sources'], isCounted = false): Promise<void> {
    this.rejectWhenClosed();
    const added = new Promise<void>((resolve, reject) => {
      if (this.#waits.failure.isSet) reject(this.#waits.failure.error);
      else this.#feeder.add({ sources, isCounted, resolve, reject });
      // Before the first read, nothing releases memory.
      if (this.#output.isUnread && this.#addedUnread <= this.#resources.budget.limit) resolve();
    });
    // A caller that ignores the promise gets the error from close().
    added.catch(() => {});
    this.#start().catch(() => {});
    return added;
  }

  /**
   * Announces a selection.
   *
   * @param root its working directory, absolute
   * @returns the counters for entries that it leaves out
   */
  expectSelection(root: string): SelectionCounts {
    return this.#selections.add(root, (name) => this.#output.reports?.json?.ignored(name));
  }

  /** Entries of an archive will be added: it is closed when the run has ended, and must not change until then. */
  copyFrom(archive: ArchiveToCopy): void {
    this.#copied.push(archive);
  }

  expectWork(estimate: (enough: number) => number): void {
    this.#executor.expect(estimate);
  }

  /** @throws PzipError PZIP_CLOSED */
  rejectWhenClosed(): void {
    if (this.#feeder.isEnded) throw new PzipError('PZIP_CLOSED', 'close() was called: nothing more can be added');
  }

  /** @throws the error that has ended the archive, if one has */
  checkpoint(): void {
    this.#waits.failure.check();
  }

  isOutput(stats: FileIdentity, path: string): boolean {
    return this.#output.isOutput(stats, path);
  }

  readonly warn = (warning: PzipWarning): void => this.#warnings.pass(warning);

  /** Ends the archive; see ZipArchive.close. */
  close(): Promise<ArchiveResult> {
    if (this.#closing) return this.#closing;
    this.#feeder.end();
    this.#closing = closingPromise(this.#start(), this.#registration);
    return this.#closing;
  }

  /** Waits for close() if it was called; otherwise aborts the archive. */
  async dispose(): Promise<void> {
    this.#feeder.end();
    if (this.#closing === undefined) {
      this.#fail(new PzipError('PZIP_CLOSED', 'The archive was aborted: its block ended before close() was called'));
    }
    await this.#running?.catch(() => {});
    await this.#executor.destroy();
  }

  #start(): Promise<ArchiveResult> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<ArchiveResult> {
    const { signal } = this.#options;
    const abort = (): void => this.#fail(signal === undefined ? undefined : reasonOf(signal));
    signal?.addEventListener('abort', abort, { once: true });
    this.#registration = registerOpen(this.#openArchive, this.#output.isToBeRead);
    try {
      throwIfAborted(signal);
      return await this.#waits.unlessFailed(this.#work());
    } catch (error) {
      this.#fail(error);
      const reason = this.#waits.failure.error;
      await this.#output.reports?.json?.failed(reason, this.#warnings.list).catch(() => {});
      throw reason;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#registration.end();
      this.#resources.budget.end();
      const closed = [...this.#copied, this.#reuse, this.#output.reports].map((archive) => archive?.close());
      await released([this.#output.discarded, this.#executor.destroy(), ...closed]);
    }
  }

  async #work(): Promise<ArchiveResult> {
    const { verify, onChange, reuse: earlier } = this.#options;
    const sink = await this.#open();
    this.#startedAt = performance.now();
    const writer = new ArchiveWriter(sink, this.#listing.listener, this.#output.reports);
    const reuse = await openReuse(earlier, this.#resources.engine, this.#output, this.#waits.failure, this.#warnings);
    this.#reuse = reuse;
    const written = WrittenContents.of(sink.rewritable?.descriptor);
    this.#planner.prepare({ reuse: reuse?.task, written: written?.task }, this.#output.reports);
    const loop = new WriterLoop(writer, {
      planner: this.#planner,
      budget: this.#resources.budget,
      executor: this.#executor,
      progress: this.#progress,
      skips: this.#skips,
      onChange,
      isRewritable: sink.rewritable !== undefined,
      warnOfChange: (change) => this.warn(changeWarning(change)),
      reuse,
      written,
    });
    // Ending them takes as long as the remaining writes. They stay if the archive or a file will be read again.
    if (!verify && onChange === 'error') void this.#planner.compressed.then(() => this.#executor.finish());
    await Promise.all([this.#feeder.run(), loop.run()]);
    for (const archive of this.#copied) await archive.checkUnchanged();
    this.#progress.phase = 'finishing';
    this.#progress.report(true);
    const bytesWritten = await finishArchive(writer, {
      ...this.#options,
      executor: this.#executor,
      threads: this.#resources.threads,
      checkpoint: () => this.checkpoint(),
      onVerified: (bytes) => this.#verified(bytes),
      onDirectory: reuse?.onDirectory,
      limits: this.#progress.limits,
      reports: this.#output.reports,
    });
    const result = this.#result(writer.entryCount, loop.counts, bytesWritten);
    await this.#output.reports?.json?.succeeded(result);
    this.#isComplete = true;
    await reuse?.writeState(this.#output.path ?? '', bytesWritten, writer.entryCount);
    this.#progress.end(bytesWritten);
    return result;
  }

  #verified(bytes: number): void {
    // close() rejects with the listener's exception, whatever the sink does with it.
    this.#failing(() => this.#progress.verified(bytes));
    this.checkpoint();
  }

  async #open(): Promise<Sink> {
    const sink = await this.#output.open(this.#options, this.warn);
    if (sink.returnsBuffers === true) this.#executor.lend();
    if (this.#waits.failure.isSet) await sink.discard(this.#waits.failure.error);
    this.checkpoint();
    return sink;
  }

  #result(entryCount: number, counts: WriterLoop['counts'], bytesWritten: number): ArchiveResult {
    const listed = this.#options.listEntries ? this.#listing.entries : undefined;
    const selected = { selections: this.#selections, skips: this.#skips, bytesRead: this.#progress.bytesRead };
    const run = {
      ...selected,
      output: this.#output,
      listed,
      startedAt: this.#startedAt,
      warnings: this.#warnings.list,
    };
    const threads = this.#executor.threadsStarted();
    return { entryCount, ...counts, bytesWritten, threads, engine: this.#resources.engine.name, ...factsOf(run) };
  }

  /** Calls a listener; its exception fails the archive. */
  #failing(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The event loop has run dry. A server may drop an archive for a request that was never read, which is no failure. */
  readonly #openArchive: OpenArchive = {
    failStuck: () => {
      const isAwaited = this.#closing !== undefined;
      if (this.#output.isUnread && !isAwaited) return;
      const producer = this.#resources.budget.isUsedUp ? undefined : this.#feeder.producer;
      const error = whyStuck({ producer, isAwaited, isToBeRead: this.#output.isToBeRead });
      this.#fail(error);
      // Nothing else would report it.
      if (!isAwaited) void Promise.reject(error);
    },
  };

  /** The first error stops both loops and everything that they wait for. */
  readonly #fail = (error: unknown): void => {
    if (this.#isComplete || !this.#waits.fail(error)) return;
    this.#feeder.fail(error);
    this.#planner.fail(error);
    this.#output.discard(error);
    void this.#executor.destroy();
  };
}
