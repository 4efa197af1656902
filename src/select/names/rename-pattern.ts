/**
 * Matches names for renaming, and finds the text that each wildcard matched. Wildcards are greedy, the first one first. A pass
 * from the end of the name first computes what the rest of the pattern can match, so there is no backtracking: the time is
 * proportional to pattern × name.
 */
import { PzipError, quote } from '../../common/errors.js';

/** A `**` includes the slash after it, because it also matches no directory. */
const WILDCARD = /(\*\*\/|\*\*|\*|\?)/;

/** Wildcards in one renaming; the time grows with their number. */
const MAX_WILDCARDS = 100;

/** Splits a pattern into literal texts and wildcards. */
export function splitAtWildcards(pattern: string): string[] {
  const parts = pattern.split(WILDCARD);
  if (parts.filter(isWildcard).length > MAX_WILDCARDS) {
    const message = `The renaming of ${quote(pattern)} has more than ${MAX_WILDCARDS} wildcards; use '**' or several renamings`;
    throw new PzipError('PZIP_USAGE', message, { path: pattern });
  }
  return parts.filter((part) => part !== '');
}

export function isWildcard(part: string): boolean {
  return part === '**/' || part === '**' || part === '*' || part === '?';
}

/** @returns the text of each wildcard, in order; undefined if the whole name does not match */
export function matchWildcards(parts: readonly string[], name: string): string[] | undefined {
  const [first = ''] = parts;
  if (!isWildcard(first) && !name.startsWith(first)) return undefined;
  const matching = placesThatMatch(parts, name);
  if (matching[0]?.[0] !== 1) return undefined;
  const found: string[] = [];
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const next = matching[index + 1];
    if (next === undefined) break;
    const end = isWildcard(part) ? longestEnd(part, name, at, next) : at + part.length;
    if (isWildcard(part)) found.push(name.slice(at, end));
    at = end;
  }
  return found;
}

/** For each part, and for the end: the positions from which it and the following parts match the rest of the name. */
function placesThatMatch(parts: readonly string[], name: string): Uint8Array[] {
  let next = new Uint8Array(name.length + 1);
  next[name.length] = 1;
  const all = [next];
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = parts[index] ?? '';
    const places = new Uint8Array(name.length + 1);
    /** The end of the component at `at`, after its slash; 0 if no slash follows. */
    let componentEnd = 0;
    for (let at = name.length; at >= 0; at--) {
      if (name[at] === '/') componentEnd = at + 1;
      if (isInPair(name, at)) continue;
      places[at] = matchesFrom(part, name, at, componentEnd, places, next) ? 1 : 0;
    }
    all.unshift(places);
    next = places;
  }
  return all;
}

function matchesFrom(
  part: string,
  name: string,
  at: number,
  componentEnd: number,
  places: Uint8Array,
  next: Uint8Array,
): boolean {
  switch (part) {
    case '*':
      return next[at] === 1 || (at < name.length && name[at] !== '/' && places[at + lengthAt(name, at)] === 1);
    case '**':
      return next[at] === 1 || (at < name.length && places[at + lengthAt(name, at)] === 1);
    case '**/':
      // A slash here would end an empty component.
      return next[at] === 1 || (componentEnd > at + 1 && places[componentEnd] === 1);
    case '?':
      return at < name.length && name[at] !== '/' && next[at + lengthAt(name, at)] === 1;
    default:
      return name.startsWith(part, at) && next[at + part.length] === 1;
  }
}

/** The longest match of a wildcard after which the rest still matches. */
function longestEnd(part: string, name: string, at: number, next: Uint8Array): number {
  if (part === '?') return at + lengthAt(name, at);
  const slash = part === '*' ? name.indexOf('/', at) : -1;
  for (let end = slash === -1 ? name.length : slash; end > at; end--) {
    if (next[end] === 1 && (part !== '**/' || isRunOfDirectories(name, at, end))) return end;
  }
  return at;
}

function isRunOfDirectories(name: string, from: number, to: number): boolean {
  return name[to - 1] === '/' && name[from] !== '/' && !name.slice(from, to).includes('//');
}

/** Whether a position is inside a surrogate pair. */
function isInPair(name: string, at: number): boolean {
  return at > 0 && (name.codePointAt(at - 1) ?? 0) > 0xffff;
}

/** UTF-16 units of the character at `at`. */
function lengthAt(name: string, at: number): number {
  return (name.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
