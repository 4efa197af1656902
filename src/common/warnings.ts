/**
 * Warnings and notices as data: the command prints and counts them, `--strict` turns warnings into errors, and library users
 * decide.
 */
import { PzipError } from './errors.js';
import { messageText } from './text.js';

export type PzipWarningCode =
  | 'PZIP_PREFIX_REMOVED' // a leading `./`, `/`, `../` or drive was removed from names
  | 'PZIP_INPUT_IGNORED' // a named input that a pattern excludes, or a state of pzip
  | 'PZIP_DIRECTORY_ONLY' // a directory in a list of names, archived without its contents
  | 'PZIP_SPECIAL_SKIPPED' // a socket, FIFO or device, which cannot be archived
  | 'PZIP_LINK_LOOP' // a link to a directory that contains it, not followed
  | 'PZIP_SOURCE_SKIPPED' // an unreadable, missing or invalid file, skipped as requested
  | 'PZIP_PATTERN_UNMATCHABLE' // a pattern that no name can match, such as one that begins with `=`
  | 'PZIP_LINK_OUTSIDE' // a symbolic link that points outside the archived tree
  | 'PZIP_SOURCE_CHANGED' // a file that changed while it was read, archived as read
  | 'PZIP_NAME_NOT_PORTABLE' // a name that not every system can extract
  | 'PZIP_NAME_PRIVATE' // names that are rarely meant to be shared: version control, secrets, keys
  | 'PZIP_EARLIER_ARCHIVE' // archives beside the new one that became entries
  | 'PZIP_NAME_JUNK' // files of a file manager, such as `.DS_Store`
  | 'PZIP_ENGINE_FALLBACK' // Node's zlib compresses because pzip's own engine cannot run
  | 'PZIP_FEWER_THREADS' // not all threads could be started: fewer compress, or the calling one
  | 'PZIP_LEVEL_LOWERED' // level 10 was requested, but Node's zlib stops at 9
  | 'PZIP_TEMPORARY_FILE' // a temporary file of pzip that was left out or could not be removed
  | 'PZIP_OUTPUT_LINKED' // a hard link to the replaced archive, left out
  | 'PZIP_NOT_REUSED' // nothing of an earlier archive is reused, or what the next run needs for it cannot be written
  | 'PZIP_NOT_COMPARED' // the earlier archive to compare with does not exist
  | 'PZIP_OUTPUT_MODE' // the permissions of the new archive differ from those of the replaced one
  | 'PZIP_IGNORE_FILE_SKIPPED' // a `.gitignore` that is a link or not a file, which git does not read either
  | 'PZIP_REPOSITORY_SKIPPED' // another user's repository, or an unusable file of git
  | 'PZIP_NOTHING_MATCHED'; // the selection is empty, and the caller allows that

export interface PzipWarning {
  readonly code: PzipWarningCode;
  /** A notice reports what was done as requested or by rule; only a warning is an error with `strict`. */
  readonly severity: 'notice' | 'warning';
  /** One line that is safe to print, without a full stop; names the path if the warning is about one. */
  readonly message: string;
  /** As given by the user or as found; empty if the warning is not about a single path. */
  readonly path: string;
}

/**
 * Passes a warning to the listener, or, with `strict`, throws unless it is a notice.
 *
 * @throws PzipError PZIP_STRICT
 */
export function passWarning(warning: PzipWarning, options: WarningOptions): void {
  if (options.strict === true && warning.severity === 'warning') {
    throw new PzipError('PZIP_STRICT', `${warning.message} (every warning is an error here)`, { path: warning.path });
  }
  options.onWarning?.({ ...warning, message: messageText(warning.message) });
}

/** Error codes of a bundle without the worker file. */
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
