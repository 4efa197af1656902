/**
 * A range of a large entry whose other ranges are in other parts of the archive: a stored entry whose content is the pieces of
 * the range. Until one shrinks they are the data itself, as in RewritableEntry; from then on they are pieces of one deflate
 * stream, stored blocks among them. Merging joins the ranges, and frames the data at the start of one if the entry is
 * deflated. Nothing is moved here.
 */
import zlib from 'node:zlib';
import { frameAsStoredBlocks, framedLength } from '../deflate/stored-blocks.js';
import { METHOD_STORED, UINT32_MAX } from '../zip/constants.js';
import { EntryFacts } from '../zip/entry-facts.js';
import { decideEntryHeader } from '../zip/entry-header.js';
import { encodeLocalFileHeader } from '../zip/records.js';
import type { ArchiveBytes } from './archive-bytes.js';
import type { EntryPiece, FragmentToWrite, LargeEntry } from './large-entry.js';
import type { RewritableSink } from './sink.js';

export class FragmentEntry {
  readonly #archive: ArchiveBytes;
  readonly #file: RewritableSink;
  readonly #entry: LargeEntry;
  readonly #fragment: FragmentToWrite;
  readonly #open: EntryFacts;
  #length = 0;
  /** Of what is written. */
  #crc32 = 0;
  /** Of the content. */
  #contentCrc32 = 0;
  #rawChunks = 0;
  #isFramed = false;

  constructor(archive: ArchiveBytes, file: RewritableSink, entry: LargeEntry, fragment: FragmentToWrite) {
    this.#archive = archive;
    this.#file = file;
    this.#entry = entry;
    this.#fragment = fragment;
    this.#open = new EntryFacts({
      ...entry.description,
      relativeOffsetOfLocalHeader: archive.position,
      // A framed piece has at most one block header more than its share of the whole.
      reservesZip64: 2 * framedLength(fragment.end - fragment.start) >= UINT32_MAX,
      compressionMethod: METHOD_STORED,
    });
  }

  async write(): Promise<EntryFacts> {
    let head = [encodeLocalFileHeader(decideEntryHeader(this.#open))];
    for await (const piece of this.#entry.pieces) {
      const heldBytes = piece.bytes.length;
      const data = this.#form(piece);
      for (const bytes of data) {
        this.#crc32 = zlib.crc32(bytes, this.#crc32);
        this.#length += bytes.length;
      }
      this.#contentCrc32 = piece.crc32;
      await this.#archive.put([...head, ...data], () => this.#entry.onPieceWritten(piece, heldBytes));
      head = [];
    }
    const facts: EntryFacts = {
      ...this.#open,
      crc32: this.#crc32,
      compressedSize: this.#length,
      uncompressedSize: this.#length,
    };
    await this.#file.rewrite(facts.relativeOffsetOfLocalHeader, [encodeLocalFileHeader(decideEntryHeader(facts))]);
    const { dictionaryCrc32, tailCrc32 } = this.#fragment.joint;
    this.#fragment.onWritten({
      rawChunks: this.#rawChunks,
      crc32: this.#contentCrc32,
      dictionaryCrc32,
      tailCrc32,
    });
    return facts;
  }

  #form({ bytes, isDeflated, isLast }: EntryPiece): Uint8Array[] {
    if (isDeflated) {
      this.#isFramed = true;
      return [bytes];
    }
    if (this.#isFramed) return frameAsStoredBlocks(bytes, isLast);
    this.#rawChunks++;
    return [bytes];
  }
}
