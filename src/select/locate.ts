/** Locates a path for the next system call, and applies the policy for unreadable files to errors. */
import { PzipError } from '../common/errors.js';
import { hasCode } from '../common/file-errors.js';
import { disappeared, unreadable } from './failures.js';
import type { SelectContext } from './select-context.js';

/** @returns undefined for a path that disappeared or now leads through a link, if unreadable files are skipped */
export function locate(path: string, context: SelectContext): string | undefined {
  try {
    return context.paths.locate(path);
  } catch (cause) {
    if (cause instanceof PzipError) return context.problem(cause);
    return context.problem(hasCode(cause, 'ENOENT') ? disappeared(path) : unreadable(path, cause));
  }
}
