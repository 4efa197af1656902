/** An archive that goes to a WritableStream of the web platform, of this realm or another. */
import { PzipError } from '../../common/errors.js';
import type { Sink } from '../sink.js';
import { Rejection } from './rejection.js';

export class WebStreamSink implements Sink {
  readonly rewritable = undefined;
  readonly broken: Promise<never>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #rejection = new Rejection();
  #isEnding = false;

  /** @throws PzipError PZIP_OUTPUT_FAILED for a stream that has a writer already */
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
      // The stream queues what it is given, so `ready` is what bounds it.
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
    // The stream finishes the write that is under way before it lets itself be aborted, and that may be never.
    this.#writer.abort(error).catch(() => {});
  }

  /** Of a stream that is closed, Node says that it may be a bug of Node's. */
  #explain(error: unknown, reject: (error: unknown) => void): void {
    const isClosed = error instanceof TypeError && 'code' in error && error.code === 'ERR_INVALID_STATE';
    reject(isClosed ? closedEarly(error) : (error ?? closedEarly()));
  }
}

function closedEarly(cause?: unknown): PzipError {
  const message = 'The output stream was closed before the archive was complete';
  return new PzipError('PZIP_OUTPUT_FAILED', message, { cause });
}
