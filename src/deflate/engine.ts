/**
 * The interface of a deflate engine.
 *
 * The engine owns the memory. The caller writes a chunk into `input` (files are read from disk directly into it), calls
 * `deflate`, and gets a view of the engine's output. An engine serves one thread and compresses one chunk at a time.
 *
 * A chunk is called a piece here: 1 MiB of a large entry, or a whole small one.
 */

/** RFC 1951 section 2: a match reaches back at most 32 KiB, so a piece cannot use more of what precedes it. */
export const MAX_DICTIONARY_LENGTH = 32 * 1024;

/** Bytes of the longest piece. compress/plan.ts explains the number. */
export const MAX_PIECE_LENGTH = 1024 * 1024;

/** Bytes of the longest stream that is looked at: a piece in stored blocks. */
export const MAX_STREAM_LENGTH = MAX_PIECE_LENGTH + 1024;

export type EngineName = 'wasm' | 'zlib';

export interface DeflateEngine {
  readonly name: EngineName;
  /**
   * `MAX_DICTIONARY_LENGTH + MAX_PIECE_LENGTH` bytes, owned by the engine, the same buffer for the engine's whole life.
   * The dictionary starts at index 0, and the data follows it.
   */
  readonly input: Uint8Array;
  /**
   * From this level on, the engine gets all data and detects incompressible data itself, more precisely. Below, chunks
   * that look incompressible in a few samples (compress/probe.ts) are stored without calling it.
   */
  readonly thoroughLevel: number;
  /**
   * The CRC-32 of `input[start, start + length)` (APPNOTE section 4.4.7). Overwrites the last output of `deflate`: the
   * two share memory.
   */
  crc32(start: number, length: number): number;
  /**
   * Compresses `input[dictionaryLength, dictionaryLength + dataLength)` into a raw deflate stream (RFC 1951). A piece
   * that is not the last ends byte-aligned with an empty stored block, so pieces concatenate to one stream. The last one
   * sets BFINAL. The same piece gives the same bytes, whatever the engine did before.
   *
   * @param level 1 (fastest) to 9 (smallest), or 10 (smaller still, much slower)
   * @returns a view of the engine's memory, valid until the next call, of at most `outputBound(dataLength)` bytes
   */
  deflate(dictionaryLength: number, dataLength: number, isLast: boolean, level: number): Uint8Array;
  /**
   * `MAX_STREAM_LENGTH` bytes, owned by the engine, for a stream that `inflatesTo` looks at. The other calls overwrite it.
   */
  readonly stream: Uint8Array;
  /**
   * Whether `stream[0, streamLength)` is a raw deflate stream of exactly `input[dictionaryLength, dictionaryLength +
   * dataLength)`. If `isLast`, it must end with a final block; otherwise it must have none, and end at a byte boundary
   * after a block, so that others can follow.
   */
  inflatesTo(streamLength: number, dictionaryLength: number, dataLength: number, isLast: boolean): boolean;
}
