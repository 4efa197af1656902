/** Folded names, which are equal if names differ only in case, Unicode normalization, or characters that Windows strips. */

/** A name that folding does not change: lower-case letters, digits and some signs, without a dot or space at the end. */
const PLAIN = /^[a-z0-9._/+@~ $-]*[a-z0-9_/+@~$-]$/;

/** HFS+ ignores these in names. */
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

const NOT_ASCII = /[\u0080-\uffff]/;

/** @param component without a slash */
export function foldComponent(component: string): string {
  const trimmed = /[. ]$/.test(component) ? component.replace(/(?<=[^. ])[. ]+$/, '') : component;
  if (!NOT_ASCII.test(trimmed)) return trimmed.toLowerCase();
  // Upper case first: `ß` and `ss` are one name to APFS.
  return trimmed.replace(IGNORED, '').normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** @param path components between slashes; one at the end stays */
export function foldPath(path: string): string {
  return PLAIN.test(path) && !/[. ]\//.test(path) ? path : path.split('/').map(foldComponent).join('/');
}
