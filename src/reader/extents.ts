/**
 * The byte ranges of an archive's entries. Overlapping entries make a small archive expand without bound when it is copied or
 * inflated, and can give two readers different data.
 */

/** The range of an entry, from its local header to the end of its data, without the local header's extra field. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** Initial capacity in entries, 16 bytes each. It doubles when full. */
const FIRST_CAPACITY = 1024;

export class Extents {
  #starts = new Float64Array(FIRST_CAPACITY);
  #ends = new Float64Array(FIRST_CAPACITY);
  #count = 0;
  #total = 0;
  #isSorted = true;

  /** Total length: if it exceeds that of the file, some extents overlap. */
  get total(): number {
    return this.#total;
  }

  add(start: number, end: number): void {
    if (this.#count === this.#starts.length) {
      this.#starts = doubled(this.#starts);
      this.#ends = doubled(this.#ends);
    }
    if (this.#count > 0 && start < (this.#ends[this.#count - 1] ?? 0)) this.#isSorted = false;
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#count++;
    this.#total += end - start;
  }

  /** Two overlapping extents in order of their start; undefined if there are none. */
  findOverlap(): readonly [Extent, Extent] | undefined {
    if (this.#isSorted) return undefined;
    const order = Uint32Array.from({ length: this.#count }, (_, index) => index);
    order.sort(
      (a, b) => (this.#starts[a] ?? 0) - (this.#starts[b] ?? 0) || (this.#ends[a] ?? 0) - (this.#ends[b] ?? 0),
    );
    let before: Extent | undefined;
    for (const index of order) {
      const extent = { start: this.#starts[index] ?? 0, end: this.#ends[index] ?? 0 };
      if (before !== undefined && extent.start < before.end) return [before, extent];
      before = extent;
    }
    return undefined;
  }
}

function doubled(numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(numbers.length * 2);
  longer.set(numbers);
  return longer;
}
