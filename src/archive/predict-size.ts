/**
 * How long an archive will be, before a byte of it is written: for a Content-Length. It can be told of what is stored and
 * of known size, by the functions that frame it when it is written.
 */
import { statSync } from 'node:fs';
import type { FileSource, Source } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { show } from '../common/option-rules.js';
import { closeSource, openSource, readSource } from '../compress/source-file.js';
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';
import { describe } from '../output/large-entry.js';
import { openStreamed } from '../output/streamed-entry.js';
import { entryDate } from '../pipeline/entry-date.js';
import { recordSource } from '../sources/entry-sources.js';
import { DATA_DESCRIPTOR_SIZE, ZIP64_DATA_DESCRIPTOR_SIZE } from '../zip/constants.js';
import { DEFAULT_LAST_MODIFIED } from '../zip/dates.js';
import { framedLength } from '../zip/deflate-stored.js';
import { decideEntryHeader, type EntryFacts } from '../zip/entry-header.js';
import { MIMETYPE } from '../zip/mimetype.js';
import { encodeFileName } from '../zip/names.js';
import { centralDirectoryHeaderSize, encodeEndOfArchive, localFileHeaderSize } from '../zip/records.js';
import type { ArchiveEntry, PredictSizeOptions } from './options.js';
import { resolvePredictOptions } from './resolve-options.js';

/**
 * The length in bytes, exactly, of the archive that the same entries make in the same order.
 *
 * @param entries as addEntries() takes them, all stored (`store`, or level 0 for all) and of known size: files, which are
 * looked at now, content in memory, and streams with their `size`
 * @throws PzipError PZIP_USAGE for an entry that is not, and whatever addEntries() would refuse; a name that comes twice is
 * not noticed here
 */
export function predictSize(entries: Iterable<ArchiveEntry>, options: PredictSizeOptions = {}): number {
  const resolved = resolvePredictOptions(options);
  const { level = 6, comment = '', target = 'stream' } = resolved;
  checkIterable(entries);
  let position = 0;
  let sizeOfCentralDirectory = 0;
  let totalNumberOfEntries = 0;
  for (const entry of entries) {
    const source = recordSource(entry);
    if (source.kind === 'file' && !hasItsSize(source)) {
      throw unpredictable(
        source,
        'its file is made up by the system as it is read, and is not as long as its size says',
      );
    }
    const facts = factsOf(
      source,
      storedSize(source, level),
      target,
      position,
      unixTimeOf(source, position === 0, resolved),
    );
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

/** What has no blocks, as files of /proc, may have another length than stat(2) says: a look at its end shows. */
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

/** The size of an entry's content, given that it is stored. */
function storedSize(source: Source, archiveLevel: number): number {
  if (source.kind === 'directory') return 0;
  if (source.kind === 'symlink') return source.target.length;
  const size = source.kind === 'bytes' ? source.bytes.length : source.size;
  if (size === undefined) throw unpredictable(source, 'its stream has no `size`');
  if (size > 0 && (source.level ?? archiveLevel) > 0) throw unpredictable(source, 'it is not stored');
  return size;
}

/** Seconds since 1970 UTC; undefined where the entry has no extended timestamp whatever its date. */
function unixTimeOf(source: Source, isFirst: boolean, options: PredictSizeOptions): number | undefined {
  const { extendedTimestamps = true, mtime, latestMtime, reproducible = false } = options;
  if (!extendedTimestamps || (isFirst && source.name === MIMETYPE)) return undefined;
  const fixedDate = mtime?.getTime() ?? (reproducible ? DEFAULT_LAST_MODIFIED : undefined);
  return Math.floor(entryDate(source, { fixedDate, latestDate: latestMtime?.getTime() }) / 1000);
}

function factsOf(
  source: Source,
  size: number,
  target: 'stream' | 'file',
  offset: number,
  unixTime: number | undefined,
): EntryFacts {
  const description = {
    fileName: encodeFileName(source.name),
    fileComment: encodeFileName(source.comment ?? ''),
    mode: source.mode,
    lastModFileTime: 0,
    lastModFileDate: 0,
    unixTime,
  };
  const isStreamed = target === 'stream' && size > MAX_PIECE_LENGTH;
  return isStreamed
    ? { ...openStreamed(description, offset, size), compressedSize: framedInPieces(size), uncompressedSize: size }
    : { ...describe(description, offset), compressedSize: size, uncompressedSize: size };
}

/** In a stream, what is longer than a piece is stored as deflate: piece by piece, each in stored blocks of its own. */
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
