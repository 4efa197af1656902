/** Removes temporary files that killed runs have left beside the same archive. */
import { lstatSync, readdir, unlink } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isAbandonedBy } from '../../common/temporary-files.js';

/**
 * In a process that creates many archives in one folder, the share of time that may be spent listing it: a folder of 100,000
 * files takes 50 ms. The first archive always lists it.
 */
const MOST_OF_THE_TIME = 0.01;

/** A folder with at most this many names is listed every time. */
const FEW_NAMES = 5000;

/** When a folder may be listed again, in the milliseconds of performance.now(). */
const nextListing = new Map<string, number>();

/** Folders that are remembered. */
const MAX_FOLDERS = 100;

/**
 * Removes a file only if its name shows that a dead run of this host and boot created it for this archive (see
 * temporary-files.ts), and if it is a regular file of this user with no other name. Errors are ignored.
 */
export async function removeLeftovers(target: string): Promise<void> {
  const folder = dirname(target);
  const start = performance.now();
  if (start < (nextListing.get(folder) ?? 0)) return;
  const names = await list(folder);
  const end = performance.now();
  if (nextListing.size >= MAX_FOLDERS) nextListing.clear();
  if (names.length > FEW_NAMES) nextListing.set(folder, end + (end - start) / MOST_OF_THE_TIME);
  const archiveName = basename(target);
  const leftovers = names.filter((name) => isAbandonedBy(name, archiveName)).map((name) => join(folder, name));
  await Promise.all(leftovers.filter(isOurs).map(remove));
}

function list(folder: string): Promise<string[]> {
  return new Promise((resolve) => readdir(folder, (error, names) => resolve(error === null ? names : [])));
}

function isOurs(path: string): boolean {
  try {
    const stats = lstatSync(path);
    return stats.isFile() && stats.nlink === 1 && stats.uid === process.geteuid?.();
  } catch {
    return false;
  }
}

/** @returns whether the file existed and was removed */
export function remove(path: string): Promise<boolean> {
  return new Promise((resolve) => unlink(path, (error) => resolve(error === null)));
}
