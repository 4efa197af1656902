/** Found names that have no place in an archive. They are rare: a glance at each name finds what to look into. */
import { readdirSync } from 'node:fs';
import { PzipError, quote } from '../../common/errors.js';
import type { SelectContext } from '../select-context.js';
import { isTemporary } from '../temporaries.js';
import { joinPath, showBytes } from './entry-names.js';

/** U+FFFD stands for bytes that are not UTF-8, and what ends like a temporary file of pzip's may be one. Both are looked into. */
export function isSuspectName(name: string): boolean {
  return SUSPECT_NAME.test(name);
}

const SUSPECT_NAME = /\uFFFD|\.pzip-tmp$/;

/**
 * @param path of the directory
 * @param children names in it, a directory's ending in `/`
 * @param location by which the system is to reach the directory
 * @returns those that can go in; the rest is reported
 */
export function withoutBadNames(path: string, children: string[], context: SelectContext, location = path): string[] {
  const mangled = context.platform === 'win32' ? new Set<string>() : mangledNames(path, children, context, location);
  return children.filter((child) => {
    if (mangled.has(child.replace(/\/$/, ''))) return false;
    return !isTemporary(joinPath(path, child, context.separator), child, context);
  });
}

/**
 * The names that readdir could only give with U+FFFD in place of bytes that are not UTF-8; each is reported with its bytes.
 * Two that look the same that way, one of them right, are left out together: they cannot be told apart by a string.
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
