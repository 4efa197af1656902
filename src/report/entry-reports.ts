/** What is reported of each entry: the manifest and the content id. */
import type { EntryRecorder } from '../output/entry-recorder.js';
import { DIGEST_LENGTH } from '../zip/framed-entries.js';
import { ContentId } from './content-id.js';
import { reportedEntries } from './entry-headers.js';
import type { Manifest } from './manifest.js';

export class EntryReports implements EntryRecorder {
  readonly #manifest: Manifest | undefined;
  readonly #contentId = new ContentId();

  constructor(manifest: Manifest | undefined) {
    this.#manifest = manifest;
  }

  add(headers: Uint8Array, digests: Uint8Array | undefined): Promise<void> | undefined {
    if (digests === undefined) throw new Error('Content was written that has no digest');
    const hex = Buffer.from(digests.buffer, digests.byteOffset, digests.length).toString('hex');
    let at = 0;
    for (const entry of reportedEntries(headers)) {
      const end = at + 2 * DIGEST_LENGTH;
      const sha256 = entry.kind === 'directory' ? undefined : hex.slice(at, end);
      at = end;
      this.#contentId.add(entry, sha256);
      this.#manifest?.add(entry, sha256);
    }
    return this.#manifest?.flush();
  }

  /** @returns the content id */
  async finish(): Promise<string> {
    const contentId = this.#contentId.digest();
    await this.#manifest?.finish(contentId);
    return contentId;
  }
}
