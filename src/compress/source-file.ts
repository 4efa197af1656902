/**
 * A file that was selected, opened and read. Between the two it may have been written, replaced, or exchanged for something
 * that must not be read at all; whatever the system says then becomes a PzipError that names the file.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { PzipError, quote } from '../common/errors.js';
import { errorCode, hasCode, sourceUnreadable } from '../common/file-errors.js';
import type { SelectedFile } from './tasks.js';

/**
 * O_NONBLOCK: where a FIFO has taken the place of the file, open(2) would wait for its writer. O_NOCTTY: a terminal that has
 * taken it does not become this process's own. (Windows has none of the flags.)
 */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

/** Calls in a row that a signal interrupts; a file system that answers nothing else is broken. */
const MAX_INTERRUPTIONS = 100;

/** What of a file must be as it was when it was selected. */
export type FileState = Omit<SelectedFile, 'path'>;

/** @throws PzipError PZIP_SOURCE_MISSING, PZIP_SOURCE_CHANGED or PZIP_SOURCE_UNREADABLE */
export function openSource(path: string, isFollowed: boolean): number {
  try {
    const flags = isFollowed ? OPEN_FLAGS : OPEN_FLAGS | NO_FOLLOW;
    return uninterrupted(() => (path.length > LONGEST_PART ? openInParts(path, flags) : openSync(path, flags)));
  } catch (cause) {
    const code = errorCode(cause);
    if (code === 'ENOENT') {
      const message = `${quote(path)} was there when it was selected and is gone now`;
      throw new PzipError('PZIP_SOURCE_MISSING', message, { path, cause });
    }
    if (code === 'ELOOP' && !isFollowed) throw changed(path, 'a symbolic link has taken its place');
    throw sourceUnreadable('open', path, cause);
  }
}

/** UTF-16 units of a path, which take three bytes each at most: with what stands before them less than PATH_MAX, 4,096 bytes. */
const LONGEST_PART = 1300;

/** A walk goes deeper than the system takes paths: then one part of the path is opened from the directory before it. */
function openInParts(path: string, flags: number): number {
  if (process.platform !== 'linux' || Buffer.byteLength(path) < PATH_MAX) return openSync(path, flags);
  let directory: number | undefined;
  try {
    let rest = path;
    for (;;) {
      const start = directory === undefined ? '' : `/proc/self/fd/${directory}/`;
      const end = rest.length > LONGEST_PART ? rest.lastIndexOf('/', LONGEST_PART) : -1;
      if (end <= 0) return openSync(start + rest, flags);
      const next = openSync(
        start + rest.slice(0, end),
        constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK,
      );
      if (directory !== undefined) closeSync(directory);
      directory = next;
      rest = rest.slice(end + 1);
    }
  } finally {
    if (directory !== undefined) closeSync(directory);
  }
}

/** Linux: bytes of a path with the NUL behind it. */
const PATH_MAX = 4096;

/**
 * Reads until the end of the file or of what is wanted: read(2) may give less than was asked for, and only nothing at all
 * means the end.
 *
 * @param expected bytes up to the end of the file as stat(2) tells it: a read that ends there, short of what is wanted, is
 * taken for the last one
 * @returns how many bytes there were
 */
export function readSource(
  descriptor: number,
  into: Uint8Array,
  wanted: number,
  start: number,
  path: string,
  expected: number,
): number {
  let length = 0;
  while (length < wanted) {
    let read: number;
    try {
      read = uninterrupted(() => readSync(descriptor, into, length, wanted - length, start + length));
    } catch (cause) {
      throw sourceUnreadable('read', path, cause);
    }
    if (read === 0) break;
    const isShort = length + read < wanted;
    length += read;
    if (isShort && length === expected) break;
  }
  return length;
}

export function statSource(descriptor: number, path: string): Stats {
  try {
    return uninterrupted(() => fstatSync(descriptor));
  } catch (cause) {
    throw sourceUnreadable('look at', path, cause);
  }
}

/** A network file system may report only here that what was read was not right. */
export function closeSource(descriptor: number, path: string): void {
  try {
    closeSync(descriptor);
  } catch (cause) {
    // The descriptor is closed all the same; to close it once more could hit another file's.
    if (!hasCode(cause, 'EINTR')) throw sourceUnreadable('close', path, cause);
  }
}

/**
 * Compared after reading: what is unchanged then was unchanged all the while, to the resolution of the file's times.
 *
 * What has no blocks is made up by the system as it is read (/proc, /sys): its length is what comes, whatever its size and
 * times say.
 *
 * @param isComplete whether as many bytes came as its size promises
 * @returns what has changed since the file was selected; undefined for nothing
 */
export function whatChanged(now: Stats, file: FileState, isComplete: boolean): string | undefined {
  if (!isSameFile(now, file)) return OTHER_FILE;
  if (now.size === 0 && file.size === 0) return undefined;
  if (now.size !== file.size) return `it was ${file.size} bytes long and is ${now.size} now`;
  if (now.mtimeMs !== file.mtimeMs) return 'its modification time is another now';
  if (HAS_CTIME && now.ctimeMs !== file.ctimeMs) return 'its status was changed (ctime)';
  return isComplete || now.blocks === 0 ? undefined : 'it ended before its size was read';
}

/** Never content, under any policy but that of reading again: it may be a file from anywhere. */
export const OTHER_FILE = 'another file has taken its place';

/**
 * A program can set a file's modification time back, and not this one. Windows counts changes of attributes as well, which
 * search indexers and virus scanners make at any time.
 */
const HAS_CTIME = process.platform !== 'win32';

export function isSameFile(now: Stats, file: FileState): boolean {
  return now.isFile() && now.dev === file.dev && now.ino === file.ino;
}

export function changed(path: string, how: string): PzipError {
  const message = `${quote(path)} changed while the archive was being made: ${how}`;
  return new PzipError('PZIP_SOURCE_CHANGED', message, { path });
}

/** NFS and FUSE let a signal interrupt what other file systems finish; Node does not try again. */
function uninterrupted<T>(call: () => T): T {
  for (let interruptions = 0; ; interruptions++) {
    try {
      return call();
    } catch (error) {
      if (!hasCode(error, 'EINTR') || interruptions >= MAX_INTERRUPTIONS) throw error;
    }
  }
}
