/** Sets of bytes, as a pattern has them in brackets: ranges and classes of ASCII. */

/** By byte: 1 for a member. */
export type ByteSet = Uint8Array;

/** @param folds names are in lower case: an upper-case member stands for the lower-case one as well */
export function addRange(members: ByteSet, first: number, last: number, folds: boolean): void {
  for (let byte = first; byte <= last; byte++) {
    members[byte] = 1;
    if (folds && isUpper(byte)) members[byte | 0x20] = 1;
  }
}

/** Of ASCII, whatever the locale. */
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

/** @returns whether there is such a class */
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
