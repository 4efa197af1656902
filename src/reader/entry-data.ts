/** An entry's data: raw, or inflated and checked. */
import { FLAG_DATA_DESCRIPTOR, FLAG_ENCRYPTED, METHOD_DEFLATE, METHOD_STORED } from '../zip/constants.js';
import { findDataDescriptor, LONGEST_DATA_DESCRIPTOR } from '../zip/data-descriptor.js';
import { invalid, unsupported } from './archive-error.js';
import {
  ContentFault,
  checkedContent,
  type ExpectedContent,
  wholeContent,
  wholeContentOnThread,
} from './content-checks.js';
import type { DirectoryEntry } from './directory.js';
import type { EndOfArchive } from './end-records.js';
import { entryName } from './entry-names.js';
import { MAX_WHOLE_LENGTH, READ_LENGTH } from './limits.js';
import { type LocalEntry, readLocalHeader, rejectDisagreement } from './local-header.js';
import type { RandomAccess } from './random-access.js';

/** @param length bytes of a piece */
export async function* readRange(
  archive: RandomAccess,
  start: number,
  end: number,
  length = READ_LENGTH,
): AsyncGenerator<Buffer> {
  for (let position = start; position < end; position += length) {
    yield await archive.read(position, Math.min(length, end - position));
  }
}

/** The compressed bytes in pieces, for any method. */
export async function* rawData(
  archive: RandomAccess,
  end: EndOfArchive,
  entry: DirectoryEntry,
): AsyncGenerator<Buffer, void, undefined> {
  const localEntry = await readLocalHeader(archive, end, entry);
  rejectDisagreement(archive.path, entry, localEntry);
  yield* readRange(archive, localEntry.dataStart, localEntry.dataEnd);
}

/** Streaming readers take CRC-32 and sizes from the data descriptor, so it must match the directory. */
async function rejectOtherDescriptor(
  archive: RandomAccess,
  { directoryStart }: EndOfArchive,
  { central, compressedSize, uncompressedSize }: DirectoryEntry,
  { local, dataEnd }: LocalEntry,
): Promise<void> {
  if ((local.generalPurposeBitFlag & FLAG_DATA_DESCRIPTOR) === 0) return;
  const bytes = await archive.read(dataEnd, Math.min(LONGEST_DATA_DESCRIPTOR, directoryStart - dataEnd));
  if (findDataDescriptor(bytes, { crc32: central.crc32, compressedSize, uncompressedSize }) !== undefined) return;
  const fault = 'no data descriptor that matches the directory follows its data';
  throw invalid(archive.path, fault, { entryName: entryName(central), offset: dataEnd });
}

/**
 * The content in pieces. Length and CRC-32 are compared after the last one: the content is valid only if the iteration ends
 * without an error.
 *
 * Data of more than 1 MiB is streamed through zlib, which inflates on libuv's threads.
 *
 * @param maxInPlace bytes up to which an entry is inflated on this thread
 * @throws PzipError PZIP_ARCHIVE_INVALID, or PZIP_ARCHIVE_UNSUPPORTED for encryption and methods other than deflate
 */
export async function* entryContent(
  archive: RandomAccess,
  end: EndOfArchive,
  entry: DirectoryEntry,
  maxInPlace = MAX_WHOLE_LENGTH,
): AsyncGenerator<Buffer, void, undefined> {
  const { path } = archive;
  const { central, compressedSize, uncompressedSize } = entry;
  const place = { entryName: entryName(central), offset: entry.localPosition };
  const method = central.compressionMethod;
  if ((central.generalPurposeBitFlag & FLAG_ENCRYPTED) !== 0) throw unsupported(path, 'it is encrypted', place);
  if (method !== METHOD_STORED && method !== METHOD_DEFLATE) {
    throw unsupported(path, `its compression method is ${method}`, place);
  }
  const localEntry = await readLocalHeader(archive, end, entry);
  rejectDisagreement(path, entry, localEntry);
  const { dataStart, dataEnd } = localEntry;
  await rejectOtherDescriptor(archive, end, entry, localEntry);
  const expected: ExpectedContent = { method, crc32: central.crc32, compressedSize, uncompressedSize };
  try {
    const length = Math.max(compressedSize, uncompressedSize);
    if (length > MAX_WHOLE_LENGTH) {
      yield* checkedContent(readRange(archive, dataStart, dataEnd), expected);
      return;
    }
    const data = await archive.read(dataStart, compressedSize);
    const content = length > maxInPlace ? await wholeContentOnThread(data, expected) : wholeContent(data, expected);
    if (content.length > 0) yield content;
  } catch (error) {
    throw error instanceof ContentFault ? invalid(path, error.message, { ...place, cause: error.cause }) : error;
  }
}
