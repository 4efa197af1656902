/** Turns a failure, which crossed the thread boundary as data, back into the error it was. */
import { PzipError } from '../errors.js';
import type { TaskFailure } from './task.js';

export function toPzipError(failure: TaskFailure, entryName: string): PzipError {
  const cause =
    failure.cause &&
    Object.assign(
      new Error(failure.cause.message),
      failure.cause.code === undefined ? {} : { code: failure.cause.code },
    );
  return new PzipError(failure.code, failure.message, { entryName, path: failure.path, cause });
}
