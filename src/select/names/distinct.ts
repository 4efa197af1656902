/**
 * Passes each name once. The stream is sorted, so equal names are adjacent. Between a file `a` and a conflicting `a/…` there
 * are only names that begin with `a`, so a short stack of files that are still a prefix is enough.
 */
import { lstatSync } from 'node:fs';
import type { Source } from '../../common/entry.js';
import { PzipError, quote } from '../../common/errors.js';

/**
 * @throws PzipError PZIP_NAME_DUPLICATE for two sources of one name, PZIP_NAME_CONFLICT for `a` beside `a/b`; both name both
 */
export function* distinctSources(batches: Iterable<Source[]>): Generator<Source[]> {
  let previous: Source | undefined;
  /** Each is a prefix of the next one, and the last one of the previous name. */
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
 * Whether both sources are the same file, found by one path or by two (`dir` and `./dir/../dir`, hard links). Two directories
 * always are: their contents are compared later, and the mode and date of the first one count.
 */
function isSameSource(a: Source, b: Source): boolean {
  if (a.kind === 'directory' && b.kind === 'directory') return true;
  if (a.path === b.path) return a.path !== undefined;
  if (a.path === undefined || b.path === undefined || a.kind !== b.kind) return false;
  // Inode numbers have 64 bits; two files can have the same rounded number.
  const statsA = lstatSync(a.path, { bigint: true, throwIfNoEntry: false });
  const statsB = lstatSync(b.path, { bigint: true, throwIfNoEntry: false });
  return statsA !== undefined && statsA.dev === statsB?.dev && statsA.ino === statsB.ino;
}

function duplicate(a: Source, b: Source): PzipError {
  const message = `Two sources are named ${quote(a.name)} in the archive: ${whence(a)} and ${whence(b)}; ${remedy(a, b)}`;
  return new PzipError('PZIP_NAME_DUPLICATE', message, { entryName: a.name, path: b.path });
}

function conflict(file: Source, inside: Source): PzipError {
  const message =
    `${quote(inside.name)} (${whence(inside)}) cannot be extracted beside ${quote(file.name)} (${whence(file)}), ` +
    'which is not a directory; rename or exclude one';
  return new PzipError('PZIP_NAME_CONFLICT', message, { entryName: inside.name, path: inside.path });
}

function whence(source: Source): string {
  if (source.copied !== undefined)
    return `an entry of ${quote(source.copied.archive.path ?? 'the archive given as bytes')}`;
  return source.path === undefined ? 'added by name' : quote(source.path);
}

function remedy(a: Source, b: Source): string {
  const isFromArchive = a.copied !== undefined || b.copied !== undefined;
  return isFromArchive ? 'rename or exclude one, or set `onDuplicate`' : 'rename or exclude one';
}
