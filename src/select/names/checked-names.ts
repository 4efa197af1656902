/**
 * The rules for names in an archive, checked for names that were found: after renaming, so that a renaming can
 * mend what a file system allows and an archive does not.
 */
import type { Source } from '../../common/entry.js';
import { PzipError, quote } from '../../common/errors.js';
import { checkEntryName } from '../../zip/names.js';
import type { SelectContext } from '../select-context.js';

/**
 * What any rule of checkEntryName() refuses, and a little more: a backslash, a NUL, a drive letter, a slash at the head or
 * twice, a part `.` or `..`, half a surrogate pair. One look where the rules take five.
 */
const SUSPECT = /[\\\0\ud800-\udfff]|^[A-Za-z]:|^\/|\/\/|(?:^|\/)\.{1,2}(?:\/|$)/;

/** UTF-16 units. Three bytes each, and the name is still shorter than the longest one. */
const SURELY_SHORT = 20_000;

/** @throws PzipError PZIP_NAME_INVALID, unless what is misnamed may be skipped */
export function* checkNames(batches: Iterable<Source[]>, context: SelectContext): Generator<Source[]> {
  /** The directory that was misnamed itself: what is in it is left out with it, without a word for each. */
  let misnamed: string | undefined;

  const isGood = (source: Source): boolean => {
    const { name } = source;
    if (name.length < SURELY_SHORT && !SUSPECT.test(name)) return true;
    if (misnamed !== undefined && name.startsWith(misnamed)) return false;
    const broken = checkEntryName(name, source.kind === 'directory');
    if (broken === undefined) return true;
    const where = source.path === undefined || source.path.endsWith(name) ? '' : ` (${quote(source.path)})`;
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

/** The part of the name, up to a slash, that breaks a rule whatever follows it. */
function misnamedDirectory(name: string): string | undefined {
  for (let slash = name.indexOf('/'); slash !== -1; slash = name.indexOf('/', slash + 1)) {
    const directory = name.slice(0, slash + 1);
    if (checkEntryName(directory, true) !== undefined) return directory;
  }
  return undefined;
}
