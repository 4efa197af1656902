/** Writes an archive to a WritableStream of the web platform, of this realm or another. */
import { PzipError } from '../../common/errors.js';
import type { Sink } from '../sink.js';
import { Rejection } from './rejection.js';

export class WebStreamSink implements Sink {
  readonly rewritable = undefined;
  readonly broken: Promise<never>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #rejection = new Rejection();
  #isEnding = false;

  /** @throws PzipError PZIP_OUTPUT_FAILED if the stream already has a writer */
  constructor(stream: WritableStream<Uint8Array>) {
    if (stream.locked) {
      throw new PzipError('PZIP_OUTPUT_FAILED', 'The output stream is locked: something else is writing to it');
    }
    this.broken = this.#rejection.promise;
    this.#writer = stream.getWriter();
    this.#writer.closed.then(
      () => {
        if (!this.#isEnding) this.#rejection.reject(closedEarly());
      },
      (error) => this.#rejection.reject(error ?? closedEarly()),
    );
  }

  isOutput(): boolean {
    return false;
  }

  async write(buffers: readonly Uint8Array[]): Promise<void> {
    const writer = this.#writer;
    for (const buffer of buffers) {
      // The stream queues every chunk, so waiting for `ready` bounds the queue.
      await this.#rejection.orDone((resolve, reject) => {
        writer.ready.then(() => writer.write(buffer)).then(resolve, (error) => this.#explain(error, reject));
      });
    }
  }

  async finish(): Promise<void> {
    await this.#rejection.orDone((resolve, reject) => {
      this.#isEnding = true;
      this.#writer.close().then(resolve, (error) => this.#explain(error, reject));
    });
  }

  async discard(error: unknown): Promise<void> {
    this.#rejection.reject(error);
    // Not awaited: the stream finishes a pending write before it aborts, and that may never happen.
    this.#writer.abort(error).catch(() => {});
  }

  /** For a closed stream, Node's own message suggests a bug in Node. */
  #explain(error: unknown, reject: (error: unknown) => void): void {
    const isClosed = error instanceof TypeError && 'code' in error && error.code === 'ERR_INVALID_STATE';
    reject(isClosed ? closedEarly(error) : (error ?? closedEarly()));
  }
}

function closedEarly(cause?: unknown): PzipError {
  const message = 'The output stream was closed before the archive was complete';
  return new PzipError('PZIP_OUTPUT_FAILED', message, { cause });
}
