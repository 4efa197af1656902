/** Where a task's result is put together: in memory that was lent, or in new memory where that is too short. */
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';

/**
 * Bytes of a buffer that can go round among all tasks: a full batch of stored entries, each with a header of 256 bytes.
 * Longer than most results, but memory that is never touched costs nothing.
 */
export const LENT_LENGTH = MAX_PIECE_LENGTH + 256 * 256;

export class OutputBuffer {
  #bytes: Buffer;
  #view: DataView;
  #length = 0;

  /** @param capacity bytes of a new buffer; a longer one takes its place when need be */
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

  /** The bytes so far, at the start of what was lent or of an ArrayBuffer of their own. */
  finish(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, 0, this.#length);
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
