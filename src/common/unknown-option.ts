/** The error for an unknown option, with a suggestion. */
import { PzipError, quote } from './errors.js';

/** Characters of a name to show and to compare. */
const LONGEST_SHOWN = 60;

/**
 * @param label the option with its context, such as `rename[0].form`
 * @param hint replaces the suggestion
 */
export function unknownOption(
  label: string,
  known: readonly string[],
  key: string,
  hint?: string,
  entryName?: string,
): PzipError {
  const whose = entryName === undefined ? '' : ` of ${quote(entryName)}`;
  const nearest = nearestOf(key, known);
  const shown = quote(label.length > LONGEST_SHOWN ? `${label.slice(0, LONGEST_SHOWN)}…` : label).slice(1, -1);
  const suggestion = hint ?? (nearest === undefined ? '' : `; did you mean \`${nearest}\`?`);
  return new PzipError('PZIP_USAGE', `Unknown option \`${shown}\`${whose}${suggestion}`, { entryName });
}

/** Names in other libraries, and pzip's. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  compressionLevel: 'level',
  zlib: 'level',
  ignore: 'exclude',
  ignores: 'exclude',
  filter: 'exclude',
  concurrency: 'threads',
  workers: 'threads',
  date: 'mtime',
  modified: 'mtime',
  force: 'overwrite',
  permissions: 'mode',
  followSymlinks: 'symlinks',
};

/** @returns the known name that was probably meant */
export function nearestOf(key: string, known: readonly string[]): string | undefined {
  const meant = Object.hasOwn(OTHER_NAMES, key) ? OTHER_NAMES[key] : undefined;
  if (meant !== undefined && known.includes(meant)) return meant;
  if (key.length > LONGEST_SHOWN) return undefined;
  let nearest: string | undefined;
  // With half of its letters different, it is another word.
  let least = Math.min(3, Math.ceil(key.length / 2));
  for (const name of known) {
    const distance = editDistance(key.toLowerCase(), name.toLowerCase());
    if (distance < least || (distance === 0 && nearest === undefined)) {
      nearest = name;
      least = distance;
    }
  }
  return nearest;
}

/** Levenshtein distance: letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
