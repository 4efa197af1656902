/**
 * Carries out one task: opens, reads, checksums and deflates, and writes the headers of whole entries. Only this module touches
 * content. It runs on a worker thread, or on the calling thread if starting one does not pay. All its calls are synchronous:
 * a thread has nothing else to do meanwhile, and a batch of small files takes a third of the time of asynchronous reads.
 */
import { hash } from 'node:crypto';
import { type DeflateEngine, MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH } from '../deflate/engine.js';
import { METHOD_DEFLATE, METHOD_STORED } from '../zip/constants.js';
import { EntryHeader } from '../zip/entry-header.js';
import { NOTE_REUSED } from '../zip/entry-notes.js';
import { DIGEST_LENGTH, ROW_LENGTH, writeRow } from '../zip/framed-entries.js';
import { timestampOf } from '../zip/mimetype.js';
import {
  centralDirectoryHeaderSize,
  localFileHeaderSize,
  writeCentralDirectoryHeader,
  writeLocalFileHeader,
} from '../zip/records.js';
import { countEntries } from './batch-columns.js';
import { BatchReader } from './batch-reader.js';
import { chunkResult, failedChunk } from './chunk-result.js';
import { ContentRows } from './content-rows.js';
import { crc32CombineOperator, crc32CombineWith } from './crc32-combine.js';
import { EqualContent } from './equal-content.js';
import { toFailure } from './failure.js';
import { deflateIfSmaller } from './probe.js';
import { OutputBuffer } from './result-buffer.js';
import { changed, closeSource, OTHER_FILE, openSource, readSource, statSource, whatChanged } from './source-file.js';
import { TaskReuse } from './task-reuse.js';
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

/** Initial bytes for an entry's central directory header: its fixed part, a timestamp and 70 bytes of name. */
const DIRECTORY_BYTES = 128;

export class Compressor {
  readonly #engine: DeflateEngine;
  /** Of the current entry. */
  readonly #header = new EntryHeader();
  readonly #equal: EqualContent;

  /** @param recentLength bytes of compressed data to remember, see EqualContent */
  constructor(engine: DeflateEngine, recentLength = 0) {
    this.#engine = engine;
    this.#equal = new EqualContent(engine, recentLength);
  }

  compressBatch(task: BatchTask): BatchResult {
    const failures: TaskFailure[] = [];
    const changes: SourceChange[] = [];
    const deferred: DeferredFile[] = [];
    const output = new OutputBuffer(task.output, task.longestOutput);
    const directory = new OutputBuffer(undefined, countEntries(task) * DIRECTORY_BYTES);
    const rows = new Uint32Array(countEntries(task) * ROW_LENGTH);
    const sums = { uncompressedSize: 0, storedCount: 0 };
    let entryCount = 0;
    let lastName: string | undefined;
    const reuse = new TaskReuse(task.reuse, this.#engine, countEntries(task));
    const contents = task.written && new ContentRows(countEntries(task));
    const digests = task.hashes ? new Uint8Array(countEntries(task) * DIGEST_LENGTH) : undefined;
    const notes = task.takesNotes ? new Uint8Array(countEntries(task)) : undefined;
    const entry = new BatchReader(task);
    while (entry.next()) {
      try {
        const { reusedCount } = reuse;
        const { path } = entry;
        let isChanged = false;
        const unread = path === undefined || task.hashes ? undefined : reuse.findFile(entry);
        if (path === undefined) this.#unpack(entry);
        else if (unread === undefined) {
          const outcome = this.#readWhole(entry, path, task.onChange);
          if (outcome === DEFERRED) {
            deferred.push({ source: entry.toSource(path), isMimetype: entry.isMimetype, at: entryCount });
            continue;
          }
          isChanged = outcome !== undefined;
          if (outcome !== undefined) changes.push({ path, how: outcome });
        }
        digests?.set(this.#hashWhole(entry.size), entryCount * DIGEST_LENGTH);
        const headerStart = directory.length;
        const whole = unread ?? this.#compressWhole(entry, task, reuse);
        this.#frame(entry, whole, output, directory);
        reuse.record(entryCount, entry, whole.deflated, isChanged);
        const { facts } = entry;
        contents?.add(this.#equal.takeKey(), facts.compressedSize, output.length, whole.deflated === undefined);
        if (notes !== undefined) notes[entryCount] = entry.level | (reuse.reusedCount > reusedCount ? NOTE_REUSED : 0);
        writeRow(rows, entryCount++, facts, headerStart);
        sums.uncompressedSize += entry.size;
        if (entry.isContent && facts.compressionMethod === METHOD_STORED) sums.storedCount++;
        if (entry.isLast) lastName = entry.name;
      } catch (error) {
        failures.push(toFailure(error, entry.name, entry.path));
      }
    }
    return {
      bytes: output.finish(),
      directory: directory.finish(),
      rows: rows.subarray(0, entryCount * ROW_LENGTH),
      ...sums,
      lastName,
      reusedCount: reuse.reusedCount,
      made: reuse.madeOf(entryCount),
      contents: contents?.finish(),
      digests: digests?.subarray(0, entryCount * DIGEST_LENGTH),
      notes: notes?.subarray(0, entryCount),
      failures,
      changes,
      deferred,
    };
  }

  #hashWhole(size: number): Uint8Array {
    return hash('sha256', this.#engine.input.subarray(0, size), 'buffer');
  }

  /** Compresses the entry that was read. */
  #compressWhole({ size, level }: BatchReader, { written }: BatchTask, reuse: TaskReuse): WholeEntry {
    const crcs = { crc32: this.#engine.crc32(0, size), dictionaryCrc32: undefined };
    const isDeflated = size > 0 && level > 0;
    const deflated = isDeflated ? this.#deflate(0, size, { isLast: true, level, written }, reuse, crcs) : undefined;
    return { deflated, data: this.#engine.input.subarray(0, size), crc32: crcs.crc32 };
  }

  /** Appends header and data of an entry to `output`, and its central directory header to `directory`. */
  #frame(entry: BatchReader, whole: WholeEntry, output: OutputBuffer, directory: OutputBuffer): void {
    const { size, facts } = entry;
    const { deflated, data } = whole;
    const fileData = deflated ?? data;

    facts.unixTime = timestampOf(entry.isMimetype, deflated === undefined, facts.unixTime);
    facts.compressionMethod = deflated === undefined ? METHOD_STORED : METHOD_DEFLATE;
    facts.crc32 = whole.crc32;
    facts.compressedSize = fileData.length;
    facts.uncompressedSize = size;
    facts.relativeOffsetOfLocalHeader = output.length;
    const header = this.#header.decide(facts);
    const headerSize = localFileHeaderSize(header);
    const offset = output.reserve(headerSize + fileData.length);
    writeLocalFileHeader(output.view, offset, header);
    output.buffer.set(fileData, offset + headerSize);
    const recordOffset = directory.reserve(centralDirectoryHeaderSize(header));
    writeCentralDirectoryHeader(directory.view, recordOffset, header);
  }

  compressChunk(task: ChunkTask): ChunkResult {
    const { input } = task;
    try {
      return 'path' in input ? this.#compressRange(task, input) : this.#compressMemory(task, input);
    } catch (error) {
      return failedChunk(error, 'path' in input ? input.path : undefined);
    }
  }

  /** Reads a range into the engine, behind the 32 KiB that precede it in the file. */
  #compressRange(task: ChunkTask, range: FileRange): ChunkResult {
    const reuse = new TaskReuse(task.reuse, this.#engine, 0);
    const unread = task.hashes ? undefined : reuse.findRange(task, range);
    if (unread !== undefined) return { ...chunkResult(task, unread, reuse), dictionaryCrc32: unread.dictionaryCrc32 };
    const { path, start, end } = range;
    const isPrimed = task.level > 0 && range.isPrimed;
    const dictionaryLength = isPrimed ? Math.min(MAX_DICTIONARY_LENGTH, start) : 0;
    const expected = dictionaryLength + end - start;
    const descriptor = openSource(path, range.isFollowed);
    let length: number;
    let change: string | undefined;
    try {
      length = readSource(descriptor, this.#engine.input, expected, start - dictionaryLength, path, expected);
      // A file longer than its size must not be cut off unnoticed.
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
    const result = this.#compressInput(task, reuse, dictionaryLength, dataLength, dictionaryCrc32);
    // A piece without a dictionary, or of a file that changed, is not what compressing the file would give another time.
    const isUsual = range.isPrimed && change === undefined;
    return { ...result, dictionaryCrc32, change, made: isUsual ? result.made : undefined };
  }

  #compressMemory(task: ChunkTask, { bytes, dictionaryLength }: MemoryRange): ChunkResult {
    this.#engine.input.set(bytes);
    const reuse = new TaskReuse(task.reuse, this.#engine, 0);
    const dictionaryCrc32 = reuse.isUsed && dictionaryLength > 0 ? this.#engine.crc32(0, dictionaryLength) : undefined;
    return this.#compressInput(task, reuse, dictionaryLength, bytes.length - dictionaryLength, dictionaryCrc32);
  }

  #compressInput(
    task: ChunkTask,
    reuse: TaskReuse,
    dictionaryLength: number,
    dataLength: number,
    dictionaryCrc32: number | undefined,
  ): ChunkResult {
    const data = this.#engine.input.subarray(dictionaryLength, dictionaryLength + dataLength);
    const { crc32, tailCrc32 } = this.#checksum(dictionaryLength, dataLength);
    const isDeflated = task.level > 0 && dataLength > 0;
    const crcs = { crc32, dictionaryCrc32 };
    const deflated = isDeflated ? this.#deflate(dictionaryLength, dataLength, task, reuse, crcs) : undefined;
    const chunk = { deflated, data, crc32, uncompressedSize: dataLength, dictionaryCrc32, tailCrc32 };
    return chunkResult(task, chunk, reuse, this.#equal.takeKey());
  }

  /** The end of a chunk has its own checksum, which is nearly free: the two are combined. */
  #checksum(start: number, length: number): { crc32: number; tailCrc32: number | undefined } {
    const headLength = length - MAX_DICTIONARY_LENGTH;
    if (headLength < 0) return { crc32: this.#engine.crc32(start, length), tailCrc32: undefined };
    const head = this.#engine.crc32(start, headLength);
    const tailCrc32 = this.#engine.crc32(start + headLength, MAX_DICTIONARY_LENGTH);
    dictionaryOperator ??= crc32CombineOperator(MAX_DICTIONARY_LENGTH);
    return { crc32: crc32CombineWith(dictionaryOperator, head, tailCrc32), tailCrc32 };
  }

  /** @returns undefined for content that does not shrink */
  #deflate(
    dictionaryLength: number,
    dataLength: number,
    task: Pick<ChunkTask, 'isLast' | 'level' | 'written'>,
    reuse: TaskReuse,
    crcs: { readonly crc32: number; readonly dictionaryCrc32: number | undefined },
  ): Uint8Array | undefined {
    const found =
      reuse.find(dictionaryLength, dataLength, crcs, task) ??
      this.#equal.find(dictionaryLength, dataLength, crcs.crc32, task);
    if (found !== undefined) return found.deflated;
    const deflated = deflateIfSmaller(this.#engine, dictionaryLength, dataLength, task);
    if (deflated !== undefined) this.#equal.remember(deflated);
    return deflated;
  }

  /**
   * Reads a whole file to the start of the engine's input, and sets the entry's size.
   *
   * @returns what changed if the file was read all the same, or DEFERRED if it must be read again
   * @throws PzipError PZIP_SOURCE_CHANGED if it changed since its selection, and that is an error
   */
  #readWhole(file: BatchReader, path: string, onChange: OnChange): string | typeof DEFERRED | undefined {
    const { input } = this.#engine;
    const expected = file.size;
    const descriptor = openSource(path, file.isFollowed);
    let length: number;
    let change: string | undefined;
    try {
      // A file of size 0 is read to its end: files that the system generates on reading have no other size.
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

/** A small entry. Its parts are valid until the next one is read. */
interface WholeEntry {
  /** Undefined for content that is stored. */
  readonly deflated: Uint8Array | undefined;
  readonly data: Uint8Array;
  readonly crc32: number;
}

const ONE_BYTE = new Uint8Array(1);

/** The file must be read again, outside its batch. */
const DEFERRED = Symbol('deferred');

/** Combines a chunk's CRC-32s; computed once. */
let dictionaryOperator: number | undefined;
