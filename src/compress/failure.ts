/** A failure crosses the thread boundary as data, and becomes an error again on the other side. */
import { PzipError, quote } from '../common/errors.js';
import { errorCode } from '../common/file-errors.js';
import type { TaskFailure } from './tasks.js';

export function toPzipError(failure: TaskFailure, entryName: string): PzipError {
  const cause =
    failure.cause &&
    Object.assign(
      new Error(failure.cause.message),
      failure.cause.code === undefined ? {} : { code: failure.cause.code },
    );
  // What an engine says is about a piece of data; whose it was is known here.
  const message =
    failure.code === 'PZIP_COMPRESS_FAILED'
      ? `${quote(failure.path ?? entryName)} could not be compressed: ${failure.message}`
      : failure.message;
  return new PzipError(failure.code, message, { entryName, path: failure.path, cause });
}

export function toFailure(error: unknown, entryName: string | undefined, path: string | undefined): TaskFailure {
  if (!(error instanceof PzipError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { entryName, code: 'PZIP_COMPRESS_FAILED', message, path, cause: { code: errorCode(error), message } };
  }
  const { cause } = error;
  return {
    entryName,
    code: error.code,
    message: error.message,
    path: error.path ?? path,
    cause: cause instanceof Error ? { code: errorCode(cause), message: cause.message } : undefined,
  };
}
