/** Opens an archive's output: a path, a Node.js or web stream, or a caller's sink. */
import type { BigIntStats } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PzipError } from '../common/errors.js';
import { isUrl } from '../common/option-rules.js';
import { CustomSink, isSink } from './custom-sink.js';
import { FileSink, type FileSinkOptions } from './file/file-sink.js';
import { isFile } from './file/identity.js';
import { specialFileStream } from './file/special-file.js';
import { findTarget } from './file/target.js';
import type { FileIdentity, Sink } from './sink.js';
import { isStream, type OutputStream, openStream } from './stream/open-stream.js';
import { NodeStreamSink } from './stream/stream-sink.js';

/** A path or a file URL, where an existing archive stays until the new one is complete; a stream; or a caller's sink. */
export type ArchiveOutput = string | URL | OutputStream | Sink;

export interface SinkOptions extends FileSinkOptions {
  /** Whether the archive will be read back, which requires a file. */
  readonly verify?: boolean | undefined;
  /** Whether the sink must be rewritable. */
  readonly needsFile?: boolean | undefined;
}

export function isOutput(value: unknown): value is ArchiveOutput {
  return typeof value === 'string' || isUrl(value) || isSink(value) || isStream(value);
}

/** @throws PzipError PZIP_USAGE, PZIP_OUTPUT_EXISTS or PZIP_OUTPUT_FAILED, before anything is opened */
export function openSink(output: ArchiveOutput, options: SinkOptions = {}): Sink {
  const path = output instanceof URL ? fileURLToPath(output) : output;
  if (isSink(path)) {
    rejectWithoutFile(options);
    return new CustomSink(path);
  }
  if (typeof path !== 'string') {
    if (options.writeIfChanged === true) throw cannotCompare();
    return openStream(path);
  }
  const place = findTarget(path, options.replace ?? true);
  const { found } = place;
  if (found === undefined || found.isFile()) return FileSink.open(place, options);
  // A named pipe or a device cannot be replaced, only written to; it is not opened if that is not enough.
  rejectWithoutFile(options);
  return new NodeStreamSink(specialFileStream({ ...place, found }));
}

/** A sink to discard for an output that has not been opened: a stream gets the error even if nothing was written to it. */
export function unopenedSink(output: ArchiveOutput): Sink | undefined {
  if (typeof output === 'string' || output instanceof URL) return undefined;
  if (isSink(output)) return new CustomSink(output);
  try {
    return openStream(output);
  } catch {
    // It belongs to something else.
    return undefined;
  }
}

function rejectWithoutFile({ verify, writeIfChanged }: SinkOptions): void {
  if (verify === true) throw cannotReadBack();
  if (writeIfChanged === true) throw cannotCompare();
}

/** Returns a test for the file that an archive with this output would replace. */
export function findReplaced(output: ArchiveOutput): (stats: FileIdentity, path: string) => boolean {
  const path = output instanceof URL ? fileURLToPath(output) : output;
  if (typeof path !== 'string') return () => false;
  let found: BigIntStats | undefined;
  try {
    ({ found } = findTarget(path, true));
  } catch {
    // Creating the archive will report what is wrong with its path.
  }
  return (stats, file) => found !== undefined && isFile(found, stats, file);
}

export function cannotCompare(): PzipError {
  return new PzipError('PZIP_USAGE', 'Only a file can stay unchanged: `writeIfChanged` requires a path as output');
}

export function cannotReadBack(): PzipError {
  return new PzipError('PZIP_USAGE', 'Only an archive in a file can be read back, not one that goes to a stream');
}
