/** Standard output that fails: what Node says of it is meant for programmers. */
import { explainWriteError, hasCode } from '../common/file-errors.js';

/** Whether the reader of a pipe has gone, as head(1) does when it has seen enough. */
export function isClosedByReader(error: unknown): boolean {
  return hasCode(error, 'EPIPE');
}

/** @param what could not be written */
export function outputFailure(what: string, error: unknown): string {
  return `${what} cannot be written: ${explainWriteError(error)}`;
}

/** An error of a write to standard output, as against one of the work. */
export function isOutputFailure(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && (error.syscall === 'write' || error.syscall === 'writev');
}
