/**
 * A large entry in a stream. Its header precedes the checksum and the sizes, which follow in a data descriptor. It is always
 * deflated, in stored blocks if need be: readers cannot find the end of a stored entry whose size follows it.
 */

import { frameAsStoredBlocks, framedLength } from '../deflate/stored-blocks.js';
import { METHOD_DEFLATE, UINT32_MAX } from '../zip/constants.js';
import { type EntryDescription, EntryFacts } from '../zip/entry-facts.js';
import { decideEntryHeader } from '../zip/entry-header.js';
import { encodeDataDescriptor, encodeLocalFileHeader } from '../zip/records.js';
import { type ArchiveBytes, totalLength } from './archive-bytes.js';
import type { LargeEntry } from './large-entry.js';

/** A piece is at least this long, except for the last one; the planner makes them 1 MiB. */
const SHORTEST_FULL_PIECE = 64 * 1024;

/**
 * The facts of the local header. An entry of unknown size is expected to stay below 4 GiB unless the caller says otherwise,
 * as in Go, Java, Python, yazl and archiver. A zip64 field in the local header requires a 64-bit descriptor, and eight
 * readers cannot read such an entry, Java's `jar x` and unzipper among them.
 *
 * @param expectedSize bytes of content
 */
export function openStreamed(description: EntryDescription, offset: number, expectedSize: number): EntryFacts {
  return new EntryFacts({
    ...description,
    relativeOffsetOfLocalHeader: offset,
    compressionMethod: METHOD_DEFLATE,
    hasDataDescriptor: true,
    reservesZip64: longestDeflated(expectedSize) >= UINT32_MAX,
  });
}

export async function writeStreamed(archive: ArchiveBytes, entry: LargeEntry): Promise<EntryFacts> {
  const open = openStreamed(entry.description, archive.position, entry.uncompressedSize ?? entry.sizeHint ?? 0);
  let compressedSize = 0;
  let uncompressedSize = 0;
  let crc32 = 0;
  let head: Uint8Array[] = [encodeLocalFileHeader(decideEntryHeader(open))];
  for await (const piece of entry.pieces) {
    const heldBytes = piece.bytes.length;
    const data = piece.isDeflated ? [piece.bytes] : frameAsStoredBlocks(piece.bytes, piece.isLast);
    compressedSize += totalLength(data);
    await archive.put([...head, ...data], () => entry.onPieceWritten(piece, heldBytes));
    head = [];
    uncompressedSize += piece.uncompressedSize;
    crc32 = piece.crc32;
  }
  const zip64 = open.reservesZip64 || compressedSize >= UINT32_MAX || uncompressedSize >= UINT32_MAX;
  await archive.write([encodeDataDescriptor({ crc32, compressedSize, uncompressedSize, zip64 })]);
  return { ...open, crc32, compressedSize, uncompressedSize };
}

/** Most bytes that pieces of `length` bytes in total take if none of them shrinks: one more block header for each piece. */
function longestDeflated(length: number): number {
  return framedLength(length) + framedLength(0) * Math.ceil(length / SHORTEST_FULL_PIECE);
}
