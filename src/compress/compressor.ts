/**
 * Carries out one task: opens, reads, checksums, deflates and, for whole entries, frames the local headers. It is the
 * only place in pzip that touches content, runs on a worker thread (worker.ts) or, where starting one cannot pay, on the
 * caller's own (pool.ts), and uses synchronous calls throughout: a thread has nothing else to do meanwhile, and a
 * batch of small files costs a third of what asynchronous reads cost.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { crc32 } from 'node:zlib';
import { type DeflateEngine, MAX_DICTIONARY_LENGTH } from '../deflate/engine.js';
import { PzipError, quote } from '../errors.js';
import { METHOD_DEFLATE, METHOD_STORED } from '../zip/constants.js';
import { decideEntryHeader, type EntryFacts } from '../zip/entry-header.js';
import {
  centralDirectoryHeaderSize,
  localFileHeaderSize,
  writeCentralDirectoryHeader,
  writeLocalFileHeader,
} from '../zip/records.js';
import { type BatchEntry, countEntries, longestOutput, readBatch } from './batch.js';
import { OutputBuffer } from './output-buffer.js';
import { looksIncompressible, MIN_PROBED_LENGTH } from './probe.js';
import type {
  BatchResult,
  BatchTask,
  ChunkResult,
  ChunkTask,
  FileRange,
  MemoryRange,
  TaskFailure,
  WholeFile,
} from './task.js';

/** Bytes to begin with for each entry's header in the central directory: its fixed part, a timestamp and 70 of name. */
const DIRECTORY_BYTES = 128;

export class Compressor {
  readonly #engine: DeflateEngine;
  constructor(engine: DeflateEngine) {
    this.#engine = engine;
  }

  compressBatch(task: BatchTask): BatchResult {
    const failures: TaskFailure[] = [];
    const output = new OutputBuffer(task.output, longestOutput(task));
    const directory = new OutputBuffer(undefined, countEntries(task) * DIRECTORY_BYTES);
    const sums = { entryCount: 0, uncompressedSize: 0, storedCount: 0 };
    for (const entry of readBatch(task)) {
      try {
        const facts = this.#compressWhole(entry, output, directory);
        sums.entryCount++;
        sums.uncompressedSize += facts.uncompressedSize;
        if (entry.isContent && facts.compressionMethod === METHOD_STORED) sums.storedCount++;
      } catch (error) {
        const entryName = Buffer.from(entry.fileName).toString();
        failures.push(toFailure(error, entryName, 'path' in entry.content ? entry.content.path : undefined));
      }
    }
    return { bytes: output.finish(), directory: directory.finish(), ...sums, failures };
  }

  /** Appends header and data to `output`, and the header for the central directory to `directory`. */
  #compressWhole(entry: BatchEntry, output: OutputBuffer, directory: OutputBuffer): EntryFacts {
    const { content, level } = entry;
    const size = 'path' in content ? this.#readWhole(content) : this.#unpack(content.bytes);
    const data = this.#engine.input.subarray(0, size);
    const crc = crc32(data);
    const deflated = size > 0 && level > 0 ? this.#deflateIfSmaller(0, size, true, level) : undefined;
    const fileData = deflated ?? data;

    const facts: EntryFacts = {
      fileName: entry.fileName,
      fileComment: entry.fileComment,
      mode: entry.mode,
      lastModFileTime: entry.lastModFileTime,
      lastModFileDate: entry.lastModFileDate,
      unixTime: entry.unixTime,
      compressionMethod: deflated ? METHOD_DEFLATE : METHOD_STORED,
      crc32: crc,
      compressedSize: fileData.length,
      uncompressedSize: size,
      relativeOffsetOfLocalHeader: output.length,
      hasDataDescriptor: false,
      reservesZip64: false,
    };
    const header = decideEntryHeader(facts);
    const headerSize = localFileHeaderSize(header);
    const offset = output.reserve(headerSize + fileData.length);
    writeLocalFileHeader(header, output.buffer, offset);
    output.buffer.set(fileData, offset + headerSize);
    const recordOffset = directory.reserve(centralDirectoryHeaderSize(header));
    writeCentralDirectoryHeader(header, directory.buffer, recordOffset);
    return facts;
  }

  compressChunk(task: ChunkTask): ChunkResult {
    try {
      const { input, level, isLast } = task;
      const dictionaryLength = 'path' in input ? this.#readRange(input) : this.#placeRange(input);
      const dataLength = 'path' in input ? input.end - input.start : input.bytes.length - input.dictionaryLength;
      const data = this.#engine.input.subarray(dictionaryLength, dictionaryLength + dataLength);
      const crc = crc32(data);
      const deflated = level > 0 ? this.#deflateIfSmaller(dictionaryLength, dataLength, isLast, level) : undefined;
      const output = new OutputBuffer(task.output);
      const fileData = deflated ?? data;
      output.buffer.set(fileData, output.reserve(fileData.length));
      return {
        bytes: output.finish(),
        isDeflated: deflated !== undefined,
        crc32: crc,
        uncompressedSize: dataLength,
        failure: undefined,
      };
    } catch (error) {
      const path = 'path' in task.input ? task.input.path : undefined;
      return {
        bytes: new Uint8Array(),
        isDeflated: false,
        crc32: 0,
        uncompressedSize: 0,
        failure: toFailure(error, undefined, path),
      };
    }
  }

  #deflateIfSmaller(
    dictionaryLength: number,
    dataLength: number,
    isLast: boolean,
    level: number,
  ): Uint8Array | undefined {
    const engine = this.#engine;
    const data = engine.input.subarray(dictionaryLength, dictionaryLength + dataLength);
    const isProbed = level < engine.thoroughLevel && dataLength >= MIN_PROBED_LENGTH;
    if (isProbed && looksIncompressible(engine, data)) return undefined;
    const deflated = engine.deflate(dictionaryLength, dataLength, isLast, level);
    return deflated.length < dataLength ? deflated : undefined;
  }

  /** Reads a whole file to the start of the engine's input, and fails if it is not what it was when it was selected. */
  #readWhole(file: WholeFile): number {
    const descriptor = openFile(file.path);
    try {
      const length = readFully(descriptor, this.#engine.input, file.size, 0, file.path);
      checkUnchanged(descriptor, file, length === file.size);
      return length;
    } finally {
      closeSync(descriptor);
    }
  }

  /** Reads a chunk, behind the 32 KiB that precede it in the file. Returns the length of those. */
  #readRange(range: FileRange): number {
    const dictionaryLength = Math.min(MAX_DICTIONARY_LENGTH, range.start);
    const wanted = dictionaryLength + range.end - range.start;
    const descriptor = openFile(range.path);
    try {
      const position = range.start - dictionaryLength;
      const length = readFully(descriptor, this.#engine.input, wanted, position, range.path);
      checkUnchanged(descriptor, range, length === wanted);
      return dictionaryLength;
    } finally {
      closeSync(descriptor);
    }
  }

  #unpack(bytes: Uint8Array): number {
    this.#engine.input.set(bytes);
    return bytes.length;
  }

  #placeRange(range: MemoryRange): number {
    this.#engine.input.set(range.bytes);
    return range.dictionaryLength;
  }
}

/**
 * Not to wait: where a FIFO has taken the place of the file that was selected, open(2) would, and for ever. (Windows has
 * neither of the flags.)
 */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

function openFile(path: string): number {
  try {
    return openSync(path, OPEN_FLAGS);
  } catch (cause) {
    const code = errorCode(cause);
    if (code === 'ENOENT') {
      const message = `${quote(path)} was there when it was selected and is gone now`;
      throw new PzipError('PZIP_SOURCE_MISSING', message, { path, cause });
    }
    const why = code === 'EACCES' || code === 'EPERM' ? 'no permission to read it' : (code ?? 'unknown error');
    throw new PzipError('PZIP_SOURCE_UNREADABLE', `Cannot open ${quote(path)}: ${why}`, { path, cause });
  }
}

/** read(2) may give less than was asked for; only nothing at all means the end. A file that has grown, its size tells. */
function readFully(descriptor: number, into: Uint8Array, wanted: number, position: number, path: string): number {
  let length = 0;
  while (length < wanted) {
    let read: number;
    try {
      read = readSync(descriptor, into, length, wanted - length, position + length);
    } catch (cause) {
      const message = `Cannot read ${quote(path)}: ${errorCode(cause) ?? 'unknown error'}`;
      throw new PzipError('PZIP_SOURCE_UNREADABLE', message, { path, cause });
    }
    if (read === 0) break;
    length += read;
  }
  return length;
}

/**
 * Asked after reading: what is unchanged then was unchanged all the while, to the resolution of the file's time.
 *
 * @param isComplete whether as many bytes came as were asked for
 */
function checkUnchanged(descriptor: number, file: WholeFile, isComplete: boolean): void {
  const now = fstatSync(descriptor);
  const isSame = now.dev === file.dev && now.ino === file.ino;
  if (isSame && isComplete && now.size === file.size && now.mtimeMs === file.mtimeMs) return;
  throw new PzipError(
    'PZIP_SOURCE_CHANGED',
    `${quote(file.path)} changed while the archive was being made: ${whatChanged(now, file, isSame)}`,
    { path: file.path },
  );
}

function whatChanged(now: Stats, file: WholeFile, isSame: boolean): string {
  if (!isSame) return 'another file has taken its place';
  if (now.size !== file.size) return `it was ${file.size} bytes long and is ${now.size} now`;
  return now.mtimeMs === file.mtimeMs ? 'it ended before its size was read' : 'its modification time is another now';
}

function toFailure(error: unknown, entryName: string | undefined, path: string | undefined): TaskFailure {
  if (!(error instanceof PzipError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { entryName, code: 'PZIP_COMPRESS_FAILED', message, path, cause: { code: errorCode(error), message } };
  }
  const { cause } = error;
  return {
    entryName,
    code: error.code,
    message: error.message,
    path: error.path ?? path,
    cause: cause instanceof Error ? { code: errorCode(cause), message: cause.message } : undefined,
  };
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
