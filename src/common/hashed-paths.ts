/**
 * A table of paths by 76-bit hashes, with a few flags for each: 12 to 15 bytes per path instead of the 190 of a set of strings.
 * Two paths with the same hash would be confused. Among a million names, the probability of such a pair is 2^-37, and an
 * attacker cannot construct one, because each table has its own seed.
 */
import { randomBytes } from 'node:crypto';

/** The lowest bits of a slot, for the caller's flags; a slot without flags is empty. */
export const FACT_BITS = 0xf;

/** 16-bit numbers in a slot: 32 bits of the first hash, 32 of the second, 12 of the third, and the flags. */
const SLOT = 5;
const LAST = SLOT - 1;

/**
 * The first bits of a hash choose one of this many tables, which grow one at a time, so only a 64th of the data is copied and
 * becomes garbage at once. A single table that doubles was half empty and left 12 MB of garbage for a million names.
 */
const TABLE_BITS = 6;
const FIRST_CAPACITY = 8;

/** Highest load factor; beyond it, probing for a free slot becomes slow. */
const MAX_LOAD = 0.85;
const GROWTH = 1.25;

interface Table {
  slots: Uint16Array;
  used: number;
}

/** Hashes a path piece by piece, so that one pass over its characters looks up all of its folders. */
export class PathHash {
  /** Three hashes of the characters so far, before the final mix. */
  readonly #states = new Uint32Array(3);
  #length = 0;
  readonly #seeds: Uint32Array;
  /** The hashes of what was added, in a typed array because V8 allocates an object for a private number beyond 2^31. */
  readonly hashes = new Uint32Array(3);

  /** @param alike another hash whose seeds it uses, so that both compute the same hash for a path */
  constructor(alike?: PathHash) {
    this.#seeds = alike !== undefined ? alike.#seeds : Uint32Array.from([random(), random(), random()]);
  }

  /** Starts another path. */
  begin(): this {
    this.#states.set(this.#seeds);
    this.#length = 0;
    return this;
  }

  /** Xor, multiply and rotate for each UTF-16 unit, with a final mix that spreads every bit. */
  add(text: string, start: number, end: number): this {
    let a = this.#states[0] ?? 0;
    let b = this.#states[1] ?? 0;
    let c = this.#states[2] ?? 0;
    for (let index = start; index < end; index++) {
      const unit = text.charCodeAt(index);
      a = Math.imul(a ^ unit, 0x9e3779b1);
      a = (a << 13) | (a >>> 19);
      b = Math.imul(b ^ unit, 0x85ebca77);
      b = (b << 11) | (b >>> 21);
      c = Math.imul(c ^ unit, 0xc2b2ae3d);
      c = (c << 17) | (c >>> 15);
    }
    this.#states[0] = a;
    this.#states[1] = b;
    this.#states[2] = c;
    this.#length += end - start;
    const first = mix(a ^ this.#length);
    const second = mix(b ^ first);
    this.hashes[0] = first;
    this.hashes[1] = second;
    this.hashes[2] = mix(c ^ second);
    return this;
  }
}

export class HashedPaths {
  #size = 0;
  readonly #tables: (Table | undefined)[] = [];
  /** The hash to look up. */
  #hashes: Uint32Array;
  readonly #own: PathHash;

  /** @param hash shared with another table, to look up one hash in both */
  constructor(hash = new PathHash()) {
    this.#own = hash;
    this.#hashes = hash.hashes;
  }

  /** Number of paths in the table. */
  get size(): number {
    return this.#size;
  }

  /** The flags of the first `length` characters of a path; 0 if it is not in the table. */
  known(path: string, length: number): number {
    if (this.#size === 0) return 0;
    return this.knownOf(this.#own.begin().add(path, 0, length));
  }

  learn(path: string, length: number, facts: number): void {
    this.learnOf(this.#own.begin().add(path, 0, length), facts);
  }

  /** Like known(), for a hash with the same seeds. */
  knownOf({ hashes }: PathHash): number {
    if (this.#size === 0) return 0;
    this.#hashes = hashes;
    const { slots } = this.#table();
    return (slots[this.#find(slots) + LAST] ?? 0) & FACT_BITS;
  }

  learnOf({ hashes }: PathHash, facts: number): void {
    this.#hashes = hashes;
    const table = this.#table();
    if ((table.used + 1) * SLOT > table.slots.length * MAX_LOAD) table.slots = this.#grown(table.slots);
    const at = this.#find(table.slots);
    if (((table.slots[at + LAST] ?? 0) & FACT_BITS) === 0) {
      table.used++;
      this.#size++;
    }
    this.#put(table.slots, at, facts);
  }

  /** The table of the last computed hash. */
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

  /** The slot of the last computed hash, or the free slot where it belongs. */
  #find(slots: Uint16Array): number {
    const first = this.#hashes[0] ?? 0;
    const second = this.#hashes[1] ?? 0;
    const third = (this.#hashes[2] ?? 0) & 0xffff & ~FACT_BITS;
    const capacity = slots.length / SLOT;
    // The remaining bits of the first hash, scaled to the capacity.
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
}

function random(): number {
  return randomBytes(4).readUInt32LE();
}

/** A bijection in which every input bit affects every output bit. */
function mix(number: number): number {
  let mixed = number;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}
