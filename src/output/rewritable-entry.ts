/**
 * A large entry in a file. An empty local header goes first and is rewritten at the end, so no data descriptor is needed.
 *
 * The entry starts as stored and stays so while no piece shrinks. With the first that does, it becomes a deflate stream, and
 * the pieces before it become stored blocks. If deflating gained nothing in the end, the content is stored after all.
 *
 * Zip64 takes room in the header. A known size shows whether it is needed. A stream is expected to stay below 4 GiB; in the
 * rare case that it does not, the data is moved up, so a stream makes the same archive as a file.
 */

import { frameAsStoredBlocks, framedLength } from '../deflate/stored-blocks.js';
import { EXTRA_FIELD_HEADER_SIZE, METHOD_DEFLATE, METHOD_STORED, UINT32_MAX } from '../zip/constants.js';
import { EntryFacts } from '../zip/entry-facts.js';
import { decideEntryHeader } from '../zip/entry-header.js';
import { encodeLocalFileHeader } from '../zip/records.js';
import { type ArchiveBytes, totalLength } from './archive-bytes.js';
import type { EntryPiece, LargeEntry } from './large-entry.js';
import type { RewritableSink } from './sink.js';

/** Bytes moved at a time; no piece is longer. */
const MOVED_AT_A_TIME = 4 * 1024 * 1024;

/** The zip64 field of a local header: both sizes. */
const LOCAL_ZIP64_SIZE = EXTRA_FIELD_HEADER_SIZE + 2 * 8;

export class RewritableEntry {
  readonly #archive: ArchiveBytes;
  readonly #file: RewritableSink;
  readonly #entry: LargeEntry;
  readonly #open: EntryFacts;
  /** The local header until the first piece is written with it. */
  #head: Uint8Array[];
  #dataStart: number;
  #hasRoomForZip64: boolean;
  #form: 'stored' | 'deflated' = 'stored';
  /** Lengths of the pieces while the entry is stored. */
  #storedPieces: number[] = [];
  #crc32 = 0;
  #uncompressedSize = 0;

  constructor(archive: ArchiveBytes, file: RewritableSink, entry: LargeEntry) {
    this.#archive = archive;
    this.#file = file;
    this.#entry = entry;
    this.#open = new EntryFacts({ ...entry.description, relativeOffsetOfLocalHeader: archive.position });
    const expectedSize = entry.uncompressedSize ?? 0;
    const sizes = { compressedSize: expectedSize, uncompressedSize: expectedSize };
    const placeholder = encodeLocalFileHeader(decideEntryHeader({ ...this.#open, ...sizes }));
    this.#head = [placeholder];
    this.#dataStart = archive.position + placeholder.length;
    this.#hasRoomForZip64 = expectedSize >= UINT32_MAX;
  }

  async write(): Promise<EntryFacts> {
    for await (const piece of this.#entry.pieces) await this.#append(piece);
    const { reread } = this.#entry;
    if (this.#form === 'deflated' && reread !== undefined && this.#compressedSize >= this.#uncompressedSize) {
      await this.#storeAfterAll(reread(this.#crc32));
    }
    // A stream just below 4 GiB that cannot be read again may have grown beyond that.
    if (this.#compressedSize >= UINT32_MAX) await this.#makeRoomForZip64();
    const facts: EntryFacts = {
      ...this.#open,
      // A file may be shorter than expected; its header keeps the room.
      reservesZip64: this.#hasRoomForZip64,
      compressionMethod: this.#form === 'stored' ? METHOD_STORED : METHOD_DEFLATE,
      crc32: this.#crc32,
      compressedSize: this.#compressedSize,
      uncompressedSize: this.#uncompressedSize,
    };
    const header = encodeLocalFileHeader(decideEntryHeader(facts));
    await this.#file.rewrite(facts.relativeOffsetOfLocalHeader, [header]);
    return facts;
  }

  get #compressedSize(): number {
    return this.#archive.position - this.#dataStart;
  }

  async #append(piece: EntryPiece): Promise<void> {
    if (this.#form === 'stored' && piece.isDeflated) await this.#insertStoredBlockHeaders();
    const heldBytes = piece.bytes.length;
    if (this.#form === 'stored') this.#storedPieces.push(heldBytes);
    const isRaw = this.#form === 'stored' || piece.isDeflated;
    const data = isRaw ? [piece.bytes] : frameAsStoredBlocks(piece.bytes, piece.isLast);
    const dataStart = piece.isDeflated ? this.#archive.position + totalLength(this.#head) : undefined;
    await this.#archive.put([...this.#head, ...data], () => this.#entry.onPieceWritten(piece, heldBytes, dataStart));
    this.#head = [];
    this.#uncompressedSize += piece.uncompressedSize;
    this.#crc32 = piece.crc32;
    if (this.#uncompressedSize >= UINT32_MAX) await this.#makeRoomForZip64();
  }

  /** Stored → deflated: moves the pieces apart, last one first, to make room for the headers of stored blocks. */
  async #insertStoredBlockHeaders(): Promise<void> {
    const pieceLengths = this.#storedPieces;
    const total = sum(pieceLengths);
    const framedTotal = sum(pieceLengths.map(framedLength));
    let from = this.#dataStart + total;
    let to = this.#dataStart + framedTotal;
    const block = new Uint8Array(Math.min(total, MOVED_AT_A_TIME));
    for (let end = pieceLengths.length; end > 0; ) {
      const start = firstOfLast(pieceLengths, end, block.length);
      const lengths = pieceLengths.slice(start, end);
      end = start;
      const pieces = block.subarray(0, sum(lengths));
      from -= pieces.length;
      to -= sum(lengths.map(framedLength));
      await this.#file.read(from, pieces);
      await this.#file.rewrite(to, framePieces(pieces, lengths));
    }
    this.#archive.position += framedTotal - total;
    this.#form = 'deflated';
    this.#storedPieces = [];
  }

  /** Deflated → stored: replaces the data by the content, which may have changed. */
  async #storeAfterAll(content: AsyncGenerator<Uint8Array, number, undefined>): Promise<void> {
    await this.#file.truncate(this.#dataStart);
    this.#archive.position = this.#dataStart;
    let next = await content.next();
    for (; next.done !== true; next = await content.next()) await this.#archive.write([next.value]);
    this.#crc32 = next.value;
    this.#uncompressedSize = this.#compressedSize;
    this.#form = 'stored';
  }

  /** Moves the data up by the length of the local header's zip64 field, its end first. Does nothing the second time. */
  async #makeRoomForZip64(): Promise<void> {
    if (this.#hasRoomForZip64) return;
    const block = new Uint8Array(MOVED_AT_A_TIME);
    for (let end = this.#archive.position; end > this.#dataStart; ) {
      const moved = block.subarray(0, Math.min(block.length, end - this.#dataStart));
      end -= moved.length;
      await this.#file.read(end, moved);
      await this.#file.rewrite(end + LOCAL_ZIP64_SIZE, [moved]);
    }
    this.#archive.position += LOCAL_ZIP64_SIZE;
    this.#dataStart += LOCAL_ZIP64_SIZE;
    this.#hasRoomForZip64 = true;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** @returns the index of the first of the pieces before `end` that together have at most `most` bytes */
function firstOfLast(lengths: readonly number[], end: number, most: number): number {
  let first = end;
  for (let total = 0; first > 0; first--) {
    total += lengths[first - 1] ?? 0;
    if (total > most) break;
  }
  return first;
}

/** Frames adjacent pieces as stored blocks, none of them final. */
function framePieces(pieces: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  let at = 0;
  return lengths.flatMap((length) => {
    at += length;
    return frameAsStoredBlocks(pieces.subarray(at - length, at), false);
  });
}
