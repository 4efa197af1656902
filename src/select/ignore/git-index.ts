/**
 * The tracked files of a repository, which patterns do not exclude: the names in `.git/index`, see gitformat-index(5). Versions
 * 2 to 4 are supported, with hashes of 20 or 32 bytes; every length is checked before use.
 */
import { foldCase } from './wildmatch.js';

const HEADER_LENGTH = 12;

/** Times, device, inode, mode, owner and size, before the hash. */
const STAT_LENGTH = 40;
const MODE_OFFSET = 24;

const EXTENDED = 0x4000;
const SKIP_WORKTREE = 0x4000;

const TYPE_MASK = 0o170000;
const SUBMODULE = 0o160000;
const DIRECTORY = 0o040000;

/**
 * Limit of characters in all names. A repository of 500,000 files has 30 million. Version 4 shares the prefixes of names, so a
 * small file can claim any number.
 */
const MOST_CHARACTERS = 128 * 1024 * 1024;

/** The reason why an index cannot be used. */
export class IndexProblem extends Error {}

/** Names are byte strings relative to the repository, with slashes. */
export class TrackedFiles {
  /** In byte order, and in lower case if git ignores case. */
  readonly #names: readonly string[];
  /** In the same order, with their original case. */
  readonly #originals: readonly string[];
  /** Names of directories among these: submodules, and trees of a sparse index that are not checked out. */
  readonly #submodules: ReadonlySet<string>;
  readonly sparseDirectories: ReadonlySet<string>;
  /** Ignore files that a sparse checkout left out of the working tree. */
  readonly skippedIgnoreFiles: ReadonlySet<string>;

  constructor(entries: readonly IndexEntry[], ignoresCase: boolean) {
    const names: string[] = [];
    const originals: string[] = [];
    const submodules = new Set<string>();
    const sparseDirectories = new Set<string>();
    const skippedIgnoreFiles = new Set<string>();
    const keyed = ignoresCase
      ? entries.map((entry) => ({ entry, key: foldCase(entry.name) })).sort((a, b) => (a.key < b.key ? -1 : 1))
      : entries.map((entry) => ({ entry, key: entry.name }));
    let previous = '';
    for (const { entry, key } of keyed) {
      const { name, type, isSkipped } = entry;
      if (key < previous) throw damaged();
      previous = key;
      if (type === DIRECTORY) sparseDirectories.add(key.replace(/\/$/, ''));
      else {
        names.push(key);
        originals.push(name);
        if (type === SUBMODULE) submodules.add(key);
        if (isSkipped && /(?:^|\/)\.gitignore$/.test(key)) skippedIgnoreFiles.add(key);
      }
    }
    this.#names = names;
    this.#originals = originals;
    this.#submodules = submodules;
    this.sparseDirectories = sparseDirectories;
    this.skippedIgnoreFiles = skippedIgnoreFiles;
  }

  hasFile(name: string): boolean {
    return this.#names[this.#lowerBound(name)] === name && !this.#submodules.has(name);
  }

  isSubmodule(name: string): boolean {
    return this.#submodules.has(name);
  }

  /** The tracked names in a directory, given by its name in the index. */
  *within(directory: string): Generator<string> {
    const head = `${directory}/`;
    for (let index = this.#lowerBound(head); ; index++) {
      const name = this.#names[index];
      if (name === undefined || !name.startsWith(head)) return;
      yield this.#originals[index] ?? name;
    }
  }

  #lowerBound(name: string): number {
    let low = 0;
    let high = this.#names.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#names[middle] ?? '') < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * @param readShared reads the file of that name beside the index, for a split index
 * @throws IndexProblem for an index that is damaged or not supported
 */
export function parseIndex(
  bytes: Buffer,
  options: { readonly hashLength: number; readonly ignoresCase: boolean },
  readShared: (name: string) => Buffer,
): TrackedFiles {
  const { hashLength, ignoresCase } = options;
  const own = readEntries(bytes, hashLength);
  const { link } = own;
  if (link === undefined) return new TrackedFiles(own.entries, ignoresCase);
  const shared = readEntries(readShared(`sharedindex.${link.hash}`), hashLength);
  const deleted = readBitmap(bytes, link.bitmap, shared.entries.length);
  const kept = shared.entries.filter((_, index) => !deleted.has(index));
  // Entries without a name replace shared ones and keep their names.
  const added = own.entries.filter(({ name }) => name !== '');
  return new TrackedFiles(
    [...kept, ...added].sort((a, b) => (a.name < b.name ? -1 : 1)),
    ignoresCase,
  );
}

interface IndexEntry {
  readonly name: string;
  readonly type: number;
  readonly isSkipped: boolean;
}

interface SplitIndex {
  readonly entries: readonly IndexEntry[];
  /** To the rest, in hexadecimal, and where the bitmap of those that are deleted from it starts. */
  readonly link: { readonly hash: string; readonly bitmap: number } | undefined;
}

function readEntries(bytes: Buffer, hashLength: number): SplitIndex {
  if (bytes.length < HEADER_LENGTH + hashLength || bytes.toString('latin1', 0, 4) !== 'DIRC') throw damaged();
  const version = bytes.readUInt32BE(4);
  if (version < 2 || version > 4) throw new IndexProblem(`it has version ${version}`);
  const end = bytes.length - hashLength;
  const entries: IndexEntry[] = [];
  let position = HEADER_LENGTH;
  let previous = '';
  let characters = 0;
  for (let count = bytes.readUInt32BE(8); count > 0; count--) {
    const start = position;
    position += STAT_LENGTH + hashLength + 2;
    if (position + 2 > end) throw damaged();
    const flags = bytes.readUInt16BE(position - 2);
    let moreFlags = 0;
    if ((flags & EXTENDED) !== 0) {
      if (version === 2) throw damaged();
      moreFlags = bytes.readUInt16BE(position);
      position += 2;
    }
    let head = '';
    if (version === 4) {
      const { value, next } = readVariableLength(bytes, position, end);
      if (value > previous.length) throw damaged();
      head = previous.slice(0, previous.length - value);
      position = next;
    }
    const nameEnd = bytes.indexOf(0, position);
    if (nameEnd === -1 || nameEnd >= end) throw damaged();
    const name = head + bytes.toString('latin1', position, nameEnd);
    characters += name.length;
    if (characters > MOST_CHARACTERS) throw new IndexProblem('it holds too many names');
    position = version === 4 ? nameEnd + 1 : start + ((nameEnd - start + 8) & ~7);
    const type = bytes.readUInt32BE(start + MODE_OFFSET) & TYPE_MASK;
    entries.push({ name, type, isSkipped: (moreFlags & SKIP_WORKTREE) !== 0 });
    previous = name;
  }
  return { entries, link: findLink(bytes, position, end, hashLength) };
}

function damaged(): IndexProblem {
  return new IndexProblem('it is damaged');
}

/** Encoded like offsets in packs: seven bits per byte, plus one for each further byte. */
function readVariableLength(bytes: Buffer, position: number, end: number): { value: number; next: number } {
  let next = position;
  let value = -1;
  let byte: number;
  do {
    if (next >= end || value > 0xffff) throw damaged();
    byte = bytes[next++] ?? 0;
    value = (value + 1) * 128 + (byte & 0x7f);
  } while ((byte & 0x80) !== 0);
  return { value, next };
}

/** The contents of the extension that names the shared index. */
function findLink(bytes: Buffer, start: number, end: number, hashLength: number): SplitIndex['link'] {
  let position = start;
  while (position + 8 <= end) {
    const length = bytes.readUInt32BE(position + 4);
    const data = position + 8;
    if (bytes.toString('latin1', position, position + 4) === 'link') {
      if (length < hashLength || data + length > end) throw damaged();
      const hash = bytes.toString('hex', data, data + hashLength);
      return /^0+$/.test(hash) ? undefined : { hash, bitmap: data + hashLength };
    }
    position = data + length;
  }
  return undefined;
}

/** The set bits of an EWAH bitmap: 64-bit words, with markers that count literal words and runs of equal ones. */
function readBitmap(bytes: Buffer, start: number, count: number): Set<number> {
  const bits = new Set<number>();
  if (start + 8 > bytes.length) throw damaged();
  const end = start + 8 + 8 * bytes.readUInt32BE(start + 4);
  if (end > bytes.length) throw damaged();
  let bit = 0;
  for (let position = start + 8; position < end; ) {
    const word = bytes.readBigUInt64BE(position);
    position += 8;
    const run = bit + 64 * Number((word >> 1n) & 0xffffffffn);
    if ((word & 1n) === 1n) for (let index = bit; index < Math.min(run, count); index++) bits.add(index);
    bit = run;
    for (let literals = Number(word >> 33n); literals > 0 && position < end; literals--) {
      const literal = bytes.readBigUInt64BE(position);
      position += 8;
      for (let index = 0; index < 64; index++) if (((literal >> BigInt(index)) & 1n) === 1n) bits.add(bit + index);
      bit += 64;
    }
  }
  return bits;
}
