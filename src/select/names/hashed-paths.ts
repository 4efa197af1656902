/**
 * Paths by hashes of 76 bits and a few bits of what is known of each: 12 to 15 bytes a path, where sets of strings took 190. Two
 * paths of one hash would be taken for one; among a million names the odds that any two are such a pair are one in 2^37, and
 * an attacker cannot choose names that are, since each table has its own seed.
 */
import { randomBytes } from 'node:crypto';

/** The lowest bits of a slot, free for the caller; none set is an empty slot. */
export const FACT_BITS = 0xf;

/** Numbers of 16 bits in a slot: 32 bits of the first hash, 32 of the second, 12 of the third and what is known. */
const SLOT = 5;
const LAST = SLOT - 1;

/**
 * The first bits of a hash choose one of so many tables, which grow one by one: what is copied, and left to the garbage
 * collector, is a 64th of all at a time. Of one table that doubled, half lay empty and 12 MB about at a million names.
 */
const TABLE_BITS = 6;
const FIRST_CAPACITY = 8;

/** Of the capacity: beyond it, probing for a free slot takes longer than the memory is worth. */
const MAX_LOAD = 0.85;
const GROWTH = 1.25;

interface Table {
  slots: Uint16Array;
  used: number;
}

export class HashedPaths {
  #size = 0;
  readonly #tables: (Table | undefined)[] = [];
  readonly #seeds = Uint32Array.from([random(), random(), random()]);
  /** The hash that was worked out last: in typed arrays, since a private number beyond 2^31 is a new object each time. */
  readonly #hashes = new Uint32Array(3);

  /** Paths that something is known of. */
  get size(): number {
    return this.#size;
  }

  /** The facts that are known of the first `length` characters of a path; 0 for one that was never learnt. */
  known(path: string, length: number): number {
    if (this.#size === 0) return 0;
    this.#hash(path, length);
    const { slots } = this.#table();
    return (slots[this.#find(slots) + LAST] ?? 0) & FACT_BITS;
  }

  learn(path: string, length: number, facts: number): void {
    this.#hash(path, length);
    const table = this.#table();
    if ((table.used + 1) * SLOT > table.slots.length * MAX_LOAD) table.slots = this.#grown(table.slots);
    const at = this.#find(table.slots);
    if (((table.slots[at + LAST] ?? 0) & FACT_BITS) === 0) {
      table.used++;
      this.#size++;
    }
    this.#put(table.slots, at, facts);
  }

  /** Of the hash that was worked out last. */
  #table(): Table {
    const index = (this.#hashes[0] ?? 0) >>> (32 - TABLE_BITS);
    const known = this.#tables[index];
    if (known !== undefined) return known;
    const table = { slots: new Uint16Array(FIRST_CAPACITY * SLOT), used: 0 };
    this.#tables[index] = table;
    return table;
  }

  #put(slots: Uint16Array, at: number, what: number): void {
    const first = this.#hashes[0] ?? 0;
    const second = this.#hashes[1] ?? 0;
    const third = this.#hashes[2] ?? 0;
    slots[at] = first;
    slots[at + 1] = first >>> 16;
    slots[at + 2] = second;
    slots[at + 3] = second >>> 16;
    slots[at + LAST] = (third & ~FACT_BITS) | ((slots[at + LAST] ?? 0) & FACT_BITS) | what;
  }

  /** The slot of the hash that was worked out last, or the free one where it would go. */
  #find(slots: Uint16Array): number {
    const first = this.#hashes[0] ?? 0;
    const second = this.#hashes[1] ?? 0;
    const third = (this.#hashes[2] ?? 0) & 0xffff & ~FACT_BITS;
    const capacity = slots.length / SLOT;
    // What the first hash has besides the bits that chose the table, as a part of the capacity.
    const part = ((first << TABLE_BITS) >>> 0) / 0x1_0000_0000;
    let at = Math.floor(part * capacity) * SLOT;
    for (;;) {
      const last = slots[at + LAST] ?? 0;
      if ((last & FACT_BITS) === 0) return at;
      if (
        (last & ~FACT_BITS) === third &&
        slots[at] === (first & 0xffff) &&
        slots[at + 1] === first >>> 16 &&
        slots[at + 2] === (second & 0xffff) &&
        slots[at + 3] === second >>> 16
      ) {
        return at;
      }
      at += SLOT;
      if (at === slots.length) at = 0;
    }
  }

  #grown(before: Uint16Array): Uint16Array {
    const hashes = this.#hashes.slice();
    const slots = new Uint16Array(Math.ceil((before.length / SLOT) * GROWTH) * SLOT);
    for (let at = 0; at < before.length; at += SLOT) {
      const last = before[at + LAST] ?? 0;
      if ((last & FACT_BITS) === 0) continue;
      this.#hashes[0] = (before[at] ?? 0) | ((before[at + 1] ?? 0) << 16);
      this.#hashes[1] = (before[at + 2] ?? 0) | ((before[at + 3] ?? 0) << 16);
      this.#hashes[2] = last;
      this.#put(slots, this.#find(slots), last & FACT_BITS);
    }
    this.#hashes.set(hashes);
    return slots;
  }

  /** Three hashes side by side: xor, multiply, rotate for each UTF-16 unit, and a mix at the end that spreads every bit. */
  #hash(name: string, length: number): void {
    let a = this.#seeds[0] ?? 0;
    let b = this.#seeds[1] ?? 0;
    let c = this.#seeds[2] ?? 0;
    for (let index = 0; index < length; index++) {
      const unit = name.charCodeAt(index);
      a = Math.imul(a ^ unit, 0x9e3779b1);
      a = (a << 13) | (a >>> 19);
      b = Math.imul(b ^ unit, 0x85ebca77);
      b = (b << 11) | (b >>> 21);
      c = Math.imul(c ^ unit, 0xc2b2ae3d);
      c = (c << 17) | (c >>> 15);
    }
    const first = mix(a ^ length);
    const second = mix(b ^ first);
    this.#hashes[0] = first;
    this.#hashes[1] = second;
    this.#hashes[2] = mix(c ^ second);
  }
}

function random(): number {
  return randomBytes(4).readUInt32LE();
}

/** Every bit of the number has its part in every bit of what comes out, and no two numbers come out the same. */
function mix(number: number): number {
  let mixed = number;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}
