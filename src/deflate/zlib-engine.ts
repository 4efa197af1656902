/**
 * node:zlib behind the seam: the engine for where WebAssembly is not to be had, and the one people know.
 *
 * Each piece gets a zlib stream of its own. Resetting one native handle instead would save 7 µs a piece (18 → 10 for
 * 200 bytes, 74 → 66 for 4 KiB, nothing measurable from 64 KiB on), but Node offers it only through private fields,
 * and closes the handle after every synchronous call; that is too little to lean on them for.
 */

import zlib from 'node:zlib';
import { type DeflateEngine, MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH } from './engine.js';
import { checkPiece } from './piece.js';
import { encodeStoredBlocks, outputBound } from './stored-blocks.js';

/** zlib ends at 9; the seam's 10 asks for as small as can be. */
export const MAX_ZLIB_LEVEL = 9;

/**
 * zlib's result is collected in buffers of this many bytes and joined. One that surely holds a small piece whole saves
 * 2 of 18 µs for 200 bytes; more than 64 KiB at once gains nothing. (Node accepts no less than 64.)
 */
const MAX_CHUNK_SIZE = 64 * 1024;

export class ZlibEngine implements DeflateEngine {
  readonly name = 'zlib';
  /** None: it deflates media at 40 MB/s, whatever there is in it. */
  readonly thoroughLevel = Number.POSITIVE_INFINITY;
  readonly input: Uint8Array = new Uint8Array(MAX_DICTIONARY_LENGTH + MAX_PIECE_LENGTH);

  crc32(start: number, length: number): number {
    return zlib.crc32(this.input.subarray(start, start + length));
  }

  deflate(dictionaryLength: number, dataLength: number, isLast: boolean, level: number): Uint8Array {
    checkPiece(dictionaryLength, dataLength, level);
    const data = this.input.subarray(dictionaryLength, dictionaryLength + dataLength);
    const bound = outputBound(dataLength);
    const options = {
      level: Math.min(level, MAX_ZLIB_LEVEL),
      finishFlush: isLast ? zlib.constants.Z_FINISH : zlib.constants.Z_SYNC_FLUSH,
      chunkSize: Math.min(bound, MAX_CHUNK_SIZE),
    };
    // zlib refuses a dictionary of length 0.
    const dictionary = this.input.subarray(0, dictionaryLength);
    const deflated = zlib.deflateRawSync(data, dictionaryLength > 0 ? { ...options, dictionary } : options);
    // zlib cuts what it cannot shrink into blocks of 16 KiB, four times as many as the bound allows for.
    return deflated.length <= bound ? deflated : encodeStoredBlocks(data, isLast);
  }
}
