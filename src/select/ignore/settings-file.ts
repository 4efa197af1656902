/**
 * Reads files that lie beside what is packed and say how: ignore files, git's configuration and index. A tree from elsewhere
 * may have anything by their names, so a FIFO is not waited for, a device is not opened, and no more than a limit is read.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { hasCode } from '../../common/file-errors.js';

export type SettingsFile =
  | { readonly kind: 'content'; readonly bytes: Buffer }
  | { readonly kind: 'missing' }
  /** Not a regular file: what it is instead, with its article. */
  | { readonly kind: 'special'; readonly is: string }
  | { readonly kind: 'too-large'; readonly size: number };

/** Systems without one of them take 0, which means nothing. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/**
 * @param limit bytes
 * @param follows a link at the path itself; one in front of it always is
 * @throws of the file system, for what exists and cannot be read
 */
export function readSettingsFile(path: string, limit: number, follows: boolean): SettingsFile {
  let stats: Stats | undefined;
  try {
    stats = (follows ? statSync : lstatSync)(path, { throwIfNoEntry: false });
  } catch (cause) {
    if (hasCode(cause, 'ENOTDIR')) return { kind: 'missing' };
    throw cause;
  }
  if (stats === undefined) return { kind: 'missing' };
  if (!stats.isFile()) return { kind: 'special', is: kindOf(stats) };
  let descriptor: number;
  try {
    descriptor = openSync(path, follows ? OPEN_FLAGS : OPEN_FLAGS | (constants.O_NOFOLLOW ?? 0));
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return { kind: 'missing' };
    // Exchanged for a link a moment ago; the second is FreeBSD's.
    if (!follows && hasCode(cause, 'ELOOP', 'EMLINK')) return { kind: 'special', is: 'a symbolic link' };
    throw cause;
  }
  try {
    const opened = fstatSync(descriptor);
    if (!opened.isFile()) return { kind: 'special', is: kindOf(opened) };
    if (opened.size > limit) return { kind: 'too-large', size: opened.size };
    const bytes = readUpTo(descriptor, limit + 1, opened.size);
    return bytes.length > limit ? { kind: 'too-large', size: bytes.length } : { kind: 'content', bytes };
  } finally {
    closeSync(descriptor);
  }
}

/** To the end, whatever stat(2) says: the size of a file in /proc is 0. */
function readUpTo(descriptor: number, limit: number, size: number): Buffer {
  let buffer = Buffer.allocUnsafe(Math.min(limit, size + 1));
  let length = 0;
  for (;;) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    length += count;
    if (count === 0 || length === limit) return buffer.subarray(0, length);
    if (length === buffer.length) {
      buffer = Buffer.concat([buffer], Math.min(limit, Math.max(2 * length, SMALLEST_BUFFER)));
    }
  }
}

const SMALLEST_BUFFER = 4096;

function kindOf(stats: Stats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}
