/** Reads neighbouring entries of an archive in few calls, because most reads continue where the last one ended. */
import { LOCAL_FILE_HEADER_SIZE } from '../zip/constants.js';
import type { DirectoryEntry } from './directory.js';
import type { RandomAccess } from './random-access.js';

/** Bytes per read while entries are read sequentially. */
const WINDOW_LENGTH = 1024 * 1024;

/** Bytes of extra field read along with a local header; a longer one takes a second read. */
const USUAL_EXTRA_LENGTH = 256;

export class Window {
  readonly #access: RandomAccess;
  /** No entry extends beyond this offset. */
  readonly #end: number;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);
  /** Where the last read ended. */
  #position = -1;

  constructor(access: RandomAccess, end: number) {
    this.#access = access;
    this.#end = end;
  }

  /** @returns at least the fixed part of the local header, usually the whole entry; empty beyond the last entry */
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

  /** Earlier results stay valid: each read allocates. */
  async #fill(position: number, length: number): Promise<void> {
    const isSequential = position === this.#position || this.#position === -1;
    const wanted = isSequential ? Math.max(length, WINDOW_LENGTH) : length;
    const available = Math.max(0, Math.min(wanted, this.#end - position));
    this.#bytes = await this.#access.read(position, available);
    this.#start = position;
  }
}
