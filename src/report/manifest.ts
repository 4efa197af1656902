/** Writes a manifest in JSON, the form that diff/manifest-json.ts reads, one entry a line, while the archive is written. */
import type { SideFile } from '../output/file/side-file.js';
import type { ReportedEntry } from './entry-headers.js';

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
  add({ nameBytes, kind, mode, mtimeMs, uncompressedSize }: ReportedEntry, sha256: string | undefined): void {
    const name = JSON.stringify(nameBytes.toString());
    const size = kind === 'directory' ? '' : `,"size":${uncompressedSize}`;
    const time = mtimeMs === undefined ? '' : `,"mtime":"${isoTime(mtimeMs)}"`;
    const digest = sha256 === undefined ? '' : `,"sha256":"${sha256}"`;
    const permissions = mode.toString(8).padStart(4, '0');
    this.#pending += `${this.#isFirst ? '' : ','}\n{"name":${name},"kind":"${kind}"${size},"mode":"${permissions}"${time}${digest}}`;
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

let lastTime = Number.NaN;
let lastText = '';

/** Many files have the same time. */
function isoTime(milliseconds: number): string {
  if (milliseconds !== lastTime) {
    lastTime = milliseconds;
    lastText = new Date(milliseconds).toISOString();
  }
  return lastText;
}
