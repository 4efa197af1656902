/** The output of a run: opened when the work begins, or a stream whose first read starts the work. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PzipError } from '../common/errors.js';
import type { PzipWarning } from '../common/warnings.js';
import { FileSink } from '../output/file/file-sink.js';
import {
  type ArchiveOutput,
  cannotCompare,
  cannotReadBack,
  openSink,
  type SinkOptions,
  unopenedSink,
} from '../output/open-sink.js';
import type { FileIdentity, Sink } from '../output/sink.js';
import { ReadableSink } from '../output/stream/readable-sink.js';
import { openReports } from './open-reports.js';
import type { RunOptions } from './run-options.js';
import type { RunReports } from './run-reports.js';

type OutputOptions = Pick<RunOptions, 'overwrite' | 'verify' | 'needsFile' | 'writeIfChanged' | 'flush' | 'reports'>;

export class RunOutput {
  readonly #output: ArchiveOutput | ReadableSink;
  readonly #onFailure: (error: unknown) => void;
  #sink: Sink | undefined;
  #discarding: Promise<void> | undefined;
  #reports: RunReports | undefined;

  /** @param onFailure called when nothing more can be written */
  constructor(output: ArchiveOutput | ReadableSink, onFailure: (error: unknown) => void) {
    this.#output = output;
    this.#onFailure = onFailure;
    if (output instanceof ReadableSink) this.#sink = output;
  }

  /** Whether the archive is read instead of written. */
  get isToBeRead(): boolean {
    return this.#output instanceof ReadableSink;
  }

  /** Absolute path of an archive in a file. */
  get path(): string | undefined {
    if (this.#output instanceof URL) return fileURLToPath(this.#output);
    return typeof this.#output === 'string' ? resolve(this.#output) : undefined;
  }

  /** Whether the archive waits for its first read, which starts the work. */
  get isUnread(): boolean {
    return this.#output instanceof ReadableSink && !this.#output.isRead;
  }

  /** Resolves when a discard() that was started is done. */
  get discarded(): Promise<void> | undefined {
    return this.#discarding;
  }

  /** Whether it is a file, which other output that has a path is not: a FIFO, a device. */
  get isFile(): boolean {
    return this.#sink instanceof FileSink;
  }

  /** False for a file that was left as it was. */
  get isChanged(): boolean {
    return !(this.#sink instanceof FileSink && this.#sink.isUnchanged);
  }

  /** Undefined if nothing is reported beside the archive. */
  get reports(): RunReports | undefined {
    return this.#reports;
  }

  /** Whether a file is one being written, or one that it will replace. */
  isOutput(stats: FileIdentity, path: string): boolean {
    return this.#sink?.isOutput?.(stats, path) === true || this.#reports?.isOwn(stats, path) === true;
  }

  /** @throws PzipError as openSink() and openReports() do */
  async open(options: OutputOptions, warn: (warning: PzipWarning) => void): Promise<Sink> {
    this.#reports = await openReports(options.reports, this.path, warn);
    const sink = await this.#open({ ...options, replace: options.overwrite, warn });
    this.#sink = sink;
    if (options.verify === true && sink.rewritable === undefined) throw cannotReadBack();
    if (options.needsFile === true && sink.rewritable === undefined) throw notInStream();
    sink.broken?.catch(this.#onFailure);
    return sink;
  }

  async #open(options: SinkOptions): Promise<Sink> {
    if (!(this.#output instanceof ReadableSink)) return openSink(this.#output, options);
    if (options.writeIfChanged === true) throw cannotCompare();
    this.#output.broken.catch(this.#onFailure);
    await this.#output.firstRead;
    return this.#output;
  }

  discard(error: unknown): void {
    const sink = this.#sink ?? (this.#output instanceof ReadableSink ? undefined : unopenedSink(this.#output));
    this.#discarding = sink?.discard(error);
  }
}

function notInStream(): PzipError {
  return new PzipError(
    'PZIP_USAGE',
    'A part of an archive is written to a file: in a stream, large entries have another form',
  );
}
