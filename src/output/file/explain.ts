/** Why an archive cannot be written, in words and with a remedy: the same for a file, a named pipe and a device. */
import { PzipError } from '../../common/errors.js';

/** Numbers of errors that libuv, and so Node, has no name for. */
const UNNAMED_ERRORS = new Map([
  [122, 'EDQUOT'], // Linux
  [69, 'EDQUOT'], // macOS and the BSDs
]);

const EXPLANATIONS: Readonly<Record<string, string>> = {
  EACCES: 'no permission to create a file in that folder',
  EBADF: 'it is not open for writing',
  EBUSY: 'it is in use, or a mount point; mount the folder that holds it, or write the archive somewhere else',
  EDQUOT: 'the disk quota is used up; free some space or write the archive somewhere else',
  EFBIG: 'the file system, or a limit set for this process, does not allow a file this large',
  EINVAL: 'the file system does not allow that name or operation; choose another name or folder',
  EIO: 'the disk reports an error; check it, or write the archive somewhere else',
  EISDIR: 'a folder has that name; name the archive inside it',
  ELOOP: 'its path leads through too many symbolic links',
  EMFILE: 'this process has too many files open; close some or raise the limit (ulimit -n)',
  ENAMETOOLONG: 'the name is too long; choose a shorter one',
  ENFILE: 'the system has too many files open; try again later',
  ENODEV: 'the device is not there',
  ENOENT: 'the folder it should go to does not exist; create it first',
  ENOMEM: 'the system is out of memory; try again later',
  ENOSPC: 'the disk is full; free some space or write the archive somewhere else',
  ENOTDIR: 'part of its path is a file, not a folder',
  ENXIO: 'nothing answers there: it is a socket, or a device that is not connected',
  EPERM: 'no permission to create a file in that folder',
  EPIPE: 'the reader closed the pipe before the archive was complete',
  EROFS: 'that file system is read-only; choose another folder',
  ESTALE: 'the network file system has lost the file; try again',
  ETIMEDOUT: 'the network file system does not answer; try again',
  ETXTBSY: 'it is a program that is running; choose another name',
};

/** The message for errors without one of their own, by the step that failed. */
const REPLACING: Readonly<Record<string, string>> = {
  EACCES: 'no permission to replace the file that has that name',
  EPERM: 'no permission to replace the file that has that name, which may belong to another user',
};

/** An error of the file system by the name that C knows it by. */
export function errorName(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const number = 'errno' in error && typeof error.errno === 'number' ? Math.abs(error.errno) : undefined;
  const isNamed = String(error.code) in EXPLANATIONS;
  return (isNamed ? undefined : UNNAMED_ERRORS.get(number ?? 0)) ?? String(error.code);
}

/** @param isReplacing whether it came of the last step, which gives the archive its name */
export function explainOutputError(error: unknown, isReplacing = false): string {
  const name = errorName(error) ?? '';
  const words = (isReplacing ? REPLACING[name] : undefined) ?? EXPLANATIONS[name];
  return words ?? (error instanceof Error ? error.message : String(error));
}

/** A PzipError as it is; of any other, one that names the archive and says what to do. */
export function outputFailed(path: string, error: unknown, isReplacing = false): PzipError {
  if (error instanceof PzipError) return error;
  const message = `Cannot write ${path}: ${explainOutputError(error, isReplacing)}`;
  return new PzipError('PZIP_OUTPUT_FAILED', message, { path, cause: error });
}

export function outputExists(path: string): PzipError {
  const message = `${path} exists and is not to be replaced: remove it, or give the archive another name`;
  return new PzipError('PZIP_OUTPUT_EXISTS', message, { path });
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
