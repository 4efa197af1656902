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
    const position = this.#position;
    this.#position = position + 2;
    return this.#bytes.readUInt16LE(position);
  }

  uint32(): number {
    const position = this.#position;
    this.#position = position + 4;
    return this.#bytes.readUInt32LE(position);
  }

  /** @throws RangeError for what is beyond Number.MAX_SAFE_INTEGER too: no archive is that long */
  uint64(): number {
    const value = this.uint32() + this.uint32() * 0x1_0000_0000;
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no length that a file can have`);
    return value;
  }

  bytes(length: number): Buffer {
    const end = this.#position + length;
    if (end > this.#bytes.length) throw new RangeError(`${length} bytes are wanted and fewer are left`);
    this.#position = end;
    return this.#bytes.subarray(end - length, end);
  }

  skip(length: number): this {
    this.#position += length;
    return this;
  }
}
