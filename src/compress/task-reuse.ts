/** What of a task has to do with `reuse`: finds compressed data of an earlier archive, and records how entries are made. */
import { crc32 } from 'node:zlib';
import { type DeflateEngine, MAX_PIECE_LENGTH } from '../deflate/engine.js';
import { EarlierData, type EarlierResult, type UnreadChunk } from '../reuse/earlier-data.js';
import {
  MADE_COLUMNS,
  MADE_CTIME,
  MADE_DATA_CRC32,
  MADE_DEV,
  MADE_INO,
  MADE_LEVEL,
  MADE_MTIME,
  type MadeChunk,
  NOT_REUSABLE,
  type ReuseTask,
} from '../reuse/reuse-task.js';
import type { BatchReader } from './batch-reader.js';
import type { ChunkTask, FileRange } from './tasks.js';

export class TaskReuse {
  readonly #earlier: EarlierData | undefined;
  readonly #records: boolean;
  readonly #made: Float64Array<ArrayBuffer> | undefined;
  #reusedCount = 0;
  /** Of the data that was found last, until it is recorded. */
  #dataCrc32: number | undefined;

  /** @param reuse undefined: finds and records nothing */
  constructor(reuse: ReuseTask | undefined, engine: DeflateEngine, entryCount: number) {
    this.#earlier = reuse?.earlier && new EarlierData(reuse.earlier, engine, reuse.check !== 'crc');
    this.#records = reuse?.records === true;
    if (this.#records && entryCount > 0) this.#made = new Float64Array(entryCount * MADE_COLUMNS);
  }

  /** Whether data can be found by its CRC-32 and that of its dictionary. */
  get isUsed(): boolean {
    return this.#earlier !== undefined || this.#records;
  }

  get reusedCount(): number {
    return this.#reusedCount;
  }

  /** @param entryCount of the result, from which entries that failed are missing */
  madeOf(entryCount: number): Float64Array<ArrayBuffer> | undefined {
    return this.#made?.subarray(0, entryCount * MADE_COLUMNS);
  }

  find(
    dictionaryLength: number,
    dataLength: number,
    crcs: { readonly crc32: number; readonly dictionaryCrc32: number | undefined },
    { isLast, level }: Pick<ChunkTask, 'isLast' | 'level'>,
  ): EarlierResult | undefined {
    if (this.#earlier === undefined) return undefined;
    return this.#counted(this.#earlier.find({ dictionaryLength, dataLength, ...crcs, isLast, level }));
  }

  /** The whole entry, if its file is as it was; only the check `stat` finds one. */
  findFile(entry: BatchReader): UnreadChunk | undefined {
    if (this.#earlier === undefined || entry.level === 0) return undefined;
    return this.#counted(this.#earlier.findUnread(entry, entry.level, 0, true, entry.size));
  }

  /** The same for a chunk of a large file. */
  findRange({ level, isLast }: ChunkTask, range: FileRange): UnreadChunk | undefined {
    if (this.#earlier === undefined || level === 0 || !range.isPrimed) return undefined;
    const { start, end } = range;
    return this.#counted(this.#earlier.findUnread(range, level, start / MAX_PIECE_LENGTH, isLast, end - start));
  }

  #counted<T extends EarlierResult>(result: T | undefined): T | undefined {
    if (result !== undefined) this.#reusedCount++;
    this.#dataCrc32 = result?.dataCrc32;
    return result;
  }

  /** @param index of the entry in the result */
  record(index: number, entry: BatchReader, deflated: Uint8Array | undefined, isChanged: boolean): void {
    if (this.#made === undefined) return;
    const made = this.#made;
    const row = index * MADE_COLUMNS;
    const isFile = entry.path !== undefined;
    made[row + MADE_LEVEL] = isChanged ? NOT_REUSABLE : entry.isContent && entry.size > 0 ? entry.level : Number.NaN;
    made[row + MADE_DATA_CRC32] = this.#dataCrc32Of(deflated);
    made[row + MADE_MTIME] = isFile ? entry.mtimeMs : Number.NaN;
    made[row + MADE_CTIME] = entry.ctimeMs;
    made[row + MADE_DEV] = entry.dev;
    made[row + MADE_INO] = entry.ino;
  }

  recordChunk(chunk: Omit<MadeChunk, 'dataCrc32' | 'isDeflated'>, deflated: Uint8Array | undefined) {
    if (!this.#records) return undefined;
    const isDeflated = deflated !== undefined;
    return { ...chunk, isDeflated, dataCrc32: this.#dataCrc32Of(deflated) };
  }

  #dataCrc32Of(deflated: Uint8Array | undefined): number {
    const found = this.#dataCrc32;
    this.#dataCrc32 = undefined;
    return found ?? (deflated === undefined ? 0 : crc32(deflated));
  }
}
