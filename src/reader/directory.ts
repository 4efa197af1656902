/** Reads the central directory in blocks: memory does not grow with the number of entries. */
import { CENTRAL_DIRECTORY_HEADER_SIGNATURE, UINT16_MAX } from '../zip/constants.js';
import {
  type EntryExtent,
  type ParsedCentralDirectoryHeader,
  parseCentralDirectoryHeader,
  zip64Values,
} from '../zip/parse-records.js';
import { invalid, parsed, unsupported } from './archive-error.js';
import type { EndOfArchive } from './end-records.js';
import { entryName } from './entry-names.js';
import { DIRECTORY_BLOCK_LENGTH, LONGEST_DIRECTORY_HEADER } from './limits.js';
import type { RandomAccess } from './random-access.js';

/** An entry in the directory. Its buffers are views of a block that does not change after it is read. */
export interface DirectoryEntry extends EntryExtent {
  readonly central: ParsedCentralDirectoryHeader;
  /** The whole central header. */
  readonly bytes: Buffer;
  /** Of the central header, from the start of the file. */
  readonly centralPosition: number;
  /** Of the local header, from the start of the file. */
  readonly localPosition: number;
}

/**
 * The entries in the order of the directory. Sizes and offsets are unchecked: the code that reads the data checks them. One
 * entry is parsed at a time, because views of a whole block's headers would outlive the garbage collector's young generation
 * and take it twice as long as parsing.
 *
 * @throws PzipError PZIP_ARCHIVE_INVALID, after the entries before the fault
 */
export async function* readDirectory(
  archive: RandomAccess,
  end: EndOfArchive,
): AsyncGenerator<DirectoryEntry, void, undefined> {
  let position = end.directoryStart;
  let count = 0;
  while (position < end.directoryEnd) {
    const blockLength = Math.min(DIRECTORY_BLOCK_LENGTH, end.directoryEnd - position);
    const block = await archive.read(position, blockLength);
    const isLast = position + blockLength === end.directoryEnd;
    let at = 0;
    while (at < blockLength && (isLast || blockLength - at >= LONGEST_DIRECTORY_HEADER)) {
      const entry = parseEntry(archive, end, block, at, position + at);
      at += entry.bytes.length;
      count++;
      yield entry;
    }
    position += at;
  }
  if (count === end.entryCount) return;
  throw invalid(archive.path, `its directory lists ${count} entries, but its end record counts ${end.entryCount}`, {
    kind: 'entry-count',
    offset: end.endRecordStart,
  });
}

function parseEntry(
  { path }: RandomAccess,
  end: EndOfArchive,
  block: Buffer,
  at: number,
  centralPosition: number,
): DirectoryEntry {
  const hasSignature = block.length - at < 4 || block.readUInt32LE(at) === CENTRAL_DIRECTORY_HEADER_SIGNATURE;
  if (!hasSignature) {
    const place = { kind: 'directory-header', offset: centralPosition } as const;
    throw invalid(path, `there is no central directory header at ${centralPosition}`, place);
  }
  const central = parsed(path, { kind: 'directory-header', offset: centralPosition }, () =>
    parseCentralDirectoryHeader(block, at),
  );
  const place = { kind: 'zip64-missing', entryName: entryName(central), offset: centralPosition } as const;
  const extent = parsed(path, place, () => zip64Values(central));
  if (central.diskNumberStart !== 0 && central.diskNumberStart !== UINT16_MAX) {
    throw unsupported(path, `it lies in file ${central.diskNumberStart + 1} of a split archive`, {
      ...place,
      kind: 'split',
    });
  }
  const bytes = block.subarray(at, at + central.headerSize);
  const localPosition = end.prefixLength + extent.relativeOffsetOfLocalHeader;
  return { central, bytes, centralPosition, localPosition, ...extent };
}
