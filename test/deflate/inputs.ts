/** Inputs with the structures that deflate engines fail on, made from a seed. */

import type { RandomInteger } from './pieces.js';

/** Makes `length` bytes. */
export type InputMaker = (length: number, random: RandomInteger) => Uint8Array;

const WORDS =
  'the of and archive deflate window match literal import export const function return zip 2026 == () => {'.split(' ');

export const INPUTS: Record<string, InputMaker> = {
  text: (length, random) => fill(length, () => `${WORDS[random(WORDS.length)]}${random(9) === 0 ? '\n' : ' '}`),
  records: (length, random) => fill(length, () => `{"id":${random(1e6)},"name":"${WORDS[random(WORDS.length)]}"},\n`),
  cyrillic: (length, random) => encoded(length, random, 'utf8'),
  utf16: (length, random) => encoded(length, random, 'utf16le'),
  hex: (length, random) => fill(length, () => random(2 ** 32).toString(16)),
  machineCode: (length, random) =>
    bytesOf(length, (i) => (i % 4 === 3 ? random(3) * 0x40 : random(2 << random(8)) & 0xff)),
  image16: (length, random) => {
    let value = 1000;
    return bytesOf(length, (i) => {
      if (i % 2 === 0) value += random(9) - 4;
      return i % 2 === 0 ? value & 0xff : (value >> 8) & 0xff;
    });
  },
  random: (length, random) => bytesOf(length, () => random(256)),
  nearlyRandom: (length, random) => {
    const bytes = bytesOf(length, () => random(256));
    for (let copies = random(20); copies > 0; copies--) copyWithin(bytes, random(length + 1), random(300), random);
    return bytes;
  },
  randomRepeated: (length, random) => periodic(length, 1 + random(40_000), random),
  zeros: (length) => new Uint8Array(length),
  oneSymbol: (length, random) => new Uint8Array(length).fill(random(256)),
  runs: (length, random) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const end = at + 1 + random(random(3) === 0 ? 1200 : 12);
      bytes.fill(random(256), at, end);
      at = end;
    }
    return bytes;
  },
  shortPeriod: (length, random) => periodic(length, 1 + random(20), random),
  twoSymbols: (length, random) => bytesOf(length, () => (random(2) === 0 ? 0x61 : 0x62)),
  fewSymbols: (length, random) => {
    const symbols = 2 + random(16);
    return bytesOf(length, () => 0x41 + random(symbols));
  },
  /** Frequencies like the Fibonacci numbers give the deepest Huffman trees, deeper than deflate allows. */
  fibonacci: (length, random) => {
    const places = fibonacciShares(24, 120_000);
    return bytesOf(length, () => (places[random(places.length)] ?? 0) * 7);
  },
  /**
   * The same for distances: copies whose distance slots have such frequencies. Most of it is noise, so that no copy is
   * found at another distance.
   */
  fibonacciDistances: (length, random) => {
    const shares = fibonacciShares(18, 20_000);
    const bytes = sixtyFour(length, random);
    for (let at = Math.min(33_000, length >> 1); at + 30 < length; at += 30) {
      const distance = (DISTANCE_BASES[12 + (shares[random(shares.length)] ?? 0)] ?? 1) + random(32);
      for (let i = 0; i < 7; i++) bytes[at + i] = bytes[at + i - distance] ?? 0;
    }
    return bytes;
  },
  /** All 286 and 30 symbols: every literal, the end of a block, every length slot and every distance slot. */
  allCodes: (length, random) => {
    const bytes = bytesOf(length, (i) => (i < 33_000 ? SIXTY_FOUR[random(64)] : i) ?? 0);
    for (let at = Math.min(33_000, length >> 1), turn = random(1000); at < length; turn++) {
      for (let n = random(3); n >= 0 && at < length; n--) bytes[at++] = random(256);
      const size = LENGTH_BASES[turn % LENGTH_BASES.length] ?? 3;
      const distance = Math.min(DISTANCE_BASES[turn % DISTANCE_BASES.length] ?? 1, at);
      for (let i = 0; i < size && at < length; i++, at++) bytes[at] = bytes[at - distance] ?? 0;
    }
    return bytes;
  },
  allSymbols: (length, random) => bytesOf(length, (i) => (random(3) === 0 ? random(256) : (i * 167) & 0xff)),
  /** Matches of any length at any distance, often at the edges: 3 and 258, 1 and 32,768. */
  copies: (length, random) => {
    const bytes = bytesOf(length, () => random(256));
    const edges = [1, 2, 3, 4, 8191, 8192, 8193, 32_766, 32_767, 32_768, 32_769];
    for (let at = 1 + random(300); at < length; ) {
      const distance = random(3) === 0 ? (edges[random(edges.length)] ?? 1) : 1 + random(32_768);
      const size = random(4) === 0 ? 255 + random(6) : 3 + random(30);
      for (let i = 0; i < size && at < length; i++, at++) bytes[at] = bytes[at - distance] ?? 7;
      at += random(4);
    }
    return bytes;
  },
  /** Changes every few thousand bytes, so that blocks are split. */
  mixture: (length, random) => {
    const kinds = [INPUTS.text, INPUTS.random, INPUTS.zeros, INPUTS.hex, INPUTS.copies, INPUTS.machineCode];
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const size = Math.min(length - at, 1 + random(random(2) === 0 ? 60_000 : 5000));
      bytes.set(kinds[random(kinds.length)]?.(size, random) ?? [], at);
      at += size;
    }
    return bytes;
  },
};

export function periodic(length: number, period: number, random: RandomInteger): Uint8Array {
  const turn = bytesOf(period, () => random(256));
  return bytesOf(length, (i) => turn[i % period] ?? 0);
}

/** RFC 1951 section 3.2.5: the smallest length and distance of each slot. */
const LENGTH_BASES = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const DISTANCE_BASES = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12_289, 16_385, 24_577,
];

/** Few enough that no engine takes them for incompressible. */
const SIXTY_FOUR = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1');

/** Each number from 0 on as often as its Fibonacci number says, up to `most` in all. */
function fibonacciShares(numbers: number, most: number): number[] {
  const places: number[] = [];
  for (let number = 0, a = 1, b = 1; number < numbers && places.length < most; number++, [a, b] = [b, a + b]) {
    for (let n = 0; n < a; n++) places.push(number);
  }
  return places;
}

/** Bytes that do not repeat but can be compressed, so that engines search them for repeats. */
export function sixtyFour(length: number, random: RandomInteger): Uint8Array {
  return bytesOf(length, () => SIXTY_FOUR[random(64)] ?? 0);
}

function copyWithin(bytes: Uint8Array, from: number, size: number, random: RandomInteger): void {
  bytes.copyWithin(random(bytes.length + 1), from, Math.min(from + size, bytes.length));
}

function bytesOf(length: number, byteAt: (index: number) => number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = byteAt(i);
  return bytes;
}

function fill(length: number, next: () => string): Uint8Array {
  const parts: string[] = [];
  for (let size = 0; size < length; ) {
    const part = next();
    parts.push(part);
    size += part.length;
  }
  return Buffer.from(parts.join(''), 'latin1').subarray(0, length);
}

/** Words in Cyrillic and in ASCII letters. */
function encoded(length: number, random: RandomInteger, encoding: BufferEncoding): Uint8Array {
  let text = '';
  for (let bytes = 0; bytes < length + 64; ) {
    const word = WORDS[random(WORDS.length)] ?? '';
    const offset = random(4) === 0 ? 0 : 0x430 - 0x61;
    for (const letter of word) text += String.fromCharCode(letter.charCodeAt(0) + offset);
    text += ' ';
    bytes += word.length;
  }
  return new Uint8Array(Buffer.from(text, encoding).subarray(0, length));
}
