/**
 * One path becomes a Source: stat'ed once, a link's text read, what an archive cannot hold left out with a warning.
 */
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import type { Source } from '../entry.js';
import { PzipError } from '../errors.js';
import { quote } from './names.js';
import type { SelectContext } from './select-context.js';

const TYPE_MASK = 0o170000;
const TYPE_DIRECTORY = 0o040000;
const TYPE_REGULAR = 0o100000;
const TYPE_SYMLINK = 0o120000;

/** @param name the entry's name, without a slash at its end */
export function findEntry(path: string, name: string, context: SelectContext): Source | undefined {
  const stats = statEntry(path, context);
  return stats === undefined ? undefined : sourceOf(path, name, stats, context);
}

/** What lies at a path that must be there; undefined when its lack was reported and may be skipped. */
export function statEntry(path: string, context: SelectContext): Stats | undefined {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats !== undefined) return stats;
  } catch (cause) {
    return context.problem(unreadable(path, cause));
  }
  return context.problem(
    new PzipError(
      'PZIP_SOURCE_CHANGED',
      `${quote(path)} disappeared while the tree was read; run again when it is at rest`,
      {
        path,
      },
    ),
  );
}

export function sourceOf(path: string, name: string, stats: Stats, context: SelectContext): Source | undefined {
  const mode = context.entryMode(stats.mode);
  switch (stats.mode & TYPE_MASK) {
    case TYPE_REGULAR:
      if (context.isOwnOutput(path, stats)) return undefined;
      return { kind: 'file', name, path, mode, mtimeMs: stats.mtimeMs, size: stats.size };
    case TYPE_DIRECTORY:
      return { kind: 'directory', name: `${name}/`, path, mode, mtimeMs: stats.mtimeMs };
    case TYPE_SYMLINK:
      return linkSource(path, name, mode, stats.mtimeMs, context);
    default:
      context.warn({
        code: 'PZIP_SPECIAL_SKIPPED',
        severity: 'warning',
        message: `${quote(path)} is a ${specialKind(stats)} and was skipped; a ZIP archive holds files, directories and symbolic links`,
        path,
      });
      return undefined;
  }
}

function linkSource(
  path: string,
  name: string,
  mode: number,
  mtimeMs: number,
  context: SelectContext,
): Source | undefined {
  try {
    return { kind: 'symlink', name, path, mode, mtimeMs, target: readlinkSync(path, 'buffer') };
  } catch (cause) {
    return context.problem(unreadable(path, cause));
  }
}

function specialKind(stats: Stats): string {
  if (stats.isSocket()) return 'socket';
  if (stats.isFIFO()) return 'FIFO';
  return stats.isBlockDevice() ? 'block device' : stats.isCharacterDevice() ? 'character device' : 'special file';
}

/** The system's refusal as an error that names the path once and says what to do. */
export function unreadable(path: string, cause: unknown): PzipError {
  const code = systemCode(cause);
  return new PzipError('PZIP_SOURCE_UNREADABLE', `${quote(path)} cannot be read (${code}): ${remedy(code)}`, {
    path,
    cause,
  });
}

export function systemCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}

function remedy(code: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'grant read permission (and x on its directories), exclude it, or skip what is unreadable';
    case 'ENAMETOOLONG':
      return 'its path is longer than the system opens; start nearer to it with another working directory';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open; raise the limit (ulimit -n)';
    case 'ELOOP':
      return 'its symbolic links form a loop';
    default:
      return 'the file system refused it';
  }
}
