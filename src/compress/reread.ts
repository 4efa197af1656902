/**
 * Reads an entry's content once more, for the rare one that turns out at its very end to be better stored: almost all of
 * it incompressible, and the little that was not outweighed by the framing of the rest.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import zlib from 'node:zlib';
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';
import type { BytesSource, FileSource } from '../entry.js';
import { PzipError, quote } from '../errors.js';

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
  const { path, name: entryName } = source;
  let crc = 0;
  try {
    for await (const bytes of readFile(source)) {
      crc = zlib.crc32(bytes, crc);
      yield bytes;
    }
  } catch (cause) {
    throw new PzipError('PZIP_SOURCE_UNREADABLE', `Cannot read ${quote(path)} again`, { entryName, path, cause });
  }
  if (crc !== expectedCrc32) {
    const message = `${quote(path)} changed while the archive was being made: its content is another now`;
    throw new PzipError('PZIP_SOURCE_CHANGED', message, { entryName, path });
  }
}

async function* readFile({ path, size }: FileSource): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const buffer = Buffer.allocUnsafeSlow(MAX_PIECE_LENGTH);
    for (let length = 0; length < size; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - length));
      if (bytesRead === 0) return;
      length += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
