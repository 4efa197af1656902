/** Creates Sources for entries that a caller gives as records. Names and options are checked during the call. */
import type { Source } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { isOptionsObject, optionOf, show } from '../common/option-rules.js';
import { contentSource } from './content-source.js';
import { directorySource } from './directory-source.js';
import { fileSource } from './file-source.js';
import { streamSource } from './stream-source.js';
import { symlinkSource } from './symlink-source.js';

type CreateSource = (name: string, content: unknown, entry: object, isRecord: true) => Source;

/** How each field that gives a record its content becomes a Source. A record has exactly one of these fields. */
const FORMS: Readonly<Record<string, CreateSource>> = {
  path: (...record) => fileSource(...record)(),
  data: contentSource,
  stream: streamSource,
  directory: (name, isDirectory, entry) => {
    if (isDirectory === true) return directorySource(name, entry, true);
    throw new PzipError('PZIP_USAGE', `\`directory\` of ${quote(name)} must be true or left out`, { entryName: name });
  },
  linkTarget: symlinkSource,
};

const FIELDS = Object.keys(FORMS);

/**
 * The Source that a record describes, and its name; a file is examined here.
 *
 * @throws PzipError as the calls for single entries do
 */
export function recordSource(entry: unknown): Source {
  if (!isOptionsObject(entry)) {
    throw new PzipError('PZIP_USAGE', `An entry is an object with a \`name\` and its content (got ${show(entry)})`);
  }
  const name = entryNameOf(entry);
  let only: string | undefined;
  let content: unknown;
  for (const field of FIELDS) {
    const value = optionOf(entry, field);
    if (value === undefined) continue;
    if (only !== undefined) throw notOneForm(name, `${only} and ${field}`);
    only = field;
    content = value;
  }
  const create = only === undefined ? undefined : FORMS[only];
  if (create === undefined) throw notOneForm(name, 'none of them');
  return create(name, content, entry, true);
}

/** Of a record. */
function entryNameOf(entry: object): string {
  const name = optionOf(entry, 'name');
  if (typeof name === 'string') return name;
  throw new PzipError('PZIP_NAME_INVALID', `The name of an entry must be a string (got ${show(name)})`);
}

function notOneForm(entryName: string, found: string): PzipError {
  const fields = FIELDS.map((field) => `\`${field}\``).join(', ');
  const message = `An entry has exactly one of ${fields}; ${quote(entryName)} has ${found}`;
  return new PzipError('PZIP_USAGE', message, { entryName });
}
