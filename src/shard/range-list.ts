/**
 * The bytes of a merged archive as ranges of the parts, for stores that assemble an object from ranges of others. What is in no
 * part, such as the directory, goes into a file of its own, the tail; so do ranges that are shorter than a store accepts.
 */
import type { FileHandle } from 'node:fs/promises';

export interface SourceRange {
  /** The part's path, or that of the tail. */
  readonly source: string;
  /** Position of the first byte. */
  readonly from: number;
  /** Position after the last byte. */
  readonly to: number;
}

export interface RangeLimits {
  /** Least bytes of a range; only the last may have fewer. */
  readonly least: number;
  readonly most: number;
}

/** Where bytes of a range are read from if it has to go into the tail. */
export interface RangeReader {
  readonly path: string;
  read(start: number, end: number): AsyncIterable<Uint8Array>;
}

interface Pending {
  readonly reader: RangeReader;
  from: number;
  to: number;
}

export class RangeList {
  readonly ranges: SourceRange[] = [];
  readonly #tail: FileHandle;
  readonly #tailPath: string;
  readonly #limits: RangeLimits;
  /** The part's range that may become longer. */
  #pending: Pending | undefined;
  #tailLength = 0;
  /** Start of the bytes of the tail that are in no range yet. */
  #inlineStart = 0;

  constructor(tail: FileHandle, tailPath: string, limits: RangeLimits) {
    this.#tail = tail;
    this.#tailPath = tailPath;
    this.#limits = limits;
  }

  async addRange(reader: RangeReader, from: number, to: number): Promise<void> {
    if (from === to) return;
    const pending = this.#pending;
    if (pending?.reader === reader && pending.to === from) {
      pending.to = to;
      return;
    }
    await this.#settle();
    this.#pending = { reader, from, to };
  }

  async addBytes(bytes: Uint8Array): Promise<void> {
    await this.#settle();
    await this.#append(bytes);
  }

  /** No more bytes follow. */
  async finish(): Promise<readonly SourceRange[]> {
    await this.#settle();
    this.#emitInline();
    return this.ranges;
  }

  /** Decides how the pending range is made, since nothing will make it longer. */
  async #settle(): Promise<void> {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    const { least } = this.#limits;
    const inline = this.#tailLength - this.#inlineStart;
    if (inline > 0 && inline < least) await this.#moveToTail(pending, least - inline);
    const length = pending.to - pending.from;
    if (length < least) await this.#moveToTail(pending, length);
    if (pending.from === pending.to) return;
    this.#emitInline();
    this.#emit(pending.reader.path, pending.from, pending.to);
  }

  /** Moves bytes from the start of a range to the tail. */
  async #moveToTail(pending: Pending, most: number): Promise<void> {
    const end = Math.min(pending.to, pending.from + most);
    for await (const bytes of pending.reader.read(pending.from, end)) await this.#append(bytes);
    pending.from = end;
  }

  async #append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#tail.write(bytes, at, bytes.length - at, this.#tailLength);
      at += bytesWritten;
      this.#tailLength += bytesWritten;
    }
  }

  #emitInline(): void {
    this.#emit(this.#tailPath, this.#inlineStart, this.#tailLength);
    this.#inlineStart = this.#tailLength;
  }

  /** In pieces of equal length, so that none is too short. */
  #emit(source: string, from: number, to: number): void {
    const length = to - from;
    const count = Math.ceil(length / this.#limits.most);
    for (let piece = 0; piece < count; piece++) {
      const start = from + Math.floor((length / count) * piece);
      const end = piece === count - 1 ? to : from + Math.floor((length / count) * (piece + 1));
      this.ranges.push({ source, from: start, to: end });
    }
  }
}
