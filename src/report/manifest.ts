/** Writes a manifest in JSON, the form that diff/manifest-json.ts reads, one entry a line, while the archive is written. */
import type { SideFile } from '../output/file/side-file.js';
import { modeText, type ReportedEntry, timeText } from './entry-headers.js';

/** Characters that are written at a time. */
const BLOCK_LENGTH = 64 * 1024;

export class Manifest {
  readonly #file: SideFile;
  #pending = '{"format":"pzip-manifest","version":1,"entries":[';
  #isFirst = true;

  constructor(file: SideFile) {
    this.#file = file;
  }

  /** @param sha256 see ContentId */
  add({ nameText, kind, mode, mtimeMs, uncompressedSize }: ReportedEntry, sha256: string | undefined): void {
    const size = kind === 'directory' ? '' : `,"size":${uncompressedSize}`;
    const time = mtimeMs === undefined ? '' : `,"mtime":"${timeText(mtimeMs)}"`;
    const digest = sha256 === undefined ? '' : `,"sha256":"${sha256}"`;
    this.#pending += `${this.#isFirst ? '' : ','}\n{"name":${nameText},"kind":"${kind}"${size},"mode":"${modeText(mode)}"${time}${digest}}`;
    this.#isFirst = false;
  }

  /** @returns undefined if nothing needs to be written yet */
  flush(): Promise<void> | undefined {
    return this.#pending.length < BLOCK_LENGTH ? undefined : this.#write();
  }

  async finish(contentId: string): Promise<void> {
    this.#pending += `\n],"contentId":"${contentId}"}\n`;
    await this.#write();
  }

  async #write(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    await this.#file.append(Buffer.from(text));
  }
}
