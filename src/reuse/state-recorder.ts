/** Collects how the entries of an archive were made, in its order; the writing loop calls it. */
import { METHOD_STORED } from '../zip/constants.js';
import { GrowingNumbers } from './growing-numbers.js';
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
} from './reuse-task.js';
import type { State } from './state.js';

/**
 * Milliseconds before the start of a run within which a file's times are not trusted (git's "racy" rule): a file that is
 * written just after it was read may have the same times, on a file system whose clock is coarse. FAT counts two seconds.
 */
const RACY = 2000;

/** A file as it was when its entry was made; undefined for other content. */
export interface MadeFile {
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly dev: number;
  readonly ino: number;
}

export class StateRecorder {
  readonly #levels = new GrowingNumbers(Uint32Array);
  readonly #dataCrc32s = new GrowingNumbers(Uint32Array);
  readonly #largeEntries = new GrowingNumbers(Uint32Array);
  readonly #chunks = new GrowingNumbers(Uint32Array);
  readonly #files = new GrowingNumbers(Float64Array);
  readonly #recordsFiles: boolean;
  /** In milliseconds since 1970. */
  readonly #trustedBefore: number;
  #entryCount = 0;
  /** Entries of the same level so far. */
  #sameLevel = 0;
  #level = NOT_REUSABLE;

  /** @param startedAt of the run, in milliseconds since 1970 */
  constructor(recordsFiles: boolean, startedAt: number) {
    this.#recordsFiles = recordsFiles;
    this.#trustedBefore = startedAt - RACY;
  }

  get entryCount(): number {
    return this.#entryCount;
  }

  /** Entries whose data was not compressed here. */
  addOthers(count: number): void {
    for (let entry = 0; entry < count; entry++) this.#add(NOT_REUSABLE, 0, undefined);
  }

  /** @param rows MADE_COLUMNS numbers for each */
  addBatch(rows: Float64Array): void {
    for (let row = 0; row < rows.length; row += MADE_COLUMNS) {
      const column = (index: number): number => rows[row + index] ?? Number.NaN;
      const file = {
        mtimeMs: column(MADE_MTIME),
        ctimeMs: column(MADE_CTIME),
        dev: column(MADE_DEV),
        ino: column(MADE_INO),
      };
      this.#add(column(MADE_LEVEL), column(MADE_DATA_CRC32), file);
    }
  }

  /** @param lengths of the chunks' data in the archive */
  addLarge(method: number, level: number, chunks: readonly MadeChunk[], lengths: readonly number[], file?: MadeFile) {
    // Of an entry that was stored at last although chunks did shrink, their data is not in the archive.
    if (method === METHOD_STORED && chunks.some(({ isDeflated }) => isDeflated)) {
      this.addOthers(1);
      return;
    }
    this.#largeEntries.add(this.#entryCount, chunks.length);
    for (const [index, { crc32, dictionaryCrc32, isDeflated, dataCrc32 }] of chunks.entries()) {
      this.#chunks.add(crc32, dictionaryCrc32 ?? 0, lengths[index] ?? 0, dataCrc32, isDeflated ? 0 : 1);
    }
    this.#add(level, 0, file);
  }

  /** @param level NaN for an entry without content, which goes with its neighbours */
  #add(level: number, dataCrc32: number, file: MadeFile | undefined): void {
    if (!Number.isNaN(level)) {
      if (level !== this.#level && this.#sameLevel > 0) this.#endLevel();
      this.#level = level;
    }
    this.#sameLevel++;
    this.#entryCount++;
    this.#dataCrc32s.add(dataCrc32);
    if (!this.#recordsFiles) return;
    // NaN is not less than anything.
    if (file !== undefined && file.mtimeMs < this.#trustedBefore && file.ctimeMs < this.#trustedBefore) {
      this.#files.add(file.mtimeMs, file.ctimeMs, file.dev, file.ino);
    } else {
      this.#files.add(Number.NaN, Number.NaN, Number.NaN, Number.NaN);
    }
  }

  #endLevel(): void {
    this.#levels.add(this.#sameLevel, this.#level);
    this.#sameLevel = 0;
  }

  finish(archive: Pick<State, 'compressor' | 'archiveSize' | 'directoryDigest'>): State {
    if (this.#sameLevel > 0) this.#endLevel();
    return {
      ...archive,
      entryCount: this.#entryCount,
      levels: this.#levels.all,
      dataCrc32s: this.#dataCrc32s.all,
      largeEntries: this.#largeEntries.all,
      chunks: this.#chunks.all,
      files: this.#files.all,
    };
  }
}
