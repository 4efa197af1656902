/**
 * The node:zlib engine, used on request and where WebAssembly is unavailable.
 *
 * Each piece gets its own zlib stream. Reusing one native handle would save 7 µs per piece (200 bytes take 10 µs instead
 * of 18, 4 KiB 66 instead of 74, and 64 KiB the same), but needs private fields of Node, which closes the handle after
 * every synchronous call.
 */

import zlib from 'node:zlib';
import { type DeflateEngine, MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH, MAX_STREAM_LENGTH } from './engine.js';
import { checkPiece, checkStream } from './piece.js';
import { encodeStoredBlocks, outputBound } from './stored-blocks.js';
import { zlibInflatesTo } from './zlib-inflates-to.js';

/** zlib has no level 10. */
export const MAX_ZLIB_LEVEL = 9;

/**
 * Node collects zlib's output in buffers of this size and joins them. A single buffer for a small piece saves 2 of 18 µs
 * for 200 bytes; buffers over 64 KiB gain nothing. Node requires at least 64 bytes.
 */
const MAX_CHUNK_SIZE = 64 * 1024;

export class ZlibEngine implements DeflateEngine {
  readonly name = 'zlib';
  /** Never: it compresses media at 40 MB/s, whatever it finds. */
  readonly thoroughLevel = Number.POSITIVE_INFINITY;
  readonly input: Uint8Array = new Uint8Array(MAX_DICTIONARY_LENGTH + MAX_PIECE_LENGTH);
  readonly stream: Uint8Array = new Uint8Array(MAX_STREAM_LENGTH);

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
    // zlib rejects an empty dictionary.
    const dictionary = this.input.subarray(0, dictionaryLength);
    const deflated = zlib.deflateRawSync(data, dictionaryLength > 0 ? { ...options, dictionary } : options);
    // zlib stores incompressible data in blocks of 16 KiB, four times as many as the bound allows for.
    return deflated.length <= bound ? deflated : encodeStoredBlocks(data, isLast);
  }

  inflatesTo(streamLength: number, dictionaryLength: number, dataLength: number, isLast: boolean): boolean {
    checkStream(streamLength, dictionaryLength, dataLength);
    const dictionary = this.input.subarray(0, dictionaryLength);
    const data = this.input.subarray(dictionaryLength, dictionaryLength + dataLength);
    return zlibInflatesTo(this.stream.subarray(0, streamLength), dictionary, data, isLast);
  }
}
