/**
 * Reads files that control the selection: ignore files, git's configuration and index. In an untrusted tree, they may be of any
 * kind, so reading never waits for a FIFO, opens no device, and has a size limit.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { hasCode } from '../../common/file-errors.js';

export type SettingsFile =
  | { readonly kind: 'content'; readonly bytes: Buffer }
  | { readonly kind: 'missing' }
  /** Not a regular file; `is` names its kind, with an article. */
  | { readonly kind: 'special'; readonly is: string }
  | { readonly kind: 'too-large'; readonly size: number };

/** Systems without one of these flags use 0. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/**
 * @param limit bytes
 * @param follows whether a link at the end of the path is followed; links before it always are
 * @throws the file system's error for a file that exists and cannot be read
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
    // It has just been replaced by a link; EMLINK is FreeBSD's code.
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

/** Reads to the end, regardless of stat(2): files in /proc have size 0. */
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
