/**
 * The central directory as it grows: headers, already encoded, one behind the other in blocks. An entry costs the bytes of
 * its header (some 90) and no objects, as far as memory is no concern. From there on full blocks are put aside in a file,
 * where the archive is one, so that a million entries take no more memory than a hundred thousand; an archive that is a
 * stream touches no disk, and keeps them deflated: 25 MB for a million entries instead of 90.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Scratch } from './sink.js';

/** Small enough for an archive of ten files, large enough that a million entries are a few hundred blocks. */
const BLOCK_LENGTH = 64 * 1024;

/** Once the directory is large its blocks are too: deflate finds more in them, and they are written in fewer calls. */
const LARGE_BLOCK_LENGTH = 1024 * 1024;

/** Bytes of directory that stay in memory as they are: up to here, some 50,000 entries, putting them aside would not pay. */
const PLAIN_LENGTH = 4 * 1024 * 1024;

/** The fastest level: a tenth of a microsecond for each byte would show. Names that follow one another shrink at any. */
const LEVEL = 1;

export class CentralDirectory {
  readonly #openScratch: () => Promise<Scratch | undefined> | undefined;
  readonly #plain: Uint8Array[] = [];
  readonly #deflated: { readonly bytes: Uint8Array; readonly length: number }[] = [];
  /** Undefined until it is needed, and if the sink has none. */
  #scratch: Scratch | undefined;
  #scratchLength = 0;
  #hasAskedForScratch = false;
  #block: Buffer = Buffer.allocUnsafeSlow(BLOCK_LENGTH);
  #used = 0;
  #size = 0;
  #entryCount = 0;

  /** @param openScratch asked once, when there is something to put aside */
  constructor(openScratch: () => Promise<Scratch | undefined> | undefined = () => undefined) {
    this.#openScratch = openScratch;
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  get entryCount(): number {
    return this.#entryCount;
  }

  /** @param headers encoded, of so many entries; the buffer may be changed afterwards */
  async add(headers: Uint8Array, entryCount = 1): Promise<void> {
    if (this.#used + headers.length > this.#block.length) await this.#nextBlock(headers.length);
    this.#block.set(headers, this.#used);
    this.#used += headers.length;
    this.#size += headers.length;
    this.#entryCount += entryCount;
  }

  /** In order. Where some were put aside, each is valid until the next is asked for. */
  async *blocks(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.#plain;
    for (const { bytes, length } of this.#deflated) yield inflateRawSync(bytes, { chunkSize: length });
    if (this.#scratch !== undefined) {
      const block = new Uint8Array(LARGE_BLOCK_LENGTH);
      for (let position = 0; position < this.#scratchLength; position += block.length) {
        const part = block.subarray(0, Math.min(block.length, this.#scratchLength - position));
        await this.#scratch.read(position, part);
        yield part;
      }
    }
    yield this.#block.subarray(0, this.#used);
  }

  async #nextBlock(leastLength: number): Promise<void> {
    const full = this.#block.subarray(0, this.#used);
    if (this.#size <= PLAIN_LENGTH) {
      this.#plain.push(full);
      this.#block = Buffer.allocUnsafeSlow(Math.max(leastLength, BLOCK_LENGTH));
    } else {
      await this.#putAside(full);
      const length = Math.max(leastLength, LARGE_BLOCK_LENGTH);
      if (this.#block.length < length) this.#block = Buffer.allocUnsafeSlow(length);
    }
    this.#used = 0;
  }

  async #putAside(block: Uint8Array): Promise<void> {
    if (!this.#hasAskedForScratch) {
      this.#hasAskedForScratch = true;
      this.#scratch = await this.#openScratch();
    }
    if (this.#scratch === undefined) {
      this.#deflated.push({ bytes: new Uint8Array(deflateRawSync(block, { level: LEVEL })), length: block.length });
      return;
    }
    await this.#scratch.write(this.#scratchLength, block);
    this.#scratchLength += block.length;
  }
}
