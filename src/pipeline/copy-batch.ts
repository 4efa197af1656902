/** Entries of other archives become entries of this one: their headers are written anew, their data is copied. */
import type { CopiedSource, LocatedEntry, StoredEntry } from '../common/entry.js';
import type { BatchResult } from '../compress/tasks.js';
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';
import { METHOD_STORED, UINT32_MAX } from '../zip/constants.js';
import { EntryFacts, encodeEntryText } from '../zip/entry-facts.js';
import { EntryHeader } from '../zip/entry-header.js';
import { ROW_LENGTH, writeRow } from '../zip/framed-entries.js';
import { keptFields } from '../zip/kept-fields.js';
import { encodeCentralDirectoryHeader, encodeLocalFileHeader } from '../zip/records.js';

/** Whether an entry is copied together with others; a larger one is streamed. */
export function isSmallCopy({ copied }: CopiedSource): boolean {
  return copied.compressedSize <= MAX_PIECE_LENGTH && copied.uncompressedSize < UINT32_MAX;
}

/** @param offset of the local header, if it is known */
export function copiedFacts(source: CopiedSource, local: StoredEntry | LocatedEntry, offset: number): EntryFacts {
  const facts = new EntryFacts();
  fillFacts(facts, source, local, offset);
  return facts;
}

function fillFacts(facts: EntryFacts, source: CopiedSource, local: StoredEntry | LocatedEntry, offset: number): void {
  const { central } = local;
  const isDirectory = source.kind === 'directory';
  const { text, nameStart, nameLength, commentLength } = encodeEntryText(source.name, source.comment);
  facts.text = text;
  facts.nameStart = nameStart;
  facts.nameLength = nameLength;
  facts.commentLength = commentLength;
  facts.mode = source.mode;
  facts.lastModFileTime = central.lastModFileTime;
  facts.lastModFileDate = central.lastModFileDate;
  // Some writers deflate the nothing that is in a directory.
  facts.compressionMethod = isDirectory ? METHOD_STORED : central.compressionMethod;
  facts.crc32 = isDirectory ? 0 : central.crc32;
  facts.compressedSize = isDirectory ? 0 : source.copied.compressedSize;
  facts.uncompressedSize = source.copied.uncompressedSize;
  facts.relativeOffsetOfLocalHeader = offset;
  facts.reservesZip64 = local.reservesZip64;
  facts.kept = keptFields(central, isDirectory, local.localExtraField);
}

/**
 * Reads small entries, which follow one another in the new archive.
 *
 * @throws PzipError of the archive that they are read from
 */
export async function frameCopies(sources: readonly CopiedSource[]): Promise<BatchResult> {
  const stored = await readFromEach(sources);
  const rows = new Uint32Array(sources.length * ROW_LENGTH);
  const parts: Uint8Array[] = [];
  const headers: Uint8Array[] = [];
  let position = 0;
  let headerStart = 0;
  let uncompressedSize = 0;
  let storedCount = 0;
  // One object of each serves for all entries: an object for each entry would be garbage.
  const facts = new EntryFacts();
  const header = new EntryHeader();
  for (const [index, source] of sources.entries()) {
    const local = stored[index];
    if (local === undefined) throw new Error('An entry to copy was not read');
    fillFacts(facts, source, local, position);
    header.decide(facts);
    const localHeader = encodeLocalFileHeader(header);
    const centralHeader = encodeCentralDirectoryHeader(header);
    writeRow(rows, index, facts, headerStart);
    parts.push(localHeader, local.data.subarray(0, facts.compressedSize));
    headers.push(centralHeader);
    position += localHeader.length + facts.compressedSize;
    headerStart += centralHeader.length;
    uncompressedSize += facts.uncompressedSize;
    if (source.kind === 'archived' && facts.compressionMethod === METHOD_STORED) storedCount++;
  }
  return {
    bytes: Buffer.concat(parts),
    directory: Buffer.concat(headers),
    rows,
    uncompressedSize,
    lastName: sources.at(-1)?.name,
    storedCount,
    reusedCount: 0,
    made: undefined,
    contents: undefined,
    failures: [],
    changes: [],
    deferred: [],
  };
}

/** Entries of one archive that follow one another are read together. */
async function readFromEach(sources: readonly CopiedSource[]): Promise<StoredEntry[]> {
  const stored: StoredEntry[] = [];
  for (let start = 0; start < sources.length; ) {
    const archive = sources[start]?.copied.archive;
    if (archive === undefined) break;
    let end = start + 1;
    while (sources[end]?.copied.archive === archive) end++;
    for (const entry of await archive.readAll(sources.slice(start, end).map(({ copied }) => copied)))
      stored.push(entry);
    start = end;
  }
  return stored;
}
