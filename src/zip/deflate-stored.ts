/**
 * Deflate for what does not shrink (RFC 1951 section 3.2.4): raw bytes framed as stored blocks. They join a deflate stream
 * wherever it stands at a byte boundary, and what deflates nothing costs nothing: no byte is copied.
 */

/** LEN has 16 bits. */
export const MAX_STORED_BLOCK_LENGTH = 0xffff;

/** BFINAL and BTYPE, padded to a byte, then LEN and NLEN. */
export const STORED_BLOCK_HEADER_SIZE = 5;

/**
 * @param isFinal Whether the deflate stream ends here (BFINAL on the last block).
 * @returns What goes out in order: headers, and between them views of `data`. No data gives one empty block.
 */
export function frameAsStoredBlocks(data: Uint8Array, isFinal: boolean): Uint8Array[] {
  return storedBlockHeaders(data.length, isFinal).flatMap((header, index) => {
    const start = index * MAX_STORED_BLOCK_LENGTH;
    return [header, data.subarray(start, start + MAX_STORED_BLOCK_LENGTH)];
  });
}

/** Bytes of `length` raw bytes once framed. */
export function framedLength(length: number): number {
  return length + storedBlockCount(length) * STORED_BLOCK_HEADER_SIZE;
}

/** The headers for `length` raw bytes: one ahead of every 65,535 of them, and of the rest. */
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
