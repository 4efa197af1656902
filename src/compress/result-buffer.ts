/** Collects a task's result in a pooled buffer, or in new memory if that is too short. */
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';

/**
 * Bytes of a pooled buffer, which suits all tasks: a full batch of stored entries, each with a header of 256 bytes.
 * Longer than most results, but memory that is never touched costs nothing.
 */
export const LENT_LENGTH = MAX_PIECE_LENGTH + 256 * 256;

export class OutputBuffer {
  #bytes: Buffer;
  #view: DataView;
  #length = 0;

  /** @param capacity bytes of a new buffer, which is replaced by a longer one when needed */
  constructor(lent: SharedArrayBuffer | undefined, capacity = LENT_LENGTH) {
    this.#bytes = lent === undefined ? Buffer.alloc(capacity) : Buffer.from(lent);
    this.#view = viewOf(this.#bytes);
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Valid until the next call of `reserve`. */
  get buffer(): Buffer {
    return this.#bytes;
  }

  /** The same. */
  get view(): DataView {
    return this.#view;
  }

  /** Makes room for `length` more bytes. @returns where they begin */
  reserve(length: number): number {
    const offset = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(this.#length, 2 * this.#bytes.length));
      this.#bytes.copy(grown, 0, 0, offset);
      this.#bytes = grown;
      this.#view = viewOf(grown);
    }
    return offset;
  }

  /** The bytes so far, at the start of the pooled buffer or of their own ArrayBuffer. */
  finish(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, 0, this.#length);
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
