/** Standard output that fails: what Node says of it is meant for programmers. */

const WORDS: Readonly<Record<string, string>> = {
  EBADF: 'standard output is not open for writing',
  EDQUOT: 'the disk quota is used up; free some space or write it somewhere else',
  EFBIG: 'the file system, or a limit set for this process, does not allow a file this large',
  EIO: 'the device reports an error; write it somewhere else',
  ENOSPC: 'the disk is full; free some space or write it somewhere else',
};

/** libuv has no name for it. */
const QUOTA_ERRORS = [-122, -69];

/** Whether the reader of a pipe has gone, as head(1) does when it has seen enough. */
export function isClosedByReader(error: unknown): boolean {
  return codeOf(error) === 'EPIPE';
}

/** @param what could not be written */
export function outputFailure(what: string, error: unknown): string {
  const words = WORDS[codeOf(error)] ?? (error instanceof Error ? error.message : String(error));
  return `${what} cannot be written: ${words}`;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('errno' in error && QUOTA_ERRORS.includes(Number(error.errno))) return 'EDQUOT';
  return 'code' in error ? String(error.code) : '';
}

/** An error of a write to standard output, as against one of the work. */
export function isOutputFailure(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && (error.syscall === 'write' || error.syscall === 'writev');
}
