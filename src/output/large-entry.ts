/** A large entry to be written: its description, and its data in pieces. */
import type { Fragment } from '../common/entry.js';
import type { EntryDescription } from '../zip/entry-facts.js';

export interface LargeEntry {
  readonly description: EntryDescription;
  /** Bytes; undefined if only the end of the pieces shows it. */
  readonly uncompressedSize: number | undefined;
  /** Approximate bytes that the caller expects, if the size is unknown. */
  readonly sizeHint?: number | undefined;
  readonly pieces: AsyncIterable<EntryPiece>;
  /**
   * Reads the content once more, in buffers that may be reused for the next piece, and returns the CRC-32 of what it read.
   * Undefined for content that can be read only once.
   */
  readonly reread: ((expectedCrc32: number) => AsyncGenerator<Uint8Array, number, undefined>) | undefined;
  /** Set if the pieces are a range of the content only; see FragmentEntry. */
  readonly fragment?: FragmentToWrite | undefined;
  /** See zip/entry-notes.ts; called when the entry is complete, as is `digest`. */
  readonly note?: (() => number) | undefined;
  /** SHA-256 of the content, if it is computed. */
  readonly digest?: (() => Uint8Array | undefined) | undefined;
  /**
   * Called when a piece is written and its memory is free. `heldBytes` counts even if the sink detached the buffer.
   *
   * @param dataStart of deflated data in the archive, if it is a file; there it stays, but for rare cases
   */
  onPieceWritten(piece: EntryPiece, heldBytes: number, dataStart?: number): void;
}

export interface FragmentToWrite extends Fragment {
  /** Of the neighbouring fragments' ends, known when the pieces are. */
  readonly joint: { readonly dictionaryCrc32: number | undefined; readonly tailCrc32: number | undefined };
}

export interface EntryPiece {
  readonly bytes: Uint8Array;
  /** A byte-aligned piece of a deflate stream; otherwise the data itself. */
  readonly isDeflated: boolean;
  readonly isLast: boolean;
  /** Of the entry's data up to the end of this piece. */
  readonly crc32: number;
  /** Bytes of this piece's data. */
  readonly uncompressedSize: number;
}
