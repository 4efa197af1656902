/**
 * The SHA-256 of a large file. Threads compress its chunks in any order, and SHA-256 needs them one after another: so the file
 * is read once more, by one thread, beside the chunks. The CRC-32 shows whether it is the same content.
 */
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type DeflateEngine, MAX_PIECE_LENGTH } from '../deflate/engine.js';
import { crc32Combine } from './crc32-combine.js';
import { toFailure } from './failure.js';
import { changed, closeSource, openSource, readSource, statSource, whatChanged } from './source-file.js';
import type { FileDigest, SelectedFile } from './tasks.js';

export async function hashFile(engine: DeflateEngine, file: SelectedFile): Promise<FileDigest> {
  try {
    return await hashWhole(engine, file);
  } catch (error) {
    return { sha256: new Uint8Array(0), crc32: 0, failure: toFailure(error, undefined, file.path) };
  }
}

async function hashWhole(engine: DeflateEngine, file: SelectedFile): Promise<FileDigest> {
  const { path, size } = file;
  const { input } = engine;
  const hash = createHash('sha256');
  let crc32 = 0;
  const descriptor = openSource(path, file.isFollowed);
  try {
    let position = 0;
    for (;;) {
      const length = readSource(descriptor, input, MAX_PIECE_LENGTH, position, path, size - position);
      hash.update(input.subarray(0, length));
      crc32 = crc32Combine(crc32, engine.crc32(0, length), length);
      position += length;
      if (length < MAX_PIECE_LENGTH) break;
      // Without threads, this is the calling thread. Other tasks may use the engine meanwhile.
      await nextTurn();
    }
    const change = whatChanged(statSource(descriptor, path), file, position >= size);
    if (change !== undefined) throw changed(path, change);
  } finally {
    closeSource(descriptor, path);
  }
  return { sha256: new Uint8Array(hash.digest()), crc32, failure: undefined };
}
