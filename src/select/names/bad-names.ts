/** Leaves out names that cannot be archived: names that are not UTF-8, and temporary files of pzip. */
import { readdirSync } from 'node:fs';
import { PzipError, quote } from '../../common/errors.js';
import type { SelectContext } from '../select-context.js';
import { isTemporary } from '../temporaries.js';
import { joinPath, showBytes } from './entry-names.js';

/**
 * @param path of the directory
 * @param children names in it, a directory's ending in `/`
 * @param location the path by which to open the directory
 * @returns the valid names; each of the others is reported
 */
export function withoutBadNames(path: string, children: string[], context: SelectContext, location = path): string[] {
  const mangled = context.platform === 'win32' ? new Set<string>() : mangledNames(path, children, context, location);
  return children.filter((child) => {
    if (mangled.has(child.replace(/\/$/, ''))) return false;
    return !isTemporary(joinPath(path, child, context.separator), child, context);
  });
}

/**
 * Finds the names in which readdir put U+FFFD for bytes that are not UTF-8, and reports each with its bytes. Of two names
 * that decode to the same string, both are left out, even if one is valid: the string cannot distinguish them.
 */
function mangledNames(
  path: string,
  children: readonly string[],
  context: SelectContext,
  location: string,
): Set<string> {
  const wanted = new Set(children.map((child) => child.replace(/\/$/, '')));
  const mangled = new Set<string>();
  for (const bytes of readdirSync(location, 'buffer')) {
    const name = bytes.toString();
    if (!wanted.has(name) || bytes.equals(Buffer.from(name))) continue;
    mangled.add(name);
    const where = joinPath(path, showBytes(bytes), context.separator);
    const message = `The name of ${quote(where)} is not valid UTF-8; rename it (convmv turns old encodings into UTF-8) or exclude it`;
    context.problem(new PzipError('PZIP_NAME_INVALID', message, { path: where }));
  }
  return mangled;
}
