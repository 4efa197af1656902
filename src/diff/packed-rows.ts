/**
 * Sorts entries that do not come in the order of their names. Name and description of each are packed into slabs, without an
 * object per entry. That takes these bytes and 24 more: for an archive, the central header and the name a second time.
 */
import { PzipError, quote } from '../common/errors.js';
import type { Pace } from '../common/pace.js';

export interface Row {
  readonly name: string;
  /** A central header, or a line of a manifest. */
  readonly payload: Buffer;
}

const SLAB_LENGTH = 1024 * 1024;

/** Maximum number of bytes to sort: about five million entries of an ordinary archive. */
const MAX_LENGTH = 1024 * 1024 * 1024;

/** Lengths of name and payload. */
const LENGTHS = 8;

/** Steps between checks of the clock. */
const STEPS_BETWEEN_LOOKS = 4096;

export class PackedRows {
  readonly #path: string;
  readonly #slabs: Buffer[] = [];
  #used = SLAB_LENGTH;
  /** For each row: its slab's number times SLAB_LENGTH, plus its offset in the slab. */
  #positions = new Float64Array(1024);
  #count = 0;

  /** @param path for the error message */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * @param row shorter than a slab, as the limits of headers and lines ensure
   * @throws PzipError PZIP_SOURCE_UNSUPPORTED if the limit is exceeded
   */
  add({ name, payload }: Row): void {
    const nameLength = Buffer.byteLength(name);
    const length = LENGTHS + nameLength + payload.length;
    if (this.#used + length > SLAB_LENGTH) this.#addSlab();
    const slab = this.#slab(this.#slabs.length - 1);
    if (this.#count === this.#positions.length) {
      const grown = new Float64Array(2 * this.#count);
      grown.set(this.#positions);
      this.#positions = grown;
    }
    this.#positions[this.#count++] = (this.#slabs.length - 1) * SLAB_LENGTH + this.#used;
    slab.writeUInt32LE(nameLength, this.#used);
    slab.writeUInt32LE(payload.length, this.#used + 4);
    slab.write(name, this.#used + LENGTHS);
    payload.copy(slab, this.#used + LENGTHS + nameLength);
    this.#used += length;
  }

  /** The rows sorted by the UTF-8 bytes of their names; rows with equal names keep their order. */
  async *sorted(pace: Pace): AsyncGenerator<Row, void, undefined> {
    for (const index of await this.#order(pace)) yield this.#row(index);
  }

  #addSlab(): void {
    if ((this.#slabs.length + 1) * SLAB_LENGTH > MAX_LENGTH) {
      const message = `${quote(this.#path)} is not in the order of its names, and too long to be sorted: its names and headers take more than 1 GiB`;
      throw new PzipError('PZIP_SOURCE_UNSUPPORTED', message, { path: this.#path });
    }
    this.#slabs.push(Buffer.allocUnsafeSlow(SLAB_LENGTH));
    this.#used = 0;
  }

  #slab(number: number): Buffer {
    const slab = this.#slabs[number];
    if (slab === undefined) throw new RangeError(`There is no slab ${number}`);
    return slab;
  }

  #row(index: number): Row {
    const { slab, at } = this.#place(index);
    const nameStart = at + LENGTHS;
    const nameEnd = nameStart + slab.readUInt32LE(at);
    return {
      name: slab.toString('utf8', nameStart, nameEnd),
      payload: slab.subarray(nameEnd, nameEnd + slab.readUInt32LE(at + 4)),
    };
  }

  #place(index: number): { slab: Buffer; at: number } {
    const position = this.#positions[index] ?? 0;
    const at = position % SLAB_LENGTH;
    return { slab: this.#slab((position - at) / SLAB_LENGTH), at };
  }

  #compare(a: number, b: number): number {
    const { slab, at } = this.#place(a);
    const other = this.#place(b);
    const start = at + LENGTHS;
    const otherStart = other.at + LENGTHS;
    const otherEnd = otherStart + other.slab.readUInt32LE(other.at);
    return slab.compare(other.slab, otherStart, otherEnd, start, start + slab.readUInt32LE(at));
  }

  /** A merge sort that yields to the event loop. */
  async #order(pace: Pace): Promise<Uint32Array> {
    let order = Uint32Array.from({ length: this.#count }, (_, index) => index);
    let merged = new Uint32Array(this.#count);
    let steps = 0;
    for (let width = 1; width < this.#count; width *= 2) {
      for (let start = 0; start < this.#count; start += 2 * width) {
        const middle = Math.min(start + width, this.#count);
        const end = Math.min(start + 2 * width, this.#count);
        let left = start;
        let right = middle;
        for (let at = start; at < end; at++) {
          const takesLeft = right >= end || (left < middle && this.#compare(order[left] ?? 0, order[right] ?? 0) <= 0);
          merged[at] = order[takesLeft ? left++ : right++] ?? 0;
          if (++steps % STEPS_BETWEEN_LOOKS === 0 && pace.isDue) await pace.turn();
        }
      }
      [order, merged] = [merged, order];
    }
    return order;
  }
}
