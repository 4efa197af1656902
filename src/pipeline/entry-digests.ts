/**
 * The SHA-256 of large entries. Content in memory is hashed on this thread as its chunks are sent; a file is read once more on
 * another thread (compress/hash-file.ts), and must have the content that was compressed.
 */
import { createHash } from 'node:crypto';
import type { FileSource } from '../common/entry.js';
import { toPzipError } from '../compress/failure.js';
import { changed } from '../compress/source-file.js';
import type { FileDigest } from '../compress/tasks.js';
import type { Budget } from './budget.js';
import type { Piece } from './ordered-chunks.js';

/** Of one entry. */
export interface EntryDigest {
  /** Known after the last of the pieces. */
  readonly sha256: Uint8Array | undefined;
  /** Adds content in memory, in order. */
  add(content: Uint8Array): void;
  /** Completes the digest before the last piece, whose bytes of the budget it releases if it fails. */
  watch(pieces: AsyncIterable<Piece>, budget: Budget): AsyncIterable<Piece>;
}

/** Creates the digests of a run's large entries. */
export interface EntryDigests {
  ofMemory(): EntryDigest;
  ofFile(source: FileSource, result: Promise<FileDigest>): EntryDigest;
}

class MemoryDigest implements EntryDigest {
  sha256: Uint8Array | undefined;
  readonly #hash = createHash('sha256');

  add(content: Uint8Array): void {
    this.#hash.update(content);
  }

  async *watch(pieces: AsyncIterable<Piece>): AsyncGenerator<Piece, void, undefined> {
    for await (const piece of pieces) {
      // All chunks have been sent when the last one comes back.
      if (piece.isLast) this.sha256 = this.#hash.digest();
      yield piece;
    }
  }
}

class LargeFileDigest implements EntryDigest {
  sha256: Uint8Array | undefined;
  readonly #source: FileSource;
  readonly #result: Promise<FileDigest>;

  constructor(source: FileSource, result: Promise<FileDigest>) {
    this.#source = source;
    this.#result = result;
    result.catch(() => {});
  }

  /** A thread reads the file. */
  add(): void {}

  async *watch(pieces: AsyncIterable<Piece>, budget: Budget): AsyncGenerator<Piece, void, undefined> {
    for await (const piece of pieces) {
      if (piece.isLast) {
        try {
          await this.#complete(piece.crc32);
        } catch (error) {
          budget.release(piece.bytes.length);
          throw error;
        }
      }
      yield piece;
    }
  }

  async #complete(crc32: number): Promise<void> {
    const { path, name } = this.#source;
    const result = await this.#result;
    if (result.failure !== undefined) throw toPzipError(result.failure, name);
    if (result.crc32 !== crc32) throw changed(path, 'it was written while it was read');
    this.sha256 = result.sha256;
  }
}

export const ENTRY_DIGESTS: EntryDigests = {
  ofMemory: () => new MemoryDigest(),
  ofFile: (source, result) => new LargeFileDigest(source, result),
};
