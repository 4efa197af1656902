/** Fails if the selection lacks what the caller requires. */
import type { Source } from '../../common/entry.js';
import { PzipError, quote } from '../../common/errors.js';

/**
 * Passes the sources on.
 *
 * @param required names; that of a directory stands for anything in it
 * @throws PzipError PZIP_ENTRY_MISSING at the end
 */
export function* requireNames(batches: Iterable<Source[]>, required: readonly string[]): Generator<Source[]> {
  let missing = required.map((name) => ({ name, file: name.replace(/\/$/, ''), prefix: name.replace(/\/?$/, '/') }));
  for (const batch of batches) {
    for (const { name } of batch) {
      if (missing.length === 0) break;
      missing = missing.filter(({ file, prefix }) => name !== file && !name.startsWith(prefix));
    }
    yield batch;
  }
  const [first] = missing;
  if (first === undefined) return;
  const names = missing.map(({ name }) => quote(name)).join(', ');
  const message = `The archive would lack ${names}, which is required; names in the archive are relative to \`cwd\``;
  throw new PzipError('PZIP_ENTRY_MISSING', message, { entryName: first.name });
}
