/**
 * Lays entries down one after the other and the central directory behind them.
 *
 * In a file every local header carries the CRC and the sizes: a large entry's header is written over once its last piece
 * is out, and no archive has a data descriptor. In a stream only a large entry has one, and it is always deflated, in
 * stored blocks if need be, because readers cannot find the end of a stored entry whose size comes behind it.
 */
import type { WrittenEntry } from '../common/entry.js';
import { EXTRA_FIELD_HEADER_SIZE, METHOD_DEFLATE, METHOD_STORED, UINT32_MAX } from '../zip/constants.js';
import { frameAsStoredBlocks, framedLength } from '../zip/deflate-stored.js';
import { decideEntryHeader, type EntryFacts, type EntryHeader } from '../zip/entry-header.js';
import { parseCentralDirectoryHeader } from '../zip/parse-records.js';
import {
  encodeCentralDirectoryHeader,
  encodeDataDescriptor,
  encodeEndOfArchive,
  encodeLocalFileHeader,
} from '../zip/records.js';
import { centralDirectoryHeaderStarts, relocateCentralDirectoryHeaders } from '../zip/relocate.js';
import { CentralDirectory } from './central-directory.js';
import type { RewritableSink, Sink } from './sink.js';

/** What is known of an entry before its data: names are encoded, dates converted, everything else open. */
export type EntryDescription = Pick<
  EntryFacts,
  'fileName' | 'fileComment' | 'mode' | 'lastModFileTime' | 'lastModFileDate' | 'unixTime'
>;

/** A large entry's data, piece by piece. */
export interface LargeEntry {
  readonly description: EntryDescription;
  /** Bytes; undefined where only the end of the pieces will tell. */
  readonly uncompressedSize: number | undefined;
  /** Bytes, about: what a caller expects where the size is unknown. */
  readonly sizeHint?: number | undefined;
  readonly pieces: AsyncIterable<EntryPiece>;
  /**
   * Reads the entry's content once more, in pieces that may be reused for the next, and gives the CRC-32 of what it read;
   * undefined where it comes but once.
   */
  readonly reread: ((expectedCrc32: number) => AsyncGenerator<Uint8Array, number, undefined>) | undefined;
  /** Told as each piece has been written, which sets its memory free: the bytes that it held, whoever has them now. */
  onPieceWritten(piece: EntryPiece, heldBytes: number): void;
}

export interface EntryPiece {
  readonly bytes: Uint8Array;
  /** A byte-aligned piece of a deflate stream; else the data itself. */
  readonly isDeflated: boolean;
  readonly isLast: boolean;
  /** Of the data up to the end of this piece. */
  readonly crc32: number;
  /** Bytes. */
  readonly uncompressedSize: number;
}

export class ArchiveWriter {
  readonly #sink: Sink;
  readonly #directory: CentralDirectory;
  readonly #onEntry: ((entry: WrittenEntry) => void) | undefined;
  #position = 0;
  /** The first that came of what was put: see there. */
  #failure: { error: unknown } | undefined;

  constructor(sink: Sink, onEntry?: (entry: WrittenEntry) => void) {
    this.#sink = sink;
    this.#directory = new CentralDirectory(() => sink.openScratch?.());
    this.#onEntry = onEntry;
  }

  /** Bytes written so far. */
  get position(): number {
    return this.#position;
  }

  get entryCount(): number {
    return this.#directory.entryCount;
  }

  /**
   * Entries that come with their local headers, back to back, in one write.
   *
   * @param directory their central directory headers, with offsets from the start of `bytes`; changed in here
   * @param onWritten told when nobody looks at `bytes` any more, which may be later
   * @param base what the offsets are too large by
   */
  async writeFramed(
    bytes: Uint8Array,
    directory: Uint8Array,
    entryCount: number,
    onWritten: () => void,
    base = 0,
  ): Promise<void> {
    const start = this.#position - base;
    if (entryCount === 0) {
      onWritten();
      return;
    }
    await this.#put([bytes], onWritten);
    const headers = Buffer.from(directory.buffer, directory.byteOffset, directory.length);
    const onEntry = this.#onEntry;
    if (onEntry !== undefined) {
      for (const at of centralDirectoryHeaderStarts(headers)) {
        onEntry(writtenEntry(parseCentralDirectoryHeader(headers, at), start));
      }
    }
    await this.#directory.add(relocateCentralDirectoryHeaders(headers, start), entryCount);
  }

  /**
   * Where its pieces fail, a file is left as it was before the entry; of a stream nothing can be made any more.
   *
   * @returns the compression method that it has come to
   */
  async writeLarge(entry: LargeEntry): Promise<number> {
    const { rewritable } = this.#sink;
    if (rewritable === undefined) return (await this.#writeLargeStreamed(entry)).compressionMethod;
    const start = this.#position;
    try {
      return (await this.#writeLargeRewritable(entry, rewritable)).compressionMethod;
    } catch (error) {
      await rewritable.truncate(start);
      this.#position = start;
      throw error;
    }
  }

  /**
   * The central directory and the records behind it.
   *
   * @param zipFileComment checked already
   * @param check see Sink.finish
   * @returns how long the archive is, in bytes
   */
  async finish(zipFileComment: Uint8Array, check?: (path: string) => Promise<void>): Promise<number> {
    const offsetOfStartOfCentralDirectory = this.#position;
    const end = encodeEndOfArchive({
      totalNumberOfEntries: this.#directory.entryCount,
      sizeOfCentralDirectory: this.#directory.size,
      offsetOfStartOfCentralDirectory,
      zipFileComment,
    });
    let last = end;
    for await (const block of this.#directory.blocks()) {
      // A directory of one block, which most are, goes out with the end record behind it.
      if (this.#directory.size === block.length) last = Buffer.concat([block, end]);
      else await this.#write([block]);
    }
    await this.#write([last]);
    // Before it, all else has been written.
    this.#checkWritten();
    await this.#sink.finish(check);
    return this.#position;
  }

  /**
   * The header goes ahead without its sums, which follow in a data descriptor. Of unknown size is expected to stay below 4 GiB
   * unless the caller says otherwise, as Go, Java, Python, yazl and archiver do: a zip64 field in the local header, with the
   * 64-bit descriptor that it asks for, keeps eight readers from reading the entry, Java's `jar x` and unzipper among them.
   */
  async #writeLargeStreamed(entry: LargeEntry): Promise<EntryFacts> {
    const open: EntryFacts = {
      ...describe(entry.description, this.#position),
      compressionMethod: METHOD_DEFLATE,
      hasDataDescriptor: true,
      reservesZip64: longestDeflated(entry.uncompressedSize ?? entry.sizeHint ?? 0) >= UINT32_MAX,
    };
    let compressedSize = 0;
    let uncompressedSize = 0;
    let crc32 = 0;
    let head: Uint8Array[] = [encodeLocalFileHeader(decideEntryHeader(open))];
    for await (const piece of entry.pieces) {
      const heldBytes = piece.bytes.length;
      const data = piece.isDeflated ? [piece.bytes] : frameAsStoredBlocks(piece.bytes, piece.isLast);
      compressedSize += totalLength(data);
      await this.#put([...head, ...data], () => entry.onPieceWritten(piece, heldBytes));
      head = [];
      uncompressedSize += piece.uncompressedSize;
      crc32 = piece.crc32;
    }
    const facts: EntryFacts = { ...open, crc32, compressedSize, uncompressedSize };
    const zip64 = open.reservesZip64 || compressedSize >= UINT32_MAX || uncompressedSize >= UINT32_MAX;
    await this.#write([encodeDataDescriptor({ crc32, compressedSize, uncompressedSize, zip64 })]);
    await this.#record(facts, decideEntryHeader(facts));
    return facts;
  }

  /**
   * The header goes ahead empty and is written over at the end. The entry starts out as stored and stays so as long as
   * none of its pieces has shrunk; with the first that has, it becomes a deflate stream and the pieces before it become
   * stored blocks of that. Should it all not have been worth it, the data is stored after all.
   *
   * Zip64 takes room in the header. Of data whose length is known it is known too whether that is needed; of a stream it is
   * taken not to be, and the data moved up in the rare case that it is, so that a stream makes the archive a file would.
   */
  async #writeLargeRewritable(entry: LargeEntry, file: RewritableSink): Promise<EntryFacts> {
    const open = describe(entry.description, this.#position);
    const expectedSize = entry.uncompressedSize ?? 0;
    const sizes = { compressedSize: expectedSize, uncompressedSize: expectedSize, compressionMethod: METHOD_STORED };
    const placeholder = encodeLocalFileHeader(decideEntryHeader({ ...open, ...sizes }));
    let hasRoomForZip64 = expectedSize >= UINT32_MAX;
    let dataStart = this.#position + placeholder.length;
    let head: Uint8Array[] = [placeholder];
    let storedPieces: number[] = [];
    let isStored = true;
    let crc32 = 0;
    let uncompressedSize = 0;
    for await (const piece of entry.pieces) {
      if (isStored && piece.isDeflated) {
        await this.#insertStoredBlockHeaders(file, dataStart, storedPieces);
        isStored = false;
        storedPieces = [];
      }
      const heldBytes = piece.bytes.length;
      if (isStored) storedPieces.push(heldBytes);
      const isRaw = isStored || piece.isDeflated;
      const data = isRaw ? [piece.bytes] : frameAsStoredBlocks(piece.bytes, piece.isLast);
      await this.#put([...head, ...data], () => entry.onPieceWritten(piece, heldBytes));
      head = [];
      uncompressedSize += piece.uncompressedSize;
      crc32 = piece.crc32;
      if (!hasRoomForZip64 && uncompressedSize >= UINT32_MAX) {
        dataStart = await this.#makeRoomForZip64(file, dataStart);
        hasRoomForZip64 = true;
      }
    }
    if (!isStored && entry.reread !== undefined && this.#position - dataStart >= uncompressedSize) {
      crc32 = await this.#storeAfterAll(file, dataStart, entry.reread(crc32));
      uncompressedSize = this.#position - dataStart;
      isStored = true;
    }
    // A stream of barely less than 4 GiB that cannot be stored after all may have become longer than that.
    if (!hasRoomForZip64 && this.#position - dataStart >= UINT32_MAX) {
      dataStart = await this.#makeRoomForZip64(file, dataStart);
    }
    const facts: EntryFacts = {
      ...open,
      // A file may have become shorter than it was to be; the room in its header is there.
      reservesZip64: hasRoomForZip64,
      compressionMethod: isStored ? METHOD_STORED : METHOD_DEFLATE,
      crc32,
      compressedSize: this.#position - dataStart,
      uncompressedSize,
    };
    const header = decideEntryHeader(facts);
    await file.rewrite(open.relativeOffsetOfLocalHeader, [encodeLocalFileHeader(header)]);
    await this.#record(facts, header);
    return facts;
  }

  /** Moves pieces that were written as they are apart, last one first, to make room for the headers of stored blocks. */
  async #insertStoredBlockHeaders(file: RewritableSink, dataStart: number, pieceLengths: number[]): Promise<void> {
    const total = sum(pieceLengths);
    const framedTotal = sum(pieceLengths.map(framedLength));
    let from = dataStart + total;
    let to = dataStart + framedTotal;
    const block = new Uint8Array(Math.min(total, MOVED_AT_A_TIME));
    for (let end = pieceLengths.length; end > 0; ) {
      const start = firstOfLast(pieceLengths, end, block.length);
      const lengths = pieceLengths.slice(start, end);
      end = start;
      const pieces = block.subarray(0, sum(lengths));
      from -= pieces.length;
      to -= sum(lengths.map(framedLength));
      await file.read(from, pieces);
      await file.rewrite(to, framePieces(pieces, lengths));
    }
    this.#position += framedTotal - total;
  }

  /** @returns the CRC-32 of the content, which may have changed */
  async #storeAfterAll(
    file: RewritableSink,
    dataStart: number,
    content: AsyncGenerator<Uint8Array, number, undefined>,
  ): Promise<number> {
    await file.truncate(dataStart);
    this.#position = dataStart;
    for (;;) {
      const { done, value } = await content.next();
      if (done === true) return value;
      await this.#write([value]);
    }
  }

  /** Moves the data up by the length of the local header's zip64 field, the end of it first. Gives its new start. */
  async #makeRoomForZip64(file: RewritableSink, dataStart: number): Promise<number> {
    const room = EXTRA_FIELD_HEADER_SIZE + 2 * 8;
    const block = new Uint8Array(MOVED_AT_A_TIME);
    for (let end = this.#position; end > dataStart; ) {
      const moved = block.subarray(0, Math.min(block.length, end - dataStart));
      end -= moved.length;
      await file.read(end, moved);
      await file.rewrite(end + room, [moved]);
    }
    this.#position += room;
    return dataStart + room;
  }

  async #write(buffers: readonly Uint8Array[]): Promise<void> {
    // Whoever takes the bytes may take them out of their buffers.
    this.#position += totalLength(buffers);
    await this.#sink.write(buffers);
  }

  /** Writes, and goes on meanwhile where the sink lets it; the memory limit bounds how far ahead that may be. */
  async #put(buffers: readonly Uint8Array[], onWritten: () => void): Promise<void> {
    this.#checkWritten();
    const written = this.#write(buffers).then(onWritten);
    if (this.#sink.queues !== true) await written;
    else {
      written.catch((error: unknown) => {
        this.#failure ??= { error };
      });
    }
  }

  /** Throws what writing, or somebody who is told of what was written, has thrown in the meantime. */
  #checkWritten(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #record(facts: EntryFacts, header: EntryHeader): Promise<void> {
    await this.#directory.add(encodeCentralDirectoryHeader(header));
    this.#onEntry?.(writtenEntry(facts));
  }
}

/** @param start where the offset counts from */
function writtenEntry(
  facts: Omit<WrittenEntry, 'name' | 'method' | 'offset'> &
    Pick<EntryFacts, 'fileName' | 'compressionMethod' | 'relativeOffsetOfLocalHeader'>,
  start = 0,
): WrittenEntry {
  return {
    name: Buffer.from(facts.fileName).toString(),
    method: facts.compressionMethod === METHOD_STORED ? 'store' : 'deflate',
    crc32: facts.crc32,
    compressedSize: facts.compressedSize,
    uncompressedSize: facts.uncompressedSize,
    offset: start + facts.relativeOffsetOfLocalHeader,
  };
}

/** The facts of an entry of which only the description is known. */
function describe(description: EntryDescription, relativeOffsetOfLocalHeader: number): EntryFacts {
  return {
    ...description,
    compressionMethod: METHOD_STORED,
    crc32: 0,
    compressedSize: 0,
    uncompressedSize: 0,
    relativeOffsetOfLocalHeader,
    hasDataDescriptor: false,
    reservesZip64: false,
  };
}

/** The most that pieces of together `length` bytes can take when none of them shrinks: one block header more a piece. */
export function longestDeflated(length: number): number {
  return framedLength(length) + framedLength(0) * Math.ceil(length / SHORTEST_FULL_PIECE);
}

/** Bytes, of a few pieces; a piece is no longer than that. */
const MOVED_AT_A_TIME = 4 * 1024 * 1024;

/** Pieces are at least this long but for the last; compress/plan.ts makes them 1 MiB. */
const SHORTEST_FULL_PIECE = 64 * 1024;

function totalLength(buffers: readonly Uint8Array[]): number {
  let length = 0;
  for (const buffer of buffers) length += buffer.length;
  return length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Where those begin that stand last before `end` and come to no more than that together. */
function firstOfLast(lengths: readonly number[], end: number, most: number): number {
  let first = end;
  for (let total = 0; first > 0; first--) {
    total += lengths[first - 1] ?? 0;
    if (total > most) break;
  }
  return first;
}

/** Pieces that lie back to back, each as stored blocks, of which none is final. */
function framePieces(pieces: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  let at = 0;
  return lengths.flatMap((length) => {
    at += length;
    return frameAsStoredBlocks(pieces.subarray(at - length, at), false);
  });
}
