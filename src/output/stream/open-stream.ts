/** Chooses the sink for a kind of stream. */
import type { Sink } from '../sink.js';
import { isStandard, isUntouched, StandardSink } from './standard-sink.js';
import { NodeStreamSink } from './stream-sink.js';
import { WebStreamSink } from './web-stream-sink.js';

/** A stream of Node.js, of a library, or of the web platform. */
export type OutputStream = NodeJS.WritableStream | WritableStream<Uint8Array>;

/** @throws PzipError PZIP_OUTPUT_FAILED for a WritableStream that is locked */
export function openStream(stream: OutputStream): Sink {
  if ('getWriter' in stream) return new WebStreamSink(stream);
  return isStandard(stream) && isUntouched(stream) ? new StandardSink(stream) : new NodeStreamSink(stream);
}
