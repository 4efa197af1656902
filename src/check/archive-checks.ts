/** Rules about an archive as a whole: its end records and its layout. */
import type { EndOfArchive } from '../reader/end-records.js';
import type { RandomAccess } from '../reader/random-access.js';
import { hasSignature } from '../reader/zip64-end.js';
import {
  END_OF_CENTRAL_DIRECTORY_RECORD_SIGNATURE,
  END_OF_CENTRAL_DIRECTORY_RECORD_SIZE,
  LOCAL_FILE_HEADER_SIGNATURE,
  UINT16_MAX,
  UINT32_MAX,
  VERSION_ZIP64,
  ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIZE,
} from '../zip/constants.js';
import { isAscii } from '../zip/names.js';
import { counted, type Report } from './findings.js';
import type { Layout } from './layout.js';

export async function checkEndRecords(archive: RandomAccess, end: EndOfArchive, report: Report): Promise<void> {
  const { comment, endRecordStart, endRecordsStart, directoryStart, directoryEnd } = end;
  if (end.isZip64) {
    const record = await archive.read(endRecordsStart, ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIZE);
    const version = record.readUInt16LE(14) & 0xff;
    if (version !== VERSION_ZIP64) {
      report('zip64-end-version', endRecordsStart, `it requires version ${version / 10} to extract`);
    }
  } else {
    const size = directoryEnd - directoryStart;
    const offset = directoryStart - end.prefixLength;
    if (end.entryCount === UINT16_MAX || size === UINT32_MAX || offset === UINT32_MAX) {
      report('zip64-end-missing', endRecordStart, 'a field is all ones, but there is no zip64 record');
    }
  }
  if (directoryEnd < endRecordsStart) {
    const seen = `${counted(endRecordsStart - directoryEnd)} between the directory and the end records`;
    report('gap', directoryEnd, seen);
  }
  const commentStart = endRecordStart + END_OF_CENTRAL_DIRECTORY_RECORD_SIZE;
  const at = comment.indexOf(SIGNATURE);
  if (at >= 0) report('comment-signature', commentStart + at, 'the comment contains the signature of an end record');
  if (!isAscii(comment)) report('comment-encoding', commentStart, 'the comment is not ASCII');
  if (end.trailingLength > 0) {
    report('trailing', archive.size - end.trailingLength, `${counted(end.trailingLength)} after the archive`);
  }
}

const SIGNATURE = Buffer.alloc(4);
SIGNATURE.writeUInt32LE(END_OF_CENTRAL_DIRECTORY_RECORD_SIGNATURE);

export async function checkLayout(
  archive: RandomAccess,
  end: EndOfArchive,
  layout: Layout,
  report: Report,
): Promise<void> {
  if (end.prefixLength > 0) {
    const seen = `${counted(end.prefixLength)} before the archive, which its offsets do not include`;
    report('prefix-unadjusted', 0, seen);
  }
  const before = layout.start - end.prefixLength;
  if (before > 0 && layout.isWhole) {
    // Streaming readers extract it if it begins with a local header.
    const isEntry = await hasSignature(archive, end.prefixLength, LOCAL_FILE_HEADER_SIGNATURE);
    const seen = `${counted(before)} before the first entry of the directory`;
    report(isEntry ? 'gap' : 'prefix', end.prefixLength, isEntry ? `${seen}, which begin with a local header` : seen);
  }
  if (!layout.isOrdered) {
    report('order', end.directoryStart, 'the directory lists the entries in a different order from that of their data');
  }
}
