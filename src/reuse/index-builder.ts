/** Builds the tables by which threads find compressed data of an earlier archive (reuse-task.ts). */
import {
  CHUNK_COLUMNS,
  CRC32,
  chunkHash,
  DATA_CRC32,
  DATA_LENGTH,
  DICTIONARY_CRC32,
  FILE_COLUMNS,
  FILE_CTIME,
  FILE_DEV,
  FILE_INO,
  FILE_LEVEL,
  FILE_MTIME,
  FILE_SIZE,
  FIRST_CHUNK,
  fileHash,
  KEY_MASK,
  LENGTH_AND_FLAGS,
  LENGTH_MASK,
  MAX_PROBES,
  POSITION_HIGH,
  POSITION_LOW,
} from './reuse-task.js';

export interface ChunkRow {
  readonly crc32: number;
  readonly dictionaryCrc32: number;
  /** See lengthAndFlags(). */
  readonly lengthAndFlags: number;
  readonly position: number;
  readonly dataLength: number;
  readonly dataCrc32: number;
}

export interface FileRow {
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly level: number;
}

export class IndexBuilder {
  readonly #rows: Uint32Array<SharedArrayBuffer>;
  readonly #slots: Uint32Array<SharedArrayBuffer>;
  readonly #files: { rows: Float64Array<SharedArrayBuffer>; slots: Uint32Array<SharedArrayBuffer> } | undefined;
  #chunkCount = 0;
  #fileCount = 0;

  /** @param fileCount undefined for no table of files */
  constructor(chunkCount: number, fileCount: number | undefined) {
    this.#rows = new Uint32Array(new SharedArrayBuffer(chunkCount * CHUNK_COLUMNS * 4));
    this.#slots = newSlots(chunkCount);
    if (fileCount === undefined) return;
    const rows = new Float64Array(new SharedArrayBuffer(fileCount * FILE_COLUMNS * 8));
    this.#files = { rows, slots: newSlots(fileCount) };
  }

  /** @returns the number of its row */
  addChunk(chunk: ChunkRow): number {
    const index = this.#chunkCount++;
    const rows = this.#rows;
    const row = index * CHUNK_COLUMNS;
    rows[row + CRC32] = chunk.crc32;
    rows[row + DICTIONARY_CRC32] = chunk.dictionaryCrc32;
    rows[row + LENGTH_AND_FLAGS] = chunk.lengthAndFlags;
    rows[row + DATA_LENGTH] = chunk.dataLength;
    rows[row + POSITION_LOW] = chunk.position % 0x1_0000_0000;
    rows[row + POSITION_HIGH] = Math.floor(chunk.position / 0x1_0000_0000);
    rows[row + DATA_CRC32] = chunk.dataCrc32;
    // Of equal contents, the first one serves all: a chain of them would take a search for each.
    insert(this.#slots, chunkHash(chunk.crc32, chunk.lengthAndFlags & LENGTH_MASK), index, (other) => {
      const at = other * CHUNK_COLUMNS;
      return (
        rows[at + CRC32] === chunk.crc32 &&
        rows[at + DICTIONARY_CRC32] === chunk.dictionaryCrc32 &&
        (((rows[at + LENGTH_AND_FLAGS] ?? 0) ^ chunk.lengthAndFlags) & KEY_MASK) === 0
      );
    });
    return index;
  }

  addFile(file: FileRow, firstChunk: number): void {
    if (this.#files === undefined) return;
    const { rows, slots } = this.#files;
    const index = this.#fileCount++;
    const row = index * FILE_COLUMNS;
    rows[row + FILE_MTIME] = file.mtimeMs;
    rows[row + FILE_CTIME] = file.ctimeMs;
    rows[row + FILE_DEV] = file.dev;
    rows[row + FILE_INO] = file.ino;
    rows[row + FILE_SIZE] = file.size;
    rows[row + FILE_LEVEL] = file.level;
    rows[row + FIRST_CHUNK] = firstChunk;
    insert(slots, fileHash(file.ino), index, (other) => {
      const at = other * FILE_COLUMNS;
      const isSameFile = rows[at + FILE_INO] === file.ino && rows[at + FILE_DEV] === file.dev;
      return isSameFile && rows[at + FILE_LEVEL] === file.level;
    });
  }

  get tables() {
    return { rows: this.#rows, slots: this.#slots, files: this.#files };
  }
}

function newSlots(rowCount: number): Uint32Array<SharedArrayBuffer> {
  const length = 2 ** Math.ceil(Math.log2(Math.max(rowCount, 1) * 2));
  return new Uint32Array(new SharedArrayBuffer(length * 4));
}

/** Does nothing where an equal row is there, or where the table has too many rows at that place. */
function insert(
  slots: Uint32Array<SharedArrayBuffer>,
  hash: number,
  index: number,
  isEqual: (other: number) => boolean,
): void {
  const mask = slots.length - 1;
  for (let probe = 0; probe < MAX_PROBES; probe++) {
    const slot = (hash + probe) & mask;
    const taken = slots[slot] ?? 0;
    if (taken === 0) {
      slots[slot] = index + 1;
      return;
    }
    if (isEqual(taken - 1)) return;
  }
}
