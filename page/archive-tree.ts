/** The entries as a tree of directories, with totals of those that a search matches. */
import type { Entries } from './read-entries.js';

export interface Directory {
  readonly name: string;
  /** -1 of the root. */
  readonly parent: number;
  readonly directories: number[];
  /** Numbers of entries. */
  readonly files: number[];
}

const NOTHING: Directory = { name: '', parent: -1, directories: [], files: [] };

/** Longer ones are no extensions. */
const LONGEST_EXTENSION = 12;

export class ArchiveTree {
  readonly entries: Entries;
  /** Parents before their children; the first is the root. */
  readonly directories: Directory[] = [{ name: '', parent: -1, directories: [], files: [] }];
  /** Directory of each entry. */
  readonly parents: Int32Array;
  /** Extension of each entry, a number of `extensions`; -1 for a directory. */
  readonly extensionOf: Int32Array;
  /** By compressed size in the whole archive. */
  readonly extensions: string[];
  /** Of each directory: bytes and files that are shown. */
  readonly totals: Float64Array;
  readonly counts: Uint32Array;
  /** The largest of these files; -1 without any. */
  readonly largest: Int32Array;
  /** Of each entry: whether the search matches it. */
  readonly #isShown: Uint8Array;
  #lowerCase: readonly string[] | undefined;

  constructor(entries: Entries) {
    this.entries = entries;
    const { names } = entries;
    this.parents = new Int32Array(names.length);
    this.extensionOf = new Int32Array(names.length).fill(-1);
    const children: (Map<string, number> | undefined)[] = [];
    for (let entry = 0; entry < names.length; entry++) {
      const name = names[entry] ?? '';
      let directory = 0;
      let start = 0;
      for (let end = name.indexOf('/'); end >= 0; end = name.indexOf('/', start)) {
        directory = this.#child(children, directory, name.slice(start, end));
        start = end + 1;
      }
      this.parents[entry] = directory;
      if (start < name.length) this.directories[directory]?.files.push(entry);
    }
    this.totals = new Float64Array(this.directories.length);
    this.counts = new Uint32Array(this.directories.length);
    this.largest = new Int32Array(this.directories.length);
    this.#isShown = new Uint8Array(names.length);
    this.extensions = this.#findExtensions();
    this.show('');
  }

  #child(children: (Map<string, number> | undefined)[], parent: number, name: string): number {
    children[parent] ??= new Map();
    const known = children[parent].get(name);
    if (known !== undefined) return known;
    const directory = this.directories.length;
    children[parent].set(name, directory);
    this.directories.push({ name, parent, directories: [], files: [] });
    this.directories[parent]?.directories.push(directory);
    return directory;
  }

  #findExtensions(): string[] {
    const numbers = new Map<string, number>();
    const totals: number[] = [];
    for (let entry = 0; entry < this.parents.length; entry++) {
      if (this.isDirectory(entry)) continue;
      const extension = extensionIn(this.entries.names[entry] ?? '');
      const number = numbers.get(extension) ?? numbers.size;
      numbers.set(extension, number);
      totals[number] = (totals[number] ?? 0) + this.compressedSize(entry);
      this.extensionOf[entry] = number;
    }
    const names = [...numbers.keys()];
    const order = names.map((_, number) => number).sort((a, b) => (totals[b] ?? 0) - (totals[a] ?? 0));
    const rank = new Int32Array(names.length);
    for (const [place, number] of order.entries()) rank[number] = place;
    this.extensionOf.forEach((number, entry) => {
      if (number >= 0) this.extensionOf[entry] = rank[number] ?? -1;
    });
    return order.map((number) => names[number] ?? '');
  }

  isDirectory(entry: number): boolean {
    return this.entries.names[entry]?.endsWith('/') === true;
  }

  compressedSize(entry: number): number {
    return this.entries.compressedSizes[entry] ?? 0;
  }

  isShown(entry: number): boolean {
    return this.#isShown[entry] === 1;
  }

  /** Shows files whose path has the text, whatever its case; `*.js` are those that end so. */
  show(query: string): void {
    const matches = this.#matcher(query);
    this.totals.fill(0);
    this.counts.fill(0);
    this.largest.fill(-1);
    for (let entry = 0; entry < this.parents.length; entry++) {
      const isShown = !this.isDirectory(entry) && matches(entry);
      this.#isShown[entry] = isShown ? 1 : 0;
      if (isShown) this.#count(this.parents[entry] ?? 0, this.compressedSize(entry), 1, entry);
    }
    for (let directory = this.directories.length - 1; directory > 0; directory--) {
      const parent = this.directories[directory]?.parent ?? 0;
      this.#count(parent, this.totals[directory] ?? 0, this.counts[directory] ?? 0, this.largest[directory] ?? -1);
    }
  }

  #count(directory: number, bytes: number, files: number, largest: number): void {
    const before = this.largest[directory] ?? -1;
    if (this.compressedSize(largest) > this.compressedSize(before) || before < 0) this.largest[directory] = largest;
    this.totals[directory] = (this.totals[directory] ?? 0) + bytes;
    this.counts[directory] = (this.counts[directory] ?? 0) + files;
  }

  #matcher(query: string): (entry: number) => boolean {
    const text = query.trim().toLowerCase();
    if (text === '') return () => true;
    this.#lowerCase ??= this.entries.names.map((name) => name.toLowerCase());
    const names = this.#lowerCase;
    if (text.startsWith('*.')) return (entry) => names[entry]?.endsWith(text.slice(1)) === true;
    return (entry) => names[entry]?.includes(text) === true;
  }

  /** Directories from below the root to this one. */
  pathTo(directory: number): number[] {
    const path: number[] = [];
    for (let at = directory; at > 0; at = this.directories[at]?.parent ?? 0) path.push(at);
    return path.reverse();
  }

  /** The directory below `ancestor` that leads to this one; undefined if none does. */
  stepTowards(directory: number, ancestor: number): number | undefined {
    for (let at = directory; at > 0; ) {
      const parent = this.directories[at]?.parent ?? 0;
      if (parent === ancestor) return at;
      at = parent;
    }
    return undefined;
  }

  /** All files below a directory that are shown. */
  *filesBelow(directory: number): Generator<number, void, undefined> {
    const waiting = [directory];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const { files, directories } = this.directories[at] ?? NOTHING;
      for (const entry of files) if (this.isShown(entry)) yield entry;
      for (const child of directories) if (this.counts[child] !== 0) waiting.push(child);
    }
  }
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function extensionIn(path: string): string {
  const base = baseName(path);
  const dot = base.lastIndexOf('.');
  const extension = base.slice(dot + 1).toLowerCase();
  return dot > 0 && extension.length <= LONGEST_EXTENSION ? extension : '';
}
