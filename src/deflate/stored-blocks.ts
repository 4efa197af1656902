/**
 * RFC 1951 section 3.2.4: data passed through in stored blocks. What both engines fall back to when deflating makes a
 * piece larger, so that the bound the seam promises holds for either.
 */

/** LEN is 16 bits wide. */
const MAX_STORED_LENGTH = 65_535;

/** BFINAL and BTYPE, which pad to a byte of their own, then LEN and NLEN. */
const STORED_HEADER_LENGTH = 5;

/** What `DeflateEngine.deflate` may return at most for `dataLength` bytes. */
export function outputBound(dataLength: number): number {
  return dataLength + STORED_HEADER_LENGTH * Math.ceil(dataLength / MAX_STORED_LENGTH) + 64;
}

/** The data as stored blocks: byte-aligned at both ends, the last one final if `isLast`. Owns its bytes. */
export function encodeStoredBlocks(data: Uint8Array, isLast: boolean): Uint8Array {
  const blockCount = Math.max(1, Math.ceil(data.length / MAX_STORED_LENGTH));
  const encoded = new Uint8Array(data.length + STORED_HEADER_LENGTH * blockCount);
  for (let block = 0, at = 0; block < blockCount; block++) {
    const start = block * MAX_STORED_LENGTH;
    const length = Math.min(data.length - start, MAX_STORED_LENGTH);
    encoded[at] = isLast && block === blockCount - 1 ? 1 : 0;
    encoded[at + 1] = length & 0xff;
    encoded[at + 2] = length >> 8;
    encoded[at + 3] = ~length & 0xff;
    encoded[at + 4] = (~length >> 8) & 0xff;
    encoded.set(data.subarray(start, start + length), at + STORED_HEADER_LENGTH);
    at += STORED_HEADER_LENGTH + length;
  }
  return encoded;
}
