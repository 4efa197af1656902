/** Builds an archive entry by entry. What is done with the entries is the run's (pipeline/archive-run.ts). */
import type { Source } from '../common/entry.js';
import { PzipError } from '../common/errors.js';
import { show } from '../common/option-rules.js';
import type { ArchiveOutput } from '../output/open-sink.js';
import { ReadableSink } from '../output/stream/readable-sink.js';
import type { ArchiveRun } from '../pipeline/archive-run.js';
import type { Selected, Sources } from '../pipeline/feeder.js';
import type { ArchiveResult } from '../pipeline/run-options.js';
import { NameRegistry } from '../select/names/name-registry.js';
import {
  contentSource,
  directorySource,
  fileSource,
  recordSource,
  streamSource,
  symlinkSource,
} from '../sources/entry-sources.js';
import type { StreamContent } from '../sources/stream-content.js';
import { selectFor, selectionOf } from './add-selection.js';
import type {
  ArchiveEntry,
  ArchiveOptions,
  EntryContent,
  EntryOptions,
  FileEntryOptions,
  Inputs,
  SelectionOptions,
  StreamEntryOptions,
} from './options.js';
import {
  type ResolvedArchiveOptions,
  resolveArchiveOptions,
  resolveInputs,
  resolveSelectionOptions,
} from './resolve-options.js';
import { argumentsOf } from './resolve-output.js';
import { startRun } from './start-run.js';

/** Builds an archive entry by entry, in the order of the calls. */
export class ZipArchive implements AsyncIterable<Uint8Array> {
  readonly #run: ArchiveRun;
  readonly #options: ResolvedArchiveOptions;
  /** Undefined where the archive goes to an output. */
  readonly #reading: ReadableSink | undefined;
  readonly #names = new NameRegistry();

  /**
   * @param output where the archive goes; left out, it is read from `readable`, or from the ZipArchive itself
   * @throws PzipError PZIP_USAGE or PZIP_COMMENT_INVALID for options that cannot be met
   */
  constructor(output: ArchiveOutput, options?: ArchiveOptions);
  constructor(options?: ArchiveOptions);
  constructor(outputOrOptions?: ArchiveOutput | ArchiveOptions, optionsBehind?: ArchiveOptions) {
    const { output, options: given } = argumentsOf(outputOrOptions, optionsBehind);
    this.#options = resolveArchiveOptions(given);
    this.#reading = output === undefined ? new ReadableSink() : undefined;
    this.#run = startRun(output ?? this.#reading ?? new ReadableSink(), this.#options);
  }

  /**
   * The archive's bytes, where it was given no output: a body for a Response, or for whatever takes a ReadableStream. Work
   * begins with the first read and goes on as fast as it is read; cancelling it stops everything. What goes wrong is told
   * here as well as by close(). `Readable.from(archive)` is the same as a stream of Node.js.
   *
   * @throws PzipError PZIP_USAGE for an archive that has an output
   */
  get readable(): ReadableStream<Uint8Array> {
    if (this.#reading !== undefined) return this.#reading.readable;
    throw new PzipError('PZIP_USAGE', '`readable` is only available when the archive was given no output');
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
    return this.#run.add(() => [[source()]]);
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
    const selection = selectionOf(inputs, resolved, this.#options);
    this.#run.refuseWhenClosed();
    const sources = selectFor(this.#run, inputs, selection);
    return this.#run.add(() => this.#registering(sources));
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
    return this.#run.add(() => production(entries, toSource));
  }

  /**
   * Ends the archive. The promise tells the end, good or bad: it settles once, when the last byte is out and the file
   * has its name, or when everything is stopped, released and removed. Further calls get the same promise.
   *
   * Rejects with the first error: a PzipError, the error of the output stream, the exception of a listener or the reason of
   * the signal.
   */
  close(): Promise<ArchiveResult> {
    return this.#run.close();
  }

  /**
   * What `await using` calls at the end of its block. After close() it waits for that; without, the archive is given up,
   * since something was thrown on the way to it: nothing is left of it, and an older archive stays as it was.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#run.dispose();
  }

  #addSource(source: Source): Promise<void> {
    this.#register(source.name, source.kind === 'symlink');
    return this.#run.addSource(source);
  }

  #register(name: string, isLink = false): void {
    this.#run.refuseWhenClosed();
    this.#names.add(name, isLink);
  }

  async *#registering(sources: Selected): Selected {
    for await (const several of sources) {
      for (const { name, kind } of several) this.#names.add(name, kind === 'symlink');
      yield several;
    }
  }
}

/** What an iterable gives, as sources: a synchronous one at once, another one in its own time. */
function production(
  entries: AsyncIterable<ArchiveEntry> | Iterable<ArchiveEntry>,
  toSource: (entry: ArchiveEntry) => Source,
): Sources {
  if (!(Symbol.asyncIterator in entries)) return mapEach(entries, (entry) => [toSource(entry)]);
  const iterator = entries[Symbol.asyncIterator]();
  return {
    next: async () => {
      const next = await iterator.next();
      return next.done === true ? undefined : toSource(next.value);
    },
    letGo: () => letGo(iterator),
  };
}

/** The producer may wait for what never comes, and there is an error already: nothing waits for its answer. */
function letGo(iterator: AsyncIterator<unknown>): void {
  try {
    Promise.resolve(iterator.return?.()).catch(() => {});
  } catch {
    // The same.
  }
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
