/** Resolves an archive's path: follows symbolic links as far as that is safe, and examines the file found there. */
import { type BigIntStats, lstatSync, readFileSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type PzipError, quote } from '../../common/errors.js';
import { hasCode } from '../../common/file-errors.js';
import { cannotWrite, outputExists, outputFailed } from './explain.js';

/** The file to which an archive's path leads. */
export interface OutputTarget {
  /** As the user gave it. */
  readonly path: string;
  /** Absolute, and not a symbolic link: the file that is written or replaced. */
  readonly target: string;
  /** Whether it is a descriptor that this process inherited, such as /dev/stdout, and has no path of its own. */
  readonly isInherited: boolean;
  /** The existing file. A FIFO or a device is written to, never replaced. */
  readonly found: BigIntStats | undefined;
}

interface Followed {
  readonly target: string;
  readonly isInherited?: boolean;
}

/** Symbolic links to follow in one path; the limit of Linux. */
const MAX_LINKS = 40;

/** Sticky and writable for everyone, as /tmp is. */
const SHARED_FOLDER = 0o1002;

/** Targets of links in /proc/PID/fd that have no path. */
const UNNAMED = /^(?:pipe|socket|anon_inode):/;

/**
 * @param mayReplace whether an existing file, or a symbolic link, of that name is allowed
 * @throws PzipError PZIP_OUTPUT_EXISTS, or PZIP_OUTPUT_FAILED if no archive can be written there
 */
export function findTarget(path: string, mayReplace: boolean): OutputTarget {
  try {
    if (!mayReplace && existsAt(path)) throw outputExists(path);
    const { target, isInherited = false } = process.platform === 'win32' ? followOnWindows(path) : follow(path);
    const found = statOrNothing(target);
    if (found?.isDirectory()) throw isDirectory(path);
    if (found === undefined) rejectFolderName(path);
    else if (found.isFile()) rejectUnreplaceable(path, target, isInherited);
    else if (found.isSocket() || !isInherited) rejectForeignSpecialFile(path, target, found);
    return { path, target, isInherited, found };
  } catch (error) {
    throw outputFailed(path, error);
  }
}

/**
 * Follows symbolic links one by one, as the kernel does, in order to check each. With fs.protected_symlinks, Linux does not
 * follow a link at the end of a path if another user has put it into a shared folder. That setting is not enabled everywhere,
 * and does not protect a program that resolves the link itself. Here the rule applies to every link on the path.
 */
function follow(path: string): Followed {
  const pending = (isAbsolute(path) ? path : join(process.cwd(), path)).split('/').reverse();
  let reached = '/';
  let followed = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      reached = dirname(reached);
      continue;
    }
    const at = join(reached, name);
    const stats = lstatOrNothing(at);
    // Opening it reports which folder is missing.
    if (stats === undefined) return { target: join(at, ...pending.reverse()) };
    if (!stats.isSymbolicLink()) {
      reached = at;
      continue;
    }
    if (++followed > MAX_LINKS) throw leadsToItself(path);
    rejectPlanted(path, at, stats, reached);
    const link = readlinkSync(at);
    if (at.startsWith('/proc/') && leadsToNoPath(at, link)) return { target: resolve(path), isInherited: true };
    if (link.startsWith('/')) reached = '/';
    pending.push(...link.split('/').reverse());
  }
  return { target: reached };
}

/** Whether a link in /proc/PID/fd leads to something without a path: a pipe, or a file that was deleted. */
function leadsToNoPath(at: string, link: string): boolean {
  return UNNAMED.test(link) || (isAbsolute(link) && !isSameFile(at, link));
}

/** Windows has no sticky bit, and only administrators create symbolic links. */
function followOnWindows(path: string): Followed {
  let target = resolve(path);
  for (let followed = 0; followed <= MAX_LINKS; followed++) {
    if (lstatOrNothing(target)?.isSymbolicLink() !== true) return { target };
    if (statOrNothing(target) !== undefined) return { target: realpathSync(target) };
    target = resolve(dirname(target), readlinkSync(target));
  }
  throw leadsToItself(path);
}

function rejectPlanted(path: string, link: string, { uid }: Stats, folder: string): void {
  const user = process.geteuid?.();
  if (user === undefined || uid === user) return;
  const { mode, uid: folderOwner } = statSync(folder);
  if ((mode & SHARED_FOLDER) !== SHARED_FOLDER || uid === folderOwner) return;
  const what = link === path ? 'it is' : `${quote(link)} is`;
  const why = `${what} a symbolic link that another user has put into a directory that everyone may write to`;
  throw cannotWrite(path, `${why}; remove it, or write the archive somewhere else`);
}

/** A trailing slash means a folder, as for cp(1). */
function rejectFolderName(path: string): void {
  if (!path.endsWith('/') && (process.platform !== 'win32' || !path.endsWith('\\'))) return;
  throw cannotWrite(path, 'it names a directory, which does not exist; name the archive inside it');
}

/** A file that is a mount point (docker run -v) can be written to but not replaced. The error comes before any work. */
function rejectUnreplaceable(path: string, target: string, isInherited: boolean): void {
  if (process.platform !== 'win32' && path.endsWith('/')) throw notAFolder(path);
  if (isInherited) {
    throw cannotWrite(path, 'the file behind it has no name any more; write the archive to a stream');
  }
  if (process.platform !== 'linux' || !isMountPoint(target)) return;
  throw cannotWrite(
    path,
    'it is a mount point, which cannot be replaced in one step; mount the directory that contains it, ' +
      'write the archive to a stream (standard output), or give it another name',
  );
}

/** The device does not show it: on overlayfs a file may have another one than its folder, and a bind mount has the same. */
function isMountPoint(target: string): boolean {
  let table: string;
  try {
    table = readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return false;
  }
  // Spaces, tabs, newlines and backslashes are escaped in octal.
  const octal = (character: string) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
  const escaped = target.replace(/[ \t\n\\]/g, octal);
  return table.includes(escaped) && table.split('\n').some((line) => line.split(' ', 5)[4] === escaped);
}

/**
 * The rule of the kernel's fs.protected_fifos, in any folder: the user who created a FIFO can read what is written to it. A FIFO
 * of root is trusted. Only root can create device nodes, and a terminal belongs to its user.
 */
function rejectForeignSpecialFile(path: string, target: string, found: BigIntStats): void {
  const kind = found.isFIFO() ? 'named pipe' : found.isSocket() ? 'socket' : 'device';
  const user = process.geteuid?.();
  const isTrusted = user === undefined || found.uid === BigInt(user) || found.uid === 0n || isInDev(target, found);
  if (isTrusted && !found.isSocket()) return;
  const why = found.isSocket() ? 'which cannot be opened' : 'which belongs to another user';
  throw cannotWrite(path, `it is a ${kind}, ${why}; remove it, or write the archive somewhere else`);
}

function isInDev(target: string, found: BigIntStats): boolean {
  return target.startsWith('/dev/') && (found.isCharacterDevice() || found.isBlockDevice());
}

function existsAt(path: string): boolean {
  return lstatOrNothing(path) !== undefined;
}

function isSameFile(a: string, b: string): boolean {
  const [statsA, statsB] = [statOrNothing(a), statOrNothing(b)];
  return statsA === undefined ? statsB === undefined : statsA.dev === statsB?.dev && statsA.ino === statsB.ino;
}

/** Undefined if it does not exist, or if Node's permission model hides it. */
function lstatOrNothing(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return nothingIfHidden(error);
  }
}

function statOrNothing(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    return nothingIfHidden(error);
  }
}

function nothingIfHidden(error: unknown): undefined {
  if (!hasCode(error, 'ERR_ACCESS_DENIED')) throw error;
  return undefined;
}

function isDirectory(path: string): PzipError {
  return cannotWrite(path, 'it is a directory; name the archive inside it');
}

function notAFolder(path: string): PzipError {
  return cannotWrite(path, 'it is a file, not a directory; leave out the slash at its end');
}

function leadsToItself(path: string): PzipError {
  return cannotWrite(path, 'it is a symbolic link that leads to itself; name another archive');
}
