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
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Channel } from './channel.js';
import { Budget, defaultMemory } from './compress/budget.js';
import { toPzipError } from './compress/failure.js';
import { type BatchJob, type ChunkedJob, type Piece, Plan, type PlannedEntry } from './compress/plan.js';
import { ThreadPool } from './compress/pool.js';
import { reread } from './compress/reread.js';
import {
  BATCH_COLUMNS,
  COLUMN_COMPRESSED_SIZE,
  COLUMN_CRC32,
  COLUMN_METHOD,
  COLUMN_OFFSET,
  COLUMN_UNCOMPRESSED_SIZE,
} from './compress/task.js';
import { isEngineAvailable } from './deflate/create-engine.js';
import type { EngineName } from './deflate/engine.js';
import type { Source } from './entry.js';
import { PzipError, type PzipErrorCode } from './errors.js';
import { NameRegistry } from './input/name-registry.js';
import {
  bytesSource,
  checkEntry,
  DEFAULT_LAST_MODIFIED,
  directorySource,
  fileSource,
  symlinkSource,
} from './input/sources.js';
import type { ArchiveOptions, ArchiveResult, EntryOptions, FileEntryOptions } from './options.js';
import { ArchiveWriter, type EntryDescription, type FramedEntry, type LargeEntry } from './output/archive-writer.js';
import { type ArchiveOutput, openSink } from './output/open-sink.js';
import type { Sink } from './output/sink.js';
import { ProgressCounter } from './progress.js';
import { type PzipWarning, passWarning } from './warnings.js';
import { METHOD_STORED } from './zip/constants.js';
import { checkComment, encodeFileName } from './zip/names.js';

type Sources = Iterable<readonly Source[]> | AsyncIterable<readonly Source[]>;

/** What was added by one call. */
interface Addition {
  /** Called when its turn comes; a file is looked at then, and not before. */
  readonly sources: () => Sources;
  readonly admit: () => void;
  readonly refuse: (error: unknown) => void;
}

/** What is wrong with a file alone, so that an archive without it is still what was asked for under `skipUnreadable`. */
const SKIPPED_CODES: readonly PzipErrorCode[] = ['PZIP_SOURCE_MISSING', 'PZIP_SOURCE_UNREADABLE'];

/** Loaded by the thread that reads an archive back. */
const VERIFY_MODULE = new URL('./verify/worker.js', import.meta.url);

/** Builds an archive entry by entry, in the order of the calls. */
export class ZipArchive {
  readonly #output: ArchiveOutput;
  readonly #options: ArchiveOptions;
  readonly #engine: EngineName;
  readonly #threads: number;
  readonly #additions = new Channel<Addition>();
  readonly #names = new NameRegistry();
  readonly #progress: ProgressCounter;
  readonly #budget: Budget;
  readonly #pool: ThreadPool;
  readonly #plan: Plan;
  #sink: Sink | undefined;
  #discarding: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;
  #running: Promise<ArchiveResult> | undefined;
  #entriesStored = 0;
  #entriesSkipped = 0;

  /** @throws PzipError PZIP_USAGE or PZIP_COMMENT_INVALID for options that cannot be met */
  constructor(output: ArchiveOutput, options: ArchiveOptions = {}) {
    const threads = options.threads ?? availableParallelism();
    checkWholeNumber('threads', threads, 1, 1024);
    const level = options.level ?? 6;
    checkWholeNumber('level', level, 0, 10);
    const memory = options.memory ?? defaultMemory(threads);
    checkWholeNumber('memory', memory, 1, Number.MAX_SAFE_INTEGER);
    const broken = checkComment(options.comment ?? '', 'archive');
    if (broken !== undefined) throw new PzipError('PZIP_COMMENT_INVALID', `The archive's comment ${broken}`);

    this.#output = output;
    this.#options = options;
    this.#threads = threads;
    this.#engine = options.engine ?? (isEngineAvailable('wasm') ? 'wasm' : 'zlib');
    this.#progress = new ProgressCounter(options.onProgress);
    this.#budget = new Budget(memory);
    this.#pool = new ThreadPool(threads, this.#engine);
    this.#plan = new Plan(this.#pool, this.#budget, {
      level,
      zone: options.reproducible === true ? 'utc' : 'local',
      extendedTimestamp: options.extendedTimestamps ?? true,
      fixedDate:
        toMilliseconds('lastModified', options.lastModified) ??
        (options.reproducible === true ? DEFAULT_LAST_MODIFIED : undefined),
      latestDate: toMilliseconds('latestModified', options.latestModified),
    });
  }

  /**
   * Adds a file. A symbolic link is followed. The file is opened when its turn comes.
   *
   * @param name in the archive, `/`-separated
   * @returns a promise of room for it in the memory budget: await it to hold back a fast producer, or ignore it
   * @throws PzipError PZIP_NAME_INVALID, PZIP_NAME_DUPLICATE, PZIP_NAME_CONFLICT or PZIP_CLOSED, at once; whatever is
   * wrong with the file itself, close() tells
   */
  addFile(name: string, path: string, options: FileEntryOptions = {}): Promise<void> {
    this.#register(name, 'file', options);
    const source = fileSource(name, path, options);
    return this.#add(() => [[source()]]);
  }

  /**
   * Adds content that is in memory; a string is taken as UTF-8. The buffer stays the caller's and must not change until
   * the archive is closed. Returns and throws as addFile() does.
   */
  addBuffer(name: string, content: string | Uint8Array | ArrayBuffer, options: FileEntryOptions = {}): Promise<void> {
    this.#register(name, 'file', options);
    const source = bytesSource(name, content, options);
    return this.#add(() => [[source]]);
  }

  /** Adds a directory, for an empty one's sake or for its mode and date. The `/` at the end of its name may be left out. */
  addDirectory(name: string, options: EntryOptions = {}): Promise<void> {
    const fullName = name.endsWith('/') ? name : `${name}/`;
    this.#register(fullName, 'directory', options);
    const source = directorySource(fullName, options);
    return this.#add(() => [[source]]);
  }

  /** Adds a symbolic link with the given text as its target. */
  addSymlink(name: string, target: string, options: EntryOptions = {}): Promise<void> {
    this.#register(name, 'file', options);
    const source = symlinkSource(name, target, options);
    return this.#add(() => [[source]]);
  }

  /**
   * Adds what a selection finds, named by it.
   * @internal
   * @param namesAreDistinct the selection has seen to it that no name comes twice, and nothing else is added
   */
  addSelection(sources: Sources, namesAreDistinct: boolean): Promise<void> {
    this.#refuseWhenClosed();
    return this.#add(() => (namesAreDistinct ? sources : this.#registering(sources)));
  }

  /**
   * Whether a file is the one that is being written, or the one that it will replace.
   * @internal
   */
  isOutput(stats: { readonly dev: number; readonly ino: number }): boolean {
    return this.#sink?.isOutput(stats) ?? false;
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
   */
  close(): Promise<ArchiveResult> {
    this.#additions.end();
    this.#running ??= this.#run();
    return this.#running;
  }

  #add(sources: Addition['sources']): Promise<void> {
    this.#refuseWhenClosed();
    const admitted = new Promise<void>((admit, refuse) => {
      this.#additions.push({ sources, admit, refuse });
    });
    // Whoever ignores the promise hears of the error from close().
    admitted.catch(() => {});
    this.#running ??= this.#run();
    this.#running.catch(() => {});
    return admitted;
  }

  #register(name: string, kind: 'file' | 'directory', { comment }: EntryOptions): void {
    this.#refuseWhenClosed();
    checkEntry(name, kind, comment);
    this.#names.add(name);
  }

  #refuseWhenClosed(): void {
    if (this.#additions.isEnded) throw new PzipError('PZIP_CLOSED', 'close() was called: nothing more can be added');
  }

  async *#registering(sources: Sources): AsyncGenerator<readonly Source[], void, undefined> {
    for await (const several of sources) {
      for (const { name } of several) this.#names.add(name);
      yield several;
    }
  }

  async #run(): Promise<ArchiveResult> {
    const { signal } = this.#options;
    const abort = (): void => this.#fail(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      this.#sink = await openSink(this.#output, this.#options.replace);
      if (this.#options.verify === true && this.#sink.rewritable === undefined) {
        throw new PzipError('PZIP_USAGE', 'Only an archive in a file can be read back, not one that goes to a stream');
      }
      if (this.#failure) throw this.#failure.error;
      const writer = new ArchiveWriter(this.#sink, this.#options.onEntry);
      await Promise.all([this.#failing(this.#feed()), this.#failing(this.#write(writer))]);
      this.#progress.phase = 'finishing';
      this.#progress.tell(true);
      const bytesWritten = await this.#failing(this.#finish(writer));
      const result = await this.#result(writer.entryCount, bytesWritten);
      this.#progress.phase = 'done';
      this.#progress.bytesWritten = bytesWritten;
      this.#progress.tell(true);
      return result;
    } catch (error) {
      this.#fail(error);
      await (this.#discarding ?? this.#sink?.discard(error));
      throw this.#failure?.error;
    } finally {
      signal?.removeEventListener('abort', abort);
      await this.#pool.destroy();
    }
  }

  async #finish(writer: ArchiveWriter): Promise<number> {
    const comment = Buffer.from(this.#options.comment ?? '');
    if (this.#options.verify !== true) return writer.finish(comment);
    const { verifyArchive } = await import('./verify/verify-archive.js');
    return writer.finish(comment, (path) =>
      verifyArchive(
        path,
        { entryCount: writer.entryCount, commentLength: comment.length },
        {
          run: (task) => this.#pool.run(VERIFY_MODULE, task),
          concurrency: 2 * this.#threads,
          checkpoint: () => {
            if (this.#failure) throw this.#failure.error;
          },
          onVerified: (bytes) => {
            this.#progress.phase = 'verifying';
            this.#progress.bytesVerified += bytes;
            this.#progress.tell();
          },
        },
      ),
    );
  }

  /** Takes the additions in order and plans what they bring. */
  async #feed(): Promise<void> {
    for await (const { sources, admit, refuse } of this.#additions) {
      try {
        for await (const several of sources()) {
          for (const source of several) {
            this.#progress.entriesFound++;
            if (source.kind === 'file') this.#progress.bytesFound += source.size;
            if (source.kind === 'bytes') this.#progress.bytesFound += source.bytes.length;
            const wait = this.#plan.add(source);
            if (wait) await wait;
          }
        }
        admit();
      } catch (error) {
        refuse(error);
        throw error;
      }
      // With nothing more to come for now, what is there is not kept waiting for its batch to be full.
      if (this.#additions.isEmpty) await nextTurn();
      if (this.#additions.isEmpty && !this.#additions.isEnded) await this.#plan.flush();
    }
    this.#progress.isTotalKnown = true;
    await this.#plan.finish();
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

  async #writeBatch({ entries, result }: BatchJob, writer: ArchiveWriter): Promise<void> {
    const { bytes, table, failures } = await result;
    const failed = new Set<number>();
    for (const failure of failures) {
      this.#skip(toPzipError(failure, entries[failure.index]?.source.name ?? ''));
      failed.add(failure.index);
    }
    const framed: FramedEntry[] = [];
    for (const [index, entry] of entries.entries()) {
      if (failed.has(index)) continue;
      const row = index * BATCH_COLUMNS;
      const uncompressedSize = table[row + COLUMN_UNCOMPRESSED_SIZE] ?? 0;
      const compressionMethod = table[row + COLUMN_METHOD] ?? 0;
      this.#count(entry.source, uncompressedSize, compressionMethod === METHOD_STORED);
      framed.push({
        description: describe(entry),
        compressionMethod,
        crc32: table[row + COLUMN_CRC32] ?? 0,
        compressedSize: table[row + COLUMN_COMPRESSED_SIZE] ?? 0,
        uncompressedSize,
        offset: table[row + COLUMN_OFFSET] ?? 0,
      });
    }
    await writer.writeFramed(bytes, framed);
    this.#budget.release(bytes.length);
    this.#pool.recycle(bytes);
  }

  /** Goes on without an entry where that is asked for and nothing is broken but its file; else throws the error. */
  #skip(error: PzipError): void {
    if (this.#options.skipUnreadable !== true || !SKIPPED_CODES.includes(error.code)) throw error;
    this.#entriesSkipped++;
    const path = error.path ?? error.entryName ?? '';
    this.warn({ code: 'PZIP_SOURCE_SKIPPED', severity: 'warning', message: `Skipped: ${error.message}`, path });
  }

  async #writeLarge(job: ChunkedJob, writer: ArchiveWriter): Promise<void> {
    const pieces = job.pieces[Symbol.asyncIterator]();
    let first: IteratorResult<Piece, void>;
    try {
      first = await pieces.next();
    } catch (error) {
      // Nothing of it is in the archive yet. Its other pieces fail as the first did, and hold nothing of the budget.
      if (!(error instanceof PzipError)) throw error;
      this.#skip(error);
      return;
    }
    const all = startingWith(first, { [Symbol.asyncIterator]: () => pieces });
    await writer.writeLarge(this.#largeEntry(job, all, writer));
  }

  #largeEntry({ entry, source }: ChunkedJob, pieces: AsyncIterable<Piece>, writer: ArchiveWriter): LargeEntry {
    return {
      description: describe(entry),
      uncompressedSize: source.kind === 'file' ? source.size : source.bytes.length,
      pieces,
      reread: (crc32) => reread(source, crc32),
      onPieceWritten: (piece) => {
        this.#budget.release(piece.bytes.length);
        this.#pool.recycle(piece.bytes);
        this.#progress.bytesRead += piece.uncompressedSize;
        this.#progress.bytesWritten = writer.position;
        this.#progress.currentEntry = source.name;
        this.#progress.tell();
      },
    };
  }

  #count(source: Source, uncompressedSize: number, isStored: boolean): void {
    this.#progress.bytesRead += uncompressedSize;
    this.#progress.currentEntry = source.name;
    if (isStored && (source.kind === 'file' || source.kind === 'bytes')) this.#entriesStored++;
  }

  async #result(entries: number, bytesWritten: number): Promise<ArchiveResult> {
    return {
      entries,
      entriesStored: this.#entriesStored,
      entriesSkipped: this.#entriesSkipped,
      entriesIgnored: 0,
      bytesRead: this.#progress.bytesRead,
      bytesWritten,
      threads: await this.#pool.threadsStarted(),
      engine: this.#engine,
    };
  }

  /** Lets the first of several promises that fails stop the others. */
  async #failing<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /** The first error is the one that counts; it stops both loops, and whatever they wait for. */
  #fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = { error };
    for (const { refuse } of this.#additions.fail(error)) refuse(error);
    this.#budget.fail(error);
    this.#plan.jobs.fail(error);
    this.#discarding = this.#sink?.discard(error);
    void this.#pool.destroy();
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

function toMilliseconds(option: string, date: Date | undefined): number | undefined {
  const milliseconds = date?.getTime();
  if (!Number.isNaN(milliseconds)) return milliseconds;
  throw new PzipError('PZIP_USAGE', `The option ${option} is an invalid Date`);
}

function checkWholeNumber(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new PzipError('PZIP_USAGE', `The option ${option} is a whole number from ${least} to ${most}, not ${value}`);
}
