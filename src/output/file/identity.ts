/** Which file a path leads to, by all 64 bits of its inode number. */
import { statSync } from 'node:fs';
import type { FileIdentity } from '../sink.js';

/** As stat(2) gives it where it is asked for bigints. */
export interface ExactIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/**
 * Whether a file that was looked at with plain numbers is the one.
 *
 * Numbers from 2^53 on are rounded, and NTFS, exFAT, network and overlay file systems have such inode numbers: there,
 * neighbours share a number. Only where the rounded numbers agree is the system asked again.
 *
 * @param path leads to the file that `stats` are of
 */
export function isFile({ dev, ino }: ExactIdentity, stats: FileIdentity, path: string): boolean {
  if (rounded(ino) !== stats.ino || rounded(dev) !== stats.dev) return false;
  if (Number.isSafeInteger(stats.ino) && Number.isSafeInteger(stats.dev)) return true;
  const exact = statSync(path, { bigint: true, throwIfNoEntry: false });
  return exact?.dev === dev && exact.ino === ino;
}

/** As Node gives it in plain numbers: those are unsigned, and its bigints are not. */
function rounded(value: bigint): number {
  return Number(BigInt.asUintN(64, value));
}
