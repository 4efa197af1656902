/**
 * Writes the records of a ZIP file, one function for each, in the order of APPNOTE 4.3. They decide nothing: entry-header.ts
 * decides what the fields of an entry hold, and end-of-archive.ts decides the records behind them.
 */

import {
  CENTRAL_DIRECTORY_HEADER_SIGNATURE,
  CENTRAL_DIRECTORY_HEADER_SIZE,
  DATA_DESCRIPTOR_SIGNATURE,
  DATA_DESCRIPTOR_SIZE,
  END_OF_CENTRAL_DIRECTORY_RECORD_SIGNATURE,
  END_OF_CENTRAL_DIRECTORY_RECORD_SIZE,
  LOCAL_FILE_HEADER_SIGNATURE,
  LOCAL_FILE_HEADER_SIZE,
  ZIP64_DATA_DESCRIPTOR_SIZE,
  ZIP64_END_OF_CENTRAL_DIRECTORY_LOCATOR_SIGNATURE,
  ZIP64_END_OF_CENTRAL_DIRECTORY_LOCATOR_SIZE,
  ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIGNATURE,
  ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIZE,
} from './constants.js';
import {
  decideEndOfArchive,
  type EndOfArchiveFacts,
  type EndOfCentralDirectoryRecord,
  type Zip64EndOfCentralDirectoryRecord,
} from './end-of-archive.js';
import type { EntryFacts } from './entry-facts.js';
import type { EntryHeader, HeaderFields } from './entry-header.js';
import { encodeZip64ExtendedInformation, writePlainExtraFields } from './extra-fields.js';
import { RecordWriter } from './record-writer.js';

export function localFileHeaderSize({ facts, local }: EntryHeader): number {
  return LOCAL_FILE_HEADER_SIZE + facts.nameLength + local.extraFieldLength;
}

/** 4.3.7 Local file header */
export function writeLocalFileHeader(target: DataView, at: number, header: EntryHeader): void {
  const { facts, local } = header;
  const extraAt = at + LOCAL_FILE_HEADER_SIZE + facts.nameLength;
  target.setUint32(at, LOCAL_FILE_HEADER_SIGNATURE, true);
  writeCommonFields(target, at + 4, header, local);
  writeText(target, at + LOCAL_FILE_HEADER_SIZE, facts.text, facts.nameStart, facts.nameLength);
  if (!local.hasZip64) writeOtherExtraFields(target, extraAt, local, facts);
  else {
    const isOpen = facts.hasDataDescriptor;
    const zip64 = isOpen ? [0, 0] : [facts.uncompressedSize, facts.compressedSize];
    writeAllExtraFields(target, extraAt, zip64, local, facts);
  }
}

export function encodeLocalFileHeader(header: EntryHeader): Buffer {
  const bytes = Buffer.allocUnsafe(localFileHeaderSize(header));
  writeLocalFileHeader(viewOf(bytes), 0, header);
  return bytes;
}

export interface DataDescriptor {
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  /**
   * Sizes of 64 bits: where the local header has a zip64 extra field (4.3.9.2), that is, reserved it. Without one it is what
   * Go and Java write where a size that was not expected to has passed 4 GiB.
   */
  readonly zip64: boolean;
}

/** 4.3.9 Data descriptor, with its signature. */
export function encodeDataDescriptor(descriptor: DataDescriptor): Buffer {
  return descriptor.zip64 ? zip64DataDescriptor(descriptor) : dataDescriptor(descriptor);
}

function dataDescriptor({ crc32, compressedSize, uncompressedSize }: DataDescriptor): Buffer {
  return new RecordWriter(DATA_DESCRIPTOR_SIZE)
    .uint32(DATA_DESCRIPTOR_SIGNATURE)
    .uint32(crc32)
    .uint32(compressedSize)
    .uint32(uncompressedSize)
    .finish();
}

function zip64DataDescriptor({ crc32, compressedSize, uncompressedSize }: DataDescriptor): Buffer {
  return new RecordWriter(ZIP64_DATA_DESCRIPTOR_SIZE)
    .uint32(DATA_DESCRIPTOR_SIGNATURE)
    .uint32(crc32)
    .uint64(compressedSize)
    .uint64(uncompressedSize)
    .finish();
}

export function centralDirectoryHeaderSize({ facts, central }: EntryHeader): number {
  return CENTRAL_DIRECTORY_HEADER_SIZE + facts.nameLength + central.extraFieldLength + facts.commentLength;
}

/** 4.3.12 Central directory structure: one entry's header */
export function writeCentralDirectoryHeader(target: DataView, at: number, header: EntryHeader): void {
  const { facts, central } = header;
  const { text, nameStart, nameLength, commentLength } = facts;
  const nameAt = at + CENTRAL_DIRECTORY_HEADER_SIZE;
  const extraAt = nameAt + nameLength;
  target.setUint32(at, CENTRAL_DIRECTORY_HEADER_SIGNATURE, true);
  target.setUint16(at + 4, header.versionMadeBy, true);
  writeCommonFields(target, at + 6, header, central);
  target.setUint16(at + 32, commentLength, true);
  target.setUint16(at + 34, 0, true); // disk number start
  target.setUint16(at + 36, header.internalFileAttributes, true);
  target.setUint32(at + 38, header.externalFileAttributes, true);
  target.setUint32(at + 42, header.relativeOffsetOfLocalHeader, true);
  writeText(target, nameAt, text, nameStart, nameLength);
  if (!central.hasZip64) writeOtherExtraFields(target, extraAt, central, facts);
  else {
    const zip64 = [facts.uncompressedSize, facts.compressedSize, facts.relativeOffsetOfLocalHeader];
    writeAllExtraFields(target, extraAt, zip64, central, facts);
  }
  writeText(target, extraAt + central.extraFieldLength, text, nameStart + nameLength, commentLength);
}

export function encodeCentralDirectoryHeader(header: EntryHeader): Buffer {
  const bytes = Buffer.allocUnsafe(centralDirectoryHeaderSize(header));
  writeCentralDirectoryHeader(viewOf(bytes), 0, header);
  return bytes;
}

/** The fields that both headers have in the same order, from the version needed to the length of the extra field. */
function writeCommonFields(target: DataView, at: number, header: EntryHeader, fields: HeaderFields): void {
  const { facts } = header;
  target.setUint16(at, header.versionNeededToExtract, true);
  target.setUint16(at + 2, header.generalPurposeBitFlag, true);
  target.setUint16(at + 4, facts.compressionMethod, true);
  target.setUint16(at + 6, facts.lastModFileTime, true);
  target.setUint16(at + 8, facts.lastModFileDate, true);
  target.setUint32(at + 10, fields.crc32, true);
  target.setUint32(at + 14, fields.compressedSize, true);
  target.setUint32(at + 18, fields.uncompressedSize, true);
  target.setUint16(at + 22, facts.nameLength, true);
  target.setUint16(at + 24, fields.extraFieldLength, true);
}

function writeAllExtraFields(
  target: DataView,
  at: number,
  zip64: readonly number[],
  fields: HeaderFields,
  facts: Readonly<EntryFacts>,
): void {
  const field = encodeZip64ExtendedInformation(...zip64);
  writeText(target, at, field, 0, field.length);
  writeOtherExtraFields(target, at + field.length, fields, facts);
}

function writeOtherExtraFields(
  target: DataView,
  at: number,
  { keptExtraField }: HeaderFields,
  facts: Readonly<EntryFacts>,
): void {
  if (keptExtraField === undefined) writePlainExtraFields(target, at, facts);
  else writeText(target, at, keptExtraField, 0, keptExtraField.length);
}

/** Names are short: for them this loop is faster than a call to copy bytes. */
function writeText(target: DataView, at: number, text: Uint8Array, start: number, length: number): void {
  for (let index = 0; index < length; index++) target.setUint8(at + index, text[start + index] ?? 0);
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** 4.3.14 Zip64 end of central directory record, version 1. */
export function encodeZip64EndOfCentralDirectoryRecord(record: Zip64EndOfCentralDirectoryRecord): Buffer {
  return new RecordWriter(ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIZE)
    .uint32(ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIGNATURE)
    .uint64(ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIZE - 12) // size of the rest of this record (4.3.14.1)
    .uint16(record.versionMadeBy)
    .uint16(record.versionNeededToExtract)
    .uint32(0) // number of this disk
    .uint32(0) // number of the disk with the start of the central directory
    .uint64(record.totalNumberOfEntries) // on this disk
    .uint64(record.totalNumberOfEntries)
    .uint64(record.sizeOfCentralDirectory)
    .uint64(record.offsetOfStartOfCentralDirectory)
    .finish();
}

/** 4.3.15 Zip64 end of central directory locator. */
export function encodeZip64EndOfCentralDirectoryLocator(offsetOfZip64EndOfCentralDirectoryRecord: number): Buffer {
  return new RecordWriter(ZIP64_END_OF_CENTRAL_DIRECTORY_LOCATOR_SIZE)
    .uint32(ZIP64_END_OF_CENTRAL_DIRECTORY_LOCATOR_SIGNATURE)
    .uint32(0) // number of the disk with the zip64 end of central directory record
    .uint64(offsetOfZip64EndOfCentralDirectoryRecord)
    .uint32(1) // total number of disks
    .finish();
}

/** 4.3.16 End of central directory record. */
export function encodeEndOfCentralDirectoryRecord(record: EndOfCentralDirectoryRecord): Buffer {
  const { zipFileComment } = record;
  return new RecordWriter(END_OF_CENTRAL_DIRECTORY_RECORD_SIZE + zipFileComment.length)
    .uint32(END_OF_CENTRAL_DIRECTORY_RECORD_SIGNATURE)
    .uint16(0) // number of this disk
    .uint16(0) // number of the disk with the start of the central directory
    .uint16(record.totalNumberOfEntries) // on this disk
    .uint16(record.totalNumberOfEntries)
    .uint32(record.sizeOfCentralDirectory)
    .uint32(record.offsetOfStartOfCentralDirectory)
    .uint16(zipFileComment.length)
    .bytes(zipFileComment)
    .finish();
}

/** Everything behind the central directory: 4.3.14 and 4.3.15 where they are needed, and 4.3.16. */
export function encodeEndOfArchive(facts: EndOfArchiveFacts): Buffer {
  const { zip64, endOfCentralDirectory } = decideEndOfArchive(facts);
  const end = encodeEndOfCentralDirectoryRecord(endOfCentralDirectory);
  return zip64 === undefined
    ? end
    : Buffer.concat([
        encodeZip64EndOfCentralDirectoryRecord(zip64.record),
        encodeZip64EndOfCentralDirectoryLocator(zip64.offsetOfRecord),
        end,
      ]);
}
