/**
 * What pzip has to say besides its result. A warning is data: the command prints it and counts it, `--strict` turns it into
 * an error, a library user decides.
 */
import { PzipError } from './errors.js';
import { messageText } from './text.js';

export type PzipWarningCode =
  | 'PZIP_PREFIX_REMOVED' // a leading `./`, `/`, `../` or drive left out of the names
  | 'PZIP_INPUT_IGNORED' // an input that was named and that a pattern keeps out
  | 'PZIP_DIRECTORY_ONLY' // a directory in a list of names, which goes in without what is in it
  | 'PZIP_SPECIAL_SKIPPED' // a socket, a FIFO or a device, which an archive cannot hold
  | 'PZIP_LINK_LOOP' // a link that leads back to a directory it lies in, not followed
  | 'PZIP_SOURCE_SKIPPED' // unreadable, gone or misnamed, and skipped because the caller asked for that
  | 'PZIP_PATTERN_UNMATCHABLE' // a pattern that no name can match, such as one that begins with `=`
  | 'PZIP_LINK_OUTSIDE' // a symbolic link that leads out of what is packed
  | 'PZIP_SOURCE_CHANGED' // a file that was written while it was read, and is in the archive as it was read
  | 'PZIP_NAME_NOT_PORTABLE' // a name that not every system can extract
  | 'PZIP_ENGINE_FALLBACK' // Node's zlib compresses because pzip's own engine cannot run
  | 'PZIP_FEWER_THREADS' // not all threads can be started: fewer compress, or the calling one
  | 'PZIP_LEVEL_LOWERED' // level 10 was asked of Node's zlib, which ends at 9
  | 'PZIP_TEMPORARY_FILE' // a temporary file of pzip's that stays out of the archive, or could not be removed
  | 'PZIP_OUTPUT_LINKED' // the archive that is replaced, met under another name and left out
  | 'PZIP_NOT_REUSED' // nothing of an earlier archive is reused, or what the next run needs for it cannot be written
  | 'PZIP_OUTPUT_MODE' // the new archive has other permissions than the one that it replaces
  | 'PZIP_IGNORE_FILE_SKIPPED' // a `.gitignore` that is a link or no file, which git does not read either
  | 'PZIP_REPOSITORY_SKIPPED' // another user's repository, or a file of git's that cannot be used
  | 'PZIP_NOTHING_MATCHED'; // the selection came out empty and the caller does not call that an error

export interface PzipWarning {
  readonly code: PzipWarningCode;
  /** A notice reports what was done as requested or by rule; only a warning is an error with `strict`. */
  readonly severity: 'notice' | 'warning';
  /** One line, without a full stop, naming the path where it is about one; safe to print, as PzipError's is. */
  readonly message: string;
  /** As the user gave it or as it was found; empty where it is about no one path. */
  readonly path: string;
}

/**
 * Tells a listener, or makes an error of what is more than a notice.
 *
 * @throws PzipError PZIP_STRICT
 */
export function passWarning(warning: PzipWarning, options: WarningOptions): void {
  if (options.strict === true && warning.severity === 'warning') {
    throw new PzipError('PZIP_STRICT', `${warning.message} (every warning is an error here)`, { path: warning.path });
  }
  options.onWarning?.({ ...warning, message: messageText(warning.message) });
}

/** A missing file and silence are what a bundle without the worker's file gives. */
const BUNDLE_CODES = ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND', 'ERR_INVALID_URL', 'ERR_INVALID_ARG_VALUE'];

export function fewerThreads(cause: Error): PzipWarning {
  const code = 'code' in cause ? String(cause.code) : '';
  const isBundled = BUNDLE_CODES.includes(code) || /exit code 0|has answered/.test(cause.message);
  const remedy = isBundled ? '; if pzip is bundled, see docs/bundling.md' : '';
  const what = 'Not all worker threads can be started';
  const message = `${what} (${cause.message}): fewer threads compress, or the calling one; the archive is the same${remedy}`;
  return { code: 'PZIP_FEWER_THREADS', severity: 'warning', message, path: '' };
}

export interface WarningOptions {
  readonly strict?: boolean | undefined;
  readonly onWarning?: ((warning: PzipWarning) => void) | undefined;
}
