/** What is reported of each entry: the manifest and the content id. */
import type { EntryRecorder } from '../output/entry-recorder.js';
import { DIGEST_LENGTH } from '../zip/framed-entries.js';
import { ContentId } from './content-id.js';
import { reportedEntries } from './entry-headers.js';
import type { Manifest } from './manifest.js';
import type { RunReport } from './run-report.js';

const HEX_LENGTH = 2 * DIGEST_LENGTH;

export class EntryReports implements EntryRecorder {
  readonly #manifest: Manifest | undefined;
  readonly #json: RunReport | undefined;
  readonly #contentId: ContentId | undefined;

  /** @param hasDigests whether content is hashed */
  constructor(hasDigests: boolean, manifest: Manifest | undefined, json: RunReport | undefined) {
    this.#contentId = hasDigests ? new ContentId() : undefined;
    this.#manifest = manifest;
    this.#json = json;
  }

  add(headers: Uint8Array, notes: Uint8Array | undefined, digests: Uint8Array | undefined): Promise<void> | undefined {
    if (digests === undefined && this.#contentId !== undefined)
      throw new Error('Content was written without its digest');
    const hex = digests && Buffer.from(digests.buffer, digests.byteOffset, digests.length).toString('hex');
    let index = 0;
    for (const entry of reportedEntries(headers)) {
      const at = index * HEX_LENGTH;
      const sha256 = entry.kind === 'directory' ? undefined : hex?.slice(at, at + HEX_LENGTH);
      this.#contentId?.add(entry, sha256);
      this.#manifest?.add(entry, sha256);
      this.#json?.add(entry, notes?.[index], sha256);
      index++;
    }
    return this.#json === undefined ? this.#manifest?.flush() : this.#flushAll(this.#json);
  }

  async #flushAll(json: RunReport): Promise<void> {
    await this.#manifest?.flush();
    await json.flush();
  }

  /** @returns the content id, if content is hashed */
  async finish(): Promise<string | undefined> {
    const contentId = this.#contentId?.digest();
    if (contentId !== undefined) await this.#manifest?.finish(contentId);
    return contentId;
  }
}
