/** Reads neighbouring entries of an archive in few calls: what is asked for next mostly lies behind what was read last. */
import { LOCAL_FILE_HEADER_SIZE } from '../zip/constants.js';
import type { DirectoryEntry } from './directory.js';
import type { RandomAccess } from './random-access.js';

/** Bytes read at a time while entries follow one another in the file. */
const WINDOW_LENGTH = 1024 * 1024;

/** Bytes of a local header's extra field that are read along with the header; a longer one takes a second read. */
const USUAL_EXTRA_LENGTH = 256;

export class Window {
  readonly #access: RandomAccess;
  /** Entries end here at the latest. */
  readonly #end: number;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);
  /** Where the last read ended. */
  #position = -1;

  constructor(access: RandomAccess, end: number) {
    this.#access = access;
    this.#end = end;
  }

  /** @returns at least the fixed part of the entry's local header, and mostly all of the entry; empty beyond the entries */
  async localHeader({ localPosition, central, compressedSize }: DirectoryEntry): Promise<Buffer> {
    const usual = LOCAL_FILE_HEADER_SIZE + central.fileName.length + USUAL_EXTRA_LENGTH;
    if (!this.#has(localPosition, usual)) await this.#fill(localPosition, usual + compressedSize);
    const bytes = this.#bytes.subarray(localPosition - this.#start);
    if (bytes.length < LOCAL_FILE_HEADER_SIZE) return bytes;
    const length = LOCAL_FILE_HEADER_SIZE + bytes.readUInt16LE(26) + bytes.readUInt16LE(28);
    return length <= bytes.length ? bytes : this.read(localPosition, Math.min(length, this.#end - localPosition));
  }

  async read(position: number, length: number): Promise<Buffer> {
    if (!this.#has(position, length)) await this.#fill(position, length);
    this.#position = position + length;
    return this.#bytes.subarray(position - this.#start, position - this.#start + length);
  }

  #has(position: number, length: number): boolean {
    return position >= this.#start && position + length <= this.#start + this.#bytes.length;
  }

  /** What was read before stays valid: each read has memory of its own. */
  async #fill(position: number, length: number): Promise<void> {
    const isSequential = position === this.#position || this.#position === -1;
    const wanted = isSequential ? Math.max(length, WINDOW_LENGTH) : length;
    const available = Math.max(0, Math.min(wanted, this.#end - position));
    this.#bytes = await this.#access.read(position, available);
    this.#start = position;
  }
}
