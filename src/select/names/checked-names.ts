/**
 * Checks the names of found files against the rules of archives, after renaming, so that a renaming can fix a name that a file
 * system allows and an archive does not.
 */
import type { Source } from '../../common/entry.js';
import { PzipError, quote } from '../../common/errors.js';
import { checkEntryName } from '../../zip/names.js';
import type { SelectContext } from '../select-context.js';

/**
 * Matches all names that checkEntryName() refuses, and a few others: an empty one, a backslash, a NUL, a drive letter, a leading
 * or double slash, a component `.` or `..`, an unpaired surrogate. One test instead of six.
 */
const SUSPECT = /^$|[\\\0\ud800-\udfff]|^[A-Za-z]:|^\/|\/\/|(?:^|\/)\.{1,2}(?:\/|$)/;

/** UTF-16 units. With three bytes each, the name is still shorter than the limit. */
const SURELY_SHORT = 20_000;

/** @throws PzipError PZIP_NAME_INVALID, unless invalid names may be skipped */
export function* checkNames(batches: Iterable<Source[]>, context: SelectContext): Generator<Source[]> {
  /** The last directory with an invalid name: its contents are left out without a warning for each. */
  let misnamed: string | undefined;

  const isGood = (source: Source): boolean => {
    const { name } = source;
    if (name.length < SURELY_SHORT && !SUSPECT.test(name)) return true;
    if (misnamed !== undefined && name.startsWith(misnamed)) return false;
    const broken = checkEntryName(name, source.kind === 'directory');
    if (broken === undefined) return true;
    const where = whereabouts(source);
    const message = `The name ${quote(name)}${where} ${broken}; rename or exclude it`;
    context.problem(new PzipError('PZIP_NAME_INVALID', message, { entryName: name, path: source.path }));
    misnamed = misnamedDirectory(name);
    return false;
  };

  for (const batch of batches) yield batch.every(isSurelyGood) ? batch : batch.filter(isGood);
}

function isSurelyGood({ name }: Source): boolean {
  return name.length < SURELY_SHORT && !SUSPECT.test(name);
}

function whereabouts({ name, path, copied }: Source): string {
  if (copied?.archive.path !== undefined) return ` in ${quote(copied.archive.path)}`;
  return path === undefined || path.endsWith(name) ? '' : ` (${quote(path)})`;
}

/**
 * The shortest part of the name, up to a slash, that is invalid whatever follows it. If one is, so are all longer ones, which
 * allows a binary search: a name can have tens of thousands of slashes.
 */
function misnamedDirectory(name: string): string | undefined {
  const ends: number[] = [];
  for (let slash = name.indexOf('/'); slash !== -1; slash = name.indexOf('/', slash + 1)) ends.push(slash + 1);
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (checkEntryName(name.slice(0, ends[middle]), true) === undefined) low = middle + 1;
    else high = middle;
  }
  const end = ends[low];
  return end === undefined ? undefined : name.slice(0, end);
}
