import { UINT16_MAX } from './constants.js';

/**
 * Puts down a record's fields one after another, low byte first (APPNOTE 4.4.1.1), and refuses what would make a broken
 * archive: a number that its field cannot hold, and a record that its fields do not fill exactly.
 *
 * Bytes are stored one by one: unlike Buffer's write methods, which round 0.5 and take NaN for 0, no value passes that is not
 * written as itself.
 */
export class RecordWriter {
  readonly #target: Buffer;
  #position = 0;

  /** @param size Bytes of the whole record. */
  constructor(size: number) {
    this.#target = Buffer.allocUnsafe(size);
  }

  uint8(value: number): this {
    if ((value & 0xff) !== value) rejectValue(value, 1);
    this.#target[this.#position++] = value;
    return this;
  }

  uint16(value: number): this {
    if ((value & UINT16_MAX) !== value) rejectValue(value, 2);
    const position = this.#position;
    this.#target[position] = value;
    this.#target[position + 1] = value >>> 8;
    this.#position = position + 2;
    return this;
  }

  uint32(value: number): this {
    if (value >>> 0 !== value) rejectValue(value, 4);
    const position = this.#position;
    this.#target[position] = value;
    this.#target[position + 1] = value >>> 8;
    this.#target[position + 2] = value >>> 16;
    this.#target[position + 3] = value >>> 24;
    this.#position = position + 4;
    return this;
  }

  /** Signed, in two's complement. */
  int32(value: number): this {
    if ((value | 0) !== value) rejectValue(value, 4);
    return this.uint32(value >>> 0);
  }

  /** Up to Number.MAX_SAFE_INTEGER, beyond which sizes and offsets would no longer be exact. */
  uint64(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) rejectValue(value, 8);
    return this.uint32(value % 0x1_0000_0000).uint32(Math.floor(value / 0x1_0000_0000));
  }

  bytes(bytes: Uint8Array): this {
    this.#target.set(bytes, this.#position);
    this.#position += bytes.length;
    return this;
  }

  /** @returns The record. @throws Error unless the fields filled it exactly. */
  finish(): Buffer {
    const { length } = this.#target;
    if (this.#position !== length) throw new Error(`A record of ${length} bytes was given ${this.#position}`);
    return this.#target;
  }
}

function rejectValue(value: number, size: number): never {
  throw new RangeError(`${value} does not fit a field of ${size} bytes`);
}
