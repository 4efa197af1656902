/** What the records behind the central directory say, and whether ZIP64 is among them. */

import { UINT16_MAX, UINT32_MAX, VERSION_MADE_BY, VERSION_ZIP64 } from './constants.js';

export interface EndOfArchiveFacts {
  readonly totalNumberOfEntries: number;
  readonly sizeOfCentralDirectory: number;
  readonly offsetOfStartOfCentralDirectory: number;
  /** ASCII, empty for none; `checkComment` says whether it will do. */
  readonly zipFileComment: Uint8Array;
}

export interface EndOfArchive {
  /** Undefined where the plain record can say it all. */
  readonly zip64: { readonly record: Zip64EndOfCentralDirectoryRecord; readonly offsetOfRecord: number } | undefined;
  readonly endOfCentralDirectory: EndOfCentralDirectoryRecord;
}

export interface Zip64EndOfCentralDirectoryRecord {
  readonly versionMadeBy: number;
  readonly versionNeededToExtract: number;
  readonly totalNumberOfEntries: number;
  readonly sizeOfCentralDirectory: number;
  readonly offsetOfStartOfCentralDirectory: number;
}

export interface EndOfCentralDirectoryRecord {
  readonly totalNumberOfEntries: number;
  readonly sizeOfCentralDirectory: number;
  readonly offsetOfStartOfCentralDirectory: number;
  readonly zipFileComment: Uint8Array;
}

/**
 * A field of all ones sends the reader to the ZIP64 record, so a value that happens to be all ones needs it as well.
 *
 * Only what is too large for its field is masked (4.4.1.4). Readers take either form; this one leaves those that know no
 * ZIP64 the true offset of the directory of an archive that merely has many entries.
 */
export function decideEndOfArchive(facts: EndOfArchiveFacts): EndOfArchive {
  const { totalNumberOfEntries, sizeOfCentralDirectory, offsetOfStartOfCentralDirectory, zipFileComment } = facts;
  const needsZip64 =
    totalNumberOfEntries >= UINT16_MAX ||
    sizeOfCentralDirectory >= UINT32_MAX ||
    offsetOfStartOfCentralDirectory >= UINT32_MAX;

  const zip64 = {
    record: {
      versionMadeBy: VERSION_MADE_BY,
      versionNeededToExtract: VERSION_ZIP64,
      totalNumberOfEntries,
      sizeOfCentralDirectory,
      offsetOfStartOfCentralDirectory,
    },
    offsetOfRecord: offsetOfStartOfCentralDirectory + sizeOfCentralDirectory,
  };
  return {
    zip64: needsZip64 ? zip64 : undefined,
    endOfCentralDirectory: {
      totalNumberOfEntries: Math.min(totalNumberOfEntries, UINT16_MAX),
      sizeOfCentralDirectory: Math.min(sizeOfCentralDirectory, UINT32_MAX),
      offsetOfStartOfCentralDirectory: Math.min(offsetOfStartOfCentralDirectory, UINT32_MAX),
      zipFileComment,
    },
  };
}
