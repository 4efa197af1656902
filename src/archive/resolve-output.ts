/** Validates the output, which is the first argument of createArchive() and ZipArchive. */
import { PzipError } from '../common/errors.js';
import { isOptionsObject, isUrl, pathOf, show } from '../common/option-rules.js';
import { type ArchiveOutput, isOutput } from '../output/open-sink.js';
import { has } from '../output/stream/open-stream.js';

export interface ArchiveArguments {
  /** Undefined if the caller reads the archive instead. */
  readonly output: ArchiveOutput | undefined;
  /** Not validated yet. */
  readonly options: unknown;
}

/**
 * The arguments of ZipArchive, whose output is optional.
 *
 * @throws PzipError PZIP_USAGE
 */
export function argumentsOf(first: unknown, second: unknown): ArchiveArguments {
  if (isOutput(first)) return { output: checkOutput(first), options: second };
  if (second === undefined) {
    if (first === undefined || (isOptionsObject(first) && !looksLikeStream(first))) {
      return { output: undefined, options: first };
    }
  } else if (first === undefined) {
    const remedy = 'to read the archive instead of writing it, pass the options as the first argument';
    throw new PzipError('PZIP_USAGE', `The output is undefined: ${remedy}`);
  }
  throw wrongOutput(first);
}

/**
 * @returns the output, if it is valid
 * @throws PzipError PZIP_USAGE
 */
export function checkOutput(output: unknown): ArchiveOutput {
  if (isUrl(output)) return pathOf(output, 'output');
  if (!isOutput(output)) throw wrongOutput(output);
  if (output === '') throw new PzipError('PZIP_USAGE', 'The output is an empty string; it must be a path');
  if (typeof output === 'string' && output.includes('\0')) {
    throw new PzipError('PZIP_USAGE', `The output ${show(output)} contains a NUL character, which no path has`);
  }
  return output;
}

function looksLikeStream(value: object): boolean {
  return has(value, 'write') || has(value, 'pipe') || has(value, 'getReader') || Symbol.asyncIterator in value;
}

function wrongOutput(value: unknown): PzipError {
  const isFileHandle = typeof value === 'object' && value !== null && has(value, 'createWriteStream');
  const remedy = isFileHandle ? '; of a FileHandle, pass what its createWriteStream() gives' : '';
  const message = `The output must be a path, a file: URL, a writable stream or a sink (got ${show(value)})${remedy}`;
  return new PzipError('PZIP_USAGE', message);
}
