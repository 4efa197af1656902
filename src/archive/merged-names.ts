/** The names of entries that are merged: valid, and each once. */
import type { CopiedArchive, CopiedSource } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { NameRegistry } from '../select/names/name-registry.js';
import { checkEntryName } from '../zip/names.js';

/** @returns a check of each entry of an archive, in its order; it throws PZIP_NAME_INVALID, _DUPLICATE or _CONFLICT */
export function entryChecks(): (source: CopiedSource) => void {
  const names = new NameRegistry();
  return (source) => {
    const { name, kind, copied } = source;
    checkName(source, copied.archive);
    if (names.has(name)) throw duplicateName(name, copied.archive.path);
    names.add(name, kind === 'symlink');
  };
}

export function duplicateName(name: string, path: string | undefined): PzipError {
  const where = path === undefined ? '' : `, one of them in ${quote(path)}`;
  const message = `Two entries are named ${quote(name)}${where}; rename one, or set \`onDuplicate\` to 'first' or 'last'`;
  return new PzipError('PZIP_NAME_DUPLICATE', message, { entryName: name, path });
}

/** @throws PzipError PZIP_NAME_INVALID */
export function checkName({ name, kind }: CopiedSource, { path }: Pick<CopiedArchive, 'path'>): void {
  const broken = checkEntryName(name, kind === 'directory');
  if (broken === undefined) return;
  const where = path === undefined ? '' : ` in ${quote(path)}`;
  const remedy = 'createArchive() with `from` can rename or exclude it';
  throw new PzipError('PZIP_NAME_INVALID', `The name ${quote(name)}${where} ${broken}; ${remedy}`, {
    entryName: name,
    path,
  });
}
