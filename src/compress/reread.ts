/**
 * Reads an entry's content once more, for the rare one that turns out at its very end to be better stored: almost all of
 * it incompressible, and the little that was not outweighed by the framing of the rest.
 */
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';
import type { BytesSource, FileSource } from '../entry.js';
import { PzipError } from '../errors.js';

/**
 * @param expectedCrc32 of the content when it was compressed
 * @returns pieces that are valid until the next is asked for
 * @throws PzipError PZIP_SOURCE_CHANGED, after the last piece, if it is another content now
 */
export async function* reread(
  source: FileSource | BytesSource,
  expectedCrc32: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (source.kind === 'bytes') {
    yield source.bytes;
    return;
  }
  const { path, size, name } = source;
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafeSlow(MAX_PIECE_LENGTH);
    let length = 0;
    let crc = 0;
    while (length < size) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - length));
      if (bytesRead === 0) break;
      length += bytesRead;
      crc = crc32(buffer.subarray(0, bytesRead), crc);
      yield buffer.subarray(0, bytesRead);
    }
    if (crc !== expectedCrc32) {
      throw new PzipError('PZIP_SOURCE_CHANGED', `${path} changed while the archive was being made`, {
        entryName: name,
        path,
      });
    }
  } finally {
    await file.close();
  }
}
