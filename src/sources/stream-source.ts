/** The content of a stream, which a function opens when its turn comes. */
import type { StreamSource } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { isInteger, show } from '../common/option-rules.js';
import { normalizeMode, S_IFREG } from '../zip/attributes.js';
import { DEFAULT_LAST_MODIFIED } from '../zip/dates.js';
import { checkEntry, facts } from './checked-entry.js';
import { CONTENT_RULES, entryForm } from './entry-options.js';
import { openContent } from './stream-content.js';

const isSize = isInteger(0);

const FORM = entryForm('stream', { ...CONTENT_RULES, size: isSize, sizeHint: isSize });

export function streamSource(entryName: unknown, open: unknown, entryOptions: unknown, isRecord = false): StreamSource {
  const { name, options } = checkEntry(entryName, FORM, entryOptions, isRecord);
  if (typeof open !== 'function') {
    const message = `The stream of ${quote(name)} is given as a function, which is called when its turn comes (got ${show(open)})`;
    throw new PzipError('PZIP_USAGE', message, { entryName: name });
  }
  const mode = normalizeMode(options.mode ?? 0o644, S_IFREG);
  return {
    kind: 'stream',
    level: options.level,
    size: options.size,
    sizeHint: options.sizeHint,
    open: () => openContent(() => open(), name),
    ...facts(name, options, DEFAULT_LAST_MODIFIED, mode),
  };
}
