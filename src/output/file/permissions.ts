/**
 * Copies owner, group and mode of the file that a new archive replaces. No user gains access to the new archive to whom the old
 * one, or the umask, denied it.
 *
 * - The old file belongs to this user: its group and mode. If the group cannot be set, the group gets the bits of others.
 * - It belongs to another user, and this one is root: owner, group and mode, unless that user may have planted it. In a
 *   folder where only its owner can create files, a file counts as intended.
 * - It belongs to another user in any other case: its mode, reduced by the umask.
 *
 * setuid, setgid and the sticky bit are never copied. If a mode has bits for the group that others lack, they may be the mask
 * of an access control list, and the group itself may have fewer rights. Node cannot read such lists, so GNU cp(1) copies
 * them; without it, the bits are removed.
 */
import { type BigIntStats, chmodSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasCode } from '../../common/file-errors.js';
import { outputFailed } from './explain.js';
import type { OpenFile } from './open-file.js';
import type { OutputTarget } from './target.js';
import type { TemporaryFile } from './temporary.js';

/** Set if users other than the folder's owner may create files in it. */
const WRITABLE_FOR_OTHERS = 0o022n;

const PERMISSIONS = 0o777n;

/** Errors of chmod that are harmless. */
const REFUSALS = ['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Milliseconds for cp(1), which takes two. */
const LONGEST_COPY = 5000;

/**
 * @param temporary created with mode 0600 if there is an old file
 * @returns a warning if the archive has fewer permissions than the old one
 * @throws PzipError PZIP_OUTPUT_FAILED
 */
export async function copyPermissions(
  { path, target, found }: OutputTarget,
  temporary: TemporaryFile,
): Promise<string | undefined> {
  if (found === undefined) return undefined;
  try {
    return await takeOver(temporary.file, temporary.path, found, target);
  } catch (error) {
    throw outputFailed(path, error);
  }
}

async function takeOver(file: OpenFile, path: string, old: BigIntStats, target: string): Promise<string | undefined> {
  const user = process.geteuid?.();
  const wanted = Number(old.mode & PERMISSIONS);
  let mode = wanted;
  if (user !== undefined) {
    const { uid, gid } = file.stat();
    const isSame = uid === old.uid && gid === old.gid;
    if (isPlanted(old, target, user)) mode &= 0o666 & ~process.umask();
    else if (!isSame && !file.chown(old.uid, old.gid) && gid !== old.gid) mode = likeOthers(mode);
    else if (groupExceedsOthers(mode) && !(await copyAccessList(target, path))) mode = likeOthers(mode);
  }
  setMode(file, path, mode);
  const now = Number(file.stat().mode & PERMISSIONS);
  return now === wanted
    ? undefined
    : `The new archive has mode ${octal(now)}, the file that it replaces ${octal(wanted)}`;
}

/** By descriptor, because another user may have replaced the path by a link; by path if Node's permission model denies that. */
function setMode(file: OpenFile, path: string, mode: number): void {
  try {
    file.chmod(mode);
  } catch (error) {
    if (hasCode(error, 'ERR_ACCESS_DENIED')) chmodSync(path, mode);
    // File systems without modes, and some sandboxes, refuse it. The owner can read the file in any case.
    else if (!hasCode(error, ...REFUSALS)) throw error;
  }
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function isPlanted(old: BigIntStats, target: string, user: number): boolean {
  const isOwn = old.uid === BigInt(user);
  // Another user can have planted an own file only as a second hard link.
  if (isOwn && old.nlink === 1n) return false;
  const folder = statSync(dirname(target), { bigint: true });
  const isClosed = (folder.mode & WRITABLE_FOR_OTHERS) === 0n;
  if (isOwn) return !isClosed && folder.uid !== BigInt(user);
  return user !== 0 || (old.uid !== folder.uid && !isClosed);
}

function groupExceedsOthers(mode: number): boolean {
  return ((mode >> 3) & ~mode & 0o7) !== 0;
}

/** Limits the group's bits to those of others. */
function likeOthers(mode: number): number {
  return mode & (0o707 | ((mode & 0o7) << 3));
}

/** Copies the mode and the access control list, if there is one. Node has no function for that. */
async function copyAccessList(from: string, to: string): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  try {
    const { execFile } = await import('node:child_process');
    const args = ['--attributes-only', '--no-dereference', '--preserve=mode', '--', from, to];
    return await new Promise((resolve) => {
      execFile('cp', args, { timeout: LONGEST_COPY }, (error) => resolve(error === null));
    });
  } catch {
    // Node's permission model.
    return false;
  }
}
