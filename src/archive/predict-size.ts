/**
 * Predicts the length of an archive of stored entries before it is written, for a Content-Length, with the functions that
 * write the headers.
 */
import { statSync } from 'node:fs';
import { contentSize, type FileSource, type Source } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { show } from '../common/option-rules.js';
import type { EntryPlan } from '../compress/batch-builder.js';
import { closeSource, openSource, readSource } from '../compress/source-file.js';
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';
import { framedLength } from '../deflate/stored-blocks.js';
import { openStreamed } from '../output/streamed-entry.js';
import { EntryPlanner } from '../pipeline/entry-planner.js';
import { recordSource } from '../sources/record-source.js';
import { DATA_DESCRIPTOR_SIZE, ZIP64_DATA_DESCRIPTOR_SIZE } from '../zip/constants.js';
import { DEFAULT_LAST_MODIFIED } from '../zip/dates.js';
import { EntryFacts, encodeEntryText } from '../zip/entry-facts.js';
import { decideEntryHeader } from '../zip/entry-header.js';
import { timestampOf } from '../zip/mimetype.js';
import { centralDirectoryHeaderSize, encodeEndOfArchive, localFileHeaderSize } from '../zip/records.js';
import type { ArchiveEntry, PredictSizeOptions } from './options.js';
import { resolvePredictOptions } from './resolve-options.js';

/**
 * The exact length in bytes of the archive with these entries in this order.
 *
 * @param entries as for addEntries(), all stored (`store`, or level 0 for all) and of known size: files, whose size is read now,
 * content in memory, and streams with their `size`
 * @throws PzipError PZIP_USAGE for any other entry, and the errors of addEntries(), except for duplicate names
 */
export function predictSize(entries: Iterable<ArchiveEntry>, options: PredictSizeOptions = {}): number {
  const resolved = resolvePredictOptions(options);
  const { comment = '', target = 'stream' } = resolved;
  checkIterable(entries);
  const planner = plannerOf(resolved);
  let position = 0;
  let sizeOfCentralDirectory = 0;
  let totalNumberOfEntries = 0;
  for (const entry of entries) {
    const source = recordSource(entry);
    if (source.kind === 'file' && !hasItsSize(source)) {
      throw unpredictable(source, 'the system generates its file on reading, so its size is unknown');
    }
    const plan = planner.plan(source);
    const facts = factsOf(source, storedSize(source, plan.level), plan, position, target);
    const header = decideEntryHeader(facts);
    position += localFileHeaderSize(header) + facts.compressedSize + descriptorSize(facts);
    sizeOfCentralDirectory += centralDirectoryHeaderSize(header);
    totalNumberOfEntries++;
  }
  const end = encodeEndOfArchive({
    totalNumberOfEntries,
    sizeOfCentralDirectory,
    offsetOfStartOfCentralDirectory: position,
    zipFileComment: Buffer.from(comment),
  });
  return position + sizeOfCentralDirectory + end.length;
}

function checkIterable(entries: unknown): void {
  if (typeof entries === 'object' && entries !== null && Symbol.iterator in entries) return;
  throw new PzipError('PZIP_USAGE', `predictSize() takes a list of entries (got ${show(entries)})`);
}

/** The length of a file without blocks, such as one of /proc, may differ from stat(2); reading its end shows that. */
function hasItsSize({ path, size, isFollowed }: FileSource): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.blocks !== 0) return true;
  const descriptor = openSource(path, isFollowed);
  try {
    const start = Math.max(0, size - 1);
    const wanted = size - start + 1;
    return start + readSource(descriptor, new Uint8Array(wanted), wanted, start, path, wanted) === size;
  } finally {
    closeSource(descriptor, path);
  }
}

function plannerOf(options: PredictSizeOptions): EntryPlanner {
  const { level = 6, extendedTimestamps = true, mtime, latestMtime, reproducible = false } = options;
  return new EntryPlanner({
    level,
    zone: 'utc',
    extendedTimestamp: extendedTimestamps,
    fixedDate: mtime?.getTime() ?? (reproducible ? DEFAULT_LAST_MODIFIED : undefined),
    latestDate: latestMtime?.getTime(),
  });
}

/**
 * The size of an entry's content.
 *
 * @throws PzipError PZIP_USAGE if it is unknown or the content is not stored
 */
function storedSize(source: Source, level: number): number {
  const size = contentSize(source);
  if (size === undefined) throw unpredictable(source, 'its stream has no `size`');
  if (size > 0 && level > 0) throw unpredictable(source, 'it is not stored');
  return size;
}

function factsOf(
  source: Source,
  size: number,
  { isMimetype, level, ...dates }: EntryPlan,
  offset: number,
  target: 'stream' | 'file',
): EntryFacts {
  const isStreamed = target === 'stream' && size > MAX_PIECE_LENGTH;
  const description = {
    ...encodeEntryText(source.name, source.comment),
    ...dates,
    unixTime: timestampOf(isMimetype, true, dates.unixTime),
    mode: source.mode,
  };
  const facts = isStreamed
    ? openStreamed(description, offset, size)
    : new EntryFacts({ ...description, relativeOffsetOfLocalHeader: offset });
  facts.compressedSize = isStreamed ? framedInPieces(size) : size;
  facts.uncompressedSize = size;
  return facts;
}

/** In a stream, content longer than a piece is stored as deflate, each piece in its own stored blocks. */
function framedInPieces(size: number): number {
  const fullPieces = Math.ceil(size / MAX_PIECE_LENGTH) - 1;
  return fullPieces * framedLength(MAX_PIECE_LENGTH) + framedLength(size - fullPieces * MAX_PIECE_LENGTH);
}

function descriptorSize({ hasDataDescriptor, reservesZip64 }: EntryFacts): number {
  if (!hasDataDescriptor) return 0;
  return reservesZip64 ? ZIP64_DATA_DESCRIPTOR_SIZE : DATA_DESCRIPTOR_SIZE;
}

function unpredictable({ name }: Source, why: string): PzipError {
  const message = `The size of the archive cannot be predicted because of ${quote(name)}: ${why}`;
  return new PzipError('PZIP_USAGE', message, { entryName: name });
}
