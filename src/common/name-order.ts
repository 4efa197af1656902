/**
 * The order of an archive: names by their UTF-8 bytes, the same in every locale. UTF-8 sorts by code point; JavaScript
 * compares UTF-16 code units, which differs only for surrogates (U+10000 and above) against U+E000-U+FFFF.
 *
 * A tree need not be in memory to be sorted: with `/` at the end of a directory's name, the children of each directory in byte
 * order, visited depth first, give the full names in byte order.
 */

const SURROGATE = /[\uD800-\uDFFF]/;

export function compareNames(a: string, b: string): number {
  if (SURROGATE.test(a) || SURROGATE.test(b)) return compareCodePoints(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Sorts in place. The engine's own order of strings is several times faster than any comparator. */
export function sortNames(names: string[]): string[] {
  return names.some((name) => SURROGATE.test(name)) ? names.sort(compareCodePoints) : names.sort();
}

/** Sorts objects in place by their names. */
export function sortByName<T extends { readonly name: string }>(named: T[]): T[] {
  if (named.some(({ name }) => SURROGATE.test(name))) return named.sort((a, b) => compareCodePoints(a.name, b.name));
  return named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** The length of what both names begin with, in UTF-16 units. */
export function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}

function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const unitA = a.charCodeAt(i);
    const unitB = b.charCodeAt(i);
    if (unitA !== unitB) return codePointRank(unitA) - codePointRank(unitB);
  }
  return a.length - b.length;
}

/** Moves the surrogates, which stand for U+10000 and above, behind U+E000-U+FFFF. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
