/** An archive that is read instead of written: its bytes come as a ReadableStream, as fast as somebody takes them. */
import { PzipError } from '../errors.js';
import type { Sink } from './sink.js';

export class ReadableSink implements Sink {
  readonly rewritable = undefined;
  readonly readable: ReadableStream<Uint8Array>;
  readonly broken: Promise<never>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isAskedFor = false;
  #asked: (() => void) | undefined;

  constructor() {
    let cancel: (reason: unknown) => void = () => {};
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
          this.#isAskedFor = true;
          this.#asked?.();
        },
        cancel: (reason) => cancel(wentAway(reason)),
      },
      strategy,
    );
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
      // Closed or cancelled before: nobody is there to be told.
    }
  }
}

/** Bytes up to which neighbours are joined: headers of a few bytes are not worth a chunk each to whoever sends them on. */
const SMALL = 64 * 1024;

function* joinSmall(buffers: readonly Uint8Array[]): Generator<Uint8Array> {
  let small: Uint8Array[] = [];
  let length = 0;
  for (const buffer of buffers) {
    if (length > 0 && length + buffer.length > SMALL) {
      yield join(small, length);
      small = [];
      length = 0;
    }
    if (buffer.length > SMALL) yield buffer;
    else {
      small.push(buffer);
      length += buffer.length;
    }
  }
  if (length > 0) yield join(small, length);
}

/** In memory of its own, which the reader may move to a thread; Buffer.concat() takes it from what all Buffers share. */
function join(buffers: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const buffer of buffers) {
    joined.set(buffer, at);
    at += buffer.length;
  }
  return joined;
}

function wentAway(reason: unknown): unknown {
  if (reason instanceof Error) return reason;
  const message = 'Whoever reads the archive went away before its end';
  return new PzipError('PZIP_OUTPUT_FAILED', message, { cause: reason });
}
