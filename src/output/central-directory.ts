/**
 * The central directory as it grows: encoded at once into a few large blocks, so that an entry costs the bytes of its
 * record (some 90) and no objects, and a million entries 90 MB at most.
 */
import type { EntryHeader } from '../zip/entry-header.js';
import { centralDirectoryHeaderSize, writeCentralDirectoryHeader } from '../zip/records.js';

/** Small enough for an archive of ten files, large enough that a million entries are a few hundred blocks. */
const BLOCK_LENGTH = 64 * 1024;

export class CentralDirectory {
  #full: Uint8Array[] = [];
  #block: Buffer = Buffer.allocUnsafeSlow(BLOCK_LENGTH);
  #used = 0;
  #size = 0;
  #entryCount = 0;

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  get entryCount(): number {
    return this.#entryCount;
  }

  add(header: EntryHeader): void {
    const size = centralDirectoryHeaderSize(header);
    if (this.#used + size > this.#block.length) {
      this.#full.push(this.#block.subarray(0, this.#used));
      this.#block = Buffer.allocUnsafeSlow(Math.max(size, BLOCK_LENGTH));
      this.#used = 0;
    }
    writeCentralDirectoryHeader(header, this.#block, this.#used);
    this.#used += size;
    this.#size += size;
    this.#entryCount++;
  }

  blocks(): Uint8Array[] {
    return [...this.#full, this.#block.subarray(0, this.#used)];
  }
}
