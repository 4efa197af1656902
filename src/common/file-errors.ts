/** Errors of the file system: their codes, what happened, and what to do about it. */
import { PzipError, quote } from './errors.js';

interface Explanation {
  readonly happened: string;
  /** What happened, where that is more certain for a file that was to be written. */
  readonly whenWriting?: string;
  /** What to do, where a file was to be read. */
  readonly toRead?: string;
  /** What to do, where a file was to be written. */
  readonly toWrite?: string;
}

const PERMISSION: Explanation = {
  happened: 'permission denied',
  toRead: 'grant read permission (and x on its directories)',
  toWrite: 'choose a directory in which you may create files',
};

const EXPLANATIONS: ReadonlyMap<string, Explanation> = new Map([
  ['EACCES', PERMISSION],
  ['EBADF', { happened: 'it is not open for reading', whenWriting: 'it is not open for writing' }],
  [
    'EBUSY',
    {
      happened: 'it is in use, or a mount point',
      toRead: 'try again later',
      toWrite: 'mount the directory that contains it, or write the archive somewhere else',
    },
  ],
  ['EDQUOT', { happened: 'the disk quota is used up', toWrite: 'free some space or write the archive somewhere else' }],
  ['EFBIG', { happened: 'the file system, or a limit set for this process, does not allow a file this large' }],
  [
    'EINVAL',
    {
      happened: 'the file system does not allow that name or operation',
      toWrite: 'choose another name or directory',
    },
  ],
  [
    'EIO',
    {
      happened: 'the disk reports an error',
      toRead: 'check the disk',
      toWrite: 'check it, or write the archive somewhere else',
    },
  ],
  [
    'EISDIR',
    { happened: 'it is a directory', whenWriting: 'a directory has that name', toWrite: 'name the archive inside it' },
  ],
  ['ELOOP', { happened: 'its path has too many symbolic links, or they form a loop' }],
  [
    'EMFILE',
    {
      happened: 'this process has too many files open',
      toRead: 'raise the limit (ulimit -n)',
      toWrite: 'close some or raise the limit (ulimit -n)',
    },
  ],
  [
    'ENAMETOOLONG',
    {
      happened: 'its path is longer than the system allows',
      toRead: 'move it nearer to the root',
      toWrite: 'choose a shorter name',
    },
  ],
  ['ENFILE', { happened: 'the system has too many files open', toRead: 'try again later', toWrite: 'try again later' }],
  ['ENODEV', { happened: 'the device does not exist' }],
  [
    'ENOENT',
    { happened: 'it does not exist', whenWriting: 'its directory does not exist', toWrite: 'create it first' },
  ],
  ['ENOMEM', { happened: 'the system is out of memory', toRead: 'try again later', toWrite: 'try again later' }],
  ['ENOSPC', { happened: 'the disk is full', toWrite: 'free some space or write the archive somewhere else' }],
  ['ENOTDIR', { happened: 'part of its path is a file, not a directory' }],
  ['ENXIO', { happened: 'it is a socket, or a device that is not connected' }],
  ['EPERM', PERMISSION],
  ['EPIPE', { happened: 'the reader closed the pipe before the archive was complete' }],
  ['EROFS', { happened: 'that file system is read-only', toWrite: 'choose another directory' }],
  [
    'ERR_ACCESS_DENIED',
    {
      happened: "Node's permission model denies it",
      toRead: 'allow it with --allow-fs-read',
      toWrite: 'allow it with --allow-fs-write',
    },
  ],
  ['ESTALE', { happened: 'the network file system has lost the file', toRead: 'try again', toWrite: 'try again' }],
  ['ETIMEDOUT', { happened: 'the network file system does not answer', toRead: 'try again', toWrite: 'try again' }],
  ['ETXTBSY', { happened: 'it is a program that is running', toWrite: 'choose another name' }],
]);

/** Error numbers for which libuv, and therefore Node, has no name. */
const UNNAMED_ERRORS: ReadonlyMap<number, string> = new Map([
  [122, 'EDQUOT'], // Linux
  [69, 'EDQUOT'], // macOS and the BSDs
]);

/** Such as ENOENT; undefined for an error without a code. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  if (EXPLANATIONS.has(error.code) || !('errno' in error) || typeof error.errno !== 'number') return error.code;
  return UNNAMED_ERRORS.get(Math.abs(error.errno)) ?? error.code;
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(errorCode(error) ?? '');
}

/** Whether the system denied access, or Node's permission model did. */
export function isAccessDenied(error: unknown): boolean {
  return hasCode(error, 'EACCES', 'ERR_ACCESS_DENIED');
}

/** @param action completes "Cannot" for a message: such as `open` */
export function sourceUnreadable(action: string, path: string, cause: unknown): PzipError {
  const message = `Cannot ${action} ${quote(path)}: ${explainReadError(cause, 'leave it out')}`;
  return new PzipError('PZIP_SOURCE_UNREADABLE', message, { path, cause });
}

/**
 * Why a file cannot be read, with the code, and what to do.
 *
 * @param alternative another thing to do, whatever the reason is
 */
export function explainReadError(error: unknown, alternative?: string): string {
  const code = errorCode(error);
  if (code === undefined) return messageOf(error);
  const { happened, toRead } = EXPLANATIONS.get(code) ?? { happened: 'the file system refused it' };
  const remedies = [toRead, alternative].filter((remedy) => remedy !== undefined).join(', or ');
  return withRemedy(`${happened} (${code})`, remedies);
}

/** Why a file cannot be written, and what to do. */
export function explainWriteError(error: unknown): string {
  const found = EXPLANATIONS.get(errorCode(error) ?? '');
  return found === undefined ? messageOf(error) : withRemedy(found.whenWriting ?? found.happened, found.toWrite);
}

function withRemedy(happened: string, remedy = ''): string {
  return remedy === '' ? happened : `${happened}; ${remedy}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
