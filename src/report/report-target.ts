/** Where a report goes: a file, which takes its name when it is complete, or a stream of the caller's, which stays open. */
import { PzipError } from '../common/errors.js';
import type { SideFile } from '../output/file/side-file.js';

/** Characters that are written at a time. */
const BLOCK_LENGTH = 64 * 1024;

/** What of a Node.js stream is used. */
export interface ReportStream {
  write(chunk: Uint8Array, callback: (error?: Error | null) => void): unknown;
}

export class ReportTarget {
  readonly #target: SideFile | ReportStream;
  #pending = '';

  constructor(target: SideFile | ReportStream) {
    this.#target = target;
  }

  add(text: string): void {
    this.#pending += text;
  }

  /** @returns undefined if nothing needs to be written yet */
  flush(): Promise<void> | undefined {
    return this.#pending.length < BLOCK_LENGTH ? undefined : this.#write();
  }

  /** Writes the rest, and gives a file its name. @throws PzipError PZIP_OUTPUT_FAILED */
  async finish(): Promise<void> {
    await this.#write();
    if ('putInPlace' in this.#target) await this.#target.putInPlace();
  }

  async #write(): Promise<void> {
    const bytes = Buffer.from(this.#pending);
    this.#pending = '';
    const target = this.#target;
    if ('append' in target) {
      await target.append(bytes);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      target.write(bytes, (cause) => {
        if (!cause) resolve();
        else reject(new PzipError('PZIP_OUTPUT_FAILED', `The report cannot be written: ${cause.message}`, { cause }));
      });
    });
  }
}
