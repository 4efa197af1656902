/** The mode in the archive for a mode from stat(2). */
import { type FileType, modeFromStat, S_IFDIR, S_IFLNK, S_IFREG } from '../zip/attributes.js';

/**
 * - `keep`: as they are, without setuid, setgid and sticky; the owner can always read.
 * - `keep-special`: with those.
 * - `normalize`: files 0644, or 0755 with any x bit, and directories 0755, whatever the umask was.
 * - `a+rX`: readable for all, and with x for all where anyone has it, as chmod(1) means it; AWS Lambda runs as another user.
 */
export type ModePolicy = 'keep' | 'keep-special' | 'normalize' | 'a+rX';

export function entryMode(statMode: number, fileType: FileType, policy: ModePolicy, platform: NodeJS.Platform): number {
  const mode = modeFromStat(statMode, fileType, platform, policy === 'keep-special');
  if (policy === 'keep' || policy === 'keep-special' || fileType === S_IFLNK) return mode;
  const isExecutable = fileType === S_IFDIR || (mode & 0o111) !== 0;
  return policy === 'a+rX' ? mode | (isExecutable ? 0o555 : 0o444) : fileType | (isExecutable ? 0o755 : 0o644);
}

export { type FileType, S_IFDIR, S_IFLNK, S_IFREG };
