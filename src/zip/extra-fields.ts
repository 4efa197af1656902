/** Extra fields (APPNOTE 4.5): what the fixed fields of a header have no room for. */

import {
  EXTENDED_TIMESTAMP_HAS_MODIFICATION_TIME,
  EXTENDED_TIMESTAMP_ID,
  EXTENDED_TIMESTAMP_SIZE,
  EXTRA_FIELD_HEADER_SIZE,
  ZIP64_EXTENDED_INFORMATION_ID,
} from './constants.js';
import { RecordWriter } from './record-writer.js';

/**
 * 4.5.3 Zip64 extended information: the values of the fields that the header masks, and of no others, in the order of that
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
 * Whether the extended timestamp is written for it. It is left out from 2038-01-19 on, which its signed 32 bits cannot hold,
 * and before 1970, which makes `jar x` of JDK 17 stop and bsdtar show 2105. Readers then take the MS-DOS date, which goes up
 * to 2107.
 *
 * @param unixTime Seconds since 1970 UTC; NaN for none
 */
export function fitsExtendedTimestamp(unixTime: number): boolean {
  return unixTime >= 0 && unixTime < 0x8000_0000;
}

/**
 * Info-ZIP's extended timestamp with the modification time alone, which makes it the same in both headers.
 *
 * @param unixTime Seconds since 1970 UTC, of which fractions are floored; fitsExtendedTimestamp() must hold.
 */
export function encodeExtendedTimestamp(unixTime: number): Uint8Array {
  return new RecordWriter(EXTENDED_TIMESTAMP_SIZE)
    .uint16(EXTENDED_TIMESTAMP_ID)
    .uint16(EXTENDED_TIMESTAMP_SIZE - EXTRA_FIELD_HEADER_SIZE)
    .uint8(EXTENDED_TIMESTAMP_HAS_MODIFICATION_TIME)
    .int32(Math.floor(unixTime))
    .finish();
}
