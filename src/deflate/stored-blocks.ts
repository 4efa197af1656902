/**
 * Raw bytes in stored blocks (RFC 1951 section 3.2.4), for data that does not shrink. They join a deflate stream at any byte
 * boundary. Both engines fall back to them, so the bound of DeflateEngine.deflate holds for either.
 */

/** LEN has 16 bits. */
const MAX_STORED_BLOCK_LENGTH = 0xffff;

/** BFINAL and BTYPE, padded to a byte, then LEN and NLEN. */
const STORED_BLOCK_HEADER_SIZE = 5;

/** Most bytes that `DeflateEngine.deflate` may return for `dataLength` bytes. */
export function outputBound(dataLength: number): number {
  return framedLength(dataLength) + 64;
}

/** Copies the data into stored blocks. */
export function encodeStoredBlocks(data: Uint8Array, isFinal: boolean): Uint8Array {
  return Buffer.concat(frameAsStoredBlocks(data, isFinal));
}

/**
 * Frames data without copying it.
 *
 * @param isFinal whether the deflate stream ends here (BFINAL on the last block)
 * @returns headers alternating with views of `data`; no data gives one empty block
 */
export function frameAsStoredBlocks(data: Uint8Array, isFinal: boolean): Uint8Array[] {
  return storedBlockHeaders(data.length, isFinal).flatMap((header, index) => {
    const start = index * MAX_STORED_BLOCK_LENGTH;
    return [header, data.subarray(start, start + MAX_STORED_BLOCK_LENGTH)];
  });
}

/** Bytes that `length` raw bytes take in stored blocks. */
export function framedLength(length: number): number {
  return length + storedBlockCount(length) * STORED_BLOCK_HEADER_SIZE;
}

/** The headers for `length` raw bytes: one for each 65,535 of them, and one for the rest. */
export function storedBlockHeaders(length: number, isFinal: boolean): Uint8Array[] {
  const count = storedBlockCount(length);
  return Array.from({ length: count }, (_, index) => {
    const blockLength = Math.min(length - index * MAX_STORED_BLOCK_LENGTH, MAX_STORED_BLOCK_LENGTH);
    return storedBlockHeader(blockLength, isFinal && index === count - 1);
  });
}

function storedBlockCount(length: number): number {
  return Math.max(1, Math.ceil(length / MAX_STORED_BLOCK_LENGTH));
}

function storedBlockHeader(length: number, isFinal: boolean): Uint8Array {
  return Uint8Array.of(isFinal ? 1 : 0, length, length >>> 8, ~length, ~length >>> 8);
}
