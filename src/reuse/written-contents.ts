/** Where the contents of the archive that is being written are in its file, for the threads that meet them again. */
import { type ContentKey, ContentTable, NO_DICTIONARY } from './content-table.js';

/** Part of the tasks of an archive in a file. */
export interface WrittenTask {
  /** Of the archive's file. Positional reads of threads do not disturb its writes. */
  readonly descriptor: number;
  /** See ContentTable. */
  readonly rows: Uint32Array<SharedArrayBuffer>;
}

// The columns of what a batch reports, a row for each entry that may be met again
export const CONTENT_CRC32 = 0;
export const CONTENT_LENGTH_AND_FLAGS = 1;
/** Bytes from the start of the batch's result. */
export const CONTENT_START = 2;
export const CONTENT_DATA_LENGTH = 3;
export const CONTENT_COLUMNS = 4;

/** Contents that are remembered, in 2.4 MB. */
const ROW_COUNT = 64 * 1024;

export class WrittenContents {
  readonly task: WrittenTask;
  readonly #table: ContentTable;
  readonly #key = { crc32: 0, lengthAndFlags: 0, dictionary: NO_DICTIONARY };

  /** @param descriptor of an archive in a file */
  static of(descriptor: number | undefined): WrittenContents | undefined {
    return descriptor === undefined ? undefined : new WrittenContents(descriptor);
  }

  private constructor(descriptor: number) {
    const rows = new Uint32Array(new SharedArrayBuffer(ContentTable.bytesOf(ROW_COUNT)));
    this.task = { descriptor, rows };
    this.#table = new ContentTable(rows);
  }

  /**
   * @param contents of a batch that has been written
   * @param position of its first byte in the archive
   */
  addBatch(contents: Uint32Array, position: number): void {
    const key = this.#key;
    for (let row = 0; row < contents.length; row += CONTENT_COLUMNS) {
      key.crc32 = contents[row + CONTENT_CRC32] ?? 0;
      key.lengthAndFlags = contents[row + CONTENT_LENGTH_AND_FLAGS] ?? 0;
      const start = position + (contents[row + CONTENT_START] ?? 0);
      this.#table.put(key, contents[row + CONTENT_DATA_LENGTH] ?? 0, start);
    }
  }

  /** A piece of a large entry that has been written. */
  addPiece(key: ContentKey, dataLength: number, position: number): void {
    this.#table.put(key, dataLength, position);
  }
}
