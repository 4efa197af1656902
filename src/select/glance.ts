/**
 * A glance at the inputs before the selection: is there surely more to do than pays for threads? They take some 30 ms to
 * come up, which is time won where they do so while the selection is made.
 */
import { lstatSync, opendirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Entries of a directory that are looked at, which takes 0.1 to 0.2 ms. */
const ENTRIES_SEEN = 64;

/** What a directory that is not looked into is taken to hold: less than most do. */
const FILES_IN_DIRECTORY = 8;
const BYTES_IN_FILE = 2048;

/**
 * What the inputs hold at least, as far as a glance shows: the files that are named, and of a directory the first entries.
 * Patterns, and what is not there, count for nothing.
 *
 * @param enough the estimate stops once it reaches this
 * @param weigh what a file of so many bytes, or anything else with 0, is counted as
 */
export function glanceAt(
  inputs: readonly string[],
  cwd: string,
  enough: number,
  weigh: (bytes: number) => number,
): number {
  let weight = 0;
  const add = (path: string): 'directory' | undefined => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (!stats.isDirectory()) weight += weigh(stats.isFile() ? stats.size : 0);
    else weight += FILES_IN_DIRECTORY * weigh(BYTES_IN_FILE);
    return stats.isDirectory() ? 'directory' : undefined;
  };
  for (const input of inputs.slice(0, ENTRIES_SEEN)) {
    const path = resolve(cwd, input);
    try {
      if (add(path) === 'directory') {
        for (const name of firstNames(path)) {
          if (weight >= enough) break;
          add(join(path, name));
        }
      }
    } catch {
      // The selection reports what is wrong with it.
    }
    if (weight >= enough) break;
  }
  return weight;
}

function firstNames(path: string): string[] {
  const names: string[] = [];
  const directory = opendirSync(path, { bufferSize: ENTRIES_SEEN });
  try {
    while (names.length < ENTRIES_SEEN) {
      const entry = directory.readSync();
      if (entry === null) break;
      names.push(entry.name);
    }
  } finally {
    directory.closeSync();
  }
  return names;
}
