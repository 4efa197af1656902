/** What the file system refuses, as errors that name the path once and say what to do. */
import { PzipError, quote } from '../common/errors.js';

export function unreadable(path: string, cause: unknown): PzipError {
  const code = systemCode(cause);
  const message = `${quote(path)} cannot be read (${code}): ${remedy(code)}`;
  return new PzipError('PZIP_SOURCE_UNREADABLE', message, { path, cause });
}

export function disappeared(path: string): PzipError {
  const message = `${quote(path)} disappeared while the tree was read; run again when it is at rest`;
  return new PzipError('PZIP_SOURCE_CHANGED', message, { path });
}

export function replaced(path: string): PzipError {
  const message = `${quote(path)} was replaced while the tree was read; run again when it is at rest`;
  return new PzipError('PZIP_SOURCE_CHANGED', message, { path });
}

export function dangling(path: string, target: string): PzipError {
  const message = `The link ${quote(path)} leads to ${quote(target)}, which does not exist; keep or skip links, or exclude this one`;
  return new PzipError('PZIP_SOURCE_MISSING', message, { path });
}

/** Such as ENOENT. */
export function systemCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}

/** By the system, or by Node's permission model. */
export function isAccessDenied(cause: unknown): boolean {
  return ['EACCES', 'ERR_ACCESS_DENIED'].includes(systemCode(cause));
}

function remedy(code: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'grant read permission (and x on its directories), exclude it, or skip what is unreadable';
    case 'ENAMETOOLONG':
      return 'its path is longer than the system opens; move it nearer to the root, or exclude it';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open; raise the limit (ulimit -n)';
    case 'ELOOP':
      return 'its symbolic links form a loop';
    default:
      return 'the file system refused it';
  }
}
