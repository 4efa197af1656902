/**
 * One interface for every kind of stream: bytes on demand, an end, and a cancel that works during a read, so that a stalled
 * stream does not delay the failure of an archive. A stream that was read before is rejected, because the rest of it is not
 * the entry.
 */
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ContentReader } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { show } from '../common/option-rules.js';
import { LONGEST_STRETCH } from '../common/pace.js';
import { ContentDecoder } from './content-decoder.js';
import { readerOf, type StreamReader } from './stream-readers.js';

/**
 * Bytes or text (encoded as UTF-8) in chunks: a Node.js Readable, a web ReadableStream, an async iterable, or an older
 * library's stream that emits `data` and `end`.
 */
export type StreamContent =
  | Readable
  | ReadableStream<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>
  | NodeJS.ReadableStream;

/**
 * @throws PzipError PZIP_USAGE if it is not a stream, PZIP_SOURCE_UNREADABLE if it was read or closed before; `read` throws
 * PZIP_SOURCE_UNREADABLE if the stream fails
 */
export async function openContent(open: () => unknown, entryName: string): Promise<ContentReader> {
  let reader: StreamReader | undefined;
  try {
    const content = await open();
    reader = readerOf(content, entryName);
    if (reader === undefined) throw notAStream(content, entryName);
  } catch (error) {
    throw error instanceof PzipError ? error : failed(error, entryName);
  }
  return new OpenedStream(reader, entryName);
}

class OpenedStream implements ContentReader {
  readonly #reader: StreamReader;
  readonly #entryName: string;
  readonly #decoder: ContentDecoder;
  #lastTurn = performance.now();

  constructor(reader: StreamReader, entryName: string) {
    this.#reader = reader;
    this.#entryName = entryName;
    this.#decoder = new ContentDecoder(entryName);
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      // A stream that always has data would starve timers and signals.
      if (performance.now() - this.#lastTurn > LONGEST_STRETCH) {
        await nextTurn();
        this.#lastTurn = performance.now();
      }
      const { done, value } = await this.#next();
      if (done) return this.#decoder.end();
      const bytes = this.#decoder.decode(value);
      if (bytes.length > 0) return bytes;
    }
  }

  async #next(): Promise<{ done: boolean; value: unknown }> {
    try {
      const result: unknown = await this.#reader.next();
      if (typeof result !== 'object' || result === null) throw new TypeError(`its next() gave ${show(result)}`);
      const { done, value } = result as { done?: unknown; value?: unknown };
      return { done: Boolean(done), value };
    } catch (cause) {
      throw failed(cause, this.#entryName);
    }
  }

  /** The archive has failed for another reason, so the stream's own error is ignored. */
  cancel(reason: unknown): void {
    try {
      void Promise.resolve(this.#reader.cancel(reason)).catch(() => {});
    } catch {
      // The same.
    }
  }
}

function notAStream(content: unknown, entryName: string): PzipError {
  const kinds = 'a Readable, a ReadableStream or an async iterable';
  const message = `The stream of ${quote(entryName)} must be a function that gives ${kinds} (got ${show(content)})`;
  return new PzipError('PZIP_USAGE', message, { entryName });
}

function failed(cause: unknown, entryName: string): PzipError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PzipError('PZIP_SOURCE_UNREADABLE', `The stream of ${quote(entryName)} failed: ${reason}`, {
    entryName,
    cause,
  });
}
