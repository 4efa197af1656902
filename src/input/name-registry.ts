/**
 * The names of an archive that is put together call by call: no name twice, and no file where a folder has to be.
 *
 * What is kept of a name is a hash of 93 bits, in one table of numbers: 17 to 34 bytes a name, where sets of strings took
 * 190. Two names of one hash would be taken for one; among a million names the odds that any two are such a pair are one in
 * 2^53, and nobody can choose names that are, since each registry hashes in its own way.
 */
import { randomBytes } from 'node:crypto';
import { PzipError } from '../errors.js';

/** What is known of a path, whose `/` at the end is left out. The lowest bits of a slot; none set is an empty slot. */
const IS_FILE = 1;
/** It has an entry of its own or something in it. */
const IS_FOLDER = 2;
const HAS_FOLDER_ENTRY = 4;
const KNOWN = IS_FILE | IS_FOLDER | HAS_FOLDER_ENTRY;

/** Numbers in a slot. */
const SLOT = 3;
const FIRST_CAPACITY = 64;

/** Of the capacity: beyond it, probing for a free slot takes longer than the memory is worth. */
const MAX_LOAD = 0.7;

const SLASH = 0x2f;

export class NameRegistry {
  #slots = new Uint32Array(FIRST_CAPACITY * SLOT);
  #capacity = FIRST_CAPACITY;
  #used = 0;
  readonly #seed: readonly [number, number, number] = [random(), random(), random()];
  /** The hash that was worked out last. */
  #hash0 = 0;
  #hash1 = 0;
  #hash2 = 0;

  /** @throws PzipError PZIP_NAME_DUPLICATE or PZIP_NAME_CONFLICT; the name is then not among the names */
  add(name: string): void {
    const isFolder = name.charCodeAt(name.length - 1) === SLASH;
    const length = isFolder ? name.length - 1 : name.length;
    const known = this.#known(name, length);
    if ((known & (isFolder ? HAS_FOLDER_ENTRY : IS_FILE)) !== 0) {
      throw new PzipError('PZIP_NAME_DUPLICATE', `Two entries are named ${JSON.stringify(name)}`, { entryName: name });
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
    return (this.#slots[this.#find() + 2] ?? 0) & KNOWN;
  }

  #learn(name: string, length: number, what: number): void {
    if (this.#used >= this.#capacity * MAX_LOAD) this.#grow();
    this.#hash(name, length);
    const at = this.#find();
    const before = (this.#slots[at + 2] ?? 0) & KNOWN;
    if (before === 0) this.#used++;
    this.#slots[at] = this.#hash0;
    this.#slots[at + 1] = this.#hash1;
    this.#slots[at + 2] = this.#hash2 | before | what;
  }

  /** The slot of the hash that was worked out last, or the free one where it would go. */
  #find(): number {
    const slots = this.#slots;
    const end = slots.length;
    let at = (this.#hash0 & (this.#capacity - 1)) * SLOT;
    for (;;) {
      const last = slots[at + 2] ?? 0;
      if ((last & KNOWN) === 0) return at;
      if (slots[at] === this.#hash0 && slots[at + 1] === this.#hash1 && (last & ~KNOWN) >>> 0 === this.#hash2)
        return at;
      at += SLOT;
      if (at === end) at = 0;
    }
  }

  #grow(): void {
    const before = this.#slots;
    this.#capacity *= 2;
    this.#slots = new Uint32Array(this.#capacity * SLOT);
    for (let at = 0; at < before.length; at += SLOT) {
      const last = before[at + 2] ?? 0;
      if ((last & KNOWN) === 0) continue;
      this.#hash0 = before[at] ?? 0;
      this.#hash1 = before[at + 1] ?? 0;
      this.#hash2 = (last & ~KNOWN) >>> 0;
      const to = this.#find();
      this.#slots[to] = this.#hash0;
      this.#slots[to + 1] = this.#hash1;
      this.#slots[to + 2] = last;
    }
  }

  /** Three hashes side by side: xor, multiply, rotate for each UTF-16 unit, and a mix at the end that spreads every bit. */
  #hash(name: string, length: number): void {
    let [a, b, c] = this.#seed;
    for (let index = 0; index < length; index++) {
      const unit = name.charCodeAt(index);
      a = Math.imul(a ^ unit, 0x9e3779b1);
      a = (a << 13) | (a >>> 19);
      b = Math.imul(b ^ unit, 0x85ebca77);
      b = (b << 11) | (b >>> 21);
      c = Math.imul(c ^ unit, 0xc2b2ae3d);
      c = (c << 17) | (c >>> 15);
    }
    this.#hash0 = mix(a ^ length) >>> 0;
    this.#hash1 = mix(b ^ this.#hash0) >>> 0;
    this.#hash2 = (mix(c ^ this.#hash1) & ~KNOWN) >>> 0;
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
  const message = `${JSON.stringify(file)} would be a file and, for what is in ${JSON.stringify(`${file}/`)}, a folder`;
  return new PzipError('PZIP_NAME_CONFLICT', message, { entryName: file });
}
