/** Where an archive with a path really goes: links followed as far as that is safe, and what is there looked at. */
import { type BigIntStats, lstatSync, readFileSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type PzipError, quote } from '../../common/errors.js';
import { hasCode } from '../../common/file-errors.js';
import { cannotWrite, outputExists, outputFailed } from './explain.js';

/** What an archive's path leads to. */
export interface OutputTarget {
  /** As the user gave it. */
  readonly path: string;
  /** Absolute, and not a link: what is there is what gets written or replaced. */
  readonly target: string;
  /** Whether it is a descriptor that this process was started with, such as /dev/stdout, and nothing with a path. */
  readonly isInherited: boolean;
  /** What is there; a FIFO, a device or a socket is only ever written to. */
  readonly found: BigIntStats | undefined;
}

interface Followed {
  readonly target: string;
  readonly isInherited?: boolean;
}

/** Links that are followed one after the other; Linux gives up after as many. */
const MAX_LINKS = 40;

/** Sticky and writable for everyone, as /tmp is. */
const SHARED_FOLDER = 0o1002;

/** The text of the links in /proc/PID/fd that stand for something without a path. */
const UNNAMED = /^(?:pipe|socket|anon_inode):/;

/**
 * @param mayReplace whether whatever has the name may stay in place: a link too, for it is a file of that name
 * @throws PzipError PZIP_OUTPUT_EXISTS, or PZIP_OUTPUT_FAILED where no archive can be written
 */
export function findTarget(path: string, mayReplace: boolean): OutputTarget {
  try {
    if (!mayReplace && existsAt(path)) throw outputExists(path);
    const { target, isInherited = false } = process.platform === 'win32' ? followOnWindows(path) : follow(path);
    const found = statOrNothing(target);
    if (found?.isDirectory()) throw isDirectory(path);
    if (found === undefined) refuseFolderName(path);
    else if (found.isFile()) refuseUnreplaceable(path, target, isInherited);
    else if (found.isSocket() || !isInherited) refuseForeignSpecialFile(path, target, found);
    return { path, target, isInherited, found };
  } catch (error) {
    throw outputFailed(path, error);
  }
}

/**
 * Follows links one by one, as the kernel does, because each has to be judged. Linux refuses by fs.protected_symlinks to
 * follow a link at the end of a path that another user has put into a shared folder; the switch is not on everywhere, and it
 * does not hold for a program that reads the link and goes on at its target. Here the rule holds for every link on the way.
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
    // Whoever opens it will say which folder is missing.
    if (stats === undefined) return { target: join(at, ...pending.reverse()) };
    if (!stats.isSymbolicLink()) {
      reached = at;
      continue;
    }
    if (++followed > MAX_LINKS) throw leadsToItself(path);
    refusePlanted(path, at, stats, reached);
    const link = readlinkSync(at);
    if (at.startsWith('/proc/') && leadsToNoPath(at, link)) return { target: resolve(path), isInherited: true };
    if (link.startsWith('/')) reached = '/';
    pending.push(...link.split('/').reverse());
  }
  return { target: reached };
}

/** Whether a link of /proc/PID/fd leads to what only the system can open: a pipe, or a file that has lost its name. */
function leadsToNoPath(at: string, link: string): boolean {
  return UNNAMED.test(link) || (isAbsolute(link) && !isSameFile(at, link));
}

/** There is no sticky bit on Windows, and only administrators make links. */
function followOnWindows(path: string): Followed {
  let target = resolve(path);
  for (let followed = 0; followed <= MAX_LINKS; followed++) {
    if (lstatOrNothing(target)?.isSymbolicLink() !== true) return { target };
    if (statOrNothing(target) !== undefined) return { target: realpathSync(target) };
    target = resolve(dirname(target), readlinkSync(target));
  }
  throw leadsToItself(path);
}

function refusePlanted(path: string, link: string, { uid }: Stats, folder: string): void {
  const user = process.geteuid?.();
  if (user === undefined || uid === user) return;
  const { mode, uid: folderOwner } = statSync(folder);
  if ((mode & SHARED_FOLDER) !== SHARED_FOLDER || uid === folderOwner) return;
  const what = link === path ? 'it is' : `${quote(link)} is`;
  const why = `${what} a symbolic link that another user has put into a folder that everyone may write to`;
  throw cannotWrite(path, `${why}; remove it, or write the archive somewhere else`);
}

/** `pzip new/ dist` means a folder, as it does to cp. */
function refuseFolderName(path: string): void {
  if (!path.endsWith('/') && (process.platform !== 'win32' || !path.endsWith('\\'))) return;
  throw cannotWrite(path, 'it names a folder, which does not exist; name the archive inside it');
}

/** A file that is a mount point of its own (docker run -v) can be written to, not replaced: an error before the work. */
function refuseUnreplaceable(path: string, target: string, isInherited: boolean): void {
  if (process.platform !== 'win32' && path.endsWith('/')) throw notAFolder(path);
  if (isInherited) {
    throw cannotWrite(path, 'the file behind it has no name any more; write the archive to a stream');
  }
  if (process.platform !== 'linux' || !isMountPoint(target)) return;
  throw cannotWrite(
    path,
    'it is a mount point, which cannot be replaced in one step; mount the folder that contains it, ' +
      'write the archive to a stream (standard output), or give it another name',
  );
}

/** Not by its device: on overlayfs a file may have another one than its folder, and a file system can be mounted on itself. */
function isMountPoint(target: string): boolean {
  let table: string;
  try {
    table = readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return false;
  }
  // Blanks, tabs, line ends and backslashes are written in octal.
  const octal = (character: string) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
  const escaped = target.replace(/[ \t\n\\]/g, octal);
  return table.includes(escaped) && table.split('\n').some((line) => line.split(' ', 5)[4] === escaped);
}

/**
 * The kernel's fs.protected_fifos, wherever the FIFO is: who made it reads what is written. A FIFO of root's is as good as
 * one's own. Of devices only root makes nodes, and a terminal belongs to its user.
 */
function refuseForeignSpecialFile(path: string, target: string, found: BigIntStats): void {
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

/** Undefined for what is not there, and for what Node's permission model hides. */
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
  return cannotWrite(path, 'it is a folder; name the archive inside it');
}

function notAFolder(path: string): PzipError {
  return cannotWrite(path, 'it is a file, not a folder; leave out the slash at its end');
}

function leadsToItself(path: string): PzipError {
  return cannotWrite(path, 'it is a symbolic link that leads to itself; name another archive');
}
