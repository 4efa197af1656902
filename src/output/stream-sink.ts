/** An archive that goes to a stream: a pipe, a socket, a response, any Writable of Node's or of the web's. */
import { fstatSync } from 'node:fs';
import { finished, type Writable } from 'node:stream';
import { PzipError } from '../errors.js';
import { errorName, explainOutputError } from './explain.js';
import { type ExactIdentity, isFile } from './file/identity.js';
import type { FileIdentity, Sink } from './sink.js';

export class NodeStreamSink implements Sink {
  readonly rewritable = undefined;
  /** A Writable may keep what it was given, as a PassThrough does until it is read; standard output does not. */
  readonly returnsBuffers: boolean;
  readonly broken: Promise<never>;
  readonly #stream: Writable;
  readonly #rejection = new Rejection();
  /** Undefined until it is asked for. */
  #file: ExactIdentity | undefined;
  readonly #stopWatching: () => void;

  constructor(stream: Writable) {
    this.#stream = stream;
    this.returnsBuffers = isStandard(stream);
    this.broken = this.#rejection.promise;
    // The write callback alone does not tell of a stream that was destroyed, or whose reader went away, between writes.
    this.#stopWatching = finished(stream, { readable: false }, (error) => {
      if (error && !isPrematureClose(error)) this.#rejection.reject(explained(error, stream));
      else if (error || !stream.writableFinished) this.#rejection.reject(closedEarly(error));
    });
  }

  isOutput(stats: FileIdentity, path: string): boolean {
    this.#file ??= fileBehind(this.#stream);
    return isFile(this.#file, stats, path);
  }

  write(buffers: readonly Uint8Array[]): Promise<void> {
    return this.#rejection.orDone((resolve, reject) => {
      const stream = this.#stream;
      // All in one go where the stream can (writev); an error calls back for the last one too.
      stream.cork();
      buffers.forEach((buffer, index) => {
        stream.write(
          buffer,
          index < buffers.length - 1 ? undefined : (error) => (error ? reject(explained(error, stream)) : resolve()),
        );
      });
      stream.uncork();
    });
  }

  async finish(): Promise<void> {
    // Standard output belongs to the process: what comes after the archive, if anything, is for its owner to say.
    if (!isStandard(this.#stream)) {
      await this.#rejection.orDone((resolve, reject) => {
        // Node calls back with the error of a stream that fails at its very end; its types do not say so.
        this.#stream.end((error?: Error | null) => (error ? reject(error) : resolve()));
      });
    }
    this.#stopWatching();
  }

  async discard(error: unknown): Promise<void> {
    this.#rejection.reject(error);
    this.#stopWatching();
    // A destroyed stream repeats the error as an event, and close() has told of it already.
    this.#stream.on('error', () => {});
    if (!isStandard(this.#stream)) this.#stream.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

export class WebStreamSink implements Sink {
  readonly rewritable = undefined;
  readonly broken: Promise<never>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #rejection = new Rejection();

  /** @throws PzipError PZIP_OUTPUT_FAILED for a stream that has a writer already */
  constructor(stream: WritableStream<Uint8Array>) {
    if (stream.locked) {
      throw new PzipError('PZIP_OUTPUT_FAILED', 'The output stream is locked: something else is writing to it');
    }
    this.broken = this.#rejection.promise;
    this.#writer = stream.getWriter();
    this.#writer.closed.catch((error) => this.#rejection.reject(error));
  }

  isOutput(): boolean {
    return false;
  }

  async write(buffers: readonly Uint8Array[]): Promise<void> {
    const writer = this.#writer;
    for (const buffer of buffers) {
      await this.#rejection.orDone((resolve, reject) => {
        writer.ready.then(() => writer.write(buffer)).then(resolve, reject);
      });
    }
  }

  async finish(): Promise<void> {
    await this.#rejection.orDone((resolve, reject) => {
      this.#writer.close().then(resolve, reject);
    });
  }

  async discard(error: unknown): Promise<void> {
    this.#rejection.reject(error);
    // The stream finishes the write that is under way before it lets itself be aborted, and that may be never.
    this.#writer.abort(error).catch(() => {});
  }
}

/**
 * A rejection that may come at any time, and work that is over when it comes. Unlike Promise.race with a promise that lives
 * as long as the archive, nothing of each piece of work is kept.
 */
class Rejection {
  readonly promise: Promise<never>;
  #rejected: { error: unknown } | undefined;
  #tell: (error: unknown) => void = () => {};
  #interrupt: ((error: unknown) => void) | undefined;

  constructor() {
    this.promise = new Promise((_, reject) => {
      this.#tell = reject;
    });
    this.promise.catch(() => {});
  }

  reject(error: unknown): void {
    if (this.#rejected) return;
    this.#rejected = { error };
    this.#tell(error);
    this.#interrupt?.(error);
  }

  orDone(work: (resolve: () => void, reject: (error: unknown) => void) => void): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (this.#rejected) {
        reject(this.#rejected.error);
        return;
      }
      this.#interrupt = reject;
      work(resolve, reject);
    });
  }
}

function isStandard(stream: Writable): boolean {
  return stream === process.stdout || stream === process.stderr;
}

/** `pzip - . > out.zip` writes to a file as well, and it must not go into itself. */
function fileBehind(stream: Writable): ExactIdentity {
  const fd = 'fd' in stream && typeof stream.fd === 'number' ? stream.fd : undefined;
  return fd === undefined ? { dev: -1n, ino: -1n } : fstatSync(fd, { bigint: true });
}

/** Errors of standard output that a program acts upon by their code; the command has words for them. */
const KNOWN_BY_CODE = ['EPIPE', 'ENOSPC'];

/** A caller's own stream has errors of its own; those of standard output are the file system's, and explained as a file's. */
function explained(error: Error, stream: Writable): Error {
  if (!isStandard(stream) || KNOWN_BY_CODE.includes(errorName(error) ?? '')) return error;
  const message = `Cannot write standard output: ${explainOutputError(error)}`;
  return new PzipError('PZIP_OUTPUT_FAILED', message, { cause: error });
}

function isPrematureClose(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function closedEarly(cause: unknown): PzipError {
  const message = 'The output stream was closed before the archive was complete: whoever reads it went away';
  return new PzipError('PZIP_OUTPUT_FAILED', message, { cause });
}
