/** Errors of the selection, which name the path once and say what to do. */
import { PzipError, quote } from '../common/errors.js';
import { sourceUnreadable } from '../common/file-errors.js';

export function unreadable(path: string, cause: unknown): PzipError {
  return sourceUnreadable('read', path, cause);
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
