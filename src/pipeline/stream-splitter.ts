/**
 * Splits the bytes of a stream into pieces. A stream that ends within the first piece is an ordinary small entry. In a longer
 * one, a full piece is held back until more bytes arrive, because the last piece must be marked.
 */
import type { BytesSource, ContentReader, StreamSource } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { PieceBuffer } from './chunk-buffer.js';

export interface StreamPieces {
  /** Waits for a read of the stream, which may never end. */
  readonly wait: <T>(read: Promise<T>) => Promise<T>;
  /** Called with the whole content of a short stream; `piece` is not called then. */
  readonly small: (source: BytesSource) => Promise<void> | undefined;
  /** Called for each piece of a longer stream, in order; waits for memory. */
  readonly piece: (filled: PieceBuffer, isLast: boolean) => Promise<void>;
}

/**
 * The piece that is being filled and the stream's current chunk are not counted in the budget; there is only one of each.
 *
 * @throws PzipError PZIP_SIZE_MISMATCH, PZIP_SOURCE_UNREADABLE, or the archive's failure; the reader is cancelled then
 */
export async function splitStream(source: StreamSource, pieces: StreamPieces): Promise<void> {
  const reader = await open(source, pieces);
  try {
    const filling = new PieceBuffer(source.size);
    let isLong = false;
    let length = 0;
    for (;;) {
      const bytes = await read(source, reader, length, pieces);
      if (bytes === undefined) break;
      length += bytes.length;
      for (let rest = bytes; rest.length > 0; ) {
        if (filling.isFull) {
          await pieces.piece(filling, false);
          isLong = true;
        }
        rest = rest.subarray(filling.append(rest));
      }
    }
    if (isLong) await pieces.piece(filling, true);
    else await pieces.small(asBytes(source, filling.data));
  } catch (error) {
    reader.cancel(error);
    throw error;
  }
}

async function open(source: StreamSource, { wait }: StreamPieces): Promise<ContentReader> {
  const opening = source.open();
  return wait(opening).catch((error: unknown) => {
    // If it opens later, it must be closed.
    opening.then((late) => late.cancel(error)).catch(() => {});
    throw error;
  });
}

async function read(
  { name, size }: StreamSource,
  reader: ContentReader,
  length: number,
  { wait }: StreamPieces,
): Promise<Uint8Array | undefined> {
  const bytes = await wait(reader.read());
  const sofar = length + (bytes?.length ?? 0);
  if (size === undefined || (bytes === undefined ? sofar === size : sofar <= size)) return bytes;
  const what = bytes === undefined ? `${sofar} bytes, and ended` : `${sofar} bytes and goes on, or has more`;
  const message = `The stream of ${quote(name)} was to give ${size} bytes and gave ${what}`;
  throw new PzipError('PZIP_SIZE_MISMATCH', message, { entryName: name });
}

function asBytes({ name, mode, mtimeMs, givenMtimeMs, comment, level }: StreamSource, bytes: Uint8Array): BytesSource {
  return { kind: 'bytes', name, mode, mtimeMs, bytes, givenMtimeMs, comment, level };
}
