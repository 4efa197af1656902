/**
 * Cuts the bytes of a stream into pieces. A stream that ends within the first piece is a small entry like any other. Of a
 * longer one, a full piece is held back until there is more, since the last piece has to be known as the last.
 */
import type { BytesSource, ContentReader, StreamSource } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { PieceBuffer } from './chunk-buffer.js';

export interface StreamPieces {
  /** Waits for a read of the stream, which may never end. */
  readonly wait: <T>(read: Promise<T>) => Promise<T>;
  /** Called with all that a short stream gave, and nothing else then. */
  readonly small: (source: BytesSource) => Promise<void> | undefined;
  /** Called for each piece of a longer one, in order; takes it as soon as there is memory for it. */
  readonly piece: (filled: PieceBuffer, isLast: boolean) => Promise<void>;
}

/**
 * What is being filled, a piece and what the stream gives at a time, is outside the budget; there is one at any moment.
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
    // Should it open after all, it must not stay open.
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
