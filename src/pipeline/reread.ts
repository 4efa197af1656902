/**
 * Reads an entry's content again, for the rare one that is better stored after all: almost all of it is incompressible, and
 * the framing outweighs what the rest saved.
 */
import zlib from 'node:zlib';
import type { BytesSource, FileSource } from '../common/entry.js';
import { readDescriptor } from '../compress/read-descriptor.js';
import { changed, closeSource, isSameFile, OTHER_FILE, openSource, statSource } from '../compress/source-file.js';
import type { OnChange, SourceChange } from '../compress/tasks.js';

/**
 * @param expectedCrc32 of the content when it was compressed
 * @returns pieces, each valid until the next is requested, and finally the CRC-32 of all; it may differ from the expected one
 * if a change of the file is only a warning
 * @throws PzipError PZIP_SOURCE_CHANGED, after the last piece, if it is another content now and that is an error
 */
export async function* reread(
  source: FileSource | BytesSource,
  expectedCrc32: number,
  onChange: OnChange,
  warnOfChange: (change: SourceChange) => void,
): AsyncGenerator<Uint8Array, number, undefined> {
  if (source.kind === 'bytes') {
    yield source.bytes;
    return expectedCrc32;
  }
  const { path, size, isFollowed } = source;
  const descriptor = openSource(path, isFollowed);
  let crc = 0;
  try {
    if (!isSameFile(statSource(descriptor, path), source)) throw changed(path, OTHER_FILE);
    let length = 0;
    for await (const bytes of readDescriptor(descriptor, path, source.name)) {
      const wanted = bytes.subarray(0, size - length);
      length += wanted.length;
      crc = zlib.crc32(wanted, crc);
      yield wanted;
      if (length >= size) break;
    }
  } finally {
    closeSource(descriptor, path);
  }
  if (crc !== expectedCrc32) {
    const how = 'its content is another now';
    if (onChange !== 'warn') throw changed(path, how);
    warnOfChange({ path, how });
  }
  return crc;
}
