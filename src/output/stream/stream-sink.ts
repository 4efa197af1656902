/**
 * Writes an archive to a Node.js stream: a pipe, a socket, a response, or any Writable of a library. Middleware and libraries
 * replace write() and end(), so this relies only on what pipe() relies on: the return value of write(), 'drain', end()
 * without arguments, 'finish', 'error' and 'close'. No callback reports when a buffer is no longer needed, so buffers are
 * never reused.
 */
import { PzipError } from '../../common/errors.js';
import { type ExactIdentity, isFile } from '../file/identity.js';
import type { FileIdentity, Sink } from '../sink.js';
import { joinSmall } from './join-small.js';
import { Rejection } from './rejection.js';
import { fileBehind, isStandard } from './standard-sink.js';

/** Milliseconds: soon enough to notice a failure, and rare enough to cost nothing. */
const WATCH_INTERVAL = 100;

export class NodeStreamSink implements Sink {
  readonly rewritable = undefined;
  readonly broken: Promise<never>;
  readonly #stream: NodeJS.WritableStream;
  readonly #rejection = new Rejection();
  readonly #listeners: Readonly<Record<string, (error?: unknown) => void>>;
  #file: ExactIdentity | undefined;
  #hasDrained = false;
  /** Continues the write that waits for 'drain'. */
  #goOn: () => void = () => {};
  #watch: NodeJS.Timeout | undefined;
  /** Set once end() was called. */
  #finished: (() => void) | undefined;

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
    this.broken = this.#rejection.promise;
    this.#listeners = {
      drain: () => {
        this.#hasDrained = true;
        this.#goOn();
      },
      error: (error) => this.#rejection.reject(error ?? closedEarly()),
      // A stream that finishes before end() was called here was ended by something else.
      finish: () => (this.#finished ?? this.#close)(),
      close: () => this.#close(),
    };
    const reason = whyUnwritable(stream);
    if (reason !== undefined) this.#rejection.reject(reason);
    // Middleware passes a listener for 'drain' on to its own stream only if it is there before the first write.
    for (const [event, listener] of Object.entries(this.#listeners)) stream.on(event, listener);
  }

  isOutput(stats: FileIdentity, path: string): boolean {
    this.#file ??= fileBehind(this.#stream);
    return isFile(this.#file, stats, path);
  }

  async write(buffers: readonly Uint8Array[]): Promise<void> {
    for (const bytes of joinSmall(buffers)) {
      await this.#rejection
        .orDone((resolve) => {
          this.#hasDrained = false;
          this.#goOn = resolve;
          // Some libraries accept only Buffers.
          const isRoomLeft: unknown = this.#stream.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
          if (isRoomLeft !== false || this.#hasDrained) resolve();
          else this.#watchForDestruction();
        })
        .finally(() => clearInterval(this.#watch));
    }
  }

  /** A minipass that is destroyed while it is full emits nothing. Node's own streams emit 'close'. */
  #watchForDestruction(): void {
    if ('writableFinished' in this.#stream) return;
    this.#watch = setInterval(() => {
      if ('destroyed' in this.#stream && this.#stream.destroyed === true) this.#rejection.reject(closedEarly());
    }, WATCH_INTERVAL).unref();
  }

  async finish(): Promise<void> {
    // Standard output belongs to the process, which may write more after the archive.
    if (!isStandard(this.#stream)) {
      await this.#rejection.orDone((resolve) => {
        this.#finished = resolve;
        this.#stream.end();
      });
    }
    this.#stopListening();
  }

  async discard(error: unknown): Promise<void> {
    this.#rejection.reject(error);
    this.#stopListening();
    // A destroyed stream emits the error again, which close() has reported.
    this.#stream.on('error', () => {});
    if (isStandard(this.#stream)) return;
    const { destroy } = this.#stream as { destroy?: unknown };
    if (typeof destroy === 'function') {
      destroy.call(this.#stream, error instanceof Error ? error : new Error(String(error)));
    }
  }

  readonly #close = (): void => {
    // Streams of other libraries lack this property, and may close without 'finish'.
    const isCutOff = 'writableFinished' in this.#stream && this.#stream.writableFinished === false;
    if (this.#finished === undefined || isCutOff) this.#rejection.reject(closedEarly());
    else this.#finished();
  };

  #stopListening(): void {
    for (const [event, listener] of Object.entries(this.#listeners)) this.#stream.removeListener(event, listener);
  }
}

/** A stream that ended or failed before the archive began emits no more events. */
function whyUnwritable(stream: object): unknown {
  const read = (key: string): unknown => (key in stream ? Reflect.get(stream, key) : undefined);
  const cause = read('errored') ?? undefined;
  if (cause !== undefined) return unwritable('has failed', cause);
  if (read('writableEnded') === true) return unwritable('has been ended', undefined);
  if (read('destroyed') === true || read('closed') === true) return unwritable('is closed', undefined);
  return undefined;
}

function unwritable(how: string, cause: unknown): PzipError {
  return new PzipError('PZIP_OUTPUT_FAILED', `The output stream ${how} already: nothing can be written to it`, {
    cause,
  });
}

function closedEarly(): PzipError {
  const message = 'The output stream was closed before the archive was complete: its reader is gone';
  return new PzipError('PZIP_OUTPUT_FAILED', message);
}
