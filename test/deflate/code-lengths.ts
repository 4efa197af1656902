/**
 * Reads the Huffman codes that a deflate stream declares, which node:zlib does not report. Tests check with it that an
 * input exercises what it was made for.
 */

import assert from 'node:assert/strict';

export interface DynamicBlock {
  /** Code length by symbol; 0 for a symbol that the block does not use. */
  readonly literalsAndLengths: readonly number[];
  readonly distances: readonly number[];
}

/** The dynamic blocks of a stream, in order (RFC 1951 section 3.2.7). */
export function readDynamicBlocks(stream: Uint8Array): DynamicBlock[] {
  const bits = new BitReader(stream);
  const found: DynamicBlock[] = [];
  for (let isFinal = false; !isFinal; ) {
    isFinal = bits.take(1) === 1;
    const type = bits.take(2);
    if (type === 0) bits.skipStored();
    else if (type === 1) skipCompressed(bits, FIXED);
    else {
      assert.equal(type, 2, 'an invalid block type');
      const block = readCodes(bits);
      found.push(block);
      skipCompressed(bits, block);
    }
  }
  return found;
}

const FIXED: DynamicBlock = {
  literalsAndLengths: Array.from({ length: 288 }, (_, symbol) => {
    if (symbol < 144) return 8;
    if (symbol < 256) return 9;
    return symbol < 280 ? 7 : 8;
  }),
  distances: Array.from({ length: 30 }, () => 5),
};

/** The order in which the code lengths of the precode are stored. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function readCodes(bits: BitReader): DynamicBlock {
  const literalCount = bits.take(5) + 257;
  const distanceCount = bits.take(5) + 1;
  const lengths = new Array<number>(19).fill(0);
  const given = bits.take(4) + 4;
  for (const symbol of ORDER.slice(0, given)) lengths[symbol] = bits.take(3);
  const decode = decoderOf(lengths);
  const all: number[] = [];
  while (all.length < literalCount + distanceCount) {
    const symbol = decode(bits);
    const [value, repeat] =
      symbol < 16
        ? [symbol, 1]
        : symbol === 16
          ? [all.at(-1) ?? 0, 3 + bits.take(2)]
          : [0, symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7)];
    for (let n = 0; n < repeat; n++) all.push(value);
  }
  return { literalsAndLengths: all.slice(0, literalCount), distances: all.slice(literalCount) };
}

function skipCompressed(bits: BitReader, { literalsAndLengths, distances }: DynamicBlock): void {
  const decode = decoderOf(literalsAndLengths);
  const decodeDistance = decoderOf(distances);
  for (let symbol = decode(bits); symbol !== 256; symbol = decode(bits)) {
    if (symbol < 256) continue;
    if (symbol >= 265 && symbol < 285) bits.take((symbol - 261) >> 2);
    const distance = decodeDistance(bits);
    if (distance >= 4) bits.take((distance - 2) >> 1);
  }
}

/** Codewords of one length are consecutive numbers that continue those of the length below (section 3.2.2). */
function decoderOf(lengths: readonly number[]): (bits: BitReader) => number {
  const symbols = new Map<number, number>();
  for (let length = 1, code = 0; length <= 15; length++, code <<= 1) {
    for (const [symbol, its] of lengths.entries()) if (its === length) symbols.set((length << 16) | code++, symbol);
  }
  return (bits) => {
    for (let length = 1, code = 0; length <= 15; length++) {
      code = (code << 1) | bits.take(1);
      const symbol = symbols.get((length << 16) | code);
      if (symbol !== undefined) return symbol;
    }
    throw new Error('a codeword that the block does not declare');
  };
}

class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit++, this.#position++) {
      value |= (((this.#bytes[this.#position >> 3] ?? 0) >> (this.#position & 7)) & 1) << bit;
    }
    assert.ok(this.#position <= 8 * this.#bytes.length, 'the stream ends in the middle of a block');
    return value;
  }

  skipStored(): void {
    this.#position = 8 * Math.ceil(this.#position / 8);
    const length = this.take(16);
    this.#position += 16 + 8 * length;
  }
}
