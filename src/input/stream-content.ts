/**
 * Whatever a caller's stream is, it is read here one way: bytes on demand, an end, and a cancel that works while a read is
 * under way, so that a source that has stalled does not hold up the end of an archive that has failed.
 */
import { Readable } from 'node:stream';
import type { ContentReader } from '../entry.js';
import { PzipError, quote } from '../errors.js';

/** Bytes or text (taken as UTF-8), piece by piece: a Readable of Node's, a ReadableStream of the web's, any async iterable. */
export type StreamContent = Readable | ReadableStream<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

/** @throws PzipError PZIP_USAGE for what is no stream; `read` throws PZIP_SOURCE_UNREADABLE for one that fails */
export async function openContent(
  open: () => StreamContent | Promise<StreamContent>,
  entryName: string,
): Promise<ContentReader> {
  let content: StreamContent;
  try {
    content = await open();
  } catch (cause) {
    throw unreadable(entryName, cause);
  }
  const { next, cancel } = readerOf(content, entryName);
  return {
    async read() {
      let result: IteratorResult<unknown, unknown>;
      try {
        result = await next();
      } catch (cause) {
        throw unreadable(entryName, cause);
      }
      return result.done === true ? undefined : toBytes(result.value, entryName);
    },
    cancel(reason) {
      try {
        cancel(reason);
      } catch {
        // It is being given up for a reason that counts; what it says to that does not.
      }
    },
  };
}

interface Reader {
  next(): Promise<IteratorResult<unknown, unknown>>;
  cancel(reason: unknown): void;
}

function readerOf(content: unknown, entryName: string): Reader {
  if (content instanceof Readable) return nodeReader(content);
  if (content instanceof ReadableStream) return webReader(content);
  if (typeof content === 'object' && content !== null && Symbol.asyncIterator in content) {
    const iterator = (content as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    return {
      next: () => iterator.next(),
      // Of a generator that stands at an await, this is answered when that is; nobody waits for it.
      cancel: () => void iterator.return?.()?.catch(() => {}),
    };
  }
  throw new PzipError(
    'PZIP_USAGE',
    `The stream of ${quote(entryName)} is a function that gives a Readable, a ReadableStream or an async iterable, not ${describe(content)}`,
    { entryName },
  );
}

function nodeReader(stream: Readable): Reader {
  const iterator = stream.iterator({ destroyOnReturn: true });
  return {
    next: () => iterator.next(),
    cancel: (reason) => {
      // Destroying repeats the reason as an event, and close() tells it.
      stream.on('error', () => {});
      stream.destroy(reason instanceof Error ? reason : new Error(String(reason)));
    },
  };
}

function webReader(stream: ReadableStream<unknown>): Reader {
  const reader = stream.getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? { done, value: undefined } : { done, value };
    },
    cancel: (reason) => void reader.cancel(reason).catch(() => {}),
  };
}

function toBytes(value: unknown, entryName: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new PzipError(
    'PZIP_SOURCE_UNREADABLE',
    `The stream of ${quote(entryName)} gave ${describe(value)}; bytes or text is what an entry is made of`,
    { entryName },
  );
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? `a ${value.constructor?.name ?? 'plain object'}` : typeof value;
}

function unreadable(entryName: string, cause: unknown): PzipError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new PzipError('PZIP_SOURCE_UNREADABLE', `The stream of ${quote(entryName)} failed: ${message}`, {
    entryName,
    cause,
  });
}
