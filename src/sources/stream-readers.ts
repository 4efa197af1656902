/** The kinds of streams that can be read, by their methods: other realms and libraries have their own classes. */
import { Readable } from 'node:stream';
import { PzipError, quote } from '../common/errors.js';

export interface StreamReader {
  /** What an async iterator gives. */
  next(): unknown;
  cancel(reason: unknown): unknown;
}

/**
 * What has been opened for an entry. Not all streams say of themselves that they were read, and one stream for two entries
 * would leave the second one empty.
 */
const OPENED = new WeakSet<object>();

/**
 * @returns undefined for what is no stream
 * @throws PzipError PZIP_SOURCE_UNREADABLE for one that something has read from, or that is closed
 */
export function readerOf(content: unknown, entryName: string): StreamReader | undefined {
  if (typeof content !== 'object' || content === null) return undefined;
  if (has(content, 'getReader')) return webReader(unused(content, entryName) as ReadableStream<unknown>);
  if (has(content, 'on') && has(content, 'pipe')) return emitterReader(unused(content, entryName));
  if (!(Symbol.asyncIterator in content)) return undefined;
  const iterator = (content as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  // An iterable may be iterated again, an iterator may not.
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
  // Node knows of streams of its own, and of the web's, whether anything was read.
  if (Readable.isDisturbed(stream as Readable)) return 'was read from before';
  // Streams of other libraries say only that something reads them now.
  return !(stream instanceof Readable) && is(stream, 'readableFlowing') ? 'is read by something else' : undefined;
}

/** What has ended a stream of Node's, which others may not say. */
function errorOf(stream: object): unknown {
  return 'errored' in stream ? (stream.errored ?? undefined) : undefined;
}

function is(object: object, key: string): boolean {
  return key in object && Reflect.get(object, key) === true;
}

/** Of the library readable-stream, in all its versions. */
function state(stream: object): object {
  const own: unknown = '_readableState' in stream ? stream._readableState : undefined;
  return typeof own === 'object' && own !== null ? own : {};
}

function webReader(stream: ReadableStream<unknown>): StreamReader {
  const reader = stream.getReader();
  return { next: () => reader.read(), cancel: (reason) => reader.cancel(reason) };
}

/** A stream of Node's, or of a library that does without async iteration. */
function emitterReader(stream: object): StreamReader {
  if (!(Symbol.asyncIterator in stream)) return new EventReader(stream as NodeJS.ReadableStream);
  const iterator = (stream as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  return { next: () => iterator.next(), cancel: (reason) => destroy(stream, reason) };
}

/** Destroying emits the reason again, which close() reports. */
function destroy(stream: object, reason: unknown): void {
  const { on, destroy } = stream as { on: (event: string, listener: () => void) => void; destroy?: unknown };
  on.call(stream, 'error', () => {});
  if (typeof destroy === 'function') {
    destroy.call(stream, reason instanceof Error ? reason : new Error(String(reason)));
  }
}

/** Reads by events: what every stream since Node 0.8 has. */
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
