/** Recognizes kinds of streams by their methods, because other realms and libraries have their own classes. */
import { Readable } from 'node:stream';
import { PzipError, quote } from '../common/errors.js';

export interface StreamReader {
  /** Result of an async iterator. */
  next(): unknown;
  cancel(reason: unknown): unknown;
}

/**
 * Streams that were opened for an entry. Not every stream shows that it was read, and a second entry with the same stream would
 * be empty.
 */
const OPENED = new WeakSet<object>();

/**
 * @returns undefined if it is not a stream
 * @throws PzipError PZIP_SOURCE_UNREADABLE if the stream was read or closed before
 */
export function readerOf(content: unknown, entryName: string): StreamReader | undefined {
  if (typeof content !== 'object' || content === null) return undefined;
  if (has(content, 'getReader')) return webReader(unused(content, entryName) as ReadableStream<unknown>);
  if (has(content, 'on') && has(content, 'pipe')) return emitterReader(unused(content, entryName));
  if (!(Symbol.asyncIterator in content)) return undefined;
  const iterator = (content as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  // An iterable can be iterated again, an iterator cannot.
  unused(iterator, entryName);
  return { next: () => iterator.next(), cancel: () => iterator.return?.() };
}

function has(value: object, method: string): boolean {
  return method in value && typeof Reflect.get(value, method) === 'function';
}

function unused<T extends object>(stream: T, entryName: string): T {
  const reason = OPENED.has(stream) ? 'was given to another entry before' : whyUnreadable(stream);
  if (reason !== undefined) {
    const message = `The stream of ${quote(entryName)} ${reason}; an entry needs a stream of its own, from its beginning`;
    throw new PzipError('PZIP_SOURCE_UNREADABLE', message, { entryName, cause: errorOf(stream) });
  }
  OPENED.add(stream);
  return stream;
}

function whyUnreadable(stream: object): string | undefined {
  if (is(stream, 'locked')) return 'is locked: something else reads it';
  if (is(stream, 'errored') || ('errored' in stream && stream.errored instanceof Error))
    return 'failed before its turn';
  if (is(stream, 'readableEnded') || is(stream, 'emittedEnd') || is(state(stream), 'endEmitted')) {
    return 'was read to its end before';
  }
  if (is(stream, 'destroyed') || is(stream, 'closed')) return 'was closed before its turn';
  // Node can tell whether a Node.js or web stream was read.
  if (Readable.isDisturbed(stream as Readable)) return 'was read from before';
  // Streams of other libraries show only whether something is reading them now.
  return !(stream instanceof Readable) && is(stream, 'readableFlowing') ? 'is read by something else' : undefined;
}

/** The error that ended a Node.js stream; other streams may not have it. */
function errorOf(stream: object): unknown {
  return 'errored' in stream ? (stream.errored ?? undefined) : undefined;
}

function is(object: object, key: string): boolean {
  return key in object && Reflect.get(object, key) === true;
}

/** Internal state of the library readable-stream, in all versions. */
function state(stream: object): object {
  const own: unknown = '_readableState' in stream ? stream._readableState : undefined;
  return typeof own === 'object' && own !== null ? own : {};
}

function webReader(stream: ReadableStream<unknown>): StreamReader {
  const reader = stream.getReader();
  return { next: () => reader.read(), cancel: (reason) => reader.cancel(reason) };
}

/** A Node.js stream, or one of a library without async iteration. */
function emitterReader(stream: object): StreamReader {
  if (!(Symbol.asyncIterator in stream)) return new EventReader(stream as NodeJS.ReadableStream);
  const iterator = (stream as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  return { next: () => iterator.next(), cancel: (reason) => destroy(stream, reason) };
}

/** Ignores the error that destroy() emits again; close() reports it. */
function destroy(stream: object, reason: unknown): void {
  const { on, destroy } = stream as { on: (event: string, listener: () => void) => void; destroy?: unknown };
  on.call(stream, 'error', () => {});
  if (typeof destroy === 'function') {
    destroy.call(stream, reason instanceof Error ? reason : new Error(String(reason)));
  }
}

/** Reads by events, which every stream since Node 0.8 emits. */
class EventReader implements StreamReader {
  readonly #stream: NodeJS.ReadableStream;
  readonly #chunks: unknown[] = [];
  #end: { error: unknown } | 'ended' | undefined;
  #wake: () => void = () => {};

  constructor(stream: NodeJS.ReadableStream) {
    this.#stream = stream;
    stream.on('end', () => this.#settle('ended'));
    stream.on('error', (error) => this.#settle({ error }));
    stream.on('close', () => this.#settle({ error: new Error('it was closed before its end') }));
    stream.on('data', (chunk: unknown) => {
      this.#chunks.push(chunk);
      stream.pause?.();
      this.#wake();
    });
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    while (this.#chunks.length === 0 && this.#end === undefined) {
      const more = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#stream.resume?.();
      await more;
    }
    if (this.#chunks.length > 0) return { done: false, value: this.#chunks.shift() };
    if (this.#end === 'ended' || this.#end === undefined) return { done: true, value: undefined };
    throw this.#end.error;
  }

  cancel(reason: unknown): void {
    destroy(this.#stream, reason);
  }

  #settle(end: { error: unknown } | 'ended'): void {
    this.#end ??= end;
    this.#wake();
  }
}
