/** Opens any archive for reading. */

import { bytesOf } from '../common/bytes.js';
import { PzipError } from '../common/errors.js';
import { isUrl, pathOf, show } from '../common/option-rules.js';
import type { ArchivedEntry } from '../reader/archived-entry.js';

/** An archive that is open for reading. It keeps the process alive only during reads. */
export interface ArchiveReader extends AsyncDisposable {
  /** Number of entries in the end record. `entries()` fails if the directory lists more or fewer. */
  readonly entryCount: number;
  readonly comment: string;
  /**
   * The entries in the order of the central directory, which is read in blocks: memory does not grow with their number.
   * Entries can be used after the loop, as long as the archive is open.
   *
   * The iteration throws PZIP_ARCHIVE_INVALID at the first invalid header.
   */
  entries(): AsyncGenerator<ArchivedEntry, void, undefined>;
  /** Closes the file. Pending reads fail with PZIP_CLOSED. */
  close(): Promise<void>;
}

/**
 * Opens any ZIP archive, also with a comment, with zip64, after a self-extractor, or with trailing data. Every length, count and
 * offset is checked before use, so a hostile archive costs no more than any other of its size.
 *
 * @param input a path, a file: URL, or all bytes of an archive, which must not change while it is open
 * @throws PzipError PZIP_ARCHIVE_INVALID if no end record leads to a directory, or two lead to different ones;
 * PZIP_ARCHIVE_UNSUPPORTED for a split archive; PZIP_SOURCE_MISSING, PZIP_SOURCE_UNREADABLE or
 * PZIP_SOURCE_UNSUPPORTED if the file cannot be opened
 */
export async function openArchive(input: string | URL | Uint8Array): Promise<ArchiveReader> {
  const checked = checkInput(input);
  // Loaded on demand: most programs only write archives.
  const { OpenArchive } = await import('../reader/open-archive.js');
  const { toArchivedEntry } = await import('../reader/archived-entry.js');
  const archive = await OpenArchive.open(checked);
  const close = (): Promise<void> => archive.close();
  return {
    entryCount: archive.end.entryCount,
    comment: archive.end.comment.toString(),
    async *entries() {
      for await (const entry of archive.directory()) yield toArchivedEntry(entry, archive);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * @returns a path, or the bytes of an archive
 * @throws PzipError PZIP_USAGE
 */
export function checkInput(input: unknown): string | Uint8Array {
  if (isUrl(input)) return pathOf(input, 'input');
  if (typeof input === 'string' && input !== '' && !input.includes('\0')) return input;
  const bytes = bytesOf(input);
  if (bytes !== undefined) return bytes;
  throw new PzipError('PZIP_USAGE', `The input must be a path, a file: URL or a Uint8Array (got ${show(input)})`);
}
