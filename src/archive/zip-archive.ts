/** Builds an archive entry by entry. What is done with the entries is the run's (pipeline/archive-run.ts). */
import type { Source } from '../common/entry.js';
import { PzipError } from '../common/errors.js';
import type { ArchiveOutput } from '../output/open-sink.js';
import { ReadableSink } from '../output/stream/readable-sink.js';
import type { ArchiveRun } from '../pipeline/archive-run.js';
import type { Selected } from '../pipeline/feeder.js';
import type { ArchiveResult } from '../pipeline/run-options.js';
import { NameRegistry } from '../select/names/name-registry.js';
import { contentSource } from '../sources/content-source.js';
import { directorySource } from '../sources/directory-source.js';
import { fileSource } from '../sources/file-source.js';
import { recordSource } from '../sources/record-source.js';
import type { StreamContent } from '../sources/stream-content.js';
import { streamSource } from '../sources/stream-source.js';
import { symlinkSource } from '../sources/symlink-source.js';
import { selectFor, selectionOf } from './add-selection.js';
import { checkIterable, production } from './entry-production.js';
import { selectWithArchives } from './from-archives.js';
import type {
  ArchiveEntry,
  ArchiveInput,
  ArchiveOptions,
  CopyOptions,
  EntryContent,
  EntryOptions,
  FileEntryOptions,
  Inputs,
  SelectionOptions,
  StreamEntryOptions,
} from './options.js';
import {
  type ResolvedArchiveOptions,
  resolveArchiveInput,
  resolveArchiveOptions,
  resolveCopyOptions,
  resolveInputs,
  resolveSelectionOptions,
} from './resolve-options.js';
import { argumentsOf } from './resolve-output.js';
import { startRun } from './start-run.js';

/** Builds an archive entry by entry, in the order of the calls. */
export class ZipArchive implements AsyncIterable<Uint8Array> {
  readonly #run: ArchiveRun;
  readonly #options: ResolvedArchiveOptions;
  /** Undefined if the archive goes to an output. */
  readonly #reading: ReadableSink | undefined;
  readonly #names = new NameRegistry();

  /**
   * @param output a path, a `file:` URL, a stream or a Sink; if omitted, read the archive from `readable` or iterate it
   * @throws PzipError PZIP_USAGE or PZIP_COMMENT_INVALID for invalid options
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
   * The bytes of an archive that was given no output, for a Response or anything else that takes a ReadableStream. Work starts
   * with the first read and proceeds at the reader's pace; cancelling stops it. An error rejects the read as well as close().
   * `Readable.from(archive)` gives a Node.js stream.
   *
   * @throws PzipError PZIP_USAGE if the archive has an output
   */
  get readable(): ReadableStream<Uint8Array> {
    if (this.#reading !== undefined) return this.#reading.readable;
    throw new PzipError('PZIP_USAGE', '`readable` is only available when the archive was given no output');
  }

  /** Iterates the bytes of `readable`. Leaving the loop early aborts the archive. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined, undefined> {
    return this.readable.values();
  }

  /**
   * Adds a file, which is opened when its turn comes. A symbolic link is followed.
   *
   * @param name name in the archive, `/`-separated
   * @returns a promise that resolves when the memory budget has room for the entry. Await it to slow down a fast producer, or
   * ignore it. Before the first read of an archive without an output it resolves at once, up to `memory` bytes of content
   * @throws PzipError PZIP_NAME_INVALID, PZIP_NAME_DUPLICATE, PZIP_NAME_CONFLICT, PZIP_CLOSED, PZIP_COMMENT_INVALID or
   * PZIP_USAGE at once; a fault of the file itself rejects close()
   */
  addFile(name: string, path: string | URL, options: FileEntryOptions = {}): Promise<void> {
    const source = fileSource(name, path, options);
    this.#register(name);
    return this.#run.add(() => [[source()]]);
  }

  /**
   * Adds content in memory; a string is encoded as UTF-8. The buffer remains the caller's and must not change until the archive
   * is closed. A Blob is read when its turn comes. Returns and throws like addFile().
   */
  addBuffer(name: string, content: EntryContent, options: FileEntryOptions = {}): Promise<void> {
    return this.#addSource(contentSource(name, content, options));
  }

  /**
   * Adds the content of a stream of any length. Content longer than 1 MiB is compressed in parallel, chunk by chunk, in bounded
   * memory.
   *
   * @param open called when the entry's turn comes, unless the archive has failed; returns a Node.js Readable, a web
   * ReadableStream or an async iterable, of bytes or text, or a promise of one. pzip reads it to its end or destroys it.
   * @returns and throws like addFile(); close() rejects with PZIP_SOURCE_UNREADABLE if the stream fails, with its error as
   * `cause`, and with PZIP_SIZE_MISMATCH if its length is not `size`
   */
  addStream(
    name: string,
    open: () => StreamContent | Promise<StreamContent>,
    options: StreamEntryOptions = {},
  ): Promise<void> {
    return this.#addSource(streamSource(name, open, options));
  }

  /**
   * Adds an entry for a directory: an empty one, or one with a mode and a date. The trailing `/` of the name is optional.
   */
  addDirectory(name: string, options: EntryOptions = {}): Promise<void> {
    return this.#addSource(directorySource(name, options));
  }

  /** Adds a symbolic link to `target`. */
  addSymlink(name: string, target: string, options: EntryOptions = {}): Promise<void> {
    return this.#addSource(symlinkSource(name, target, options));
  }

  /**
   * Adds the files, directories (with their contents) and matches of patterns that `patterns` select, sorted by the bytes of their
   * names. Names are those that createArchive() gives.
   *
   * @param patterns paths and patterns; `!pattern` excludes from all of them
   * @param options the selection options of createArchive()
   * @returns a promise that resolves when the memory budget has room for all of it; a fault of an entry rejects close()
   * @throws PzipError PZIP_USAGE or PZIP_CLOSED at once
   */
  addGlob(patterns: Inputs, options: SelectionOptions = {}): Promise<void> {
    const inputs = resolveInputs(patterns, 'patterns');
    const resolved = resolveSelectionOptions(options);
    const selection = selectionOf(inputs, resolved, this.#options);
    this.#run.rejectWhenClosed();
    const sources = selectFor(this.#run, inputs, selection);
    return this.#run.add(() => this.#registering(sources));
  }

  /**
   * Adds the entries of another archive, whose data is copied as it is stored there: nothing is inflated or compressed. Modes,
   * dates, comments and extra fields are kept; a data descriptor is replaced by sizes in the header. The entries are sorted
   * by the bytes of their names.
   *
   * @param input a path, a `file:` URL, or all bytes of an archive, which must not change until this one is complete
   * @returns a promise that resolves when the memory budget has room for all of it; close() rejects with PZIP_ARCHIVE_INVALID
   * for an archive that contradicts itself, and with PZIP_ARCHIVE_UNSUPPORTED for an encrypted entry
   * @throws PzipError PZIP_USAGE or PZIP_CLOSED at once
   */
  addArchive(input: ArchiveInput, options: CopyOptions = {}): Promise<void> {
    const checked = resolveArchiveInput(input);
    const selection = selectionOf([], resolveCopyOptions(options), this.#options);
    this.#run.rejectWhenClosed();
    const sources = selectWithArchives(this.#run, [checked], [], selection);
    return this.#run.add(() => this.#registering(sources));
  }

  /**
   * Adds the entries of an iterable. It asks for the next one when the memory budget has room, so a million entries need no more
   * memory than a hundred thousand.
   *
   * @returns a promise that resolves when the memory budget has room for the last one; a fault of an entry, or of the iterable,
   * rejects close()
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
   * Completes the archive. The promise settles once: it resolves when the last byte is written and the file has its name, and
   * rejects when everything is stopped, released and removed. Further calls return the same promise.
   *
   * Rejects with the first error: a PzipError, the error of the output stream, the exception of a listener or the reason of the
   * signal.
   */
  close(): Promise<ArchiveResult> {
    return this.#run.close();
  }

  /**
   * Called at the end of an `await using` block. After close() it waits for the archive. Without close() it aborts the archive:
   * nothing of it remains, and an existing archive is unchanged.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#run.dispose();
  }

  #addSource(source: Source): Promise<void> {
    this.#register(source.name, source.kind === 'symlink');
    return this.#run.addSource(source);
  }

  #register(name: string, isLink = false): void {
    this.#run.rejectWhenClosed();
    this.#names.add(name, isLink);
  }

  async *#registering(sources: Selected): Selected {
    for await (const several of sources) {
      // Several archives have the same directories.
      const fresh = several.filter(
        ({ name, kind, copied }) => !(copied && kind === 'directory' && this.#names.has(name)),
      );
      for (const { name, kind } of fresh) this.#names.add(name, kind === 'symlink');
      yield fresh;
    }
  }
}
