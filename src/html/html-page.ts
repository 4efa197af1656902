/**
 * The page of an archive, written while its central directory is: memory does not grow with the number of entries. All of the
 * page but its entries is a file that scripts/build-page.js builds from `page/`. Loaded only by runs that ask for it.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { PzipError, quote } from '../common/errors.js';
import type { PzipWarning } from '../common/warnings.js';
import { entryName } from '../reader/entry-names.js';
import { OpenArchive } from '../reader/open-archive.js';
import { DirectoryHeaders } from './directory-headers.js';
import { dataElement, EntryColumns } from './entry-columns.js';

/** Where the entries go. */
const MARKER = '<!-- entries -->';

/** Takes the page; its caller gives it its name. */
export interface PageFile {
  append(bytes: Uint8Array): Promise<void>;
}

export interface PageOptions {
  readonly file: PageFile;
  /** Path of the archive, if it has one. */
  readonly archivePath: string | undefined;
  /** Path of an archive to compare it with. */
  readonly against: string | undefined;
  /** Gets a notice if that is missing. */
  readonly warn: (warning: PzipWarning) => void;
}

export class HtmlPage {
  readonly #options: PageOptions;
  /** Open from the start: the new archive may replace it. */
  readonly #earlier: OpenArchive | undefined;
  readonly #headers = new DirectoryHeaders();
  readonly #entries = new EntryColumns('entries');
  /** The page after its entries. */
  readonly #end: string;

  private constructor(options: PageOptions, earlier: OpenArchive | undefined, end: string) {
    this.#options = options;
    this.#earlier = earlier;
    this.#end = end;
  }

  /** @throws PzipError as OpenArchive.open() and the file do */
  static async open(options: PageOptions): Promise<HtmlPage> {
    const text = await readFile(new URL('./page.html', import.meta.url), 'utf8');
    const at = text.indexOf(MARKER);
    await options.file.append(Buffer.from(text.slice(0, at)));
    return new HtmlPage(options, await openEarlier(options), text.slice(at + MARKER.length));
  }

  /** @param headers the next block of the archive's central directory */
  async addDirectory(headers: Uint8Array): Promise<void> {
    for (const entry of this.#headers.entriesOf(headers)) {
      if (this.#entries.add(entry)) await this.#append(this.#entries.take());
    }
  }

  /** @param archiveLength in bytes */
  async finish(archiveLength: number): Promise<void> {
    await this.#append(this.#entries.take());
    await this.#addEarlier();
    const { archivePath, against } = this.#options;
    const archive = {
      name: archivePath === undefined ? 'archive' : basename(archivePath),
      bytes: archiveLength,
      earlier:
        against === undefined || this.#earlier === undefined
          ? null
          : { name: basename(against), bytes: this.#earlier.access.size },
    };
    await this.#append(dataElement('id="archive"', archive) + this.#end);
  }

  async #addEarlier(): Promise<void> {
    if (this.#earlier === undefined) return;
    const columns = new EntryColumns('earlier');
    for await (const { central, compressedSize, uncompressedSize } of this.#earlier.directory()) {
      const entry = { name: entryName(central), crc32: central.crc32, compressedSize, uncompressedSize };
      if (columns.add(entry)) await this.#append(columns.take());
    }
    await this.#append(columns.take());
  }

  async close(): Promise<void> {
    await this.#earlier?.close();
  }

  #append(text: string): Promise<void> {
    return this.#options.file.append(Buffer.from(text));
  }
}

/** The first archive of its name has no earlier one. */
async function openEarlier({ against, warn }: PageOptions): Promise<OpenArchive | undefined> {
  if (against === undefined) return undefined;
  try {
    return await OpenArchive.open(against);
  } catch (error) {
    if (!(error instanceof PzipError) || error.code !== 'PZIP_SOURCE_MISSING') throw error;
    const message = `The page has no comparison: there is no ${quote(against)}`;
    warn({ code: 'PZIP_NOT_COMPARED', severity: 'notice', message, path: against });
    return undefined;
  }
}
