/** Recognizes streams, and chooses the sink for each kind. */
import type { Sink } from '../sink.js';
import { isStandard, isUntouched, StandardSink } from './standard-sink.js';
import { NodeStreamSink } from './stream-sink.js';
import { WebStreamSink } from './web-stream-sink.js';

/** A stream of Node.js, of a library, or of the web platform. */
export type OutputStream = NodeJS.WritableStream | WritableStream<Uint8Array>;

export function isStream(value: unknown): value is OutputStream {
  return typeof value === 'object' && value !== null && (has(value, 'getWriter') || isNodeWritable(value));
}

/** Checks the properties that pipe() needs. */
function isNodeWritable(value: object): boolean {
  // Standard input can be a socket or a terminal whose writable side has already ended.
  if ('fd' in value && value.fd === 0) return false;
  if (!has(value, 'write') || !has(value, 'end') || !has(value, 'on')) return false;
  const isEndedOrDestroyed =
    ('writableEnded' in value && value.writableEnded === true) || ('destroyed' in value && value.destroyed === true);
  return !('writable' in value && value.writable === false) || isEndedOrDestroyed;
}

export function has(value: object, method: string): boolean {
  return method in value && typeof Reflect.get(value, method) === 'function';
}

/** @throws PzipError PZIP_OUTPUT_FAILED for a WritableStream that is locked */
export function openStream(stream: OutputStream): Sink {
  if ('getWriter' in stream) return new WebStreamSink(stream);
  return isStandard(stream) && isUntouched(stream) ? new StandardSink(stream) : new NodeStreamSink(stream);
}
