/**
 * Joins the CRC-32 of two pieces into the CRC-32 of both, so that each worker thread checksums only what it reads.
 *
 * A CRC is a remainder modulo a polynomial over GF(2). Appending n zero bytes multiplies it by x^(8n), hence
 * crc(A·B) = crc(A)·x^(8·|B|) + crc(B) modulo the polynomial (RFC 1952 section 8 gives it). Polynomials are held
 * bit-reversed, as the CRC itself is: the highest bit is the coefficient of x^0.
 */
import { isIntegerFrom } from '../common/integers.js';

const POLYNOMIAL = 0xedb88320;
const ONE = 0x80000000;
const X = 0x40000000;

/** The CRC-32 of A followed by B, from the two CRCs and the length of B in bytes (up to 2^53 - 1). */
export function crc32Combine(crcA: number, crcB: number, lengthB: number): number {
  return crc32CombineWith(crc32CombineOperator(lengthB), crcA, crcB);
}

/** What `crc32CombineWith` needs for a B of `lengthB` bytes: x^(8·lengthB). Worth keeping where one length recurs. */
export function crc32CombineOperator(lengthB: number): number {
  if (!isIntegerFrom(0, Number.MAX_SAFE_INTEGER, lengthB)) {
    throw new RangeError(`A length must be an integer from 0 to 2^53 - 1 (got ${lengthB})`);
  }
  let operator = ONE;
  // Square-and-multiply over the bits of the length, on the powers x^8, x^16, x^32 … A length may exceed 32 bits, so
  // its bits are taken by division.
  let power = X;
  for (let doubling = 0; doubling < 3; doubling++) power = multiplyModulo(power, power);
  for (let rest = lengthB; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) operator = multiplyModulo(operator, power);
    power = multiplyModulo(power, power);
  }
  return operator;
}

export function crc32CombineWith(operator: number, crcA: number, crcB: number): number {
  return (multiplyModulo(operator, crcA) ^ crcB) >>> 0;
}

function multiplyModulo(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= shifted;
    shifted = shifted & 1 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
  }
  return product >>> 0;
}
