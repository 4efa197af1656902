/** Reads a file from its beginning to its end on the calling thread, which has other things to do meanwhile. */
import { read } from 'node:fs';
import { promisify } from 'node:util';
import { PzipError, quote } from '../common/errors.js';
import { explainReadError, hasCode } from '../common/file-errors.js';
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';

const readAsync = promisify(read);

/** As for the threads: see source-file.ts. */
const MAX_INTERRUPTIONS = 100;

/**
 * @returns pieces that are valid until the next is asked for
 * @throws PzipError PZIP_SOURCE_UNREADABLE
 */
export async function* readDescriptor(
  descriptor: number,
  path: string,
  entryName: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = Buffer.allocUnsafeSlow(MAX_PIECE_LENGTH);
  let interruptions = 0;
  for (let position = 0; ; ) {
    let bytesRead: number;
    try {
      ({ bytesRead } = await readAsync(descriptor, buffer, 0, buffer.length, position));
    } catch (cause) {
      if (hasCode(cause, 'EINTR') && interruptions++ < MAX_INTERRUPTIONS) continue;
      const message = `Cannot read ${quote(path)} again: ${explainReadError(cause)}`;
      throw new PzipError('PZIP_SOURCE_UNREADABLE', message, { entryName, path, cause });
    }
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
