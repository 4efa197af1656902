/** An entry's modification time, from the most precise field in its header. */
import { EXTENDED_TIMESTAMP_HAS_MODIFICATION_TIME, EXTENDED_TIMESTAMP_ID, NTFS_ID } from '../zip/constants.js';
import { fromDosDateTime } from '../zip/dates.js';
import { findExtraField, type ParsedHeader } from '../zip/parse-records.js';

/** @returns milliseconds since 1970 UTC; the MS-DOS fields have no time zone and are read as local time */
export function modificationTime({ extraField, lastModFileDate, lastModFileTime }: ParsedHeader): number {
  const unixTime = extendedTimestamp(findExtraField(extraField, EXTENDED_TIMESTAMP_ID));
  if (unixTime !== undefined) return unixTime * 1000;
  const ntfsTime = ntfsModificationTime(findExtraField(extraField, NTFS_ID));
  return ntfsTime ?? fromDosDateTime({ date: lastModFileDate, time: lastModFileTime });
}

/** Seconds since 1970 UTC, signed. */
function extendedTimestamp(field: Buffer | undefined): number | undefined {
  if (field === undefined || field.length < 5) return undefined;
  return (field.readUInt8() & EXTENDED_TIMESTAMP_HAS_MODIFICATION_TIME) === 0 ? undefined : field.readInt32LE(1);
}

const NTFS_TIMES = 1; // the attribute that holds modification, access and creation time
const NTFS_TICKS_PER_MILLISECOND = 10_000n;
/** From 1601, the NTFS epoch, to 1970. */
const NTFS_EPOCH_MILLISECONDS = 11_644_473_600_000n;

/** Milliseconds since 1970 UTC. Four reserved bytes come first, then attributes, each with its length. */
function ntfsModificationTime(field: Buffer | undefined): number | undefined {
  if (field === undefined) return undefined;
  for (let at = 4; field.length - at >= 4; at += 4 + field.readUInt16LE(at + 2)) {
    if (field.readUInt16LE(at) !== NTFS_TIMES || field.length - at < 12) continue;
    return Number(field.readBigUInt64LE(at + 4) / NTFS_TICKS_PER_MILLISECOND - NTFS_EPOCH_MILLISECONDS);
  }
  return undefined;
}
