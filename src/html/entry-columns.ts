/**
 * Entries as data of a page: chunks of JSON in script elements that run nothing. Names give the length that they share with the
 * one before, so a sorted list of 100,000 names is a third of its length. page/read-entries.ts reads it.
 */

/** Entries of a chunk; the browser parses one at a time. */
const CHUNK_LENGTH = 4096;

export interface PageEntry {
  readonly name: string;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  readonly crc32: number;
}

export class EntryColumns {
  readonly #className: string;
  readonly #shared: number[] = [];
  readonly #rests: string[] = [];
  readonly #compressed: number[] = [];
  readonly #sizes: number[] = [];
  readonly #crc32s = Buffer.alloc(4 * CHUNK_LENGTH);
  #previous = '';

  /** @param className of the elements */
  constructor(className: string) {
    this.#className = className;
  }

  /** @returns whether the chunk is full, and must be taken before the next entry */
  add({ name, compressedSize, uncompressedSize, crc32 }: PageEntry): boolean {
    const shared = sharedLength(this.#previous, name);
    this.#crc32s.writeUInt32LE(crc32, 4 * this.#shared.length);
    this.#shared.push(shared);
    this.#rests.push(name.slice(shared));
    this.#compressed.push(compressedSize);
    this.#sizes.push(uncompressedSize);
    this.#previous = name;
    return this.#shared.length === CHUNK_LENGTH;
  }

  /** The element with the entries since the last call; empty without any. */
  take(): string {
    const columns = [this.#shared, this.#rests, this.#compressed, this.#sizes];
    const count = this.#shared.length;
    if (count === 0) return '';
    const crc32s = this.#crc32s.toString('base64', 0, 4 * count);
    const element = dataElement(`class="${this.#className}"`, [...columns, crc32s]);
    for (const column of columns) column.length = 0;
    return element;
  }
}

/** @param attribute one that is constant */
export function dataElement(attribute: string, value: unknown): string {
  return `<script type="application/json" ${attribute}>${inertJson(value)}</script>\n`;
}

/** JSON that cannot end its element or open a comment in it, and has no line separators of other languages. */
export function inertJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
