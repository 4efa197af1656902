/**
 * The records of a ZIP file, one function for each, in the order of APPNOTE 4.3: lay the two side by side and read down.
 * Nothing is decided here. What a field says was decided in entry-header.ts for an entry's records, and in
 * end-of-archive.ts for the records behind them.
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
import type { EntryHeader } from './entry-header.js';
import { RecordWriter } from './record-writer.js';

export function localFileHeaderSize({ fileName, local }: EntryHeader): number {
  return LOCAL_FILE_HEADER_SIZE + fileName.length + local.extraField.length;
}

/** 4.3.7 Local file header */
export function encodeLocalFileHeader(header: EntryHeader): Buffer {
  const { fileName, local } = header;
  return new RecordWriter(localFileHeaderSize(header))
    .uint32(LOCAL_FILE_HEADER_SIGNATURE)
    .uint16(header.versionNeededToExtract)
    .uint16(header.generalPurposeBitFlag)
    .uint16(header.compressionMethod)
    .uint16(header.lastModFileTime)
    .uint16(header.lastModFileDate)
    .uint32(local.crc32)
    .uint32(local.compressedSize)
    .uint32(local.uncompressedSize)
    .uint16(fileName.length)
    .uint16(local.extraField.length)
    .bytes(fileName)
    .bytes(local.extraField)
    .finish();
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

export function centralDirectoryHeaderSize({ fileName, central }: EntryHeader): number {
  return CENTRAL_DIRECTORY_HEADER_SIZE + fileName.length + central.extraField.length + central.fileComment.length;
}

/** 4.3.12 Central directory structure: one entry's header */
export function encodeCentralDirectoryHeader(header: EntryHeader): Buffer {
  const { fileName, central } = header;
  return new RecordWriter(centralDirectoryHeaderSize(header))
    .uint32(CENTRAL_DIRECTORY_HEADER_SIGNATURE)
    .uint16(central.versionMadeBy)
    .uint16(header.versionNeededToExtract)
    .uint16(header.generalPurposeBitFlag)
    .uint16(header.compressionMethod)
    .uint16(header.lastModFileTime)
    .uint16(header.lastModFileDate)
    .uint32(central.crc32)
    .uint32(central.compressedSize)
    .uint32(central.uncompressedSize)
    .uint16(fileName.length)
    .uint16(central.extraField.length)
    .uint16(central.fileComment.length)
    .uint16(central.diskNumberStart)
    .uint16(central.internalFileAttributes)
    .uint32(central.externalFileAttributes)
    .uint32(central.relativeOffsetOfLocalHeader)
    .bytes(fileName)
    .bytes(central.extraField)
    .bytes(central.fileComment)
    .finish();
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
