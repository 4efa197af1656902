/** Content in memory, or in a Blob. */
import { bytesOf, hasLoneSurrogate } from '../common/bytes.js';
import type { BytesSource, StreamSource } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { show } from '../common/option-rules.js';
import { normalizeMode, S_IFREG } from '../zip/attributes.js';
import { DEFAULT_LAST_MODIFIED } from '../zip/dates.js';
import { checkEntry, facts } from './checked-entry.js';
import { CONTENT_RULES, entryForm, NO_STREAM } from './entry-options.js';
import { openContent } from './stream-content.js';

const FORM = entryForm('data', CONTENT_RULES, NO_STREAM);

/** A Blob need not be in memory and is read like a stream; anything else is in memory. */
export function contentSource(
  entryName: unknown,
  content: unknown,
  entryOptions: unknown,
  isRecord = false,
): BytesSource | StreamSource {
  const { name, options } = checkEntry(entryName, FORM, entryOptions, isRecord);
  const { mtime: givenMtimeMs, comment, level } = options;
  const mode = normalizeMode(options.mode ?? 0o644, S_IFREG);
  if (isBlob(content)) {
    const open = () => openContent(() => content.stream(), name);
    return { kind: 'stream', level, size: content.size, open, ...facts(name, options, DEFAULT_LAST_MODIFIED, mode) };
  }
  const bytes = toBytes(content, name);
  return { kind: 'bytes', name, mode, mtimeMs: DEFAULT_LAST_MODIFIED, givenMtimeMs, comment, level, bytes };
}

/** By its properties: jsdom and other realms have their own Blob classes. */
function isBlob(content: unknown): content is Blob {
  if (content instanceof Blob) return true;
  return (
    typeof content === 'object' &&
    content !== null &&
    /^\[object (?:Blob|File)\]$/.test(Object.prototype.toString.call(content)) &&
    'stream' in content &&
    typeof content.stream === 'function' &&
    'size' in content &&
    typeof content.size === 'number'
  );
}

function toBytes(content: unknown, entryName: string): Uint8Array {
  if (typeof content === 'string') {
    if (!hasLoneSurrogate(content)) return Buffer.from(content);
    const message = `The text of ${quote(entryName)} is not well-formed Unicode (a lone surrogate) and has no UTF-8 form`;
    throw new PzipError('PZIP_USAGE', message, { entryName });
  }
  let bytes: Uint8Array | undefined;
  try {
    bytes = bytesOf(content);
  } catch (cause) {
    const message = `The buffer of ${quote(entryName)} is detached: its memory was transferred to another owner`;
    throw new PzipError('PZIP_USAGE', message, { entryName, cause });
  }
  if (bytes !== undefined) return bytes;
  const kinds = 'a string, a typed array, an ArrayBuffer or a Blob';
  const message = `The content of ${quote(entryName)} must be ${kinds} (got ${show(content)})`;
  throw new PzipError('PZIP_USAGE', message, { entryName });
}
