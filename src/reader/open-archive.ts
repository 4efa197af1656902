/** Any ZIP archive, opened for reading: the location of its directory, its entries, and their data. */
import { type DirectoryEntry, readDirectory } from './directory.js';
import { type EndOfArchive, findEnd } from './end-records.js';
import { entryContent, rawData } from './entry-data.js';
import { MAX_IN_PLACE_LENGTH } from './limits.js';
import { type LocalEntry, readLocalHeader } from './local-header.js';
import { type ArchiveAccess, openBytes, openFile } from './random-access.js';

/** An open archive. All data from it is untrusted, above all names. */
export class OpenArchive {
  readonly access: ArchiveAccess;
  readonly end: EndOfArchive;

  private constructor(access: ArchiveAccess, end: EndOfArchive) {
    this.access = access;
    this.end = end;
  }

  /** @throws PzipError if it cannot be opened or has no valid end */
  static async open(input: string | Uint8Array): Promise<OpenArchive> {
    const access = typeof input === 'string' ? await openFile(input) : openBytes(input);
    try {
      return new OpenArchive(access, await findEnd(access));
    } catch (error) {
      await access.close();
      throw error;
    }
  }

  /** The entries in the order of the directory. */
  directory(): AsyncGenerator<DirectoryEntry, void, undefined> {
    return readDirectory(this.access, this.end);
  }

  localHeader(entry: DirectoryEntry): Promise<LocalEntry> {
    return readLocalHeader(this.access, this.end, entry);
  }

  raw(entry: DirectoryEntry): AsyncGenerator<Buffer, void, undefined> {
    return rawData(this.access, this.end, entry);
  }

  /** Blocks the event loop for no longer than a small entry takes. */
  content(entry: DirectoryEntry): AsyncGenerator<Buffer, void, undefined> {
    return entryContent(this.access, this.end, entry, MAX_IN_PLACE_LENGTH);
  }

  close(): Promise<void> {
    return this.access.close();
  }
}
