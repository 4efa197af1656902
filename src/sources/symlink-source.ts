/** A symbolic link to a target that a caller names. */
import { hasLoneSurrogate } from '../common/bytes.js';
import type { SymlinkSource } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { show } from '../common/option-rules.js';
import { normalizeMode, S_IFLNK } from '../zip/attributes.js';
import { DEFAULT_LAST_MODIFIED } from '../zip/dates.js';
import { checkEntry, facts } from './checked-entry.js';
import { entryForm, isMode, META_RULES, NO_CONTENT } from './entry-options.js';

const FORM = entryForm('linkTarget', { ...META_RULES, mode: isMode(S_IFLNK) }, NO_CONTENT);

/** The longest link target in bytes on Linux: PATH_MAX without its NUL. */
const LONGEST_LINK_TARGET = 4095;

export function symlinkSource(
  entryName: unknown,
  target: unknown,
  entryOptions: unknown,
  isRecord = false,
): SymlinkSource {
  const { name, options } = checkEntry(entryName, FORM, entryOptions, isRecord);
  const broken = checkLinkTarget(target);
  if (typeof target !== 'string' || broken !== undefined) {
    throw new PzipError('PZIP_USAGE', `The target of the link ${quote(name)} ${broken}`, { entryName: name });
  }
  const mode = normalizeMode(options.mode ?? 0o777, S_IFLNK);
  return { kind: 'symlink', target: Buffer.from(target), ...facts(name, options, DEFAULT_LAST_MODIFIED, mode) };
}

function checkLinkTarget(target: unknown): string | undefined {
  if (typeof target !== 'string') return `must be a string (got ${show(target)})`;
  if (target === '') return 'is empty';
  if (target.includes('\0')) return 'contains a NUL character';
  if (hasLoneSurrogate(target)) return 'is not well-formed Unicode (a lone surrogate) and has no UTF-8 form';
  const length = Buffer.byteLength(target);
  return length > LONGEST_LINK_TARGET ? `is ${length} bytes long; ${LONGEST_LINK_TARGET} is the most` : undefined;
}
