/**
 * What a new archive takes over from the file that it replaces: owner, group and mode, as far as no other user can read or change
 * the new one whom the old one, or the umask, kept out.
 *
 * - The old file is ours: its group and mode. Where the group cannot be had, it gets what everyone gets.
 * - It is another user's and we are root: owner, group and mode, unless that user may have put it there for this purpose.
 *   The owner of the folder can do as he likes; where only he may make files, whatever lies in it is meant to be there.
 * - It is another user's in any other case: its mode, as far as a new file would have it.
 *
 * setuid, setgid and the sticky bit are never taken over. A mode whose bits for the group go beyond those for everyone may
 * be the mask of an access control list, behind which the group itself has less. Node cannot read such lists, so cp(1) of
 * GNU copies it; where that is not there, the bits go.
 */
import { type BigIntStats, chmodSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasCode } from '../../common/file-errors.js';
import type { OpenFile } from './open-file.js';

/** Whether users other than the folder's owner may create files in it. */
const WRITABLE_FOR_OTHERS = 0o022n;

const PERMISSIONS = 0o777n;

/** How a change of mode is refused where that is harmless. */
const REFUSALS = ['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Milliseconds for cp(1), which needs two. */
const LONGEST_COPY = 5000;

/**
 * @param file made for its owner alone
 * @param path the file's
 * @returns a warning if the archive has fewer permissions than the old one
 */
export async function takeOver(
  file: OpenFile,
  path: string,
  old: BigIntStats,
  target: string,
): Promise<string | undefined> {
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

/** Not by its path, where another user may have put a link, unless Node's permission model takes the other way away. */
function setMode(file: OpenFile, path: string, mode: number): void {
  try {
    file.chmod(mode);
  } catch (error) {
    if (hasCode(error, 'ERR_ACCESS_DENIED')) chmodSync(path, mode);
    // File systems without modes, and some sandboxes, refuse it. The file is readable for its owner at least.
    else if (!hasCode(error, ...REFUSALS)) throw error;
  }
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function isPlanted(old: BigIntStats, target: string, user: number): boolean {
  const isOwn = old.uid === BigInt(user);
  // Of a file with one name nobody else can have put it here; a second name may be another user's doing.
  if (isOwn && old.nlink === 1n) return false;
  const folder = statSync(dirname(target), { bigint: true });
  const isClosed = (folder.mode & WRITABLE_FOR_OTHERS) === 0n;
  if (isOwn) return !isClosed && folder.uid !== BigInt(user);
  return user !== 0 || (old.uid !== folder.uid && !isClosed);
}

function groupExceedsOthers(mode: number): boolean {
  return ((mode >> 3) & ~mode & 0o7) !== 0;
}

/** The group's bits no wider than everyone's. */
function likeOthers(mode: number): number {
  return mode & (0o707 | ((mode & 0o7) << 3));
}

/** Mode and list; only the former where the old file has no list. Node has no call for that. */
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
