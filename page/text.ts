/** Text of the page. Names are untrusted: they only ever become text nodes, with what is hidden in them shown. */

/** Controls, line separators, lone surrogates, and characters that are invisible or change the direction of text. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** UTF-16 units of a name that are shown; the rest is cut in the middle. */
const LONGEST_NAME = 300;

export function visible(name: string): string {
  const short =
    name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME / 2)} … ${name.slice(-LONGEST_NAME / 2)}`;
  return short.replace(HIDDEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'];

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  let value = count / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(1)} ${UNITS[unit]}`;
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;
}

export function number(count: number): string {
  return count.toLocaleString('en');
}

export function plural(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}
