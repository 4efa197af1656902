/**
 * Collects a stream's bytes into pieces. They are copied, because producers often reuse their buffers.
 */

import type { MemoryRange } from '../compress/tasks.js';
import { MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH } from '../deflate/engine.js';

/** Initial capacity if the length is unknown, doubled when needed; most streams are small. */
const FIRST_CAPACITY = 16 * 1024;

export class PieceBuffer {
  #bytes: Uint8Array<ArrayBuffer>;
  #dictionaryLength = 0;
  #length = 0;

  /** @param expectedLength length of the whole stream in bytes; undefined if unknown */
  constructor(expectedLength: number | undefined) {
    this.#bytes = new Uint8Array(Math.min(expectedLength ?? FIRST_CAPACITY, MAX_PIECE_LENGTH));
  }

  get isFull(): boolean {
    return this.#length - this.#dictionaryLength === MAX_PIECE_LENGTH;
  }

  /** A view of the collected bytes, without the dictionary before them. */
  get data(): Uint8Array {
    return this.#bytes.subarray(this.#dictionaryLength, this.#length);
  }

  /** Copies as many bytes as the piece has room for. @returns how many */
  append(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, MAX_PIECE_LENGTH + this.#dictionaryLength - this.#length);
    this.#grow(this.#length + taken);
    this.#bytes.set(bytes.subarray(0, taken), this.#length);
    this.#length += taken;
    return taken;
  }

  /** Returns the piece and starts the next one, with the end of this one as its dictionary. */
  take(): MemoryRange {
    const taken = { bytes: this.#bytes.subarray(0, this.#length), dictionaryLength: this.#dictionaryLength };
    const dictionary = taken.bytes.subarray(Math.max(0, this.#length - MAX_DICTIONARY_LENGTH));
    this.#bytes = new Uint8Array(MAX_DICTIONARY_LENGTH + MAX_PIECE_LENGTH);
    this.#bytes.set(dictionary);
    this.#dictionaryLength = dictionary.length;
    this.#length = dictionary.length;
    return taken;
  }

  #grow(length: number): void {
    if (length <= this.#bytes.length) return;
    const grown = new Uint8Array(
      Math.min(Math.max(length, this.#bytes.length * 2), MAX_DICTIONARY_LENGTH + MAX_PIECE_LENGTH),
    );
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
