/**
 * Symbolic links that lead out of what is packed. They go in, as they are what the tree holds; but where the archive is
 * extracted they lead to something that the archive does not say, and some readers refuse them.
 */
import type { Source } from '../common/entry.js';
import { quote } from '../common/errors.js';
import type { SelectContext } from './select-context.js';

/** So many are named; what is more is counted. */
const MAX_NAMED = 4;

/** Lets the sources through and reports links that lead outside. */
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
 * Whether a link of that name can lead above the folder that the archive is extracted to: by a path from the root or of a
 * drive, or by more `..` than there are folders around it. A `..` behind a name is taken for one that counts from there: the
 * name may be that of another link, so that a path such as `link/../..` leads nobody knows where.
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
