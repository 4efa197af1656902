/** 4.3.9 The data descriptor behind an entry's data: four forms, of which only the values say which one it is. */
import { DATA_DESCRIPTOR_SIGNATURE, DATA_DESCRIPTOR_SIZE, ZIP64_DATA_DESCRIPTOR_SIZE } from './constants.js';

/** Bytes of the longest form. */
export const LONGEST_DATA_DESCRIPTOR = ZIP64_DATA_DESCRIPTOR_SIZE;

const SIGNATURE_SIZE = 4;

export interface DataDescriptor {
  /** Bytes of the whole record. */
  readonly size: number;
  readonly hasSignature: boolean;
  /** Whether its sizes have 8 bytes (4.3.9.2). */
  readonly isZip64: boolean;
  readonly crc32: number;
  readonly compressedSize: bigint;
  readonly uncompressedSize: bigint;
}

export interface DescribedData {
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
}

/**
 * The form that says what is expected; of several, as zeros can be read, the one that fills all bytes up to the next record.
 *
 * @param room bytes up to the next record, where that is known
 * @returns undefined where none does
 */
export function findDataDescriptor(bytes: Buffer, expected: DescribedData, room?: number): DataDescriptor | undefined {
  const right = formsOf(bytes).filter((descriptor) => describes(descriptor, expected));
  return right.find(({ size }) => size === room) ?? right[0];
}

/**
 * What a reader takes for the descriptor, whether or not it is right: the form that fills all bytes up to the next record, else
 * one with a signature.
 *
 * @param room bytes up to the next record
 * @param isZip64 whether the local header has a zip64 field
 * @returns undefined without a descriptor
 */
export function readDataDescriptor(bytes: Buffer, room: number, isZip64: boolean): DataDescriptor | undefined {
  const forms = formsOf(bytes);
  const signed = forms.filter(({ hasSignature }) => hasSignature);
  return (
    forms.find(({ size }) => size === room) ?? signed.find((descriptor) => descriptor.isZip64 === isZip64) ?? signed[0]
  );
}

function describes({ crc32, compressedSize, uncompressedSize }: DataDescriptor, expected: DescribedData): boolean {
  return (
    crc32 === expected.crc32 &&
    compressedSize === BigInt(expected.compressedSize) &&
    uncompressedSize === BigInt(expected.uncompressedSize)
  );
}

/** The forms that the bytes have room for, those with a signature first. */
function formsOf(bytes: Buffer): DataDescriptor[] {
  const isSigned = bytes.length >= SIGNATURE_SIZE && bytes.readUInt32LE() === DATA_DESCRIPTOR_SIGNATURE;
  const starts = isSigned ? [SIGNATURE_SIZE, 0] : [0];
  return starts.flatMap((start) =>
    [false, true].flatMap((isZip64) => {
      const full = isZip64 ? ZIP64_DATA_DESCRIPTOR_SIZE : DATA_DESCRIPTOR_SIZE;
      const size = full - SIGNATURE_SIZE + start;
      if (bytes.length < size) return [];
      const sizesAt = start + 4;
      return {
        size,
        hasSignature: start > 0,
        isZip64,
        crc32: bytes.readUInt32LE(start),
        compressedSize: isZip64 ? bytes.readBigUInt64LE(sizesAt) : BigInt(bytes.readUInt32LE(sizesAt)),
        uncompressedSize: isZip64 ? bytes.readBigUInt64LE(sizesAt + 8) : BigInt(bytes.readUInt32LE(sizesAt + 4)),
      };
    }),
  );
}
