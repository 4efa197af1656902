/** Merges parts without reading their data: gives the ranges of which the archive consists, and writes what is in no part. */
import type { CopiedSource } from '../common/entry.js';
import { CentralDirectory } from '../output/central-directory.js';
import { copiedFacts } from '../pipeline/copy-batch.js';
import { decideEntryHeader } from '../zip/entry-header.js';
import { encodeCentralDirectoryHeader, encodeEndOfArchive, encodeLocalFileHeader } from '../zip/records.js';
import { Joining } from './join-parts.js';
import { JoinedEntry, type JoinedPiece } from './joined-entry.js';
import type { Part } from './part-set.js';
import type { RangeList } from './range-list.js';
import { type PlacedEntry, RangedPart } from './ranged-part.js';

/**
 * @param parts in the order of the archive
 * @param check called with each entry before it goes in; throws if it must not
 * @param comment of the archive
 * @returns bytes of the archive
 */
export async function mergeAsRanges(
  parts: readonly Part[],
  list: RangeList,
  check: (source: CopiedSource) => void,
  comment: string,
): Promise<number> {
  const directory = new CentralDirectory();
  const joining = new Joining();
  let position = 0;
  const add = async (source: CopiedSource, placed: PlacedEntry, archive: RangedPart): Promise<void> => {
    check(source);
    const { copied } = source;
    const facts = copiedFacts(source, await copied.archive.locate(copied), position);
    await directory.add(encodeCentralDirectoryHeader(decideEntryHeader(facts)));
    if (!(copied.archive instanceof JoinedEntry)) {
      await list.addRange(archive, placed.start, placed.end);
      position += placed.end - placed.start;
      return;
    }
    const header = encodeLocalFileHeader(decideEntryHeader(facts));
    await list.addBytes(header);
    for await (const piece of copied.archive.pieces()) await addPiece(list, piece);
    position += header.length + copied.compressedSize;
  };
  for (const [rank, part] of parts.entries()) {
    const archive = await RangedPart.open(part, rank);
    try {
      for await (const placed of archive.entries()) {
        const complete = joining.add(part, placed.source);
        if (complete !== undefined) await add(complete, placed, archive);
      }
    } finally {
      await archive.close();
    }
    joining.endPart(part, archive.path);
  }
  joining.finish(parts);
  const end = encodeEndOfArchive({
    totalNumberOfEntries: directory.entryCount,
    sizeOfCentralDirectory: directory.size,
    offsetOfStartOfCentralDirectory: position,
    zipFileComment: Buffer.from(comment),
  });
  for await (const block of directory.blocks()) await list.addBytes(block);
  await list.addBytes(end);
  return position + directory.size + end.length;
}

async function addPiece(list: RangeList, piece: JoinedPiece): Promise<void> {
  if (piece.kind === 'bytes') {
    await list.addBytes(piece.bytes);
    return;
  }
  const { copied } = piece.fragment.source;
  if (!(copied.archive instanceof RangedPart)) throw new Error('A fragment of an archive that is copied has no ranges');
  const start = RangedPart.dataStart(copied);
  await list.addRange(copied.archive, start + piece.from, start + piece.to);
}
