/** Any ZIP archive, opened for reading: where its directory is, its entries as the directory has them, and their data. */
import { type DirectoryEntry, readDirectory } from './directory.js';
import { type EndOfArchive, findEnd } from './end-records.js';
import { entryContent, rawData } from './entry-data.js';
import { type LocalEntry, readLocalHeader } from './local-header.js';
import { type ArchiveAccess, openBytes, openFile } from './random-access.js';

/** An archive that is open. Everything it gives is as hostile as who made it: names above all. */
export class OpenArchive {
  readonly access: ArchiveAccess;
  readonly end: EndOfArchive;

  private constructor(access: ArchiveAccess, end: EndOfArchive) {
    this.access = access;
    this.end = end;
  }

  /** @throws PzipError where it cannot be opened, or has no end that can be believed */
  static async open(input: string | Uint8Array): Promise<OpenArchive> {
    const access = typeof input === 'string' ? await openFile(input) : openBytes(input);
    try {
      return new OpenArchive(access, await findEnd(access));
    } catch (error) {
      await access.close();
      throw error;
    }
  }

  /** The entries, as the directory has them. */
  directory(): AsyncGenerator<DirectoryEntry, void, undefined> {
    return readDirectory(this.access, this.end);
  }

  localHeader(entry: DirectoryEntry): Promise<LocalEntry> {
    return readLocalHeader(this.access, this.end, entry);
  }

  raw(entry: DirectoryEntry): AsyncGenerator<Buffer, void, undefined> {
    return rawData(this.access, this.end, entry);
  }

  content(entry: DirectoryEntry): AsyncGenerator<Buffer, void, undefined> {
    return entryContent(this.access, this.end, entry);
  }

  close(): Promise<void> {
    return this.access.close();
  }
}
