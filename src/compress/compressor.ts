/**
 * Carries out one task: opens, reads, checksums, deflates and, for whole entries, frames the local headers. It is the
 * only place in pzip that touches content, runs on a worker thread (worker.ts) or, where starting one cannot pay, on the
 * caller's own (pool.ts), and uses synchronous calls throughout: a thread has nothing else to do meanwhile, and a
 * batch of small files costs a third of what asynchronous reads cost.
 */
import { type DeflateEngine, MAX_DICTIONARY_LENGTH } from '../deflate/engine.js';
import { PzipError } from '../errors.js';
import { METHOD_DEFLATE, METHOD_STORED } from '../zip/constants.js';
import { SmallEntry } from '../zip/small-entry.js';
import { BatchReader, countEntries } from './batch.js';
import { OutputBuffer } from './output-buffer.js';
import { looksIncompressible, MIN_PROBED_LENGTH } from './probe.js';
import {
  changed,
  closeSource,
  errorCode,
  type FileState,
  openSource,
  readSource,
  statSource,
  whatChanged,
} from './source-file.js';
import type { BatchResult, BatchTask, ChunkResult, ChunkTask, FileRange, MemoryRange, TaskFailure } from './task.js';

/** Bytes to begin with for each entry's header in the central directory: its fixed part, a timestamp and 70 of name. */
const DIRECTORY_BYTES = 128;

export class Compressor {
  readonly #engine: DeflateEngine;
  /** Of the small entry that is being written. */
  readonly #header = new SmallEntry();

  constructor(engine: DeflateEngine) {
    this.#engine = engine;
  }

  compressBatch(task: BatchTask): BatchResult {
    const failures: TaskFailure[] = [];
    const output = new OutputBuffer(task.output, task.longestOutput);
    const directory = new OutputBuffer(undefined, countEntries(task) * DIRECTORY_BYTES);
    const sums = { entryCount: 0, uncompressedSize: 0, storedCount: 0 };
    let lastName: string | undefined;
    const entry = new BatchReader(task);
    while (entry.next()) {
      try {
        const method = this.#compressWhole(entry, output, directory);
        sums.entryCount++;
        sums.uncompressedSize += entry.size;
        if (entry.isContent && method === METHOD_STORED) sums.storedCount++;
        if (entry.isLast) lastName = entry.name;
      } catch (error) {
        failures.push(toFailure(error, entry.name, entry.path));
      }
    }
    return { bytes: output.finish(), directory: directory.finish(), ...sums, lastName, failures };
  }

  /**
   * Appends header and data to `output`, and the header for the central directory to `directory`.
   *
   * @returns the compression method
   */
  #compressWhole(entry: BatchReader, output: OutputBuffer, directory: OutputBuffer): number {
    const { size, level } = entry;
    if (entry.path === undefined) this.#unpack(entry);
    else this.#readWhole(entry, entry.path);
    const data = this.#engine.input.subarray(0, size);
    const crc = this.#engine.crc32(0, size);
    const deflated = size > 0 && level > 0 ? this.#deflateIfSmaller(0, size, true, level) : undefined;
    const fileData = deflated ?? data;

    const header = this.#header;
    header.mode = entry.mode;
    header.lastModFileTime = entry.lastModFileTime;
    header.lastModFileDate = entry.lastModFileDate;
    header.unixTime = entry.isMimetype && deflated === undefined ? Number.NaN : entry.unixTime;
    header.compressionMethod = deflated === undefined ? METHOD_STORED : METHOD_DEFLATE;
    header.crc32 = crc;
    header.compressedSize = fileData.length;
    header.uncompressedSize = size;
    header.relativeOffsetOfLocalHeader = output.length;
    header.text = entry.packed;
    header.nameStart = entry.nameStart;
    header.nameLength = entry.nameLength;
    header.commentLength = entry.commentLength;
    const headerSize = header.localHeaderSize;
    const offset = output.reserve(headerSize + fileData.length);
    header.writeLocalHeader(output.view, offset);
    output.buffer.set(fileData, offset + headerSize);
    const recordOffset = directory.reserve(header.centralHeaderSize);
    header.writeCentralHeader(directory.view, recordOffset);
    return header.compressionMethod;
  }

  compressChunk(task: ChunkTask): ChunkResult {
    const { input } = task;
    try {
      return 'path' in input ? this.#compressRange(task, input) : this.#compressMemory(task, input);
    } catch (error) {
      return {
        bytes: new Uint8Array(),
        isDeflated: false,
        crc32: 0,
        uncompressedSize: 0,
        failure: toFailure(error, undefined, 'path' in input ? input.path : undefined),
      };
    }
  }

  /** Reads it to the engine, behind the 32 KiB that precede it in the file. */
  #compressRange(task: ChunkTask, range: FileRange): ChunkResult {
    const dictionaryLength = task.level === 0 ? 0 : Math.min(MAX_DICTIONARY_LENGTH, range.start);
    const dataLength = range.end - range.start;
    const wanted = dictionaryLength + dataLength;
    const descriptor = openSource(range.path, range.isFollowed);
    try {
      const read = readSource(descriptor, this.#engine.input, wanted, range.start - dictionaryLength, range.path);
      checkUnchanged(descriptor, range, range.path, read === wanted);
    } finally {
      closeSource(descriptor, range.path);
    }
    return this.#compressInput(task, dictionaryLength, dataLength);
  }

  #compressMemory(task: ChunkTask, { bytes, dictionaryLength }: MemoryRange): ChunkResult {
    this.#engine.input.set(bytes);
    return this.#compressInput(task, dictionaryLength, bytes.length - dictionaryLength);
  }

  #compressInput(
    { output: lent, isLast, level }: ChunkTask,
    dictionaryLength: number,
    dataLength: number,
  ): ChunkResult {
    const data = this.#engine.input.subarray(dictionaryLength, dictionaryLength + dataLength);
    const crc = this.#engine.crc32(dictionaryLength, dataLength);
    const deflated = level > 0 ? this.#deflateIfSmaller(dictionaryLength, dataLength, isLast, level) : undefined;
    const fileData = deflated ?? data;
    const output = new OutputBuffer(lent);
    output.buffer.set(fileData, output.reserve(fileData.length));
    return chunkResult(output, deflated !== undefined, crc, dataLength);
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
  #readWhole(file: BatchReader, path: string): void {
    const descriptor = openSource(path, file.isFollowed);
    try {
      const length = readSource(descriptor, this.#engine.input, file.size, 0, path);
      checkUnchanged(descriptor, file, path, length === file.size);
    } finally {
      closeSource(descriptor, path);
    }
  }

  #unpack({ packed, contentStart, size }: BatchReader): void {
    this.#engine.input.set(packed.subarray(contentStart, contentStart + size));
  }
}

function chunkResult(output: OutputBuffer, isDeflated: boolean, crc: number, uncompressedSize: number): ChunkResult {
  return { bytes: output.finish(), isDeflated, crc32: crc, uncompressedSize, failure: undefined };
}

function checkUnchanged(descriptor: number, file: FileState, path: string, isComplete: boolean): void {
  const how = whatChanged(statSource(descriptor, path), file);
  if (how !== undefined) throw changed(path, how);
  if (!isComplete) throw changed(path, 'it ended before its size was read');
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
