/**
 * The growing central directory: encoded headers, concatenated in blocks. An entry costs the bytes of its header (some 90)
 * and no objects. Beyond a few MB, full blocks are spilled to a scratch file if the archive is a file, so that a million
 * entries take no more memory than a hundred thousand. For a stream pzip uses no disk and keeps them deflated: 25 MB for a
 * million entries instead of 90.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Scratch } from './sink.js';

/** Small enough for an archive of ten files, large enough that the blocks of a large archive are few. */
const BLOCK_LENGTH = 64 * 1024;

/** A large directory has large blocks, which compress better and take fewer writes. */
const LARGE_BLOCK_LENGTH = 1024 * 1024;

/** Bytes of directory kept in memory uncompressed, some 50,000 entries; spilling them would gain little. */
const PLAIN_LENGTH = 4 * 1024 * 1024;

/** The fastest level: 0.1 µs per byte would be noticeable, and the repeated names compress at any level. */
const LEVEL = 1;

export class CentralDirectory {
  readonly #openScratch: () => Promise<Scratch | undefined> | undefined;
  readonly #plain: Uint8Array[] = [];
  readonly #deflated: { readonly bytes: Uint8Array; readonly length: number }[] = [];
  /** Undefined until it is needed, or if the sink has none. */
  #scratch: Scratch | undefined;
  #scratchLength = 0;
  #hasOpenedScratch = false;
  #block: Buffer = Buffer.allocUnsafeSlow(BLOCK_LENGTH);
  #used = 0;
  #size = 0;
  #entryCount = 0;

  /** @param openScratch called once, before the first block is spilled */
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

  /** @param headers encoded headers of `entryCount` entries; the buffer may be reused afterwards */
  async add(headers: Uint8Array, entryCount = 1): Promise<void> {
    if (this.#used + headers.length > this.#block.length) await this.#nextBlock(headers.length);
    this.#block.set(headers, this.#used);
    this.#used += headers.length;
    this.#size += headers.length;
    this.#entryCount += entryCount;
  }

  /** All blocks in order. A block may be overwritten when the next one is requested. */
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
      await this.#spill(full);
      const length = Math.max(leastLength, LARGE_BLOCK_LENGTH);
      if (this.#block.length < length) this.#block = Buffer.allocUnsafeSlow(length);
    }
    this.#used = 0;
  }

  async #spill(block: Uint8Array): Promise<void> {
    if (!this.#hasOpenedScratch) {
      this.#hasOpenedScratch = true;
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
