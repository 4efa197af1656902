/** A typed array that numbers are appended to: four or eight bytes each, where an array of numbers takes more. */
const FIRST_CAPACITY = 1024;

type Constructor<T> = new (length: number) => T;

export class GrowingNumbers<T extends Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>> {
  readonly #type: Constructor<T>;
  #numbers: T;
  #length = 0;

  constructor(type: Constructor<T>) {
    this.#type = type;
    this.#numbers = new type(FIRST_CAPACITY);
  }

  add(...numbers: readonly number[]): void {
    if (this.#length + numbers.length > this.#numbers.length) {
      const longer = new this.#type(2 * this.#numbers.length);
      longer.set(this.#numbers);
      this.#numbers = longer;
    }
    for (const number of numbers) this.#numbers[this.#length++] = number;
  }

  /** A view. */
  get all(): T {
    return this.#numbers.subarray(0, this.#length) as T;
  }
}
