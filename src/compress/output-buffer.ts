/** Where a task's result is put together: in memory that was lent, or in new memory where that is too short. */
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';

/**
 * Bytes of a new buffer: a full batch of stored entries, each with a header of 256 bytes. Longer than most results, but
 * memory that is never touched costs nothing, and a buffer that fits every task can go round among all of them.
 */
const CAPACITY = MAX_PIECE_LENGTH + 256 * 256;

export class OutputBuffer {
  #bytes: Buffer<ArrayBuffer>;
  #length = 0;

  constructor(lent: Uint8Array<ArrayBuffer> | undefined) {
    this.#bytes = lent === undefined ? Buffer.alloc(CAPACITY) : Buffer.from(lent.buffer);
  }

  /** Valid until the next call of `reserve`. */
  get buffer(): Buffer<ArrayBuffer> {
    return this.#bytes;
  }

  /** Makes room for `length` more bytes and tells where they begin. */
  reserve(length: number): number {
    const offset = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(this.#length, 2 * this.#bytes.length));
      this.#bytes.copy(grown, 0, 0, offset);
      this.#bytes = grown;
    }
    return offset;
  }

  /** The bytes so far, at the start of an ArrayBuffer of their own. */
  finish(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.buffer, 0, this.#length);
  }
}
