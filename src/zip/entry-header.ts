/**
 * Every decision about an entry's two headers, made once. What comes out says what each field will hold, so the encoders
 * in records.ts decide nothing, and the local and the central header agree by construction.
 */

import { externalFileAttributes, isDirectoryMode } from './attributes.js';
import {
  FLAG_DATA_DESCRIPTOR,
  FLAG_UTF8,
  METHOD_STORED,
  UINT32_MAX,
  VERSION_DEFLATE_OR_DIRECTORY,
  VERSION_MADE_BY,
  VERSION_STORED,
  VERSION_ZIP64,
} from './constants.js';
import { encodeExtendedTimestamp, encodeZip64ExtendedInformation, fitsExtendedTimestamp } from './extra-fields.js';
import { isAscii } from './names.js';

/**
 * What is known of an entry when its headers are due. Bytes are already encoded; numbers are already clamped.
 */
export interface EntryFacts {
  /** UTF-8; a directory's ends in `/`. */
  readonly fileName: Uint8Array;
  /** UTF-8, empty for none. */
  readonly fileComment: Uint8Array;
  /** st_mode of stat(2): the type bits and the permission bits. */
  readonly mode: number;
  readonly lastModFileTime: number;
  readonly lastModFileDate: number;
  /** Seconds since 1970 UTC for the extended timestamp (0x5455), where that can hold them; undefined leaves that field out. */
  readonly unixTime: number | undefined;
  readonly compressionMethod: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  /** Offset of the local header from the start of the archive; it has no part in the local header itself. */
  readonly relativeOffsetOfLocalHeader: number;
  /** The CRC and the sizes follow the data in a data descriptor. Deflate only. */
  readonly hasDataDescriptor: boolean;
  /**
   * The local header carries the ZIP64 sizes whatever they turn out to be: it is written before the sizes are known and
   * they are expected to reach 4 GiB (APPNOTE 4.3.9.2). Where that was not expected and they do all the same, the local
   * header stays as it was written; the data descriptor and the central directory then tell the sizes.
   */
  readonly reservesZip64: boolean;
}

/** What the fields of an entry's headers say. Those outside `local` and `central` are the same in both. */
export interface EntryHeader {
  readonly fileName: Uint8Array;
  readonly versionNeededToExtract: number;
  readonly generalPurposeBitFlag: number;
  readonly compressionMethod: number;
  readonly lastModFileTime: number;
  readonly lastModFileDate: number;
  readonly local: LocalFields;
  readonly central: CentralFields;
}

/** What the local header says by itself: zeros where a data descriptor follows, all ones where zip64 takes over. */
export interface LocalFields {
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  readonly extraField: Uint8Array;
}

export interface CentralFields extends LocalFields {
  readonly versionMadeBy: number;
  readonly fileComment: Uint8Array;
  readonly diskNumberStart: number;
  readonly internalFileAttributes: number;
  readonly externalFileAttributes: number;
  readonly relativeOffsetOfLocalHeader: number;
}

const NO_BYTES = new Uint8Array(0);
const SLASH = 0x2f;

/**
 * Decides what an entry's headers say. Called for the local header before the offset is known, or before the sizes are, it
 * decides the same `local` as when all is known, given the same `hasDataDescriptor` and `reservesZip64`.
 *
 * @throws Error for facts that no reader could make sense of; the caller has a bug.
 */
export function decideEntryHeader(facts: EntryFacts): EntryHeader {
  refuseContradictions(facts);
  const { fileName, fileComment, compressionMethod } = facts;
  const { crc32, compressedSize, uncompressedSize, relativeOffsetOfLocalHeader, hasDataDescriptor } = facts;
  const { unixTime = Number.NaN } = facts;
  const timestamp = fitsExtendedTimestamp(unixTime) ? encodeExtendedTimestamp(unixTime) : NO_BYTES;

  const sizesNeedZip64 = compressedSize >= UINT32_MAX || uncompressedSize >= UINT32_MAX;
  const localHasZip64 = facts.reservesZip64 || (sizesNeedZip64 && !hasDataDescriptor);
  const centralHasZip64 = sizesNeedZip64 || relativeOffsetOfLocalHeader >= UINT32_MAX;

  // Where a descriptor follows, the local header knows nothing yet, even if we do by now.
  const localCompressedSize = hasDataDescriptor ? 0 : compressedSize;
  const localUncompressedSize = hasDataDescriptor ? 0 : uncompressedSize;
  const hasUtf8 = !isAscii(fileName) || !isAscii(fileComment);

  return {
    fileName,
    // Without a look at the offset: the local header may be encoded before that is known, and the two must agree. (libzip
    // finds an archive inconsistent whose central directory asks for less than the local header. An offset beyond 4 GiB
    // under version 10 or 20 is what Go's archive/zip writes as well; the end record asks for 45.) Only what has grown beyond
    // 4 GiB unexpectedly asks for more in the directory than in its local header, which was written before.
    versionNeededToExtract: localHasZip64 || sizesNeedZip64 ? VERSION_ZIP64 : plainVersion(facts),
    generalPurposeBitFlag: (hasDataDescriptor ? FLAG_DATA_DESCRIPTOR : 0) | (hasUtf8 ? FLAG_UTF8 : 0),
    compressionMethod,
    lastModFileTime: facts.lastModFileTime,
    lastModFileDate: facts.lastModFileDate,
    local: {
      crc32: hasDataDescriptor ? 0 : crc32,
      compressedSize: localHasZip64 ? UINT32_MAX : localCompressedSize,
      uncompressedSize: localHasZip64 ? UINT32_MAX : localUncompressedSize,
      extraField: localHasZip64
        ? concat(encodeZip64ExtendedInformation(localUncompressedSize, localCompressedSize), timestamp)
        : timestamp,
    },
    central: {
      crc32,
      // Of the forms that 4.5.3 allows, all three masked and all three given is the one that every reader takes.
      compressedSize: centralHasZip64 ? UINT32_MAX : compressedSize,
      uncompressedSize: centralHasZip64 ? UINT32_MAX : uncompressedSize,
      extraField: centralHasZip64
        ? concat(
            encodeZip64ExtendedInformation(uncompressedSize, compressedSize, relativeOffsetOfLocalHeader),
            timestamp,
          )
        : timestamp,
      versionMadeBy: VERSION_MADE_BY,
      fileComment,
      diskNumberStart: 0,
      internalFileAttributes: 0, // 4.4.14: bit 0 would claim that the data is text, and nothing gains by it
      externalFileAttributes: externalFileAttributes(facts.mode),
      relativeOffsetOfLocalHeader: centralHasZip64 ? UINT32_MAX : relativeOffsetOfLocalHeader,
    },
  };
}

function refuseContradictions(facts: EntryFacts): void {
  const { fileName, compressionMethod, compressedSize, uncompressedSize, hasDataDescriptor } = facts;
  const isStored = compressionMethod === METHOD_STORED;
  const isDirectory = isDirectoryMode(facts.mode);
  if (isDirectory !== (fileName[fileName.length - 1] === SLASH)) {
    contradiction(facts, "its mode and its name disagree; a directory's name ends in '/', and no other");
  }
  if (isDirectory && (!isStored || uncompressedSize !== 0)) contradiction(facts, 'it is a directory and has data');
  if (isStored && hasDataDescriptor) {
    contradiction(facts, 'it is stored and has a data descriptor, so no stream reader can find its end');
  }
  if (isStored && compressedSize !== uncompressedSize) {
    contradiction(facts, `it is stored and its ${uncompressedSize} bytes take ${compressedSize}`);
  }
}

function contradiction(facts: EntryFacts, what: string): never {
  throw new Error(`Entry ${JSON.stringify(Buffer.from(facts.fileName).toString())}: ${what}`);
}

function plainVersion(facts: EntryFacts): number {
  const isPlain = facts.compressionMethod === METHOD_STORED && !isDirectoryMode(facts.mode);
  return isPlain ? VERSION_STORED : VERSION_DEFLATE_OR_DIRECTORY;
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  return Buffer.concat([first, second]);
}
