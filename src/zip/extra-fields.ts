/** Extra fields (APPNOTE 4.5), for values that do not fit the fixed fields of a header. */

import {
  EXTENDED_TIMESTAMP_HAS_MODIFICATION_TIME,
  EXTENDED_TIMESTAMP_ID,
  EXTENDED_TIMESTAMP_SIZE,
  EXTRA_FIELD_HEADER_SIZE,
  ZIP64_EXTENDED_INFORMATION_ID,
} from './constants.js';
import type { EntryDescription } from './entry-facts.js';
import { RecordWriter } from './record-writer.js';

/**
 * 4.5.3 Zip64 extended information: the values of the fields that the header masks, and no others, in the order of that
 * section: uncompressed size, compressed size, relative offset of the local header. A local header always masks both sizes.
 */
export function encodeZip64ExtendedInformation(...values: number[]): Uint8Array {
  const dataSize = values.length * 8;
  const writer = new RecordWriter(EXTRA_FIELD_HEADER_SIZE + dataSize)
    .uint16(ZIP64_EXTENDED_INFORMATION_ID)
    .uint16(dataSize);
  for (const value of values) writer.uint64(value);
  return writer.finish();
}

/**
 * Whether an entry has an extended timestamp. Its 32 signed bits end on 2038-01-19. A time before 1970 makes `jar x` of JDK 17
 * stop, and bsdtar shows 2105. Without it, readers take the MS-DOS date, which ends in 2107.
 *
 * @param unixTime seconds since 1970 UTC; NaN for none
 */
export function fitsExtendedTimestamp(unixTime: number): boolean {
  return unixTime >= 0 && unixTime < 0x8000_0000;
}

/** Most bytes of an entry's extra fields besides zip64. */
export const LONGEST_PLAIN_EXTRA_FIELD = EXTENDED_TIMESTAMP_SIZE;

/** Bytes of an entry's extra fields besides zip64, which are the same in both headers. */
export function plainExtraFieldSize({ unixTime }: Readonly<EntryDescription>): number {
  return fitsExtendedTimestamp(unixTime) ? EXTENDED_TIMESTAMP_SIZE : 0;
}

/** Writes the fields that plainExtraFieldSize() counts. To add one, add it there, here and to LONGEST_PLAIN_EXTRA_FIELD. */
export function writePlainExtraFields(target: DataView, at: number, { unixTime }: Readonly<EntryDescription>): void {
  if (fitsExtendedTimestamp(unixTime)) writeExtendedTimestamp(target, at, unixTime);
}

/** Info-ZIP's extended timestamp with the modification time alone, which makes it the same in both headers. */
function writeExtendedTimestamp(target: DataView, at: number, unixTime: number): void {
  target.setUint16(at, EXTENDED_TIMESTAMP_ID, true);
  target.setUint16(at + 2, EXTENDED_TIMESTAMP_SIZE - EXTRA_FIELD_HEADER_SIZE, true);
  target.setUint8(at + 4, EXTENDED_TIMESTAMP_HAS_MODIFICATION_TIME);
  target.setInt32(at + 5, Math.floor(unixTime), true);
}
