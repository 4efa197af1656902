/**
 * Turns Sources, in the order of the archive, into jobs in the same order: many small entries to one task, one large
 * entry to many. Which task an entry falls into never shows in the archive, so a batch may be sent off half full.
 *
 * A whole file is a file of one piece: an entry of up to MAX_PIECE_LENGTH bytes is compressed in one call, a longer one
 * in pieces of that length, each primed with the 32 KiB before it (RFC 1951 has no notion of the joints).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Channel } from '../channel.js';
import { MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH } from '../deflate/engine.js';
import type { BytesSource, ContentReader, FileSource, Source, StreamSource } from '../entry.js';
import { PzipError } from '../errors.js';
import { DEFAULT_LAST_MODIFIED, toDosDateTime } from '../zip/dates.js';
import type { Budget } from './budget.js';
import { crc32Combine, crc32CombineOperator, crc32CombineWith } from './crc32.js';
import { toPzipError } from './failure.js';
import { PieceBuffer } from './piece-buffer.js';
import type { CompressPool } from './pool.js';
import type { BatchEntry, BatchResult, ChunkResult, FileRange, MemoryRange } from './task.js';

/**
 * A batch ends at this many bytes of input or at this many entries. On 124 MB in 32,000 files 64 KiB took 1284 ms, 512
 * KiB 1075, 1 MiB 1098 and 4 MiB 1104; on 50,000 tiny files 64 a batch took 607 ms, 256 took 553 and 2048 took 603.
 */
const MAX_BATCH_BYTES = MAX_PIECE_LENGTH;
const MAX_BATCH_ENTRIES = 256;

/**
 * Milliseconds that a batch waits for a producer to fill it, with nothing else to do. Long enough for a producer that
 * looks something up for each entry to fill a batch with more than one, too short for whoever waits for the archive's bytes.
 */
const LINGER = 20;

/**
 * Bytes that the budget counts for an entry besides its data, from its planning to its writing: its objects here, their
 * copies on the way to the worker and there, its header, its row; and that again, several times, as garbage that is not
 * collected yet, the more so the longer the objects lived. A million buffers of 50 bytes had a peak of 604 MB with 256 here,
 * 374 with 2048, 306 with 4096, 245 with 8192, 225 with 16,384, in the same time; 8192 is 32 full batches in 64 MiB.
 */
const ENTRY_OVERHEAD = 8192;

export type Job = BatchJob | ChunkedJob;

/** A Source with what its headers will say of its dates and its mode, decided once for both of them. */
export interface PlannedEntry {
  readonly source: Source;
  readonly lastModFileTime: number;
  readonly lastModFileDate: number;
  readonly unixTime: number | undefined;
}

export interface BatchJob {
  readonly kind: 'batch';
  readonly entries: readonly PlannedEntry[];
  readonly result: Promise<BatchResult>;
  /** Bytes of the budget that it holds besides those of its result; to be released with them when it is written. */
  readonly overhead: number;
}

/** What may be too long for one piece. */
export type LargeSource = FileSource | BytesSource | StreamSource;

export interface ChunkedJob {
  readonly kind: 'chunked';
  readonly entry: PlannedEntry;
  readonly source: LargeSource;
  /** In order; what they hold of the budget is to be released as each is written. */
  readonly pieces: AsyncIterable<Piece>;
}

/** A piece of a large entry, next in order. */
export interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Else `bytes` is the data itself, to be stored. */
  readonly isDeflated: boolean;
  readonly isLast: boolean;
  /** Of the entry's data up to the end of this piece. */
  readonly crc32: number;
  readonly uncompressedSize: number;
}

export interface PlanOptions {
  /** Of entries that have none of their own. */
  readonly level: number;
  readonly zone: 'local' | 'utc';
  readonly extendedTimestamp: boolean;
  /** Milliseconds since 1970 UTC, in place of a source's own date; undefined leaves it. */
  readonly fixedDate?: number | undefined;
  /** Milliseconds since 1970 UTC: no source's own date is later. */
  readonly latestDate?: number | undefined;
}

export class Plan {
  readonly jobs = new Channel<Job>();
  readonly #pool: CompressPool;
  readonly #budget: Budget;
  readonly #options: PlanOptions;
  #batch: PlannedEntry[] = [];
  #batchBytes = 0;
  #failure: { error: unknown } | undefined;
  #giveUp: ((error: unknown) => void) | undefined;

  constructor(pool: CompressPool, budget: Budget, options: PlanOptions) {
    this.#pool = pool;
    this.#budget = budget;
    this.#options = options;
  }

  /** Takes the next entry. Gives something to await where the budget is used up or a task has been sent off. */
  add(source: Source): Promise<void> | undefined {
    if (source.kind === 'stream') return this.#addStream(source);
    const entry = this.#describe(source);
    const size = contentLength(source);
    if (size > MAX_PIECE_LENGTH && (source.kind === 'file' || source.kind === 'bytes')) {
      return this.#addLarge(entry, source, size);
    }
    return this.#addSmall(entry, size);
  }

  /**
   * Awaits what a caller's producer is to give. The batch is sent off if that takes its time, and the wait is over when
   * the archive has failed, whatever the producer does.
   */
  async waitFor<T>(given: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    given.then(settle, settle);
    // A generator that has its next value at hand answers within a few turns of the microtask queue, without a timer.
    for (let turn = 0; turn < 4 && !isSettled; turn++) await undefined;
    if (!isSettled && this.#batch.length > 0) {
      let timer: NodeJS.Timeout | undefined;
      const lingering = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LINGER);
      });
      await this.#unlessFailed(Promise.race([given.then(settle, settle), lingering])).finally(() =>
        clearTimeout(timer),
      );
      if (!isSettled) await this.flush();
    }
    if (isSettled && this.#failure === undefined) return given;
    return this.#unlessFailed(given);
  }

  /** Whoever waits for a producer, for room or for a job gets the error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#giveUp?.(error);
    this.#budget.fail(error);
    this.jobs.fail(error);
  }

  /** Sends the entries off that wait for their batch to be full. */
  async flush(isFinal = false): Promise<void> {
    const entries = this.#batch;
    if (entries.length === 0) return;
    const inputBytes = this.#batchBytes;
    this.#batch = [];
    this.#batchBytes = 0;

    const task = {
      kind: 'batch',
      entries: [] as BatchEntry[],
      packed: packContents(entries),
      output: undefined,
    } as const;
    let packedAt = 0;
    for (const entry of entries) {
      task.entries.push(this.#batchEntry(entry, packedAt));
      packedAt += packedLength(entry.source);
    }

    const overhead = entries.length * ENTRY_OVERHEAD;
    const contents = inputBytes + packedAt;
    await this.#budget.acquire(contents + overhead);
    const result = this.#pool.runBatch(task, inputBytes, isFinal).then((batch) => {
      this.#budget.release(contents - batch.bytes.length);
      return batch;
    });
    this.jobs.push({ kind: 'batch', entries, result: handledLater(result), overhead });
    // Lets the event loop in: workers report for duty, finished tasks are written, while the walk goes on in between.
    await nextTurn();
  }

  /** No more entries. */
  async finish(): Promise<void> {
    await this.flush(true);
    this.jobs.end();
  }

  #addSmall(entry: PlannedEntry, size: number): Promise<void> | undefined {
    const sent =
      this.#batchBytes + size > MAX_BATCH_BYTES || this.#batch.length >= MAX_BATCH_ENTRIES ? this.flush() : undefined;
    this.#batch.push(entry);
    this.#batchBytes += size;
    return sent;
  }

  async #addLarge(entry: PlannedEntry, source: FileSource | BytesSource, size: number): Promise<void> {
    await this.flush();
    const results = this.#pushChunked(entry, source);
    for (let start = 0; start < size; start += MAX_PIECE_LENGTH) {
      const end = Math.min(start + MAX_PIECE_LENGTH, size);
      const reserved = 2 * (end - start);
      await this.#budget.acquire(reserved);
      const input = source.kind === 'file' ? fileRange(source, start, end) : memoryRange(source.bytes, start, end);
      this.#sendChunk(results, source, input, end === size, reserved);
    }
    results.end();
  }

  /**
   * A stream that ends within a piece becomes a whole entry like any other. A longer one goes piece by piece: a full piece
   * is held back until there is more, since the last one has to be known as the last. What is being filled, a piece and
   * what the stream gives at a time, is the one thing outside the budget, of which there is one at any moment.
   */
  async #addStream(source: StreamSource): Promise<void> {
    const reader = await this.waitFor(source.open());
    let results: Channel<SentChunk> | undefined;
    try {
      const filling = new PieceBuffer(source.size);
      let length = 0;
      for (;;) {
        const bytes = await this.#read(source, reader, length);
        if (bytes === undefined) break;
        length += bytes.length;
        for (let rest = bytes; rest.length > 0; ) {
          if (filling.isFull) {
            await this.flush();
            results ??= this.#pushChunked(this.#describe(source), source);
            await this.#sendStreamed(results, source, filling, false);
          }
          rest = rest.subarray(filling.append(rest));
        }
      }
      if (results === undefined) {
        await this.#addSmall(this.#describe(asBytes(source, filling.data)), filling.data.length);
      } else {
        await this.#sendStreamed(results, source, filling, true);
        results.end();
      }
    } catch (error) {
      reader.cancel(error);
      results?.fail(error);
      throw error;
    }
  }

  async #read({ name, size }: StreamSource, reader: ContentReader, length: number): Promise<Uint8Array | undefined> {
    const bytes = await this.waitFor(reader.read());
    const sofar = length + (bytes?.length ?? 0);
    if (size === undefined || (bytes === undefined ? sofar === size : sofar <= size)) return bytes;
    const what = bytes === undefined ? `${sofar} bytes, and ended` : `${sofar} bytes and goes on, or has more`;
    throw new PzipError(
      'PZIP_SIZE_MISMATCH',
      `The stream of ${JSON.stringify(name)} was to give ${size} bytes and gave ${what}`,
      { entryName: name },
    );
  }

  async #sendStreamed(
    results: Channel<SentChunk>,
    source: StreamSource,
    filling: PieceBuffer,
    isLast: boolean,
  ): Promise<void> {
    const reserved = 2 * filling.data.length;
    await this.#budget.acquire(reserved);
    this.#sendChunk(results, source, filling.take(), isLast, reserved);
  }

  #pushChunked(entry: PlannedEntry, source: LargeSource): Channel<SentChunk> {
    const results = new Channel<SentChunk>();
    const giveBack = ({ bytes }: ChunkResult): void => this.#budget.release(bytes.length);
    this.jobs.push({ kind: 'chunked', entry, source, pieces: inOrder(results, source.name, giveBack) });
    return results;
  }

  #sendChunk(
    results: Channel<SentChunk>,
    source: LargeSource,
    input: FileRange | MemoryRange,
    isLast: boolean,
    reserved: number,
  ): void {
    const level = source.level ?? this.#options.level;
    const result = this.#pool.runChunk({ kind: 'chunk', input, isLast, level, output: undefined }).then((chunk) => {
      this.#budget.release(reserved - chunk.bytes.length);
      return chunk;
    });
    results.push({ result: handledLater(result), isLast });
  }

  /** One at a time: there is one loop that waits. */
  #unlessFailed<T>(given: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure.error);
        return;
      }
      this.#giveUp = reject;
      given.then(resolve, reject);
    }).finally(() => {
      this.#giveUp = undefined;
    });
  }

  #describe(source: Source): PlannedEntry {
    const { zone, fixedDate, latestDate = Number.POSITIVE_INFINITY } = this.#options;
    const milliseconds = source.lastModified ?? fixedDate ?? Math.min(source.mtimeMs, latestDate);
    // What has no date of its own has the first one of the format, and that is to be the same in every time zone.
    const { date, time } = toDosDateTime(milliseconds, milliseconds === DEFAULT_LAST_MODIFIED ? 'utc' : zone);
    return {
      source,
      lastModFileTime: time,
      lastModFileDate: date,
      unixTime: this.#options.extendedTimestamp ? Math.floor(milliseconds / 1000) : undefined,
    };
  }

  #batchEntry(entry: PlannedEntry, packedAt: number): BatchEntry {
    const { source, lastModFileTime, lastModFileDate, unixTime } = entry;
    const hasContent = source.kind === 'file' || source.kind === 'bytes';
    return {
      name: source.name,
      mode: source.mode,
      lastModFileTime,
      lastModFileDate,
      unixTime,
      comment: source.comment,
      level: hasContent ? (source.level ?? this.#options.level) : 0,
      content:
        source.kind === 'file'
          ? { path: source.path, size: source.size, mtimeMs: source.mtimeMs, dev: source.dev, ino: source.ino }
          : { packedAt, size: packedLength(source) },
    };
  }
}

interface SentChunk {
  readonly result: Promise<ChunkResult>;
  readonly isLast: boolean;
}

/** Awaits the pieces in order and joins their checksums. */
async function* inOrder(
  chunks: AsyncIterable<SentChunk>,
  entryName: string,
  giveBack: (chunk: ChunkResult) => void,
): AsyncGenerator<Piece, void, undefined> {
  let crc32 = 0;
  for await (const { result, isLast } of chunks) {
    const { bytes, isDeflated, uncompressedSize, crc32: pieceCrc32, failure } = await result;
    if (failure) {
      void letGo(chunks, giveBack);
      throw toPzipError(failure, entryName);
    }
    crc32 =
      uncompressedSize === MAX_PIECE_LENGTH
        ? crc32CombineWith(pieceOperator(), crc32, pieceCrc32)
        : crc32Combine(crc32, pieceCrc32, uncompressedSize);
    yield { bytes, isDeflated, isLast, crc32, uncompressedSize };
  }
}

/** The other pieces of an entry that is given up may have been compressed all the same, and hold their part of the budget. */
async function letGo(chunks: AsyncIterable<SentChunk>, giveBack: (chunk: ChunkResult) => void): Promise<void> {
  try {
    for await (const { result } of chunks) giveBack(await result);
  } catch {
    // The archive has failed meanwhile, and with it the budget.
  }
}

let fullPieceOperator: number | undefined;

/** All pieces but the last of an entry are equally long, so what combining them takes is worked out once. */
function pieceOperator(): number {
  fullPieceOperator ??= crc32CombineOperator(MAX_PIECE_LENGTH);
  return fullPieceOperator;
}

/** What a stream turned out to hold, now that it has been read to its end. */
function asBytes({ name, mode, mtimeMs, lastModified, comment, level }: StreamSource, bytes: Uint8Array): BytesSource {
  return {
    kind: 'bytes',
    name,
    mode,
    mtimeMs,
    bytes,
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(comment === undefined ? {} : { comment }),
    ...(level === undefined ? {} : { level }),
  };
}

/** The memory contents of a batch, back to back: one buffer crosses to the worker, not one for each entry. */
function packContents(entries: readonly PlannedEntry[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const { source } of entries) length += packedLength(source);
  const packed = new Uint8Array(length);
  let at = 0;
  for (const { source } of entries) {
    if (source.kind === 'bytes') packed.set(source.bytes, at);
    if (source.kind === 'symlink') packed.set(source.target, at);
    at += packedLength(source);
  }
  return packed;
}

function packedLength(source: Source): number {
  return source.kind === 'file' ? 0 : contentLength(source);
}

function contentLength(source: Source): number {
  switch (source.kind) {
    case 'file':
      return source.size;
    case 'bytes':
      return source.bytes.length;
    case 'stream':
      return source.size ?? 0;
    case 'symlink':
      return source.target.length;
    case 'directory':
      return 0;
  }
}

function fileRange({ path, size, mtimeMs, dev, ino }: FileSource, start: number, end: number): FileRange {
  return { path, size, mtimeMs, dev, ino, start, end };
}

/** A copy, so that it can be moved to a worker: the caller's buffer stays the caller's. */
function memoryRange(bytes: Uint8Array, start: number, end: number): MemoryRange {
  const dictionaryLength = Math.min(MAX_DICTIONARY_LENGTH, start);
  return { bytes: new Uint8Array(bytes.subarray(start - dictionaryLength, end)), dictionaryLength };
}

/** The writer awaits it when its turn comes; a failure before then is not an unhandled one. */
function handledLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
