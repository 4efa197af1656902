/** An archive that is read instead of written: a ReadableStream, at the reader's pace. */
import { PzipError } from '../../common/errors.js';
import type { Sink } from '../sink.js';
import { joinSmall } from './join-small.js';

export class ReadableSink implements Sink {
  readonly rewritable = undefined;
  readonly readable: ReadableStream<Uint8Array>;
  readonly broken: Promise<never>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isRead = false;
  #isAskedFor = false;
  #asked: (() => void) | undefined;
  /** Resolves with the first read: until then there is no reason to begin. */
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
    // Nothing is kept in the stream's own queue: a read that waits is what lets the next bytes through.
    const strategy = { highWaterMark: 0 };
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#isRead = true;
          begin();
          this.#isAskedFor = true;
          this.#asked?.();
        },
        cancel: (reason) => cancel(wentAway(reason)),
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
      if (!this.#isAskedFor) {
        await new Promise<void>((resolve) => {
          this.#asked = resolve;
        });
      }
      this.#isAskedFor = false;
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
      // Closed or cancelled before: there is no reader left.
    }
  }
}

function wentAway(reason: unknown): unknown {
  if (reason instanceof Error) return reason;
  const message = 'The reader cancelled the archive before its end';
  return new PzipError('PZIP_OUTPUT_FAILED', message, { cause: reason });
}
