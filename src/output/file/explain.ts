/** Errors of an archive's output that name its path and what to do, for a file, a named pipe and a device alike. */
import { PzipError, quote } from '../../common/errors.js';
import { errorCode, explainWriteError } from '../../common/file-errors.js';

/** Why a file could not be renamed to replace another. */
const REPLACING: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'no permission to replace the file that has that name'],
  ['EPERM', 'no permission to replace the file that has that name, which may belong to another user'],
]);

/** @param why what is wrong and what to do */
export function cannotWrite(path: string, why: string, cause?: unknown): PzipError {
  return new PzipError('PZIP_OUTPUT_FAILED', `Cannot write ${quote(path)}: ${why}`, { path, cause });
}

/**
 * A PzipError is returned unchanged.
 *
 * @param isReplacing whether the last step failed, in which the archive replaces another file
 */
export function outputFailed(path: string, error: unknown, isReplacing = false): PzipError {
  if (error instanceof PzipError) return error;
  const whyNotReplaced = isReplacing ? REPLACING.get(errorCode(error) ?? '') : undefined;
  return cannotWrite(path, whyNotReplaced ?? explainWriteError(error), error);
}

export function outputExists(path: string): PzipError {
  const message = `${quote(path)} exists and must not be replaced: remove it, or give the archive another name`;
  return new PzipError('PZIP_OUTPUT_EXISTS', message, { path });
}
