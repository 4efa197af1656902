/**
 * The names of an archive that is put together call by call: no name twice, and no file where a folder has to be.
 *
 * What is kept of a name is a hash of 77 bits: 12 to 15 bytes a name, where sets of strings took 190. Two names of one hash
 * would be taken for one; among a million names the odds that any two are such a pair are one in 2^38, and nobody can choose
 * names that are, since each registry hashes in its own way.
 */
import { randomBytes } from 'node:crypto';
import { PzipError, quote } from '../errors.js';

/** What is known of a path, whose `/` at the end is left out. The lowest bits of a slot; none set is an empty slot. */
const IS_FILE = 1;
/** It has an entry of its own or something in it. */
const IS_FOLDER = 2;
const HAS_FOLDER_ENTRY = 4;
const KNOWN = IS_FILE | IS_FOLDER | HAS_FOLDER_ENTRY;

/** Numbers of 16 bits in a slot: 32 bits of the first hash, 32 of the second, 13 of the third and what is known. */
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

const SLASH = 0x2f;

interface Table {
  slots: Uint16Array;
  used: number;
}

export class NameRegistry {
  readonly #tables: (Table | undefined)[] = [];
  readonly #seeds = Uint32Array.from([random(), random(), random()]);
  /** The hash that was worked out last: in typed arrays, since a private number beyond 2^31 is a new object each time. */
  readonly #hashes = new Uint32Array(3);

  /** @throws PzipError PZIP_NAME_DUPLICATE or PZIP_NAME_CONFLICT; the name is then not among the names */
  add(name: string): void {
    const isFolder = name.charCodeAt(name.length - 1) === SLASH;
    const length = isFolder ? name.length - 1 : name.length;
    const known = this.#known(name, length);
    if ((known & (isFolder ? HAS_FOLDER_ENTRY : IS_FILE)) !== 0) {
      throw new PzipError('PZIP_NAME_DUPLICATE', `Two entries are named ${quote(name)}`, { entryName: name });
    }
    if (isFolder ? (known & IS_FILE) !== 0 : (known & IS_FOLDER) !== 0) throw conflict(name.slice(0, length));
    // Before anything is kept of the name: where one of its folders is a file, it is not added.
    const end = this.#endOfKnownFolders(name, length);
    for (let at = name.lastIndexOf('/', length - 1); at > end; at = name.lastIndexOf('/', at - 1)) {
      this.#learn(name, at, IS_FOLDER);
    }
    this.#learn(name, length, isFolder ? IS_FOLDER | HAS_FOLDER_ENTRY : IS_FILE);
  }

  /** Where the longest of the name's folders ends that is known: its own folders are known too then. -1 for none. */
  #endOfKnownFolders(name: string, length: number): number {
    let end = name.lastIndexOf('/', length - 1);
    while (end > 0) {
      const known = this.#known(name, end);
      if ((known & IS_FILE) !== 0) throw conflict(name.slice(0, end));
      if ((known & IS_FOLDER) !== 0) return end;
      end = name.lastIndexOf('/', end - 1);
    }
    return -1;
  }

  #known(name: string, length: number): number {
    this.#hash(name, length);
    const { slots } = this.#table();
    return (slots[this.#find(slots) + LAST] ?? 0) & KNOWN;
  }

  #learn(name: string, length: number, what: number): void {
    this.#hash(name, length);
    const table = this.#table();
    if ((table.used + 1) * SLOT > table.slots.length * MAX_LOAD) table.slots = this.#grown(table.slots);
    const at = this.#find(table.slots);
    if (((table.slots[at + LAST] ?? 0) & KNOWN) === 0) table.used++;
    this.#put(table.slots, at, what);
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
    slots[at + LAST] = (third & ~KNOWN) | ((slots[at + LAST] ?? 0) & KNOWN) | what;
  }

  /** The slot of the hash that was worked out last, or the free one where it would go. */
  #find(slots: Uint16Array): number {
    const first = this.#hashes[0] ?? 0;
    const second = this.#hashes[1] ?? 0;
    const third = (this.#hashes[2] ?? 0) & 0xffff & ~KNOWN;
    const capacity = slots.length / SLOT;
    // What the first hash has besides the bits that chose the table, as a part of the capacity.
    const part = ((first << TABLE_BITS) >>> 0) / 0x1_0000_0000;
    let at = Math.floor(part * capacity) * SLOT;
    for (;;) {
      const last = slots[at + LAST] ?? 0;
      if ((last & KNOWN) === 0) return at;
      if (
        (last & ~KNOWN) === third &&
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
      if ((last & KNOWN) === 0) continue;
      this.#hashes[0] = (before[at] ?? 0) | ((before[at + 1] ?? 0) << 16);
      this.#hashes[1] = (before[at + 2] ?? 0) | ((before[at + 3] ?? 0) << 16);
      this.#hashes[2] = last;
      this.#put(slots, this.#find(slots), last & KNOWN);
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

function conflict(file: string): PzipError {
  const message = `${quote(file)} would be a file and, for what is in ${quote(`${file}/`)}, a folder`;
  return new PzipError('PZIP_NAME_CONFLICT', message, { entryName: file });
}
