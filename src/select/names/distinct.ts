/**
 * Lets each name through once. The stream is in order, so equal names are neighbours; and between a file `a` and the `a/…`
 * that contradicts it lie only names that begin with `a`, so the files that are still such a beginning make a short stack.
 */
import { lstatSync } from 'node:fs';
import type { Source } from '../../common/entry.js';
import { PzipError, quote } from '../../common/errors.js';

/**
 * @throws PzipError PZIP_NAME_DUPLICATE for two sources of one name, PZIP_NAME_CONFLICT for `a` beside `a/b`; both name both
 */
export function* distinctSources(batches: Iterable<Source[]>): Generator<Source[]> {
  let previous: Source | undefined;
  /** Each is a beginning of the next, and the last one of the name before. */
  const beginnings: Source[] = [];

  const isNew = (source: Source): boolean => {
    const { name } = source;
    if (previous !== undefined && previous.name === name) {
      if (isSameSource(previous, source)) return false;
      throw duplicate(previous, source);
    }
    previous = source;
    let beginning = beginnings.at(-1);
    while (beginning !== undefined && !name.startsWith(beginning.name)) {
      beginnings.pop();
      beginning = beginnings.at(-1);
    }
    if (beginning !== undefined && name.charCodeAt(beginning.name.length) === SLASH) throw conflict(beginning, source);
    if (source.kind !== 'directory') beginnings.push(source);
    return true;
  };

  for (const batch of batches) {
    yield batch.filter(isNew);
  }
}

const SLASH = 0x2f;

/**
 * Reached twice by one path or by two (`dir` and `./dir/../dir`, hard links): the same content either way. Two directories
 * have no content of their own; what is in them is compared in its turn, and the first one's mode and date stand.
 */
function isSameSource(a: Source, b: Source): boolean {
  if (a.kind === 'directory' && b.kind === 'directory') return true;
  if (a.path === b.path) return a.path !== undefined;
  if (a.path === undefined || b.path === undefined || a.kind !== b.kind) return false;
  // Inode numbers are 64 bits wide; a rounded one could call two files the same.
  const statsA = lstatSync(a.path, { bigint: true, throwIfNoEntry: false });
  const statsB = lstatSync(b.path, { bigint: true, throwIfNoEntry: false });
  return statsA !== undefined && statsA.dev === statsB?.dev && statsA.ino === statsB.ino;
}

function duplicate(a: Source, b: Source): PzipError {
  const message = `Two sources are named ${quote(a.name)} in the archive: ${whence(a)} and ${whence(b)}; rename or exclude one`;
  return new PzipError('PZIP_NAME_DUPLICATE', message, { entryName: a.name, path: b.path });
}

function conflict(file: Source, inside: Source): PzipError {
  const message =
    `${quote(inside.name)} (${whence(inside)}) cannot be extracted beside ${quote(file.name)} (${whence(file)}), ` +
    'which is not a directory; rename or exclude one';
  return new PzipError('PZIP_NAME_CONFLICT', message, { entryName: inside.name, path: inside.path });
}

function whence(source: Source): string {
  return source.path === undefined ? 'added by name' : quote(source.path);
}
