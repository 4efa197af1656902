/**
 * Converts a path into a Source: one stat(2), and readlink(2) for a link. Special files are left out with a warning.
 */
import { closeSync, constants, openSync, readlinkSync, statSync } from 'node:fs';
import type { Source } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { type FileStats, isTimeRoundedUp, lstatFile } from '../common/exact-times.js';
import { hasCode } from '../common/file-errors.js';
import { dangling, disappeared, unreadable } from './failures.js';
import { S_IFDIR, S_IFLNK, S_IFREG } from './modes.js';
import type { SelectContext } from './select-context.js';
import { leadsToTemporary } from './temporaries.js';

const TYPE_MASK = 0o170000;

/**
 * @param name the entry's name, without a slash at its end
 * @param location the path for system calls; see directory-handle.ts
 */
export function findEntry(path: string, name: string, context: SelectContext, location = path): Source | undefined {
  const stats = statEntry(path, context, location);
  return stats === undefined ? undefined : sourceOf(path, name, stats, context, location);
}

/**
 * The stats of a path that must exist, or of its target if links are followed. Undefined if it does not exist, which has then
 * been reported, and may be skipped.
 */
export function statEntry(path: string, context: SelectContext, location = path): FileStats | undefined {
  let stats: FileStats | undefined;
  let isFollowed = false;
  try {
    stats = lstatFile(location);
    if (context.symlinks === 'follow' && typeOf(stats) === S_IFLNK) {
      isFollowed = true;
      stats = statSync(location, NO_THROW);
      if (typeOf(stats) === S_IFREG && leadsToTemporary(path, context)) return undefined;
    }
  } catch (cause) {
    return context.problem(unreadable(path, cause));
  }
  if (stats !== undefined) return stats;
  return context.problem(isFollowed ? dangling(path, readTarget(location).toString()) : disappeared(path));
}

const NO_THROW = { throwIfNoEntry: false } as const;

export function sourceOf(
  path: string,
  name: string,
  stats: FileStats,
  context: SelectContext,
  location = path,
): Source | undefined {
  const source = describe(path, name, stats, context, location);
  const isFollowed = context.symlinks === 'follow';
  if (source === undefined || !isTimeRoundedUp(stats, location, isFollowed)) return source;
  return { ...source, isTimeRoundedUp: true };
}

function typeOf(stats: FileStats | undefined): number | undefined {
  return stats === undefined ? undefined : stats.mode & TYPE_MASK;
}

function describe(
  path: string,
  name: string,
  stats: FileStats,
  context: SelectContext,
  location: string,
): Source | undefined {
  const { mtimeMs } = stats;
  const type = typeOf(stats);
  switch (type) {
    case S_IFREG:
      if (context.isOwnOutput(path, stats) || (context.triesOpening && !mayRead(path, location, context)))
        return undefined;
      return {
        kind: 'file',
        name,
        path,
        mode: context.entryMode(stats.mode, S_IFREG),
        mtimeMs,
        ctimeMs: stats.ctimeMs,
        size: stats.size,
        dev: stats.dev,
        ino: stats.ino,
        isFollowed: context.symlinks === 'follow',
      };
    case S_IFDIR:
      return { kind: 'directory', name: `${name}/`, path, mode: context.entryMode(stats.mode, S_IFDIR), mtimeMs };
    case S_IFLNK:
      return linkSource(path, name, stats, context, location);
    default:
      context.counts.skipped++;
      context.warn({
        code: 'PZIP_SPECIAL_SKIPPED',
        severity: 'warning',
        message: `${quote(path)} is a ${SPECIAL_KINDS.get(type) ?? 'special file'} and was skipped; an archive holds files, directories and symbolic links`,
        path,
      });
      return undefined;
  }
}

/**
 * If a FIFO has replaced the file, open(2) does not wait for a writer; if a terminal has, it does not become the controlling
 * terminal. (Windows has neither flag.)
 */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/** Opening is the only reliable test: access(2) checks the real user, and the effective user will read the file. */
function mayRead(path: string, location: string, context: SelectContext): boolean {
  try {
    closeSync(openSync(location, OPEN_FLAGS));
    return true;
  } catch (cause) {
    context.problem(unreadable(path, cause));
    return false;
  }
}

function linkSource(
  path: string,
  name: string,
  stats: FileStats,
  context: SelectContext,
  location: string,
): Source | undefined {
  if (context.symlinks === 'skip') {
    context.counts.skipped++;
    return undefined;
  }
  try {
    const target = readTarget(location);
    if (context.symlinks === 'error') {
      const message = `${quote(path)} is a symbolic link to ${quote(target.toString())}; keep, follow or skip links, or exclude it`;
      throw new PzipError('PZIP_SOURCE_UNSUPPORTED', message, { entryName: name, path });
    }
    return {
      kind: 'symlink',
      name,
      path,
      mode: context.entryMode(stats.mode, S_IFLNK),
      mtimeMs: stats.mtimeMs,
      target,
    };
  } catch (cause) {
    if (cause instanceof PzipError) throw cause;
    return context.problem(hasCode(cause, 'ENOENT') ? disappeared(path) : unreadable(path, cause));
  }
}

/** The encoding must be an option: Deno takes a bare string for text and returns its characters as numbers. */
function readTarget(location: string): Buffer {
  return readlinkSync(location, { encoding: 'buffer' });
}

/** By the file type bits of st_mode. */
const SPECIAL_KINDS = new Map<number | undefined, string>([
  [0o140000, 'socket'],
  [0o010000, 'FIFO'],
  [0o060000, 'block device'],
  [0o020000, 'character device'],
]);
