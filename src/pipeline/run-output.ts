/** Where a run's bytes go: an output that is opened when the work begins, or a reader that the work waits for. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CustomSink, isSink } from '../output/custom-sink.js';
import { type ArchiveOutput, cannotReadBack, openSink, type SinkOptions } from '../output/open-sink.js';
import type { FileIdentity, Sink } from '../output/sink.js';
import { openStream } from '../output/stream/open-stream.js';
import { ReadableSink } from '../output/stream/readable-sink.js';

export class RunOutput {
  readonly #output: ArchiveOutput | ReadableSink;
  readonly #onFailure: (error: unknown) => void;
  #sink: Sink | undefined;
  #discarding: Promise<void> | undefined;

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

  /** Whether the archive waits to be read: there is no reason to begin before. */
  get isUnread(): boolean {
    return this.#output instanceof ReadableSink && !this.#output.isRead;
  }

  /** Resolves once that is done, where a discard() was begun. */
  get discarded(): Promise<void> | undefined {
    return this.#discarding;
  }

  /** Whether a file is the one that is being written, or the one that it will replace. */
  isOutput(stats: FileIdentity, path: string): boolean {
    return this.#sink?.isOutput?.(stats, path) ?? false;
  }

  /** @throws PzipError as openSink() does */
  async open(options: SinkOptions): Promise<Sink> {
    const sink = await this.#open(options);
    this.#sink = sink;
    if (options.verify === true && sink.rewritable === undefined) throw cannotReadBack();
    sink.broken?.catch(this.#onFailure);
    return sink;
  }

  async #open(options: SinkOptions): Promise<Sink> {
    if (!(this.#output instanceof ReadableSink)) return openSink(this.#output, options);
    this.#output.broken.catch(this.#onFailure);
    await this.#output.firstRead;
    return this.#output;
  }

  /** Gives up. A stream hears of a failure even where nothing was to be written to it yet. */
  discard(error: unknown): void {
    this.#discarding = (this.#sink ?? this.#unopenedStream())?.discard(error);
  }

  #unopenedStream(): Sink | undefined {
    const output = this.#output;
    if (typeof output === 'string' || output instanceof URL || output instanceof ReadableSink) return undefined;
    if (isSink(output)) return new CustomSink(output);
    try {
      return openStream(output);
    } catch {
      // It belongs to something else.
      return undefined;
    }
  }
}
