/**
 * The seam behind which a deflate engine runs. Nothing outside `deflate/` knows which one it is.
 *
 * The engine owns the memory: the caller puts a piece into `input` (a file is read from disk straight into it), calls
 * `deflate`, and gets a view of the engine's own output. One engine serves one thread, one piece after another.
 */

/** RFC 1951 section 2: a match reaches back at most 32 KiB, so this is all that a piece can use of what precedes it. */
export const MAX_DICTIONARY_LENGTH = 32 * 1024;

/** Bytes of the longest piece: one chunk of a large entry, or a whole small one. See compress/plan.ts for the reason. */
export const MAX_PIECE_LENGTH = 1024 * 1024;

export type EngineName = 'wasm' | 'zlib';

export interface DeflateEngine {
  readonly name: EngineName;
  /**
   * `MAX_DICTIONARY_LENGTH + MAX_PIECE_LENGTH` bytes, owned by the engine, at the same place for the engine's whole life.
   * The piece's dictionary goes to the start of it and its data right behind the dictionary.
   */
  readonly input: Uint8Array;
  /**
   * From this level on the engine is to get all data: it finds out by itself, and more closely, what deflating does not
   * make smaller. Below, what a glance takes for incompressible is kept from it.
   */
  readonly thoroughLevel: number;
  /**
   * The CRC-32 of `input[start, start + length)` (APPNOTE section 4.4.7). What `deflate` gave before is no longer there
   * then: the two use the same memory.
   */
  crc32(start: number, length: number): number;
  /**
   * Deflates `input[dictionaryLength, dictionaryLength + dataLength)` (RFC 1951, no wrapper). A piece that is not the
   * last ends byte-aligned with an empty stored block, so pieces concatenate to one stream; the last sets BFINAL.
   * The same piece gives the same bytes whatever the engine did before.
   *
   * @param level 1 fastest … 9 smallest, 10 as small as can be (`--max`)
   * @returns a view of the engine's memory, valid until the next call; at most dataLength + 5 bytes per 65,535 + 64 long
   */
  deflate(dictionaryLength: number, dataLength: number, isLast: boolean, level: number): Uint8Array;
}
