/**
 * Reports symbolic links that lead out of the archive. They are archived as part of the tree, but after extraction they lead
 * to files that are not from the archive, and some readers refuse them.
 */
import type { Source } from '../common/entry.js';
import { quote } from '../common/errors.js';
import type { SelectContext } from './select-context.js';

/** Links to report; further ones are only counted. */
const MAX_NAMED = 4;

/** Passes the sources on and reports links that lead outside. */
export function* reportOutsideLinks(batches: Iterable<Source[]>, context: SelectContext): Generator<Source[]> {
  let found = 0;
  for (const batch of batches) {
    for (const source of batch) {
      if (source.kind !== 'symlink') continue;
      const target = Buffer.from(source.target).toString();
      if (!leadsOutside(source.name, target) || ++found > MAX_NAMED) continue;
      const message = `The symbolic link ${quote(source.name)} leads to ${quote(target)}, outside of what is packed`;
      context.warn({ code: 'PZIP_LINK_OUTSIDE', severity: 'warning', message, path: source.path ?? source.name });
    }
    yield batch;
  }
  if (found <= MAX_NAMED) return;
  const message = `${found - MAX_NAMED} more symbolic links lead outside of what is packed`;
  context.warn({ code: 'PZIP_LINK_OUTSIDE', severity: 'warning', message, path: '' });
}

/**
 * Whether a link of that name can lead out of the folder of extraction: by an absolute path, a drive, or more `..` than there
 * are folders around it. A `..` after a name always counts: the name may be that of another link, and then `link/../..` can
 * lead anywhere.
 */
export function leadsOutside(name: string, target: string): boolean {
  if (/^(?:[\\/]|[A-Za-z]:)/.test(target)) return true;
  if (!target.includes('..')) return false;
  const components = target.split(/[\\/]/);
  const folders = name.split('/').length - 1;
  const climbs = components.filter((component) => component === '..').length;
  if (climbs > folders) return true;
  const firstName = components.findIndex((component) => component !== '..' && component !== '.' && component !== '');
  return firstName !== -1 && components.indexOf('..', firstName) !== -1;
}
