/** Turns a failure, which crossed the thread boundary as data, back into the error it was. */
import { PzipError, quote } from '../common/errors.js';
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
