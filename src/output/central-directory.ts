/**
 * The central directory as it grows: encoded at once into blocks, so that an entry costs the bytes of its record (some 90)
 * and no objects. Beyond some 100,000 entries the blocks are kept deflated, and a million entries take 25 MB instead of 80.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { EntryHeader } from '../zip/entry-header.js';
import { centralDirectoryHeaderSize, writeCentralDirectoryHeader } from '../zip/records.js';

/** Small enough for an archive of ten files, large enough that a million entries are a few hundred blocks. */
const BLOCK_LENGTH = 64 * 1024;

/** Once the directory is large its blocks are too: deflate finds more in them, and they are written in fewer calls. */
const LARGE_BLOCK_LENGTH = 1024 * 1024;

/** Bytes of directory that are kept as they are: up to here memory is no concern, and deflating would cost time. */
const PLAIN_LENGTH = 8 * 1024 * 1024;

/** The fastest level: a tenth of a microsecond for each byte would show. Names that follow one another shrink at any. */
const LEVEL = 1;

export class CentralDirectory {
  readonly #plain: Uint8Array[] = [];
  readonly #deflated: Uint8Array[] = [];
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
    if (this.#used + size > this.#block.length) this.#nextBlock(size);
    writeCentralDirectoryHeader(header, this.#block, this.#used);
    this.#used += size;
    this.#size += size;
    this.#entryCount++;
  }

  /** In order, each valid until the next is asked for. */
  *blocks(): Generator<Uint8Array> {
    yield* this.#plain;
    for (const deflated of this.#deflated) yield inflateRawSync(deflated);
    yield this.#block.subarray(0, this.#used);
  }

  #nextBlock(leastLength: number): void {
    const full = this.#block.subarray(0, this.#used);
    if (this.#size <= PLAIN_LENGTH) {
      this.#plain.push(full);
      this.#block = Buffer.allocUnsafeSlow(Math.max(leastLength, BLOCK_LENGTH));
    } else {
      this.#deflated.push(new Uint8Array(deflateRawSync(full, { level: LEVEL })));
      if (this.#block.length < LARGE_BLOCK_LENGTH) this.#block = Buffer.allocUnsafeSlow(LARGE_BLOCK_LENGTH);
    }
    this.#used = 0;
  }
}
