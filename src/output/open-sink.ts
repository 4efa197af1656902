/** Opens what an archive is to be written to: a path, or a stream of Node's or of the web's. */
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { FileSink, isRegularTarget } from './file-sink.js';
import type { Sink } from './sink.js';
import { NodeStreamSink, WebStreamSink } from './stream-sink.js';

export type ArchiveOutput = string | Writable | WritableStream<Uint8Array>;

/** @param mayReplace whether a file that has the archive's name already gives way */
export async function openSink(output: ArchiveOutput, mayReplace = true): Promise<Sink> {
  if (typeof output !== 'string') {
    return 'getWriter' in output ? new WebStreamSink(output) : new NodeStreamSink(output);
  }
  // /dev/null, /dev/stdout or a named pipe cannot be replaced, only written to.
  if (!(await isRegularTarget(output))) return new NodeStreamSink(createWriteStream(output));
  return FileSink.open(output, mayReplace);
}
