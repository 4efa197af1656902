/** Opens what an archive is to be written to: a path, or a stream of Node's or of the web's. */
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { FileSink, type FileSinkOptions, isRegularTarget } from './file-sink.js';
import type { Sink } from './sink.js';
import { NodeStreamSink, WebStreamSink } from './stream-sink.js';

/** A path or a file URL, where the old archive stands until the new one is complete; or a stream. */
export type ArchiveOutput = string | URL | Writable | WritableStream<Uint8Array>;

export function openSink(target: ArchiveOutput, options?: FileSinkOptions): Sink {
  const output = target instanceof URL ? fileURLToPath(target) : target;
  if (typeof output !== 'string') {
    return 'getWriter' in output ? new WebStreamSink(output) : new NodeStreamSink(output);
  }
  // /dev/null, /dev/stdout or a named pipe cannot be replaced, only written to.
  if (!isRegularTarget(output)) return new NodeStreamSink(createWriteStream(output));
  return FileSink.open(output, options);
}
