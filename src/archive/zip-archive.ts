/**
 * Where the stages meet.
 *
 * Two loops run side by side. The feeding loop takes what was added, in the order of the calls, and plans it: many small
 * entries to one task, one large entry to many (compress/plan.ts). Worker threads read the files, checksum and compress
 * them; content is never touched on this thread. The writing loop awaits the finished tasks in the order they were
 * planned, and lays them down (output/archive-writer.ts). So the bytes depend on what was added and not on what is
 * finished first.
 *
 * Memory is bounded by the budget: the feeding loop acquires the bytes of a task before it sends it off, the writing
 * loop releases them when they are written, and a slow sink therefore stops the feeding, which stops whoever awaits
 * add*(). The first error of any of them ends both loops, the threads and the sink, and is what close() rejects with.
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { contentSize, type FileSource, type Source, type StreamSource, type WrittenEntry } from '../common/entry.js';
import { PzipError, type PzipErrorCode, quote } from '../common/errors.js';
import { show } from '../common/option-rules.js';
import { LONGEST_STRETCH } from '../common/pace.js';
import { type PzipWarning, passWarning } from '../common/warnings.js';
import { toPzipError } from '../compress/failure.js';
import type { BatchResult, DeferredFile, SourceChange } from '../compress/tasks.js';
import { entryCost } from '../compress/thread-tasks.js';
import { chooseEngine } from '../deflate/create-engine.js';
import type { EngineName } from '../deflate/engine.js';
import { ArchiveWriter, type EntryDescription, type LargeEntry } from '../output/archive-writer.js';
import { type ArchiveOutput, cannotReadBack, openSink } from '../output/open-sink.js';
import type { Sink } from '../output/sink.js';
import { openStream } from '../output/stream/open-stream.js';
import { ReadableSink } from '../output/stream/readable-sink.js';
import { Budget, defaultMemory } from '../pipeline/budget.js';
import { Channel } from '../pipeline/channel.js';
import type { Piece } from '../pipeline/ordered-chunks.js';
import {
  type BatchJob,
  type ChunkedJob,
  type Job,
  type LargeSource,
  Plan,
  type PlannedEntry,
} from '../pipeline/planner.js';
import { MAX_ATTEMPTS } from '../pipeline/read-again.js';
import { reread } from '../pipeline/reread.js';
import { readBackTask } from '../reader/thread-tasks.js';
import { NameRegistry } from '../select/names/name-registry.js';
import { selectSources } from '../select/select.js';
import type { SelectionCounts, SelectOptions } from '../select/select-options.js';
import {
  contentSource,
  directorySource,
  fileSource,
  recordSource,
  streamSource,
  symlinkSource,
} from '../sources/entry-sources.js';
import type { StreamContent } from '../sources/stream-content.js';
import { type Executor, OwnThreads } from '../threads/executor.js';
import { LateShare } from '../threads/late-share.js';
import { workOf } from '../work.js';
import { METHOD_STORED } from '../zip/constants.js';
import { DEFAULT_LAST_MODIFIED } from '../zip/dates.js';
import { encodeFileName } from '../zip/names.js';
import { reasonOf, throwIfAborted } from './abort-signal.js';
import { EngineWarnings } from './engine-warnings.js';
import { type OpenArchive, registerOpen, whyStuck } from './open-archives.js';
import type {
  ArchiveEntry,
  ArchiveOptions,
  ArchiveResult,
  EntryContent,
  EntryOptions,
  FileEntryOptions,
  Inputs,
  SelectionOptions,
  StreamEntryOptions,
} from './options.js';
import { internalsOf, type PoolInternals } from './pool-internals.js';
import { ProgressCounter } from './progress.js';
import {
  type ResolvedArchiveOptions,
  resolveArchiveOptions,
  resolveInputs,
  resolveSelectionOptions,
} from './resolve-options.js';
import { argumentsOf } from './resolve-output.js';

type Selected = AsyncGenerator<readonly Source[], void, undefined>;
type Sources = Iterable<readonly Source[]> | Selected | Production;

/** Entries that somebody else gives in his own time. */
interface Production {
  readonly entries: AsyncIterable<ArchiveEntry>;
  readonly toSource: (entry: ArchiveEntry) => Source;
}

/** What was added by one call. */
interface Addition {
  /** Called when its turn comes; a file is looked at then, and not before. */
  readonly sources: () => Sources;
  /** Of one entry whose size was known at the call, and which the progress has been told of. */
  readonly isCounted: boolean;
  readonly admit: () => void;
  readonly refuse: (error: unknown) => void;
}

/**
 * Entries of a selection that are found ahead of the work where somebody watches the progress, so that the totals are
 * known before the first byte. A Source takes some 300 bytes; of a larger selection the totals are unknown at first.
 */
const MAX_LOOK_AHEAD = 100_000;

/**
 * Milliseconds that a failed archive waits for its threads and its file to be let go: a disk that does not answer a sync
 * keeps the handle for longer than anybody should wait to hear of the failure.
 */
const LONGEST_RELEASE = 250;
/** What is wrong with a file alone, so that an archive without it is still what was asked for under `skipUnreadable`. */
const SKIPPED_CODES: readonly PzipErrorCode[] = [
  'PZIP_SOURCE_MISSING',
  'PZIP_SOURCE_UNREADABLE',
  'PZIP_SOURCE_CHANGED',
];

/** Builds an archive entry by entry, in the order of the calls. */
export class ZipArchive implements AsyncIterable<Uint8Array> {
  readonly #output: ArchiveOutput | ReadableSink;
  readonly #options: ResolvedArchiveOptions;
  readonly #engine: EngineName;
  readonly #engineWarnings: EngineWarnings;
  /** Of entries that have none of their own. */
  readonly #level: number;
  readonly #threads: number;
  readonly #additions = new Channel<Addition>();
  /** Made with the first name: createArchive() does without. */
  #registry: NameRegistry | undefined;
  readonly #progress: ProgressCounter;
  readonly #memory: number;
  /** Bytes of content in memory that were added before there was a reader. */
  #addedUnread = 0;
  readonly #budget: Budget;
  readonly #pool: Executor;
  readonly #plan: Plan;
  readonly #records: WrittenEntry[] | undefined;
  /** Absolute working directories of the selections. */
  readonly #roots: string[] = [];
  readonly #failed: Promise<never>;
  #tellFailure: (error: unknown) => void = () => {};
  #sink: Sink | undefined;
  #discarding: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;
  #running: Promise<ArchiveResult> | undefined;
  #closing: Promise<ArchiveResult> | undefined;
  #isComplete = false;
  #entriesStored = 0;
  /** What is being read at the moment, of which nobody but its owner knows whether it will ever end. */
  #producer: { readonly entryName?: string } | undefined;
  /** How many additions are still to be taken whose entries are not counted yet. */
  #uncounted = 0;
  #entriesSkipped = 0;
  readonly #selections: SelectionCounts[] = [];

  /**
   * @param output where the archive goes; left out, it is read from `readable`, or from the ZipArchive itself
   * @throws PzipError PZIP_USAGE or PZIP_COMMENT_INVALID for options that cannot be met
   */
  constructor(output: ArchiveOutput, options?: ArchiveOptions);
  constructor(options?: ArchiveOptions);
  constructor(outputOrOptions?: ArchiveOutput | ArchiveOptions, optionsBehind?: ArchiveOptions) {
    const { output, options: given } = argumentsOf(outputOrOptions, optionsBehind);
    const options = resolveArchiveOptions(given);
    const pool = options.pool === undefined ? undefined : internalsOf(options.pool);
    const { threads = availableParallelism(), level = 6 } = options;
    const memory = options.memory ?? defaultMemory(pool?.threads ?? threads);

    this.#output = output ?? new ReadableSink();
    if (this.#output instanceof ReadableSink) this.#sink = this.#output;
    this.#options = options;
    const engineChoice = pool?.engineChoice ?? chooseEngine(options.engine);
    this.#engine = engineChoice.name;
    this.#engineWarnings = new EngineWarnings(engineChoice, (warning) => this.warn(warning));
    this.#level = level;
    this.#records = options.records === true ? [] : undefined;
    this.#progress = new ProgressCounter(options.onProgress);
    this.#memory = memory;
    this.#budget = new Budget(memory, pool?.memory);
    this.#threads = pool?.threads ?? threads;
    const onFewer = (cause: Error): void => this.#warnOfFewerThreads(cause);
    this.#pool =
      pool === undefined ? new OwnThreads(threads, workOf(this.#engine), onFewer) : this.#shareOf(pool, onFewer);
    this.#plan = new Plan(this.#pool, this.#budget, {
      level,
      zone: options.reproducible === true ? 'utc' : 'local',
      extendedTimestamp: options.extendedTimestamps ?? true,
      fixedDate: options.lastModified?.getTime() ?? (options.reproducible === true ? DEFAULT_LAST_MODIFIED : undefined),
      latestDate: options.latestModified?.getTime(),
      onChange: options.onChange ?? 'error',
      roots: this.#roots,
      warnOfChange: (change) => this.#warnOfChange(change),
    });
    this.#failed = new Promise((_, reject) => {
      this.#tellFailure = reject;
    });
    this.#failed.catch(() => {});
  }

  /**
   * The archive's bytes, where it was given no output: a body for a Response, or for whatever takes a ReadableStream. Work
   * begins with the first read and goes on as fast as it is read; cancelling it stops everything. What goes wrong is told
   * here as well as by close(). `Readable.from(archive)` is the same as a stream of Node.js.
   *
   * @throws PzipError PZIP_USAGE for an archive that has an output
   */
  get readable(): ReadableStream<Uint8Array> {
    if (this.#output instanceof ReadableSink) return this.#output.readable;
    throw new PzipError('PZIP_USAGE', 'This archive goes to its output; to read it instead, give it none');
  }

  /** The bytes of `readable`, for `for await`; to leave the loop early stops everything. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined, undefined> {
    return this.readable.values();
  }

  /**
   * Adds a file. A symbolic link is followed. The file is opened when its turn comes.
   *
   * @param name in the archive, `/`-separated
   * @returns a promise of room for it in the memory budget: await it to hold back a fast producer, or ignore it. Before the
   * first read of an archive without an output it resolves at once, up to `memory` bytes of content in memory
   * @throws PzipError PZIP_NAME_INVALID, PZIP_NAME_DUPLICATE, PZIP_NAME_CONFLICT or PZIP_CLOSED, PZIP_COMMENT_INVALID or
   * PZIP_USAGE for its options, at once; whatever is wrong with the file itself, close() tells
   */
  addFile(name: string, path: string | URL, options: FileEntryOptions = {}): Promise<void> {
    const source = fileSource(name, path, options);
    this.#register(name);
    return this.#add(() => [[source()]]);
  }

  /**
   * Adds content that is in memory; a string is taken as UTF-8. The buffer stays the caller's and must not change until
   * the archive is closed. A Blob is read when its turn comes. Returns and throws as addFile() does.
   */
  addBuffer(name: string, content: EntryContent, options: FileEntryOptions = {}): Promise<void> {
    return this.#addSource(contentSource(name, content, options));
  }

  /**
   * Adds what a stream gives. It may be of any length, known or not: what is longer than a MiB is compressed in parallel,
   * piece by piece, in bounded memory.
   *
   * @param open called when the entry's turn comes, and not at all when the archive has failed by then; gives a Readable of
   * Node's, a ReadableStream of the web's or an async iterable, of bytes or text (or a promise of one). Whatever becomes of
   * the archive, it is read to its end or destroyed.
   * @returns and throws as addFile() does; close() rejects with PZIP_SOURCE_UNREADABLE and the stream's error as `cause`
   * when it fails, with PZIP_SIZE_MISMATCH when its length is not `size`
   */
  addStream(
    name: string,
    open: () => StreamContent | Promise<StreamContent>,
    options: StreamEntryOptions = {},
  ): Promise<void> {
    return this.#addSource(streamSource(name, open, options));
  }

  /** Adds a directory, for an empty one's sake or for its mode and date. The `/` at the end of its name may be left out. */
  addDirectory(name: string, options: EntryOptions = {}): Promise<void> {
    return this.#addSource(directorySource(name, options));
  }

  /** Adds a symbolic link with the given text as its target. */
  addSymlink(name: string, target: string, options: EntryOptions = {}): Promise<void> {
    return this.#addSource(symlinkSource(name, target, options));
  }

  /**
   * Adds what files, directories (with all that is in them) and patterns select, sorted by the bytes of its names, which are
   * as createArchive() makes them.
   *
   * @param patterns paths and patterns, `!pattern` taking away from all of them
   * @param options those that createArchive() has for the selection; `cwd` and `prefix` are the usual ones
   * @returns a promise that all of it has found room in the memory budget; what is wrong with any of it, close() tells
   */
  addGlob(patterns: Inputs, options: SelectionOptions = {}): Promise<void> {
    const inputs = resolveInputs(patterns, 'patterns');
    const resolved = resolveSelectionOptions(options);
    const counts: SelectionCounts = { ignored: 0, skipped: 0 };
    this.#selections.push(counts);
    this.#roots.push(resolve(resolved.cwd ?? '.'));
    return this.#add(() => this.#registering(this.#select(inputs, { ...resolved, counts })));
  }

  /**
   * Adds entry after entry of an iterable, which is asked for the next one only when there is room for it: a million take
   * no more memory than a hundred thousand.
   *
   * @returns a promise that the last of them has found room; what is wrong with any of them, or with the iterable, close()
   * tells
   */
  addEntries(entries: AsyncIterable<ArchiveEntry> | Iterable<ArchiveEntry>): Promise<void> {
    checkIterable(entries);
    const toSource = (entry: ArchiveEntry): Source => {
      const source = recordSource(entry);
      this.#names.add(source.name, source.kind === 'symlink');
      return source;
    };
    return this.#add(() => (isAsync(entries) ? { entries, toSource } : mapEach(entries, (entry) => [toSource(entry)])));
  }

  /**
   * Adds what a selection finds, named by it, without a look at the names: it has seen to it that none comes twice, and
   * nothing else is added.
   *
   * @param cwd of the selection, absolute
   * @internal
   */
  addSelection(sources: Selected, cwd: string): Promise<void> {
    this.#roots.push(cwd);
    return this.#add(() => sources);
  }

  /**
   * Has the threads started while the selection is made, where a glance at it shows that there will be work for them.
   * @internal
   */
  expect(glance: (enough: number, weigh: (bytes: number) => number) => number): void {
    this.#pool.expect((enough) => glance(enough, entryCost));
  }

  /**
   * Throws the error that has ended the archive, if anything has.
   * @internal
   */
  checkpoint(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /**
   * Whether a file is the one that is being written, or the one that it will replace.
   * @internal
   */
  isOutput(stats: { readonly dev: number; readonly ino: number }, path: string): boolean {
    return this.#sink?.isOutput(stats, path) ?? false;
  }

  /**
   * Passes a warning on, or makes an error of it.
   * @internal
   */
  warn(warning: PzipWarning): void {
    passWarning(warning, this.#options);
  }

  /**
   * Ends the archive. The promise tells the end, good or bad: it settles once, when the last byte is out and the file
   * has its name, or when everything is stopped, released and removed. Further calls get the same promise.
   *
   * Rejects with the first error: a PzipError, the error of the output stream, the exception of a listener or the reason of
   * the signal.
   */
  close(): Promise<ArchiveResult> {
    if (this.#closing) return this.#closing;
    this.#additions.end();
    this.#noticeTotals();
    this.#running ??= this.#run();
    // A promise of its own: a program that ignores it is to hear of a failure as of any other rejection.
    this.#closing = this.#running.then((result) => result);
    // Whoever reads the archive has the error from there.
    if (this.#output instanceof ReadableSink) this.#closing.catch(() => {});
    return this.#closing;
  }

  /**
   * What `await using` calls at the end of its block. After close() it waits for that; without, the archive is given up,
   * since something was thrown on the way to it: nothing is left of it, and an older archive stays as it was.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#additions.end();
    if (this.#closing === undefined) {
      this.#fail(new PzipError('PZIP_CLOSED', 'The archive was given up: its block ended before close() was called'));
    }
    await this.#running?.catch(() => {});
    await this.#pool.destroy();
  }

  /** Told at any time, and by a shared pool in the constructor already, where nothing can be failed yet. */
  #warnOfFewerThreads(cause: Error): void {
    queueMicrotask(() => {
      try {
        this.#engineWarnings.fewerThreads(cause);
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  #select(patterns: readonly string[], options: SelectOptions): Selected {
    return selectSources(patterns, {
      ...options,
      modes: options.modes ?? (this.#options.reproducible === true ? 'normalize' : 'keep'),
      skipUnreadable: this.#options.skipUnreadable ?? false,
      isOwnOutput: (stats, path) => this.isOutput(stats, path),
      onWarning: (warning) => this.warn(warning),
      checkpoint: () => this.checkpoint(),
    });
  }

  #addSource(source: Source): Promise<void> {
    this.#register(source.name, source.kind === 'symlink');
    const size = contentSize(source);
    if (source.kind === 'bytes' && this.#isUnread) this.#addedUnread += source.bytes.length;
    if (size !== undefined) this.#progress.found(1, size);
    return this.#add(() => [[source]], size !== undefined);
  }

  #add(sources: Addition['sources'], isCounted = false): Promise<void> {
    this.#refuseWhenClosed();
    const added = new Promise<void>((admit, refuse) => {
      if (this.#failure) refuse(this.#failure.error);
      else this.#additions.push({ sources, isCounted, admit, refuse });
      // With nobody reading yet, there is no work that would make room.
      if (this.#isUnread && this.#addedUnread <= this.#memory) admit();
    });
    if (!isCounted) this.#uncounted++;
    // Whoever ignores the promise hears of the error from close().
    added.catch(() => {});
    this.#running ??= this.#run();
    this.#running.catch(() => {});
    return added;
  }

  /** Whether the archive waits to be read: there is no reason to begin before. */
  get #isUnread(): boolean {
    return this.#output instanceof ReadableSink && !this.#output.isRead;
  }

  /** One that is only read begins when that is done, and may never be. */
  #shareOf(pool: PoolInternals, onFewer: (cause: Error) => void): Executor {
    if (this.#output instanceof ReadableSink && !pool.isClosed()) return new LateShare(() => pool.share(onFewer));
    return pool.share(onFewer);
  }

  get #names(): NameRegistry {
    this.#registry ??= new NameRegistry();
    return this.#registry;
  }

  #register(name: string, isLink = false): void {
    this.#refuseWhenClosed();
    this.#names.add(name, isLink);
  }

  #refuseWhenClosed(): void {
    if (this.#additions.isEnded) throw new PzipError('PZIP_CLOSED', 'close() was called: nothing more can be added');
  }

  async *#registering(sources: Selected): Selected {
    for await (const several of sources) {
      for (const { name, kind } of several) this.#names.add(name, kind === 'symlink');
      yield several;
    }
  }

  async #run(): Promise<ArchiveResult> {
    const { signal } = this.#options;
    const abort = (): void => this.#fail(signal === undefined ? undefined : reasonOf(signal));
    signal?.addEventListener('abort', abort, { once: true });
    const unregister = registerOpen(this.#openArchive, this.#output instanceof ReadableSink);
    try {
      throwIfAborted(signal);
      return await Promise.race([this.#failed, this.#work()]);
    } catch (error) {
      this.#fail(error);
      throw this.#failure?.error;
    } finally {
      signal?.removeEventListener('abort', abort);
      unregister();
      this.#budget.end();
      await atMost(LONGEST_RELEASE, Promise.all([this.#discarding, this.#pool.destroy()]));
    }
  }

  async #work(): Promise<ArchiveResult> {
    const { flush, replace, verify, onChange = 'error' } = this.#options;
    if (this.#output instanceof ReadableSink) await this.#firstRead(this.#output);
    const output = this.#output;
    const warn = (warning: PzipWarning): void => this.warn(warning);
    const sink: Sink = output instanceof ReadableSink ? output : openSink(output, { flush, replace, verify, warn });
    this.#sink = sink;
    if (sink.returnsBuffers === true) this.#pool.lend();
    if (this.#failure) {
      await sink.discard(this.#failure.error);
      throw this.#failure.error;
    }
    if (verify === true && sink.rewritable === undefined) throw cannotReadBack();
    sink.broken?.catch((error) => this.#fail(error));
    const writer = new ArchiveWriter(sink, this.#entryListener());
    // Their end takes as long as writing what is left. To read it all back, or a file again, they are needed once more.
    if (verify !== true && onChange === 'error') void this.#plan.compressed.then(() => this.#pool.finish());
    await Promise.all([this.#feed(), this.#write(writer)]);
    this.#progress.phase = 'finishing';
    this.#progress.tell(true);
    const bytesWritten = await this.#finish(writer);
    this.#isComplete = true;
    const result = this.#result(writer.entryCount, bytesWritten);
    this.#progress.phase = 'done';
    this.#progress.bytesWritten = bytesWritten;
    this.#tellOfEnd();
    return result;
  }

  async #firstRead(output: ReadableSink): Promise<void> {
    output.broken.catch((error) => this.#fail(error));
    await output.firstRead;
  }

  /** The archive is there, and stays so: an exception of the listener is not its failure, and is not swallowed either. */
  #tellOfEnd(): void {
    try {
      this.#progress.tell(true);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  async #finish(writer: ArchiveWriter): Promise<number> {
    const comment = Buffer.from(this.#options.comment ?? '');
    if (this.#options.verify !== true) return writer.finish(comment);
    const { verifyArchive } = await import('../check/verify-archive.js');
    return writer.finish(comment, (path) =>
      verifyArchive(
        path,
        { entryCount: writer.entryCount, commentLength: comment.length },
        {
          run: (task) => this.#pool.run(readBackTask(task), false),
          concurrency: 2 * Math.max(this.#threads, 1),
          checkpoint: () => this.checkpoint(),
          onVerified: (bytes) => this.#tellOfVerified(bytes),
        },
      ),
    );
  }

  /** What the listener throws is what close() rejects with, whatever the sink makes of it. */
  #tellOfVerified(bytes: number): void {
    this.#progress.phase = 'verifying';
    this.#progress.bytesVerified += bytes;
    try {
      this.#progress.tell();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #entryListener(): ((entry: WrittenEntry) => void) | undefined {
    const { onEntry } = this.#options;
    const records = this.#records;
    if (records === undefined) return onEntry;
    return (entry) => {
      records.push(entry);
      onEntry?.(entry);
    };
  }

  /** Takes the additions in order and plans what they bring. */
  async #feed(): Promise<void> {
    for await (const addition of this.#additions) {
      try {
        await this.#feedOne(addition);
        addition.admit();
      } catch (error) {
        addition.refuse(error);
        throw error;
      }
      // With nothing more to come for now, what is there is not kept waiting for its batch to be full.
      if (this.#additions.isEmpty) await nextTurn();
      if (this.#additions.isEmpty && !this.#additions.isEnded) await this.#plan.flush();
    }
    this.#noticeTotals();
    await this.#plan.finish();
  }

  async #feedOne({ sources, isCounted }: Addition): Promise<void> {
    const found = this.#look(sources);
    if ('toSource' in found) {
      await this.#feedProduction(found);
    } else if (isAsync(found)) {
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

  /** A file that is looked at now and cannot be read may be one to skip. */
  #look(sources: Addition['sources']): Sources {
    try {
      return sources();
    } catch (error) {
      if (!(error instanceof PzipError)) throw error;
      this.#skip(error);
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
        await this.#turn();
        lastTurn = performance.now();
      }
    }
  }

  async #feedProduction({ entries, toSource }: Production): Promise<void> {
    const iterator = entries[Symbol.asyncIterator]();
    let isGivenUp = false;
    const addEach = async (): Promise<void> => {
      for (;;) {
        const next = await iterator.next();
        if (isGivenUp || next.done === true) return;
        const wait = this.#planNext(this.#count(toSource(next.value)));
        if (wait) await wait;
      }
    };
    try {
      this.#producer = {};
      await this.#plan.whileProducing(addEach());
    } catch (error) {
      isGivenUp = true;
      letGo(iterator);
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
    if (source.kind !== 'directory' && source.kind !== 'symlink') {
      this.#engineWarnings.compressing(source.level ?? this.#level);
    }
    const planned = this.#plan.add(source);
    return source.kind === 'stream' && planned !== undefined ? this.#producing(source.name, planned) : planned;
  }

  async #producing(entryName: string, planned: Promise<void>): Promise<void> {
    const outer = this.#producer;
    this.#producer = { entryName };
    await planned;
    this.#producer = outer;
  }

  /** Where somebody watches, finds a selection ahead of the work as far as that goes, so that its totals are known. */
  async #lookAhead(found: Selected): Promise<{ ahead: Generator<Source[]>; isAll: boolean }> {
    const ahead: Source[][] = [];
    let entries = 0;
    let isAll = false;
    if (this.#progress.isWatched) {
      this.#progress.phase = 'finding';
      while (!isAll && entries < MAX_LOOK_AHEAD) {
        const next = await found.next();
        this.checkpoint();
        if (next.done === true) {
          isAll = true;
        } else {
          ahead.push(next.value.map((source) => this.#count(source)));
          entries += next.value.length;
          this.#progress.tell();
        }
      }
      this.#progress.phase = 'archiving';
    }
    return { ahead: emptying(ahead), isAll };
  }

  /** Lets the event loop in, and stops where the archive has failed meanwhile. */
  async #turn(): Promise<void> {
    await nextTurn();
    this.checkpoint();
  }

  /** Counts an entry as found; the bytes of a stream of unknown length are counted as they come. */
  #count(source: Source): Source {
    const size = contentSize(source);
    this.#progress.found(1, size ?? 0);
    if (source.kind !== 'stream' || size !== undefined || !this.#progress.isWatched) return source;
    return countingStream(source, (bytes) => this.#progress.found(0, bytes));
  }

  #counted(): void {
    this.#uncounted--;
    this.#noticeTotals();
  }

  #noticeTotals(): void {
    if (this.#additions.isEnded && this.#uncounted === 0) this.#progress.isTotalKnown = true;
  }

  /** Awaits the jobs in order and lays them down. */
  async #write(writer: ArchiveWriter): Promise<void> {
    for await (const job of this.#plan.jobs) {
      if (job.kind === 'batch') await this.#writeBatch(job, writer);
      else await this.#writeLarge(job, writer);
      this.#progress.entriesWritten = writer.entryCount;
      this.#progress.bytesWritten = writer.position;
      this.#progress.tell();
    }
  }

  async #writeBatch({ result, overhead }: BatchJob, writer: ArchiveWriter): Promise<void> {
    const { bytes, directory, entryCount, uncompressedSize, lastName, storedCount, failures, ...more } = await result;
    for (const failure of failures) this.#skip(toPzipError(failure, failure.entryName ?? ''));
    for (const change of more.changes) this.#warnOfChange(change);
    // Whoever takes the bytes may take them out of their buffer.
    const heldBytes = bytes.length + overhead;
    const onWritten = (): void => {
      this.#budget.release(heldBytes);
      this.#pool.recycle(bytes);
    };
    if (more.deferred.length === 0) await writer.writeFramed(bytes, directory, entryCount, onWritten);
    else {
      await this.#writeAround(more.deferred, { bytes, directory, entryCount }, writer);
      onWritten();
    }
    this.#progress.bytesRead += uncompressedSize;
    this.#progress.currentEntry = lastName ?? this.#progress.currentEntry;
    this.#entriesStored += storedCount;
  }

  /** A batch with entries that are read again, each in its place. */
  async #writeAround(
    deferred: readonly DeferredFile[],
    { bytes, directory, entryCount }: Pick<BatchResult, 'bytes' | 'directory' | 'entryCount'>,
    writer: ArchiveWriter,
  ): Promise<void> {
    const end = { bytes: bytes.length, directory: directory.length, entries: entryCount };
    let from = { bytes: 0, directory: 0, entries: 0 };
    for (const { source, isMimetype, at } of [...deferred, { source: undefined, isMimetype: false, at: end }]) {
      // Copies, since what is handed on may be taken out of its buffer.
      const part = bytes.slice(from.bytes, at.bytes);
      const headers = directory.slice(from.directory, at.directory);
      await writer.writeFramed(part, headers, at.entries - from.entries, () => {}, from.bytes);
      if (source !== undefined) {
        await this.#writeAgain(source, isMimetype, writer);
        this.#plan.hasReadAgain();
      }
      from = at;
    }
  }

  /** @param attempt at a file that is too large to be read before it is written */
  async #writeAgain(source: FileSource, isMimetype: boolean, writer: ArchiveWriter, attempt = 1): Promise<void> {
    let job: Job;
    try {
      job = await this.#plan.readAgain(source, isMimetype);
    } catch (error) {
      if (!(error instanceof PzipError)) throw error;
      this.#skip(error);
      return;
    }
    if (job.kind === 'batch') await this.#writeBatch(job, writer);
    else await this.#writeLarge(job, writer, attempt);
  }

  /** Whether an error says that a file has changed, and it is to be read again. */
  #isRetried(error: unknown, source: LargeSource, attempt: number): source is FileSource {
    const isChanged = error instanceof PzipError && error.code === 'PZIP_SOURCE_CHANGED';
    return isChanged && this.#options.onChange === 'retry' && source.kind === 'file' && attempt <= MAX_ATTEMPTS;
  }

  #warnOfChange({ path, how }: SourceChange): void {
    const message = `${quote(path)} changed while it was read (${how}); what was read is in the archive`;
    this.warn({ code: 'PZIP_SOURCE_CHANGED', severity: 'warning', message, path });
  }

  /** Goes on without an entry where that is asked for and nothing is broken but its file; else throws the error. */
  #skip(error: PzipError): void {
    if (this.#options.skipUnreadable !== true || !SKIPPED_CODES.includes(error.code)) throw error;
    this.#entriesSkipped++;
    const path = error.path ?? error.entryName ?? '';
    this.warn({ code: 'PZIP_SOURCE_SKIPPED', severity: 'warning', message: `Skipped: ${error.message}`, path });
  }

  async #writeLarge(job: ChunkedJob, writer: ArchiveWriter, attempt = 0): Promise<void> {
    const pieces = job.pieces[Symbol.asyncIterator]();
    let first: IteratorResult<Piece, void>;
    try {
      first = await pieces.next();
    } catch (error) {
      // Nothing of it is in the archive yet.
      if (!(error instanceof PzipError)) throw error;
      if (this.#isRetried(error, job.source, attempt)) {
        await this.#writeAgain(job.source, job.entry.isMimetype, writer, attempt + 1);
      } else this.#skip(error);
      return;
    }
    const all = startingWith(first, { [Symbol.asyncIterator]: () => pieces });
    const { bytesRead } = this.#progress;
    try {
      const method = await writer.writeLarge(this.#largeEntry(job, all, writer));
      if (method === METHOD_STORED) this.#entriesStored++;
    } catch (error) {
      // In a file, the writer has taken its beginning out again.
      const isOut = job.source.kind === 'file' && this.#sink?.rewritable !== undefined;
      if (!isOut || !(error instanceof PzipError)) throw error;
      this.#progress.bytesRead = bytesRead;
      if (this.#isRetried(error, job.source, attempt)) {
        await this.#writeAgain(job.source, job.entry.isMimetype, writer, attempt + 1);
      } else this.#skip(error);
    }
  }

  #largeEntry({ entry, source }: ChunkedJob, pieces: AsyncIterable<Piece>, writer: ArchiveWriter): LargeEntry {
    // What is large and of no size is made up by the system as it is read, and known at its end only.
    const isUnsized = contentSize(source) === 0;
    return {
      description: describe(entry),
      uncompressedSize: isUnsized ? undefined : contentSize(source),
      sizeHint: source.kind === 'stream' ? source.sizeHint : undefined,
      pieces,
      reread:
        source.kind === 'stream' || isUnsized
          ? undefined
          : (crc32) => reread(source, crc32, this.#options.onChange ?? 'error', (change) => this.#warnOfChange(change)),
      onPieceWritten: (piece, heldBytes) => {
        this.#budget.release(heldBytes);
        this.#pool.recycle(piece.bytes);
        this.#progress.bytesRead += piece.uncompressedSize;
        this.#progress.bytesWritten = writer.position;
        this.#progress.currentEntry = source.name;
        this.#progress.tell();
      },
    };
  }

  #result(entries: number, bytesWritten: number): ArchiveResult {
    return {
      entries,
      entriesStored: this.#entriesStored,
      entriesSkipped: this.#selections.reduce((sum, { skipped }) => sum + skipped, this.#entriesSkipped),
      entriesIgnored: this.#selections.reduce((sum, { ignored }) => sum + ignored, 0),
      bytesRead: this.#progress.bytesRead,
      bytesWritten,
      threads: this.#pool.threadsStarted(),
      engine: this.#engine,
      ...(this.#records === undefined ? {} : { records: this.#records }),
    };
  }

  /** A stream is told of a failure even where nothing was to be written to it yet. */
  #unopenedStream(): Sink | undefined {
    if (typeof this.#output === 'string' || this.#output instanceof URL || this.#output instanceof ReadableSink) {
      return undefined;
    }
    try {
      return openStream(this.#output);
    } catch {
      // It belongs to something else.
      return undefined;
    }
  }

  /**
   * The process has nothing left to wait for. Of an archive that is read, nothing is said where nobody waits for it either:
   * a server may drop an archive that was made for a request.
   */
  readonly #openArchive: OpenArchive = {
    failStuck: () => {
      const isAwaited = this.#closing !== undefined;
      if (this.#isUnread && !isAwaited) return;
      const error = whyStuck({
        producer: this.#budget.isUsedUp ? undefined : this.#producer,
        isAwaited,
        isToBeRead: this.#output instanceof ReadableSink,
      });
      this.#fail(error);
      // Nobody else hears of it.
      if (!isAwaited) void Promise.reject(error);
    },
  };

  /** The first error is the one that counts; it stops both loops, and whatever they wait for. */
  #fail(error: unknown): void {
    if (this.#failure || this.#isComplete) return;
    this.#failure = { error };
    for (const { refuse } of this.#additions.fail(error)) refuse(error);
    this.#plan.fail(error);
    this.#discarding = (this.#sink ?? this.#unopenedStream())?.discard(error);
    void this.#pool.destroy();
    this.#tellFailure(error);
  }
}

/**
 * The producer may be at an await that never ends, so nothing waits for it; and whatever it answers, there is an error that
 * counts already.
 */
function letGo(iterator: AsyncIterator<unknown>): void {
  try {
    Promise.resolve(iterator.return?.()).catch(() => {});
  } catch {
    // The same.
  }
}

/** A piece that was taken off goes ahead of the rest again. */
async function* startingWith<T>(
  first: IteratorResult<T, void>,
  rest: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

function describe({ source, lastModFileTime, lastModFileDate, unixTime }: PlannedEntry): EntryDescription {
  return {
    fileName: encodeFileName(source.name),
    fileComment: encodeFileName(source.comment ?? ''),
    mode: source.mode,
    lastModFileTime,
    lastModFileDate,
    unixTime,
  };
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

function isAsync<T, A extends AsyncIterable<T>>(iterable: Iterable<T> | A): iterable is A {
  return Symbol.asyncIterator in iterable;
}

function checkIterable(entries: unknown): void {
  if (
    typeof entries === 'object' &&
    entries !== null &&
    (Symbol.asyncIterator in entries || Symbol.iterator in entries)
  ) {
    return;
  }
  throw new PzipError('PZIP_USAGE', `addEntries() takes an iterable of entries (got ${show(entries)})`);
}

function* mapEach<T, U>(iterable: Iterable<T>, map: (value: T) => U): Generator<U> {
  for (const value of iterable) yield map(value);
}

/** Lets go of what it has given. */
function* emptying<T>(values: T[]): Generator<T> {
  values.reverse();
  for (let value = values.pop(); value !== undefined; value = values.pop()) yield value;
}

async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
