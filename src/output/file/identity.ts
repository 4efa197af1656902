/** The identity of a file, by all 64 bits of its inode number. */
import { statSync } from 'node:fs';
import type { FileIdentity } from '../sink.js';

/** As stat(2) reports it with `bigint: true`. */
export interface ExactIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/**
 * Whether plain numbers of stat(2) identify this file.
 *
 * Numbers from 2^53 on are rounded, and NTFS, exFAT, network and overlay file systems have such inode numbers, so several
 * files share a rounded one. If the rounded numbers agree, the file is examined again with bigints.
 *
 * @param path leads to the file that `stats` describes
 */
export function isFile({ dev, ino }: ExactIdentity, stats: FileIdentity, path: string): boolean {
  if (rounded(ino) !== stats.ino || rounded(dev) !== stats.dev) return false;
  if (Number.isSafeInteger(stats.ino) && Number.isSafeInteger(stats.dev)) return true;
  const exact = statSync(path, { bigint: true, throwIfNoEntry: false });
  return exact?.dev === dev && exact.ino === ino;
}

/** As Node reports it in plain numbers, which are unsigned; its bigints are signed. */
function rounded(value: bigint): number {
  return Number(BigInt.asUintN(64, value));
}
