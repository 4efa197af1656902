/** What an entry is and who may do what with it: st_mode of stat(2), as the central directory carries it (APPNOTE 4.4.15). */

import { MSDOS_DIRECTORY } from './constants.js';

// The file types of <sys/stat.h> that an archive holds
export const S_IFMT = 0o170000; // file type bits
export const S_IFREG = 0o100000 as const;
export const S_IFDIR = 0o040000 as const;
export const S_IFLNK = 0o120000 as const;

export type FileType = typeof S_IFREG | typeof S_IFDIR | typeof S_IFLNK;

/** The Unix mode in the upper half, MS-DOS's directory attribute in the lower. */
export function externalFileAttributes(mode: number): number {
  const msdosAttributes = isDirectoryMode(mode) ? MSDOS_DIRECTORY : 0;
  return ((mode << 16) | msdosAttributes) >>> 0;
}

export function isDirectoryMode(mode: number): boolean {
  return (mode & S_IFMT) === S_IFDIR;
}

/** The mode of an entry that brings none: 0644, a directory's 0755, a link's 0777. */
export function defaultMode(fileType: FileType): number {
  return fileType | defaultPermissions(fileType);
}

/** setuid, setgid and the sticky bit. */
const SPECIAL_BITS = 0o7000;

/**
 * A mode that extracts to a file its owner can use, and that gives other users no more than `mode` does.
 *
 * - The type bits are those of `fileType`, whatever `mode` says, so that 0o644 from a caller will do.
 * - The owner can read it, and enter a directory: of mode 0, unzip would create what its owner cannot read. A directory
 *   without any permissions gets 0700, so that what lies in it can be extracted.
 * - A link has 0777: Linux has no other, and the modes of macOS must not give another archive.
 */
export function normalizeMode(mode: number, fileType: FileType): number {
  const permissions = mode & 0o7777;
  switch (fileType) {
    case S_IFREG:
      return S_IFREG | permissions | 0o400;
    case S_IFDIR:
      return S_IFDIR | permissions | ((permissions & 0o777) === 0 ? 0o700 : 0o500);
    case S_IFLNK:
      return S_IFLNK | 0o777;
  }
}

/**
 * The mode for what stat(2) found. Windows has no permission bits to read (Node shows 0666 or 0444, and no x on a directory),
 * so there every entry gets its default.
 *
 * @param keepsSpecial Whether setuid, setgid and sticky stay. An archive holds no owner, so that after extraction they would
 *   lend the rights of another user than they did.
 */
export function modeFromStat(
  statMode: number,
  fileType: FileType,
  platform: NodeJS.Platform,
  keepsSpecial = false,
): number {
  if (platform === 'win32') return defaultMode(fileType);
  return normalizeMode(keepsSpecial ? statMode : statMode & ~SPECIAL_BITS, fileType);
}

function defaultPermissions(fileType: FileType): number {
  switch (fileType) {
    case S_IFREG:
      return 0o644;
    case S_IFDIR:
      return 0o755;
    case S_IFLNK:
      return 0o777;
  }
}
