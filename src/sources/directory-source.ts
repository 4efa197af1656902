/** An entry for a directory. */
import type { DirectorySource } from '../common/entry.js';
import { normalizeMode, S_IFDIR } from '../zip/attributes.js';
import { DEFAULT_LAST_MODIFIED } from '../zip/dates.js';
import { checkEntry, facts } from './checked-entry.js';
import { entryForm, isMode, META_RULES, NO_CONTENT } from './entry-options.js';

const FORM = entryForm('directory', { ...META_RULES, mode: isMode(S_IFDIR) }, NO_CONTENT);

export function directorySource(entryName: unknown, entryOptions: unknown, isRecord = false): DirectorySource {
  const { name, options } = checkEntry(directoryName(entryName), FORM, entryOptions, isRecord, true);
  const mode = normalizeMode(options.mode ?? 0o755, S_IFDIR);
  return { kind: 'directory', ...facts(name, options, DEFAULT_LAST_MODIFIED, mode) };
}

/** A directory's name gets a `/` at its end if the caller omitted it. */
function directoryName(name: unknown): unknown {
  return typeof name === 'string' && !name.endsWith('/') ? `${name}/` : name;
}
