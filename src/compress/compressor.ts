/**
 * Carries out one task: opens, reads, checksums, deflates and, for whole entries, frames the local headers. It is the
 * only place in pzip that touches content, runs on a worker thread (worker.ts) or, where starting one cannot pay, on the
 * caller's own (pool.ts), and uses synchronous calls throughout: a thread has nothing else to do meanwhile, and a
 * batch of small files costs a third of what asynchronous reads cost.
 */

import { PzipError } from '../common/errors.js';
import { type DeflateEngine, MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH } from '../deflate/engine.js';
import { METHOD_DEFLATE, METHOD_STORED } from '../zip/constants.js';
import { SmallEntry } from '../zip/small-entry.js';
import { countEntries } from './batch-columns.js';
import { BatchReader } from './batch-reader.js';
import { crc32CombineOperator, crc32CombineWith } from './crc32-combine.js';
import { looksIncompressible, MIN_PROBED_LENGTH } from './probe.js';
import { OutputBuffer } from './result-buffer.js';
import {
  changed,
  closeSource,
  errorCode,
  OTHER_FILE,
  openSource,
  readSource,
  statSource,
  whatChanged,
} from './source-file.js';
import type {
  BatchResult,
  BatchTask,
  ChunkResult,
  ChunkTask,
  DeferredFile,
  FileRange,
  MemoryRange,
  OnChange,
  SourceChange,
  TaskFailure,
} from './tasks.js';

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
    const changes: SourceChange[] = [];
    const deferred: DeferredFile[] = [];
    const output = new OutputBuffer(task.output, task.longestOutput);
    const directory = new OutputBuffer(undefined, countEntries(task) * DIRECTORY_BYTES);
    const sums = { entryCount: 0, uncompressedSize: 0, storedCount: 0 };
    let lastName: string | undefined;
    const entry = new BatchReader(task);
    while (entry.next()) {
      try {
        const { path } = entry;
        if (path === undefined) this.#unpack(entry);
        else {
          const outcome = this.#readWhole(entry, path, task.onChange);
          if (outcome === DEFERRED) {
            const at = { bytes: output.length, directory: directory.length, entries: sums.entryCount };
            deferred.push({ source: entry.toSource(path), isMimetype: entry.isMimetype, at });
            continue;
          }
          if (outcome !== undefined) changes.push({ path, how: outcome });
        }
        const method = this.#compressWhole(entry, output, directory);
        sums.entryCount++;
        sums.uncompressedSize += entry.size;
        if (entry.isContent && method === METHOD_STORED) sums.storedCount++;
        if (entry.isLast) lastName = entry.name;
      } catch (error) {
        failures.push(toFailure(error, entry.name, entry.path));
      }
    }
    return { bytes: output.finish(), directory: directory.finish(), ...sums, lastName, failures, changes, deferred };
  }

  /**
   * Appends header and data of what has been read to `output`, and the header for the central directory to `directory`.
   *
   * @returns the compression method
   */
  #compressWhole(entry: BatchReader, output: OutputBuffer, directory: OutputBuffer): number {
    const { size, level } = entry;
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
        dictionaryCrc32: undefined,
        tailCrc32: undefined,
        change: undefined,
        failure: toFailure(error, undefined, 'path' in input ? input.path : undefined),
      };
    }
  }

  /** Reads it to the engine, behind the 32 KiB that precede it in the file. */
  #compressRange(task: ChunkTask, range: FileRange): ChunkResult {
    const { path, start, end } = range;
    const isPrimed = task.level > 0 && range.isPrimed;
    const dictionaryLength = isPrimed ? Math.min(MAX_DICTIONARY_LENGTH, start) : 0;
    const expected = dictionaryLength + end - start;
    const descriptor = openSource(path, range.isFollowed);
    let length: number;
    let change: string | undefined;
    try {
      length = readSource(descriptor, this.#engine.input, expected, start - dictionaryLength, path, expected);
      // What is longer than its size says must not be cut off unnoticed.
      if (task.isLast && length === expected) length += readSource(descriptor, ONE_BYTE, 1, end, path, 1);
      change = whatChanged(statSource(descriptor, path), range, length >= expected);
    } finally {
      closeSource(descriptor, path);
    }
    if (change === undefined && length > expected) change = 'it is longer than its size says';
    if (change !== undefined && (change === OTHER_FILE || range.onChange !== 'warn')) throw changed(path, change);
    const dataLength = Math.max(0, Math.min(length, expected) - dictionaryLength);
    const dictionaryCrc32 =
      dictionaryLength > 0 && dataLength > 0 ? this.#engine.crc32(0, dictionaryLength) : undefined;
    return { ...this.#compressInput(task, dictionaryLength, dataLength), dictionaryCrc32, change };
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
    const { crc32, tailCrc32 } = this.#checksum(dictionaryLength, dataLength);
    const isDeflated = level > 0 && dataLength > 0;
    const deflated = isDeflated ? this.#deflateIfSmaller(dictionaryLength, dataLength, isLast, level) : undefined;
    const fileData = deflated ?? data;
    const output = new OutputBuffer(lent);
    output.buffer.set(fileData, output.reserve(fileData.length));
    return {
      bytes: output.finish(),
      isDeflated: deflated !== undefined,
      crc32,
      uncompressedSize: dataLength,
      dictionaryCrc32: undefined,
      tailCrc32,
      change: undefined,
      failure: undefined,
    };
  }

  /** The end of a chunk has a checksum of its own, which costs next to nothing: the two are joined. */
  #checksum(start: number, length: number): { crc32: number; tailCrc32: number | undefined } {
    const headLength = length - MAX_DICTIONARY_LENGTH;
    if (headLength < 0) return { crc32: this.#engine.crc32(start, length), tailCrc32: undefined };
    const head = this.#engine.crc32(start, headLength);
    const tailCrc32 = this.#engine.crc32(start + headLength, MAX_DICTIONARY_LENGTH);
    dictionaryOperator ??= crc32CombineOperator(MAX_DICTIONARY_LENGTH);
    return { crc32: crc32CombineWith(dictionaryOperator, head, tailCrc32), tailCrc32 };
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

  /**
   * Reads a whole file to the start of the engine's input, and tells the entry how long it is.
   *
   * @returns what has changed although it was read, or that it has to be read again
   * @throws PzipError PZIP_SOURCE_CHANGED if it is not what it was when it was selected, and that is an error
   */
  #readWhole(file: BatchReader, path: string, onChange: OnChange): string | typeof DEFERRED | undefined {
    const { input } = this.#engine;
    const expected = file.size;
    const descriptor = openSource(path, file.isFollowed);
    let length: number;
    let change: string | undefined;
    try {
      // Of what is empty by its size, all that comes: files that the system makes up as they are read have no other size.
      const wanted = expected === 0 ? MAX_PIECE_LENGTH + 1 : expected + 1;
      length = readSource(descriptor, input, wanted, 0, path, expected);
      if (length > expected && length === wanted && wanted <= MAX_PIECE_LENGTH) {
        const rest = input.subarray(length, MAX_PIECE_LENGTH + 1);
        length += readSource(descriptor, rest, rest.length, length, path, rest.length);
      }
      change = whatChanged(statSource(descriptor, path), file, length >= expected);
    } finally {
      closeSource(descriptor, path);
    }
    if (change === undefined) {
      if (length > MAX_PIECE_LENGTH) return DEFERRED;
      file.size = length;
      return undefined;
    }
    if (onChange === 'retry') return DEFERRED;
    if (onChange === 'error' || change === OTHER_FILE) throw changed(path, change);
    file.size = Math.min(length, expected);
    return change;
  }

  #unpack({ packed, contentStart, size }: BatchReader): void {
    this.#engine.input.set(packed.subarray(contentStart, contentStart + size));
  }
}

const ONE_BYTE = new Uint8Array(1);

/** That a file is to be read again, out of its batch. */
const DEFERRED = Symbol('deferred');

/** Of the combination of a chunk's CRC-32s, which is worked out once. */
let dictionaryOperator: number | undefined;

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
