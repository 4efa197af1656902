/** Sets of bytes for bracket expressions: ranges and ASCII classes. */

/** Indexed by byte: 1 for a member. */
export type ByteSet = Uint8Array;

/** @param folds whether names are in lower case, so that an upper-case member also matches the lower-case letter */
export function addRange(members: ByteSet, first: number, last: number, folds: boolean): void {
  for (let byte = first; byte <= last; byte++) {
    members[byte] = 1;
    if (folds && isUpper(byte)) members[byte | 0x20] = 1;
  }
}

/** ASCII only, independent of the locale. */
const CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ['alnum', /[0-9A-Za-z]/],
  ['alpha', /[A-Za-z]/],
  ['blank', /[ \t]/],
  ['cntrl', /[^ -~]/],
  ['digit', /[0-9]/],
  ['graph', /[!-~]/],
  ['lower', /[a-z]/],
  ['print', /[ -~]/],
  ['punct', /[!-/:-@[-`{-~]/],
  // Git's own table, without vertical tab and form feed.
  ['space', /[ \t\n\r]/],
  ['upper', /[A-Z]/],
  ['xdigit', /[0-9A-Fa-f]/],
]);

/** @returns whether the class exists */
export function addClass(members: ByteSet, name: string, folds: boolean): boolean {
  const expression = name.length > 6 ? undefined : CLASSES.get(name);
  if (expression === undefined) return false;
  for (let byte = 1; byte < 128; byte++) {
    if (!expression.test(String.fromCharCode(byte))) continue;
    members[byte] = 1;
    if (folds && name === 'upper') members[byte | 0x20] = 1;
  }
  return true;
}

export function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}
