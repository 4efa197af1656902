/** An archive as a ReadableStream, produced at the rate at which it is read. */
import { PzipError } from '../../common/errors.js';
import type { Sink } from '../sink.js';
import { joinSmall } from './join-small.js';

export class ReadableSink implements Sink {
  readonly rewritable = undefined;
  readonly readable: ReadableStream<Uint8Array>;
  readonly broken: Promise<never>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isRead = false;
  #isPulled = false;
  #onPull: (() => void) | undefined;
  /** Resolves at the first read; nothing is produced before. */
  readonly firstRead: Promise<void>;

  constructor() {
    let cancel: (reason: unknown) => void = () => {};
    let begin: () => void = () => {};
    this.firstRead = new Promise((resolve) => {
      begin = resolve;
    });
    this.broken = new Promise((_, reject) => {
      cancel = reject;
    });
    this.broken.catch(() => {});
    // The stream's own queue stays empty: only a pending read lets the next bytes through.
    const strategy = { highWaterMark: 0 };
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#isRead = true;
          begin();
          this.#isPulled = true;
          this.#onPull?.();
        },
        cancel: (reason) => cancel(cancelled(reason)),
      },
      strategy,
    );
  }

  /** Whether anything was ever read. */
  get isRead(): boolean {
    return this.#isRead;
  }

  isOutput(): boolean {
    return false;
  }

  async write(buffers: readonly Uint8Array[]): Promise<void> {
    for (const bytes of joinSmall(buffers)) {
      if (!this.#isPulled) {
        await new Promise<void>((resolve) => {
          this.#onPull = resolve;
        });
      }
      this.#isPulled = false;
      this.#controller?.enqueue(bytes);
    }
  }

  async finish(): Promise<void> {
    this.#controller?.close();
  }

  async discard(error: unknown): Promise<void> {
    try {
      this.#controller?.error(error);
    } catch {
      // It was closed or cancelled before: there is no reader left.
    }
  }
}

function cancelled(reason: unknown): unknown {
  if (reason instanceof Error) return reason;
  const message = 'The reader cancelled the archive before its end';
  return new PzipError('PZIP_OUTPUT_FAILED', message, { cause: reason });
}
