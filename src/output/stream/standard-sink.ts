/**
 * Standard output as Node created it. Its callbacks are reliable, so buffers can be reused; and it is not ended with the
 * archive.
 */
import { fstatSync } from 'node:fs';
import { finished, type Writable } from 'node:stream';
import { PzipError } from '../../common/errors.js';
import { explainWriteError, hasCode } from '../../common/file-errors.js';
import { type ExactIdentity, isFile } from '../file/identity.js';
import type { FileIdentity, Sink } from '../sink.js';
import { Rejection } from './rejection.js';

export class StandardSink implements Sink {
  readonly rewritable = undefined;
  readonly returnsBuffers = true;
  readonly broken: Promise<never>;
  readonly #stream: Writable;
  readonly #rejection = new Rejection();
  readonly #stopWatching: () => void;
  #file: ExactIdentity | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    this.broken = this.#rejection.promise;
    // The write callback alone does not report a reader that disconnects between two writes.
    this.#stopWatching = finished(stream, { readable: false }, (error) => {
      const isCutOff = error === null || error === undefined || hasCode(error, 'ERR_STREAM_PREMATURE_CLOSE');
      this.#rejection.reject(isCutOff ? closedEarly(error ?? undefined) : explained(error));
    });
  }

  isOutput(stats: FileIdentity, path: string): boolean {
    this.#file ??= fileBehind(this.#stream);
    return isFile(this.#file, stats, path);
  }

  write(buffers: readonly Uint8Array[]): Promise<void> {
    return this.#rejection.orDone((resolve, reject) => {
      const stream = this.#stream;
      // With one writev(2) if the stream can. After an error, the callback of the last write is called too.
      stream.cork();
      buffers.forEach((buffer, index) => {
        stream.write(
          buffer,
          index < buffers.length - 1 ? undefined : (error) => (error ? reject(explained(error)) : resolve()),
        );
      });
      stream.uncork();
    });
  }

  async finish(): Promise<void> {
    this.#stopWatching();
  }

  async discard(error: unknown): Promise<void> {
    this.#rejection.reject(error);
    this.#stopWatching();
    this.#stream.on('error', () => {});
  }
}

/** Errors that callers handle by their code; the command has its own messages for them. */
const KNOWN_BY_CODE = ['EPIPE', 'ENOSPC'];

/** Errors of standard output are explained like those of a file. */
function explained(error: Error): Error {
  if (hasCode(error, ...KNOWN_BY_CODE)) return error;
  const message = `Cannot write standard output: ${explainWriteError(error)}`;
  return new PzipError('PZIP_OUTPUT_FAILED', message, { cause: error });
}

function closedEarly(cause: unknown): PzipError {
  return new PzipError('PZIP_OUTPUT_FAILED', 'Standard output was closed before the archive was complete', { cause });
}

export function isStandard(stream: unknown): stream is Writable {
  return stream === process.stdout || stream === process.stderr;
}

/** Whether write() is still Node's: test runners and loggers replace it. */
export function isUntouched(stream: Writable): boolean {
  return !Object.hasOwn(stream, 'write') && !Object.hasOwn(stream, 'cork');
}

/** `pzip - . > out.zip` also writes to a file, which must not become one of its own entries. */
export function fileBehind(stream: object): ExactIdentity {
  const fd = 'fd' in stream && typeof stream.fd === 'number' ? stream.fd : undefined;
  return fd === undefined ? { dev: -1n, ino: -1n } : fstatSync(fd, { bigint: true });
}
